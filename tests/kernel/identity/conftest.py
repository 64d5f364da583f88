"""Entries as a record would hold them."""

from collections.abc import Callable
from datetime import datetime

import pytest

from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.identity.keys import Signer
from hardpoint.kernel.record.envelope import pre_authentication_encoding
from hardpoint.kernel.record.model import Draft, Entry, Header


@pytest.fixture(scope="session")
def entered() -> Callable[..., Entry]:
    """Makes an entry of a draft, its signer, and the instant of its recording."""

    def entered(draft: Draft, signer: Signer, at: datetime, index: int = 1) -> Entry:
        header = Header(
            v=1,
            index=index,
            at=format_instant(at),
            kind=draft.kind,
            subject=draft.subject,
            topic=draft.topic,
            payload_type=draft.payload_type,
            body="",
            key=signer.public.id,
            unique=None,
        )
        signature = signer.sign(pre_authentication_encoding(draft.payload_type, draft.payload))
        return Entry(index=index, header=header, payload=draft.payload, signature=signature)

    return entered
