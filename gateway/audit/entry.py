"""What the audit is given of an answer, and what it says to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edi.envelope import Address


@dataclass(slots=True)
class AuditEntry:
    """One answer about to leave. Elements that an inquiry does not have, or that could not be read, are empty.

    Nobody changes it. It is not frozen because one is made for every answer, which a frozen one delays by 4 µs.
    """

    submitter_id: str
    received_at: datetime
    """Aware."""
    isa06: str
    isa08: str
    isa13: str
    gs02: str
    gs03: str
    gs06: str
    st02: str
    bht03: str
    trn02: str
    payload_sha256: bytes = field(repr=False)
    mode: str
    """``real_time`` or ``batch``."""
    transaction: str
    """``270``."""
    outcome: str
    answer_trace: str
    """Our own trace number in the answer."""
    stages: Mapping[str, float]
    """Seconds by stage."""
    facts: tuple[tuple[str, int], ...] = field(repr=False)
    """Key and version of everything that the answer rests on."""
    partner: Address
    """Whom the answer's envelope is addressed to: control numbers count by partner."""
    payload: bytes = field(repr=False)
    """What came, whole."""
    answer_sha256: bytes = field(repr=False)
    """Of the answer without its envelope."""
    control_numbers_needed: int = 1
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
