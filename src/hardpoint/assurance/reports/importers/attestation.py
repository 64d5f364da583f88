"""Attestations of others: in-toto statements (v1, v0.1), bare, in a DSSE envelope or in a Sigstore bundle."""

import re
from base64 import b64encode

from hardpoint.assurance.reports.attestations import KIND, read_attestation
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.importer import Report, importer

_BARE = re.compile(rb'"_type"\s*:\s*"https?:(?:/|\\/){2}in-toto\.io(?:/|\\/)Statement')
_WRAPPED = re.compile(rb'\{\s*"payload"\s*:\s*"ey[A-Za-z0-9+/_-]*')
_STATEMENT = (
    b'{"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "app", "digest": {"sha256": "00"}}], '
    b'"predicateType": "https://example.org/built/v1", "predicate": {"builder": {"id": "ci"}, "buildType": "make", '
    b'"verificationResult": "PASSED"}}'
)


def _recognises(start: bytes) -> bool:
    wrapped = b'"payloadType"' in start and b'"payload"' in start
    return bool(_BARE.search(start)) or wrapped or b'"dsseEnvelope"' in start or bool(_WRAPPED.search(start))


@importer(
    KIND,
    title="in-toto attestations such as SLSA provenance, in DSSE envelopes and Sigstore bundles too",
    facts={
        "predicate": "the type of the predicate",
        "subjects": "what it is about: how many",
        "subject": "the name of the first",
        "sha256": "its digest",
        "builder": "who built or verified it, as the predicate says",
        "build_type": "how it was built",
        "result": "what a verification summary came to",
        "signature": "none, unverified, or verified by a key of `trust.keys`",
        "signer": "who holds that key; empty if none verified it",
    },
    recognises=_recognises,
    good=b'{"payloadType": "application/vnd.in-toto+json", "payload": "'
    + b64encode(_STATEMENT)
    + b'", "signatures": [{"sig": "AA=="}]}',
    bad=b'{"payloadType": "application/vnd.in-toto+json", "payload": "e30=", "signatures": [{]}',
)
def attestation(data: bytes) -> Report:
    """The statement as it stands: what it says is its signer's word, and no signature is verified here."""
    found = read_attestation(data)
    return Report(
        producer=Producer(name=found.builder or found.predicate_type),
        population=len(found.subjects),
        facts=found.facts,
        commit=found.commit,
        time=found.time,
    )
