"""Erasure: a body is taken out of the record by an order that stays in it; every proof still holds."""

from dataclasses import dataclass

import sqlalchemy as sa

from hardpoint.kernel import encoding
from hardpoint.kernel.database import Database
from hardpoint.kernel.evidence import Binding, statement
from hardpoint.kernel.problem import IntegrityProblem, UnreadableProblem, UsageProblem
from hardpoint.kernel.record.envelope import STATEMENT_TYPE
from hardpoint.kernel.record.imported import bound_to
from hardpoint.kernel.record.log import Record
from hardpoint.kernel.record.model import ERASURE, Draft, Entry, Receipt, erasure_key
from hardpoint.kernel.record.orders import KINDS
from hardpoint.kernel.record.proofs import leaf_hash
from hardpoint.kernel.record.reading import entry_at
from hardpoint.kernel.record.tables import entries

PREDICATE = "https://hardpoint.dev/erasure/v1"


def erase(database: Database, record: Record, index: int, reason: str) -> Receipt:
    """Order the erasure of an entry's body, then take the body out; returns the order's receipt.

    The order is durable first: where a crash comes between, erasing again finds the order and completes it. Raises
    UsageProblem if there is no such entry, its body is gone already, or it is an order itself.
    """
    entry = entry_at(database, index)
    if entry.header.kind in KINDS:
        raise UsageProblem(
            f"Entry {index} orders an {entry.header.kind}, and such an order stays",
            remedy="`hardpoint record show` has its reason.",
        )
    if entry.payload is None:
        raise UsageProblem(
            f"The body of entry {index} was erased already, or archived",
            remedy=f"`hardpoint record show {index}` says why; a file that it was archived in is yours to remove.",
        )
    receipt = record.append(_order(entry, reason))
    standing = entry_at(database, receipt.index).header
    if standing.kind != ERASURE or standing.index <= index:
        raise IntegrityProblem(
            f"Entry {standing.index} has taken the place of an order to erase entry {index}; nothing was erased",
            remedy="`hardpoint record show` says who signed it.",
        )
    with database.writing() as connection:
        if database.dialect == "sqlite":  # else the bytes would stay in the file's free pages
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        body = {"salt": None, "signature": None, "payload": None}
        connection.execute(sa.update(entries).where(entries.c.leaf_index == index).values(body))
    return receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an order of erasure says: of which entry, why, and what evidence was bound to that was erased.

    Without `erased` the order is of a version that did not keep it, or the entry held no evidence.
    """

    index: int
    reason: str
    erased: Binding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    predicateType: str  # noqa: N815 - in-toto's name
    predicate: Order


def order_in(entry: Entry) -> Order:
    """What an entry of kind `erasure` orders.

    Raises UnreadableProblem for anything else, an unknown version of the predicate above all.
    """
    said = encoding.decode(entry.payload or b"", _Statement, what=f"The order of erasure in entry {entry.index}")
    if said.predicateType != PREDICATE:
        raise UnreadableProblem(
            f"Entry {entry.index} orders an erasure as {said.predicateType!r}, which this Hardpoint cannot read",
            remedy="Upgrade Hardpoint.",
        )
    return said.predicate


def _order(entry: Entry, reason: str) -> Draft:
    """An in-toto Statement about the leaf, which stays; the reason is for whoever finds the body gone.

    What erased evidence was bound to stays too, or whoever erases a failed report would leave others to decide.
    """
    leaf = leaf_hash(encoding.encode(entry.header)).hex()
    erased = bound_to(entry.header.kind, entry.payload or b"")
    predicate = {"index": entry.index, "reason": reason, **({"erased": erased} if erased else {})}
    return Draft(
        kind=ERASURE,
        subject=entry.header.subject,
        topic=str(entry.index),
        payload_type=STATEMENT_TYPE,
        payload=statement(f"entry {entry.index}", {"sha256": leaf}, PREDICATE, predicate),
        unique=erasure_key(entry.index),
    )
