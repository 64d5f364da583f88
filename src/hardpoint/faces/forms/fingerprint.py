"""Fingerprints: what hosts know a finding by when its lines move."""

from collections import Counter
from hashlib import sha256

from hardpoint.kernel.finding import Finding

Seen = Counter[tuple[str, ...]]
"""The findings of one result that have a fingerprint already, by what they are."""


def fingerprint(finding: Finding, seen: Seen) -> str:
    """32 hexadecimal digits, the same wherever it stands in its file; of several that are alike, by their order."""
    identity = (finding.rule, finding.place.file, finding.fingerprint or finding.text)
    seen[identity] += 1
    whole = "\0".join((*identity, str(seen[identity])))
    return sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:32]
