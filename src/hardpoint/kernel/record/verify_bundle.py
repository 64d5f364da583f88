"""Verifies a bundle of Hardpoint's record with nothing but the standard library, for whoever trusts nobody's tools.

    python3 verify_bundle.py BUNDLE --key HOLDER=ed25519:BASE64 [--key …] [--witness NAME=ed25519:BASE64 …] [--need K]

It answers what was claimed, by whom, for which commit, and whether it still holds. The keys are what you already know
of the people and services that sign; a bundle brings none. Exit codes: 0 nothing is false, 5 something is, or with
--complete something is left out, 2 wrong usage, 3 the bundle cannot be read or holds no entries.

What it recomputes, and where that is written down:
- leaf and node hashes, inclusion proofs: RFC 6962 section 2.1, RFC 9162 section 2.1.3.2
- the signed checkpoint: C2SP signed-note and tlog-checkpoint; witnesses: C2SP tlog-cosignature (cosignature/v1).
  Stricter than signed-note, a line that is neither is refused and not ignored: one checkpoint has no second form.
- the signature over each payload: DSSE v1 pre-authentication encoding
- Ed25519: RFC 8032 section 5.1.7. A key of small order is refused: some signature under it fits nearly every message
  (Chalkias, Garillot, Nikolaenko, "Taming the Many EdDSAs", 2020, section 2).
- what a verdict rests on: SHA-256 of the entry's DSSE envelope as JSON, keys sorted, no blanks, and a newline after it
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from datetime import UTC, datetime
from typing import Any, TextIO
from urllib.parse import quote

MAX_BUNDLE_BYTES = 1 << 28
STATEMENT = "application/vnd.in-toto+json"
KINDS = {"https://hardpoint.dev/evidence/v1": "evidence", "https://slsa.dev/verification_summary/v1": "verdict"}
DECISION = "https://hardpoint.dev/decision/v1"
ANSWERS = {
    "GO": ("PASSED", ["GATE_GO"]),
    "GO BY WAIVER": ("PASSED", ["GATE_GO_BY_WAIVER"]),
    "NO-GO": ("FAILED", ["FAILED"]),
}
ANSWERED = "it contradicts itself: the result that it states is not its decision's answer"
NOT_PROVEN = """\
Not proven by this:
- that what was claimed is true, or that the times are right
- that this is the newest state of the log
- that nobody was shown another history, except as far as witnesses that you trust co-signed this one
- anything about entries that are not shown"""

Json = dict[str, Any]
Keys = dict[str, tuple[str, bytes]]
"""Key id to its holder and the 32 bytes of the public key."""


class Broken(Exception):  # noqa: N818
    """Something that was claimed does not hold."""


# Ed25519 (RFC 8032 section 5.1): the curve, its base point, and points as (X, Y, Z, T) with x = X/Z, y = Y/Z.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def decompress(data: bytes) -> Point | None:
    """A point from its 32 bytes; None if there is none (RFC 8032 section 5.1.3)."""
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def compress(point: Point) -> bytes:
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the 64 bytes are an Ed25519 signature of the message with the public key."""
    if len(key) != 32 or len(signature) != 64:
        return False
    point, s = decompress(key), int.from_bytes(signature[32:], "little")
    if point is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    minus: Point = (P - point[0], point[1], 1, P - point[3])
    return compress(add(multiply(s, BASE), multiply(k, minus))) == signature[:32]


def decoded(text: str) -> bytes:
    """Base64 in its one spelling."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 in another spelling")
    return data


# JSON: UTF-8, no name twice where the log or the exporter wrote it, no numbers that JSON has not, no huge integers.
def once(pairs: list[tuple[str, Any]]) -> Json:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def no_number(text: str) -> None:
    raise ValueError(text)


def parsed(data: bytes, names: Any = once) -> Any:
    whole = lambda text: int(text) if len(text) < 20 else float(text)  # noqa: E731
    return json.loads(data.decode(), object_pairs_hook=names, parse_constant=no_number, parse_int=whole)


def part(of: Any, name: str, kind: type) -> Any:
    """A field, of exactly the type that it must have: no bool is an index, and neither is 3.0."""
    value = of.get(name) if isinstance(of, dict) else None
    if type(value) is not kind:
        raise Broken(f"is malformed: {name}")
    return value


def blob(of: Json, name: str) -> bytes:
    try:
        return decoded(part(of, name, str))
    except ValueError:
        raise Broken(f"is malformed: {name}") from None


# The tree (RFC 6962 section 2.1, RFC 9162 section 2.1.3.2).
def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def root_from(index: int, size: int, leaf: bytes, proof: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to; raises Broken where the proof has not the length that it must."""
    inner = (index ^ (size - 1)).bit_length()
    if not 0 <= index < size or len(proof) != inner + (index >> inner).bit_count():
        raise Broken("its inclusion proof is not of the length that its index and the tree's size ask for")
    node = leaf
    for height, sibling in enumerate(proof):
        left = height >= inner or index >> height & 1
        node = sha256(b"\x01", sibling, node) if left else sha256(b"\x01", node, sibling)
    return node


# The checkpoint (C2SP tlog-checkpoint) and who signed it (C2SP signed-note, tlog-cosignature).
class Checkpoint:
    def __init__(self, note: str) -> None:
        text, _, lines = note.partition("\n\n")
        self.body = (text + "\n").encode()
        self.origin, size, root = text.split("\n")
        self.size, self.root = int(size), decoded(root)
        self.signatures = []
        *written, end = lines.split("\n")
        for line in written:
            dash, name, blob = line.split(" ")
            # The log's own is a key id and a signature; a witness's has the time between them.
            length, named = (68, True) if name == self.origin else (76, name.isprintable() and "+" not in name)
            if dash != "\N{EM DASH}" or not (name and named) or len(decoded(blob)) != length:
                raise ValueError("not a signature line")
            self.signatures.append((name, decoded(blob)))
        if end or [name for name, _ in self.signatures].count(self.origin) != 1:
            raise ValueError("not one signature of the log")
        if size != str(self.size) or len(self.root) != 32 or len(self.signatures) > 100:
            raise ValueError("not a checkpoint")

    def is_signed_by(self, key: bytes) -> bool:
        """Whether the log's own signature is that key's, made in the name of the origin."""
        known = sha256(self.origin.encode(), b"\n\x01", key)[:4]
        return any(
            name == self.origin and blob[:4] == known and is_signed(key, self.body, blob[4:])
            for name, blob in self.signatures
        )

    def cosigned_at(self, witness: str, key: bytes) -> int | None:
        """When that witness says that it saw the log grow into this checkpoint, in seconds since 1970."""
        known = sha256(witness.encode(), b"\n\x04", key)[:4]
        for name, blob in self.signatures:
            if name == witness and blob[:4] == known and len(blob) == 4 + 8 + 64:
                time = int.from_bytes(blob[4:12], "big")
                message = b"cosignature/v1\ntime %d\n" % time + self.body
                if is_signed(key, message, blob[12:]):
                    return time
        return None


# One entry: its header is the leaf, which the log signs; its body is what a holder signed.
class Entry:
    """An entry that holds; raises Broken with what does not. Of a body that is gone there is no payload."""

    def __init__(self, given: Json, checkpoint: Checkpoint, keys: Keys) -> None:
        self.index, raw = part(given, "index", int), blob(given, "header")
        self.header = header = parsed(raw)
        for name in ("kind", "subject", "topic", "payload_type", "body", "key", "at"):
            part(header, name, str)
        if part(header, "v", int) != 1 or part(header, "index", int) != self.index:
            raise Broken("its header is of another entry or version")
        self.leaf = sha256(b"\x00", raw)
        proof = [blob({"proof": each}, "proof") for each in part(given, "proof", list)]
        if root_from(self.index, checkpoint.size, self.leaf, proof) != checkpoint.root:
            raise Broken("it is not in the tree of the checkpoint")
        self.holder, self.payload, self.statement = "", None, None
        if all(name in given and given[name] is None for name in ("salt", "signature", "payload")):
            return
        salt, signature, payload = (blob(given, name) for name in ("salt", "signature", "payload"))
        if len(salt) != 32 or len(signature) != 64 or sha256(salt, signature, payload).hex() != header["body"]:
            raise Broken("its body is not the one that its header commits to")
        if header["key"] not in keys:
            raise Broken(f"it is signed with a key that you did not name ({shown(header['key'][:16])})")
        self.holder, key = keys[header["key"]]
        kind = header["payload_type"].encode()
        if not is_signed(key, b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload), signature):
            raise Broken("its signature does not fit its payload")
        self.payload, self.signature = payload, signature
        self.statement = self.read()

    def read(self) -> Json | None:
        """The statement, if it is one. Nobody but the log signs a header, so evidence and verdicts must fit it."""
        header, ours = self.header, self.header["kind"] in KINDS.values()
        why = "its header says something else than what was signed"
        try:
            said = parsed(self.payload or b"", dict) if header["payload_type"] == STATEMENT else {}
            kind = KINDS.get(part(said, "predicateType", str))
            fits = header["kind"] == kind and says(kind, said) == (header["subject"], header["topic"])
            if kind is None:
                fits = not ours or [part(each, "name", str) for each in said["subject"]] == [header["subject"]]
        except Exception as error:  # noqa: BLE001 - whatever a signer wrote
            said, fits, why = None, not ours, ANSWERED if str(error) == ANSWERED else why
        if not fits:
            raise Broken(why)
        return said

    def envelope(self) -> bytes:
        """What `hardpoint record show --envelope` prints, and a verdict names by its SHA-256."""
        body, signature = (base64.b64encode(each or b"").decode() for each in (self.payload, self.signature))
        signatures = [{"keyid": self.header["key"], "sig": signature}]
        kind = self.header["payload_type"]
        return compact({"payload": body, "payloadType": kind, "signatures": signatures}) + b"\n"


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def says(kind: str | None, statement: Json) -> tuple[str, str]:
    """Subject and topic that the header of evidence or of a verdict must have."""
    (subject,), claim = statement["subject"], statement["predicate"]
    commit = subject.get("digest", {}).get("gitCommit")
    about = claim if kind == "evidence" else claim[DECISION]
    names = [claim[each] for each in ("kind", "name")] if kind == "evidence" else [claim["policy"]["name"]]
    names += [commit, claim.get("environment")] if kind == "evidence" else [commit]
    if (about["service"], about.get("commit")) != (subject["name"], commit):
        raise ValueError("its subject is not what it is about")
    if kind == "verdict" and ANSWERS[about["answer"]] != (claim["verificationResult"], claim["verifiedLevels"]):
        raise ValueError(ANSWERED)
    return subject["name"], sha256(compact(names)).hex()


# The answer. What others wrote cannot begin a line, steer the terminal or pass for what is said here.
def shown(value: object, most: int = 200) -> str:
    """As it is if that is one plain word, else in quotes."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "".join(each if each.isprintable() and each not in "\u3164\u2800\u115f\u1160" else " " for each in text)
    text = re.sub(r"\s+", " ", text if len(text) <= most else text[:most] + "…")
    return text if re.fullmatch(r"[A-Za-z0-9._/:@+=-]+", text) else '"' + text.replace('"', "'") + '"'


def say(line: str, to: TextIO | None = None) -> None:
    to = to or sys.stdout
    encoding = to.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), file=to)


def evidence(claim: Json) -> str:
    facts, told, idle = dict(claim["facts"]), [], 0
    for rule in sorted(name[:-9] for name in facts if name.endswith(".examined")):
        looked, found = facts.pop(rule + ".examined"), facts.pop(rule + ".findings", 0)
        told += [f"{shown(rule)} {shown(found)} findings in {shown(looked)}"] if looked or found else []
        idle += not (looked or found)
    told += [f"{shown(name)}={shown(value)}" for name, value in sorted(facts.items())]
    told += [f"{idle} rules examined nothing"] if idle else []
    told += [
        f"{name} {shown(claim[name])}" for name in ("error", "assurance", "environment", "time") if claim.get(name)
    ]
    told += ["of a tree with changes that were not committed"] if claim.get("dirty") else []
    return f"{shown(claim['kind'])} {shown(claim['name'])}: {', '.join(told)}"


def verdict(claim: Json, log: str, entries: dict[int, Entry]) -> str:
    """The gate's answer, a line for each criterion, and what it rests on, compared with what is shown."""
    decision, level = claim[DECISION], ", ".join(shown(each) for each in claim["verifiedLevels"])
    judged = f"judged {shown(claim['timeVerified'])}{', LOCAL: releases nothing' if decision.get('local') else ''}"
    lines = [f"gate {shown(claim['policy']['name'])} {shown(claim['verificationResult'])} ({level}), {judged}"]
    named = {each["uri"]: each["digest"]["sha256"] for each in claim["inputAttestations"]}
    for each in decision["criteria"]:
        rests = [f"{shown(index)} ({rested(index, log, named, entries)})" for index in each.get("evidence", [])]
        how = "blocking" if each["blocking"] else "advisory"
        why = f"{shown(each['criterion'])}: {shown(each.get('reason', ''))}"
        lines.append(f"{how} {shown(each['verdict'])} {why}; rests on {', '.join(rests) or 'no entry'}")
    worst = [each for each in decision["criteria"] if each["blocking"] and each["verdict"] in BLOCKS]
    if worst and decision["answer"] != "NO-GO":
        lines.append("CONTRADICTS ITSELF: a blocking criterion does not hold, and the answer is no NO-GO")
    return "\n        ".join(lines)


BLOCKS = ("stale", "missing", "error", "fail")


def rested(index: object, log: str, named: Json, entries: dict[int, Entry]) -> str:
    entry = entries.get(index) if type(index) is int else None
    digest = named.get(f"hardpoint:records/{quote(log.removeprefix('hardpoint/'), safe='')}/entries/{index}")
    if entry is None or digest is None or entry.payload is None:
        return "not shown" if entry is None else "not named by its digest" if digest is None else "absent"
    return "shown" if sha256(entry.envelope()).hex() == digest else "IS NOT WHAT IS SHOWN: another digest"


def told(entry: Entry, log: str, entries: dict[int, Entry]) -> str:
    header, said = entry.header, entry.statement
    by, kinds = shown(entry.holder), f"{shown(header['kind'])} ({shown(header['payload_type'])})"
    try:
        if said is None:
            return f"{by} signed {kinds}, which the log files under {shown(header['subject'])}"
        claim, kind = said["predicate"], header["kind"]
        empty = "" if ordered(entry, entries) else "; it lets nothing go that is shown"
        if kind == "erasure":
            return f"{by} erases entry {shown(claim['index'])}: {shown(claim['reason'])}{empty}"
        if kind == "archival":
            return f"{by} archives the bodies of the entries {shown(claim['ranges'])}{empty}"
        at = ", ".join(shown(each.get("digest", {}).get("gitCommit", "no commit")) for each in said["subject"])
        claimed = evidence(claim) if kind == "evidence" else verdict(claim, log, entries)
        return f"{by} says of {shown(header['subject'])} at {at}: {claimed}"
    except Exception:  # noqa: BLE001 - it holds, whatever it means
        return f"{by} signed {kinds} of a form that is not known here"


def ordered(entry: Entry, entries: dict[int, Entry]) -> list[tuple[int, int, str]]:
    """Whose bodies an order lets go: first, last, and the words for it; of what is no order, nobody's."""
    kind, said = entry.header["kind"], entry.statement
    try:
        if said is None or said["predicateType"] != f"https://hardpoint.dev/{kind}/v1":
            return []
        (subject,), claim = said["subject"], said["predicate"]
        digest = part(subject["digest"], "sha256", str)
        if kind == "erasure":
            index = part(claim, "index", int)
            names = index in entries and entries[index].leaf.hex() == digest and index < entry.index
            return [(index, index, f"was erased, as entry {entry.index} says")] if names else []
        ranges = part(claim, "ranges", list) if kind == "archival" else []
        edges = [-1, *(edge for first, last in ranges for edge in (first, last + 1)), entry.index + 1]
        if any(type(edge) is not int for span in ranges for edge in span) or sorted(set(edges)) != edges:
            return []
        why = f"is archived in {shown(subject['name'])} (SHA-256 {shown(digest)}), as entry {entry.index} says"
        return [(first, last, why) for first, last in ranges]
    except Exception:  # noqa: BLE001 - whatever a signer wrote orders nothing
        return []


def why_gone(entries: dict[int, Entry]) -> dict[int, str]:
    """Index to the words of the order, for the bodies that are absent as an order says."""
    spans = sorted((span for each in entries.values() for span in ordered(each, entries)), reverse=True)
    reach, why = (-1, ""), {}
    for index in sorted(entries):
        while spans and spans[-1][0] <= index:
            reach = max(reach, spans.pop()[1:])
        if entries[index].payload is None and reach[0] >= index:
            why[index] = reach[1]
    return why


def verify(bundle: Json, keys: Keys, witnesses: dict[str, bytes], given: argparse.Namespace) -> bool:
    """Print what holds and what does not; returns whether all of it holds."""
    checkpoint, wrong = Checkpoint(bundle["checkpoint"]), []
    log = checkpoint.origin
    signers = [holder for holder, key in keys.values() if checkpoint.is_signed_by(key)]
    by = f"signed by {', '.join(map(shown, signers))}" if signers else "signed by nobody whom you named"
    say(f"log {shown(log)}: {checkpoint.size} entries, root {checkpoint.root.hex()}, {by}")
    times = {name: checkpoint.cosigned_at(name, key) for name, key in witnesses.items()}
    seen_by = {name: time for name, time in times.items() if time is not None}
    for name, time in sorted(seen_by.items()):
        at = datetime.fromtimestamp(time, UTC).isoformat() if time < 1 << 37 else f"second {time}"
        say(f"co-signed by {shown(name)} at {at}")
    distinct = len({witnesses[name] for name in seen_by})
    wrong += [] if signers else ["the checkpoint is not signed with a key that you named"]
    wrong += [] if given.origin in (None, log) else [f"the log is not {shown(given.origin)}"]
    if distinct < given.need:
        wrong.append(f"{given.need} witnesses are needed, and {distinct} of those that you named co-signed")
    entries: dict[int, Entry] = {}
    before = -1
    for place, each in enumerate(bundle["entries"]):
        index = each.get("index") if isinstance(each, dict) else None
        name = f"entry {index}" if type(index) is int else f"the bundle's entry at place {place}"
        try:
            entry = Entry(each, checkpoint, keys)
            if entry.index <= before:
                raise Broken("the entries are not in order, each once")
            before, entries[entry.index] = entry.index, entry
        except Broken as error:
            wrong.append(f"{name}{'' if str(error).startswith('is malformed') else ':'} {error}")
        except Exception:  # noqa: BLE001 - no part of a bundle is trusted to be of any shape
            wrong.append(f"{name} is malformed: header")
    why = why_gone(entries)
    tree = (
        "its header is in the signed tree" if signers else "its header is in a tree that nobody signed whom you named"
    )
    for index, entry in entries.items():
        line = f"{index:>6}  {shown(entry.header['at'])}  "
        if entry.payload is None:
            gone = f"its body {why.get(index, 'is absent, and no order that is shown says why')}; {tree}"
            say(f"{line}{shown(entry.header['kind'])} about {shown(entry.header['subject'])}: {gone}")
        else:
            say(line + told(entry, log, entries))
    for line in wrong:
        say(f"BROKEN  {line}")
    absent = sum(entry.payload is None for entry in entries.values())
    lost, hidden = absent - len(why), checkpoint.size - len(entries)
    say(
        f"{f'{len(wrong)} BROKEN' if wrong else 'Nothing here is false against the keys that you named'}: "
        f"{len(entries)} of the log's {checkpoint.size} entries shown (not shown: {hidden}); {len(entries) - absent} "
        f"bodies verified, {len(why)} absent as an order says, {lost} absent without an order."
    )
    say(NOT_PROVEN)
    return not wrong and not (given.complete and (lost or hidden))


def named_key(text: str) -> tuple[str, bytes]:
    name, _, key = text.rpartition("ed25519:")
    try:
        raw = decoded(key)
    except ValueError:
        raw = b""
    point = decompress(raw) if len(raw) == 32 else None
    if point is None or not (name.endswith("=") and name != "="):
        raise argparse.ArgumentTypeError(f"expected NAME=ed25519:BASE64, got {shown(text)}")
    if compress(multiply(8, point)) == compress((0, 1, 1, 0)):
        raise argparse.ArgumentTypeError(f"a key of small order proves nothing: {shown(text)}")
    return name[:-1], raw


def count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise argparse.ArgumentTypeError(f"expected a number of witnesses, got {shown(text)}")
    return int(text)


def read(file: str) -> Json:
    """The bundle; raises Broken with why it cannot be read."""
    try:
        with open(file, "rb") as opened:
            data = opened.read(MAX_BUNDLE_BYTES + 1)
        bundle = parsed(data) if len(data) <= MAX_BUNDLE_BYTES else None
    except OSError as error:
        raise Broken(error.strerror) from error
    except (ValueError, RecursionError):
        raise Broken("it is not JSON in UTF-8, with each name once") from None
    if bundle is None:
        raise Broken(f"it is larger than {MAX_BUNDLE_BYTES} bytes, or nothing")
    if part(bundle, "schema", str) != "bundle/v1":
        raise Broken("it is no bundle/v1")
    if not (isinstance(bundle.get("entries"), list) and bundle["entries"]):
        raise Broken("it holds no entries")
    try:
        Checkpoint(part(bundle, "checkpoint", str))
    except ValueError:
        raise Broken("its checkpoint is malformed") from None
    return dict(bundle)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("bundle")
    parser.add_argument("--key", action="append", type=named_key, default=[], help="HOLDER=ed25519:BASE64")
    parser.add_argument("--witness", action="append", type=named_key, default=[], help="NAME=ed25519:BASE64")
    parser.add_argument("--need", type=count, default=0, help="how many witnesses must have co-signed")
    parser.add_argument("--origin", help="the name that the log must have")
    parser.add_argument("--complete", action="store_true", help="exit 5 if an entry or a body is left out")
    given = parser.parse_args(arguments)
    if not given.key:
        parser.error("no --key is given: whose signatures are to hold comes from you, and not from the bundle")
    witnesses, holders = dict(given.witness), {key: holder for holder, key in given.key}
    if len(witnesses) < len(set(given.witness)) or len(holders) < len(set(given.key)):
        parser.error("one witness has two keys, or one key has two holders")
    if set(witnesses.values()) & set(holders):
        parser.error("a witness's key is also a holder's: it would be a witness of itself")
    keys = {hashlib.sha256(key).hexdigest(): (holder, key) for key, holder in holders.items()}
    try:
        bundle = read(given.bundle)
    except Broken as error:
        say(f"{shown(given.bundle)} cannot be read: {error}", sys.stderr)
        return 3
    return 0 if verify(bundle, keys, witnesses, given) else 5


if __name__ == "__main__":
    sys.exit(main())
