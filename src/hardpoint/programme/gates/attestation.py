"""Verdicts as attestations: from a gate's decision to a SLSA Verification Summary that anybody's tools can read."""

from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import quote

import hardpoint
from hardpoint.kernel import encoding
from hardpoint.kernel.database import Database
from hardpoint.kernel.evidence import statement
from hardpoint.kernel.record.checkpoint import parse_checkpoint
from hardpoint.kernel.record.envelope import STATEMENT_TYPE, envelope_of, write_envelope
from hardpoint.kernel.record.model import Draft
from hardpoint.kernel.record.reading import entry_at, newest_checkpoint
from hardpoint.kernel.record.stated import DECISION, SUMMARY, VERDICT, result_of, verdict_topic
from hardpoint.kernel.verdict import Decision
from hardpoint.programme.gates.model import Gate

VERIFIER = "https://hardpoint.dev/gate"


def attested(gate: Gate, decision: Decision, database: Database) -> Draft:
    """A decision as it is appended to the record; a newer one of the same gate and commit supersedes it.

    Raises UsageProblem if an entry that it rests on was erased meanwhile.
    """
    assert decision.commit is not None
    assert not decision.local  # what releases nothing is nobody's to rely on
    rests_on = sorted({entry for judgement in decision.criteria for entry in judgement.evidence})
    return Draft(
        kind=VERDICT,
        subject=decision.service,
        topic=verdict_topic(decision.gate, decision.commit),
        payload_type=STATEMENT_TYPE,
        payload=statement(
            decision.service,
            {"gitCommit": decision.commit},
            SUMMARY,
            _summary(gate, decision, list(_inputs(database, rests_on))),
        ),
    )


def resource_uri(service: str, gate: str) -> str:
    """What was verified for what: a verdict of one gate or service cannot be taken for that of another."""
    return f"hardpoint:services/{quote(service, safe='')}/gates/{quote(gate, safe='')}"


def _summary(gate: Gate, decision: Decision, inputs: list[object]) -> dict[str, object]:
    """The predicate (SLSA specification 1.1, Verification Summary Attestation)."""
    declaration = encoding.plain(gate)
    result, levels = result_of(decision.answer)
    return {
        "verifier": {"id": VERIFIER, "version": {"hardpoint": hardpoint.__version__}},
        "timeVerified": decision.at,
        "resourceUri": resource_uri(decision.service, decision.gate),
        "policy": {
            "name": gate.name,
            "uri": f"hardpoint:gates/{quote(gate.name, safe='')}",
            "digest": {"sha256": sha256(encoding.encode(declaration)).hexdigest()},
        },
        "inputAttestations": inputs,
        "verificationResult": result,
        "verifiedLevels": levels,
        DECISION: {**encoding.plain(decision), "declaration": declaration},
    }


def _inputs(database: Database, entries: Iterable[int]) -> Iterable[object]:
    """The entries by the digest of the envelope that `hardpoint record show --envelope` prints.

    Not of the payload: that digest would confirm a guess of what was erased, and the signature nobody can guess.
    """
    log = parse_checkpoint(newest_checkpoint(database)).origin.removeprefix("hardpoint/")
    for index in entries:
        envelope = write_envelope(envelope_of(entry_at(database, index)))
        yield {
            "uri": f"hardpoint:records/{quote(log, safe='')}/entries/{index}",
            "digest": {"sha256": sha256(envelope).hexdigest()},
            "mediaType": "application/vnd.dsse.envelope.v1+json",
        }
