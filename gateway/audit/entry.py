"""What the audit is given of an answer, and what it says to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from edi.envelope import Address
from gateway.store.limits import AUDIT_ELEMENT_CHARACTERS_MAX

FIELD_END = "\x1f"
ENTRY_END = "\x1e"
_UNTOLD = str.maketrans(dict.fromkeys(("\0", FIELD_END, ENTRY_END), "\N{REPLACEMENT CHARACTER}"))


@dataclass(frozen=True)
class Matter:
    """Who asked whom what, and what was said: all that is the same when the same is asked again.

    Elements that an inquiry does not have, or that could not be read, are empty.
    """

    submitter_id: str
    isa06: str
    isa08: str
    gs02: str
    gs03: str
    mode: str
    """``real_time`` or ``batch``."""
    transaction: str
    """``270``."""
    outcome: str
    partner: Address
    """Whom the answer's envelope is addressed to: control numbers count by partner."""
    control_numbers_needed: int = 1

    @cached_property
    def fields(self) -> str:
        """The texts before the partner as fields of an entry, each ended (`gateway.audit.columns`)."""
        elements = (self.isa06, self.isa08, self.gs02, self.gs03)
        told = (self.submitter_id, *map(cleaned, elements), self.mode, self.transaction, self.outcome)
        return FIELD_END.join((*told, ""))

    @cached_property
    def partner_fields(self) -> tuple[str, str]:
        """Qualifier and identifier of the partner."""
        return cleaned(self.partner.qualifier), cleaned(self.partner.identifier)


@dataclass(slots=True)
class AuditEntry:
    """One answer about to leave. Elements that an inquiry does not have, or that could not be read, are empty.

    Nobody changes it. It is not frozen because one is made for every answer, which a frozen one delays by 4 µs.
    """

    matter: Matter
    received_at: datetime
    """Aware."""
    isa13: str
    gs06: str
    st02: str
    bht03: str
    trn02: str
    payload: bytes = field(repr=False)
    """What came, whole."""
    payload_sha256: bytes = field(repr=False)
    answer_trace: str
    """Our own trace number in the answer."""
    answer_sha256: bytes = field(repr=False)
    """Of the answer without its envelope."""
    stages: Mapping[str, float]
    """Seconds by stage."""
    facts: tuple[tuple[str, int], ...] = field(repr=False)
    """Key and version of everything that the answer rests on."""
    facts_recorded: bool = False
    """Whether an earlier record names the same facts at these versions."""


@dataclass(slots=True)
class Recorded:
    """The record is durable: the answer may leave."""

    audit_id: int
    control_number: int
    """The first of as many consecutive numbers as were needed; 0 when none were."""


@dataclass(frozen=True, slots=True)
class Stale:
    """Facts have changed since they were read: nothing was recorded, and the answer must not leave."""

    keys: tuple[str, ...] = field(repr=False)


Verdict = Recorded | Stale


def cleaned(text: str) -> str:
    """What a partner sent as an element, in a form that PostgreSQL holds and that fills nobody's disk."""
    return text[:AUDIT_ELEMENT_CHARACTERS_MAX].translate(_UNTOLD)
