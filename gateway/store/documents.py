"""Facts as JSON: each kind's type, and the bytes that PostgreSQL and Redis hold of it."""

from typing import Any

import msgspec

from edi.errors import Outage
from gateway.store.keys import Kind
from rules.facts import Contract, Entitlement, Plan, Provider, Submitter
from rules.facts.claims import Claim
from rules.facts.review_file import ReviewOnFile
from rules.facts.reviews import ReviewPolicy
from rules.facts.service_hours import ServiceCalendar

TYPES: dict[Kind, Any] = {
    Kind.CONTRACTS: tuple[Contract, ...],
    Kind.PLAN: Plan | None,
    Kind.PROVIDER: Provider | None,
    Kind.ENTITLEMENTS: tuple[Entitlement, ...],
    Kind.CREDENTIAL: Submitter | None,
    Kind.CLAIMS: tuple[Claim, ...],
    Kind.CALENDAR: ServiceCalendar | None,
    Kind.POLICY: ReviewPolicy | None,
    Kind.REVIEW: ReviewOnFile | None,
}
"""What a look-up of a kind gives; an empty tuple or None where there is nothing."""

_DECODERS = {kind: msgspec.json.Decoder(type_) for kind, type_ in TYPES.items()}
_ENCODER = msgspec.json.Encoder()


class UnreadableDocument(Outage):
    """A stored document is not of its kind's type, so nobody can be answered on it. Its content is not told."""


def encode(fact: object) -> bytes:
    """A fact as JSON, all of its fields."""
    return _ENCODER.encode(fact)


def decode(kind: Kind, document: bytes) -> Any:
    """The value of a fact of this kind.

    Raises:
        UnreadableDocument: it is not of the kind's type.
    """
    try:
        return _DECODERS[kind].decode(document)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise UnreadableDocument(f"a document of kind {kind} is not of its type") from None
