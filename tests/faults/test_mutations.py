"""Mutated inputs to every parser of outside bytes: no wrong accept, no untyped exception, no hang.

A wrong accept is an input that is taken although something that was signed differs from what was signed; of reports,
which nobody signs, one that was cut off. HARDPOINT_FAULTS_MUTATIONS is how many inputs each parser gets.
"""

import json
import os
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import thread_time

import pytest
from mutation import Mutator

from hardpoint.capabilities import capabilities
from hardpoint.kernel import encoding
from hardpoint.kernel.declarations import Section
from hardpoint.kernel.evidence import Evidence, Producer, binding_of, drafted, from_statement
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.identity import keys as identity_keys
from hardpoint.kernel.identity.keys import PublicKey, Signer
from hardpoint.kernel.identity.oidc import read_key_set, verify_token
from hardpoint.kernel.importer import Importer, read_report
from hardpoint.kernel.manifest import Manifest
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Problem
from hardpoint.kernel.record import verify_bundle as second
from hardpoint.kernel.record.bundle import export_bundle, read_bundle, verify_bundle
from hardpoint.kernel.record.checkpoint import parse_checkpoint, signed_checkpoint
from hardpoint.kernel.record.cosignature import cosign, join_cosignatures, split_cosignatures
from hardpoint.kernel.record.envelope import Signature, envelope_of, read_envelope, write_envelope
from hardpoint.kernel.record.erasure import erase
from hardpoint.kernel.record.reading import entry_at, newest_checkpoint
from hardpoint.kernel.record.replica import Copy, pages_of, verify_beyond
from hardpoint.kernel.rooms.cli import Context

FULL = os.environ.get("HARDPOINT_FAULTS") == "full"
SEED = int(os.environ.get("HARDPOINT_FAULTS_SEED") or 20260331)
ALL = 100_000_000
PARSERS = [
    "bundle", "checkpoint", "cosigned", "envelope", "page", "statement", "token", "key_set", "key", "public_pem",
    "private_key", "manifest",
]  # fmt: skip
KINDS = sorted(each.kind for each in Context(capabilities()).collect("importers", Importer))
COUNT = int(os.environ.get("HARDPOINT_FAULTS_MUTATIONS") or (ALL // (len(PARSERS) + len(KINDS)) if FULL else 3_000))
HANG_S = 0.1
SIZE = 6


@dataclass(frozen=True)
class Parser:
    """A reader of outside bytes, inputs that it knows, and what it may raise; it asserts what it may accept."""

    known: Sequence[bytes]
    read: Callable[[bytes], bool]
    refuses: tuple[type[Exception], ...] = (Problem,)


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'store.db'}"


def evidence(number):
    finding = Finding(rule="R1", severity=Severity.ERROR, place=Place("a.py", 3, 1), text="is wrong", tool="lint")
    return Evidence(
        kind="junit",
        name=f"{number}.xml",
        service="keystone",
        producer=Producer(name="junit"),
        population=1,
        facts={"failures": number, "duration_s": 0.5},
        findings=(finding,),
        commit="a" * 40,
    )


@pytest.fixture
def filled(record, database):
    for number in range(SIZE - 1):
        record.append(drafted(evidence(number)))
    erase(database, record, 2, "privacy")
    return database


# The parsers.


def bundle(filled, signer):
    whole = export_bundle(filled)
    part = export_bundle(filled, [1, 4])
    checkpoint, claims = verify_bundle(whole, [signer.public])
    said = {(each.header, each.payload) for each in claims}

    def read(data):
        found, claims = verify_bundle(read_bundle(data), [signer.public])
        assert found == checkpoint
        assert all((each.header, each.payload) in said or each.payload is None for each in claims)
        assert {each.header for each in claims} <= {header for header, _ in said}
        return True

    return Parser([encoding.encode(whole), encoding.encode(part), encoding.pretty(part).encode()], read)


def checkpoint(filled, signer):
    note = newest_checkpoint(filled)

    def read(data):
        found = signed_checkpoint(data, [signer.public])
        assert found is None or data == note
        return found is not None

    return Parser([note], read, (ValueError,))


def cosigned(filled, signer, now):
    note = newest_checkpoint(filled)
    there, east, west = parse_checkpoint(note), Signer.generate(), Signer.generate()
    time = int(now.timestamp())
    genuine = [cosign(there, name, by, time) for name, by in (("east", east), ("west", west))]

    def read(data):
        plain, cosignatures = split_cosignatures(data)
        found = signed_checkpoint(plain, [signer.public])
        if found is None:
            return False
        assert plain == note
        seen = [each for each in cosignatures for key in (east, west) if each.verifies(found, key.public)]
        assert all(each in genuine for each in seen)
        return bool(seen)

    return Parser([join_cosignatures(note, genuine), join_cosignatures(note, genuine[:1])], read, (ValueError,))


def envelope(filled, signer):
    genuine = envelope_of(entry_at(filled, 0))
    others = replace(genuine, signatures=(*genuine.signatures, Signature("other", b"\0" * 64)))

    def read(data):
        found = read_envelope(data)
        signers = found.signers([signer.public])
        assert not signers or (found.payload_type, found.payload) == (genuine.payload_type, genuine.payload)
        return bool(signers)

    return Parser([write_envelope(genuine), write_envelope(others)], read)


def page(filled, signer):
    """Read as a copy of the record is, up to the root: a header alone is not signed."""
    note, keys = newest_checkpoint(filled), [signer.public]
    with filled.reading() as connection:
        (whole,) = pages_of(connection, SIZE)

    def read(data):
        verify_beyond(None, Copy(note=note, page=lambda _: data), keys, None)
        assert data == whole
        return True

    return Parser([whole], read)


def statement():
    def read(data):
        binding_of(data)
        found = from_statement(data)
        encoding.encode(found)
        return True

    return Parser([drafted(evidence(number)).payload for number in range(2)], read)


def token(issuing, now):
    key = Signer.generate().public
    known = [issuing.token(key).encode(), issuing.token(key, alg="ES256").encode()]
    genuine = verify_token(known[0].decode(), [issuing.authority], key, now)[1]

    def read(data):
        try:
            text = data.decode("ascii").strip()  # as it is read from a file
        except UnicodeDecodeError:
            return False
        _, claims = verify_token(text, [issuing.authority], key, now)
        assert claims == genuine
        return True

    return Parser(known, read)


def key_set(issuing):
    known = [issuing.key_set, encoding.pretty(json.loads(issuing.key_set)).encode()]
    return Parser(known, lambda data: bool(read_key_set(data, "jwks.json")))


def key():
    signer = Signer.generate()
    signature = signer.sign(b"message")

    def read(data):
        found = PublicKey.parse(data.decode("utf-8", "replace"))
        assert not found.verifies(signature, b"message") or found == signer.public
        return True

    return Parser([str(signer.public).encode()], read, (ValueError,))


def public_pem():
    signer = Signer.generate()
    signature = signer.sign(b"message")

    def read(data):
        found = PublicKey.from_pem(data)
        assert not found.verifies(signature, b"message") or found == signer.public
        return True

    return Parser([signer.public.pem.encode()], read, (ValueError,))


def private_key(tmp_path):
    identity_keys.signer_of(tmp_path, {})
    pem = (tmp_path / identity_keys.KEY_FILE).read_bytes()
    return Parser([pem], lambda data: Signer(identity_keys._parse(data, "the key")).public is not None)


MANIFEST = b"""\
version: 1
services:
  - name: keystone
  - &b {name: "billing"}
gates:
  - name: merge
    witnesses: 1
    criteria:
      - {id: documents, kind: check, rules: [DOC001], max_age: 30d}
      - id: tests
        kind: report
        report: junit
        require: {tests: ">= 30", failures: 0}
trust:
  keys:
    - {key: "ed25519:sWUG8D1l4tcVCi5mNYyRlVP6BAsZdLbDGzjNPfaV0rM=", holder: ada, from: 2026-01-01T00:00:00Z}
"""


def manifest():
    sections = Context(capabilities()).collect("model", Section)
    return Parser([MANIFEST, MANIFEST.partition(b"trust")[0]], lambda data: Manifest.load(data, sections).exists)


REPORTS = {
    "junit": b"""<?xml version="1.0"?>
<testsuites tests="3" failures="1"><testsuite name="unit" timestamp="2026-03-01T12:00:00Z" tests="3" errors="0">
<testcase classname="t" name="adds" time="0.5"/><testcase classname="t" name="breaks" file="a.py" line="3">
<failure message="1 != 2">trace &amp; text</failure></testcase><testcase name="waits"><skipped/></testcase>
</testsuite></testsuites>
""",
    "sarif": b"""{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint", "version": "1.0",
"rules": [{"id": "R1"}]}}, "results": [{"ruleId": "R1", "ruleIndex": 0, "level": "error",
"message": {"text": "is wrong"}, "locations": [
{"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 3, "startColumn": 1}}}]}],
"invocations": [{"executionSuccessful": true, "endTimeUtc": "2026-03-01T12:00:00Z"}]}]}
""",
    "dependency-cruiser": b"""{"modules": [{"source": "a.js", "dependencies": []}], "summary": {"violations": [
{"from": "a.js", "to": "b.js", "rule": {"name": "no-circular", "severity": "error"},
"cycle": [{"name": "b.js"}, {"name": "a.js"}]}],
"error": 1, "warn": 0, "info": 0, "totalCruised": 2, "totalDependenciesCruised": 1}}
""",
}


def report(kind):
    importers = Context(capabilities()).collect("importers", Importer)
    known = [each.good for each in importers if each.kind == kind] + ([REPORTS[kind]] if kind in REPORTS else [])

    def read(data):
        read_report(data, importers)
        assert not any(len(data) < len(each.rstrip()) and each.startswith(data) for each in known), "it was cut off"
        return True

    return Parser(known, read)


@pytest.fixture
def parser_of(request):
    """Makes a parser by its name."""

    def make(name):
        maker = globals()[name]
        code = maker.__code__
        return maker(*(request.getfixturevalue(each) for each in code.co_varnames[: code.co_argcount]))

    return make


# The tests.


def run(name, parser, count, points):
    """Give a parser so many inputs; returns how many it accepted."""
    for each in parser.known:
        assert parser.read(each), "a known input is refused"
    mutator, accepted, slowest, busy_s = Mutator(parser.known, SEED + zlib.crc32(name.encode())), 0, 0.0, 0.0
    began = thread_time()
    for _ in range(count):
        data = mutator.next()
        start = thread_time()
        try:
            accepted += parser.read(data)
        except parser.refuses:
            pass
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__} at {data!r}") from error
        took = thread_time() - start
        busy_s += took
        if took > HANG_S:
            slowest = max(slowest, again(parser, data))
            assert slowest < HANG_S, f"{name} takes {slowest:.2f} s for {data[:2000]!r} ({len(data)} bytes)"
    points[name] += count
    points[f"{name}: accepted"] += accepted
    points[f"{name}: mutations a second"] += round(count / (thread_time() - began))
    points[f"{name}: inputs parsed a second"] += round(count / busy_s)
    return accepted


def again(parser, data):
    """The least of three times: what is done once, or the collection of garbage, is no hang."""
    times = []
    for _ in range(3):
        start = thread_time()
        with suppress(*parser.refuses):
            parser.read(data)
        times.append(thread_time() - start)
    return min(times)


@pytest.mark.requirement("GAT-14")
@pytest.mark.parametrize("name", PARSERS)
def test_no_mutated_input_is_accepted_wrongly_or_breaks_its_parser(parser_of, points, name):
    run(name, parser_of(name), COUNT, points)


@pytest.mark.parametrize("kind", KINDS)
def test_no_mutated_report_breaks_its_importer_and_none_that_was_cut_off_is_read(points, kind):
    run(kind, report(kind), COUNT, points)


@pytest.mark.requirement("GAT-14")
def test_the_second_verifier_accepts_and_refuses_what_the_first_does(parser_of, signer, points, tmp_path, capsys):
    """At the speed of a signature in plain Python, so with a part of the inputs."""
    parser, file = parser_of("bundle"), tmp_path / "bundle.json"
    mutator = Mutator(parser.known, SEED)
    for _ in range(max(COUNT // 1000, 150)):
        data = mutator.next()
        file.write_bytes(data)
        try:
            ours = parser.read(data)
        except Problem:
            ours = False
        code = second.main([str(file), "--key", f"ada={signer.public}"])
        points["both verifiers"] += 1
        assert code in {0, 3, 5}
        assert ours is (code == 0), f"the second verifier says {code} to {data!r}: {capsys.readouterr()}"
