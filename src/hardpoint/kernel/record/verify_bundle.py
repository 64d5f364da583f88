"""Verifies a bundle of Hardpoint's record with nothing but the standard library, for whoever trusts nobody's tools.

    python3 verify_bundle.py BUNDLE --key HOLDER=ed25519:BASE64 [--key …] [--witness NAME=ed25519:BASE64 …] [--need K]

It answers what was claimed, by whom, for which commit, and whether it still holds. The keys are what you already know
of the people and services that sign; a bundle brings none. Exit codes: 0 everything holds, 5 something does not,
2 wrong usage, 3 the bundle cannot be read.

What it recomputes, and where that is written down:
- leaf and node hashes, inclusion proofs: RFC 6962 section 2.1, RFC 9162 section 2.1.3.2
- the signed checkpoint: C2SP signed-note and tlog-checkpoint; witnesses: C2SP tlog-cosignature (cosignature/v1)
- the signature over each payload: DSSE v1 pre-authentication encoding
- Ed25519: RFC 8032 section 5.1.7
"""

import argparse
import base64
import binascii
import hashlib
import json
import sys
from typing import Any

MAX_BUNDLE_BYTES = 1 << 30

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

    def is_cosigned_by(self, witness: str, key: bytes) -> bool:
        """Whether that witness says that it saw the log grow into this checkpoint."""
        known = sha256(witness.encode(), b"\n\x04", key)[:4]
        for name, blob in self.signatures:
            if name == witness and blob[:4] == known and len(blob) == 4 + 8 + 64:
                time = int.from_bytes(blob[4:12], "big")
                message = b"cosignature/v1\ntime %d\n" % time + self.body
                if is_signed(key, message, blob[12:]):
                    return True
        return False


# One entry: its header is the leaf; its body is what was signed.
def check_entry(entry: Json, checkpoint: Checkpoint, keys: Keys) -> tuple[str, Json, bytes | None]:
    """Who says it and the header; raises Broken with what does not hold."""
    raw = decoded(entry["header"])
    header = json.loads(raw)
    index = entry["index"]
    if header["v"] != 1 or header["index"] != index:
        raise Broken("its header is of another entry or version")
    proof = [decoded(each) for each in entry["proof"]]
    if root_from(index, checkpoint.size, sha256(b"\x00", raw), proof) != checkpoint.root:
        raise Broken("it is not in the tree of the checkpoint")
    if entry["salt"] is entry["signature"] is entry["payload"] is None:
        return "", header, None
    salt, signature, payload = (decoded(entry[part]) for part in ("salt", "signature", "payload"))
    if len(salt) != 32 or len(signature) != 64 or sha256(salt, signature, payload).hex() != header["body"]:
        raise Broken("its body is not the one that its header commits to")
    if header["key"] not in keys:
        raise Broken(f"it is signed with a key that you did not name ({header['key'][:16]})")
    holder, key = keys[header["key"]]
    kind = header["payload_type"].encode()
    message = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    if not is_signed(key, message, signature):
        raise Broken("its signature does not fit its payload")
    return holder, header, payload


# The answer, a line for each entry; what others wrote cannot begin a line or steer the terminal.
def say(line: str) -> None:
    print("".join(each if each.isprintable() else " " for each in line))


def told(entry: Json, holder: str, header: Json, payload: bytes | None, orders: list[Json]) -> str:
    if payload is None:
        what = f"{header['kind']} about {header['subject']}"
        why = why_gone(entry["index"], orders)
        return f"{entry['index']:>6}  {header['at']}  {what}: its body {why}; that it was there is proven"
    said = f"{entry['index']:>6}  {header['at']}  {holder} says of {header['subject']}"
    if header["payload_type"] != "application/vnd.in-toto+json":
        return f"{said}: {header['kind']} ({header['payload_type']})"
    try:
        statement = json.loads(payload)
        commits = [each.get("digest", {}).get("gitCommit", "no commit") for each in statement["subject"]]
        return f"{said} at {', '.join(commits)}: {claimed(header['kind'], statement)}"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # it holds, whatever it means
        return f"{said}: {header['kind']} of a form that is not known here"


def claimed(kind: str, statement: Json) -> str:
    claim = statement["predicate"]
    if kind == "verdict":
        level = ", ".join(claim["verifiedLevels"])
        return f"gate {claim['policy']['name']} {claim['verificationResult']} ({level}), judged {claim['timeVerified']}"
    if kind == "erasure":
        return f"erases entry {claim['index']}: {claim['reason']}"
    if kind == "archival":
        return f"archives the bodies of the entries {claim['ranges']}"
    facts = claim.get("facts", {})
    looked = {name[:-9]: count for name, count in facts.items() if name.endswith(".examined")}
    told = [f"{rule} {facts.get(rule + '.findings')} findings in {looked[rule]}" for rule in looked if looked[rule]]
    told += [f"{name}={value}" for name, value in facts.items() if name.partition(".")[0] not in looked]
    told += [f"error: {claim['error']}"] if claim.get("error") else []
    names = dict.fromkeys(str(claim.get(part) or "") for part in ("kind", "name"))
    return f"{' '.join(names).strip() or statement['predicateType']}: {', '.join(sorted(told))}"


def orders_in(entries: list[Json], checkpoint: Checkpoint, keys: Keys) -> list[Json]:
    """What the orders say that hold: which bodies went, by which entry, and into which file."""
    orders = []
    for entry in entries:
        try:
            if json.loads(decoded(entry["header"]))["kind"] not in ("erasure", "archival"):
                continue
            _, header, payload = check_entry(entry, checkpoint, keys)
            claim = json.loads(payload or b"")
            ranges = claim["predicate"].get("ranges") or [[claim["predicate"]["index"]] * 2]
            by = {"order": header["index"], "ranges": [(int(first), int(last)) for first, last in ranges]}
            if header["kind"] == "archival":
                (file,) = claim["subject"]
                by["file"] = f"{file['name']} (SHA-256 {file['digest']['sha256']})"
            orders.append(by)
        except (Broken, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue  # said where the entry itself is verified
    return orders


def why_gone(index: int, orders: list[Json]) -> str:
    for by in orders:
        if index < by["order"] and any(first <= index <= last for first, last in by["ranges"]):
            how = f"is archived in {by['file']}" if "file" in by else "was erased"
            return f"{how}, as entry {by['order']} says"
    return "was erased or left out"


def verify(bundle: Json, keys: Keys, witnesses: dict[str, bytes], need: int) -> bool:
    """Print what holds and what does not; returns whether all of it holds."""
    checkpoint, broken = Checkpoint(bundle["checkpoint"]), 0
    signers = [holder for holder, key in keys.values() if checkpoint.is_signed_by(key)]
    seen_by = sorted(name for name, key in witnesses.items() if checkpoint.is_cosigned_by(name, key))
    distinct = len({witnesses[name] for name in seen_by})
    say(f"log {checkpoint.origin}: {checkpoint.size} entries, root {checkpoint.root.hex()}")
    if not signers:
        broken += 1
        say("BROKEN  the checkpoint is not signed with a key that you named")
    if distinct < need:
        broken += 1
        say(f"BROKEN  {need} witnesses are needed, and {distinct} of those that you named co-signed")
    orders = orders_in(bundle["entries"], checkpoint, keys)
    for entry in bundle["entries"]:
        try:
            say(told(entry, *check_entry(entry, checkpoint, keys), orders))
        except (Broken, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            broken += 1
            say(f"BROKEN  entry {entry.get('index') if isinstance(entry, dict) else entry!r}: {error}")
    witnessed = f", seen by {', '.join(seen_by)}" if seen_by else ", co-signed by no witness that you named"
    say(f"{broken} broken" if broken else f"everything holds: {len(bundle['entries'])} entries{witnessed}")
    return not broken


def named_key(text: str) -> tuple[str, bytes]:
    name, _, key = text.rpartition("=ed25519:")
    try:
        raw = decoded(key)
    except (ValueError, binascii.Error):
        raw = b""
    if not name or len(raw) != 32:
        raise argparse.ArgumentTypeError(f"expected NAME=ed25519:BASE64, got {text!r}")
    return name, raw


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("bundle")
    parser.add_argument("--key", action="append", type=named_key, default=[], help="HOLDER=ed25519:BASE64")
    parser.add_argument("--witness", action="append", type=named_key, default=[], help="NAME=ed25519:BASE64")
    parser.add_argument("--need", type=int, default=0, help="how many witnesses must have co-signed")
    given = parser.parse_args(arguments)
    keys = {hashlib.sha256(key).hexdigest(): (holder, key) for holder, key in given.key}
    try:
        with open(given.bundle, "rb") as file:
            data = file.read(MAX_BUNDLE_BYTES + 1)
        if len(data) > MAX_BUNDLE_BYTES:
            raise ValueError("it is too large")
        bundle = json.loads(data)
        if bundle["schema"] != "bundle/v1" or not isinstance(bundle["entries"], list):
            raise ValueError("it is no bundle/v1")
        return 0 if verify(bundle, keys, dict(given.witness), given.need) else 5
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        print(f"{given.bundle} cannot be read: {error}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
