"""The append-only, tamper-evident log of evidence and events."""

from hardpoint.kernel.record.log import Record
from hardpoint.kernel.record.model import Draft, Entry, Receipt

__all__ = ["Draft", "Entry", "Receipt", "Record"]
