"""What passes between the pipeline and the services that answer single transaction sets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from edi.errors import PartnerError
from gateway.reading import Reading
from gateway.stages import Stages
from rules.facts import Submitter


class CredentialWithdrawn(PartnerError):  # noqa: N818 - names the state of the credential
    """The submitter's credential was withdrawn while the answer was computed."""


class Outcome(StrEnum):
    """What an answer is, as the header ``X-Edi-Outcome`` and the metrics tell it; the gravest first."""

    INTERCHANGE_REJECTED = "TA1"
    TRANSACTION_REJECTED = "999"
    REJECTED = "AAA"
    ELIGIBILITY = "271"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Under which a transaction set is answered."""

    submitter: Submitter
    moment: datetime
    """Of receipt; aware."""
    patients: int
    """How many the whole interchange asks about."""
    reading: Reading
    """Takes note of the facts used."""
    stages: Stages


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to one transaction set."""

    segments: Sequence[str] = field(repr=False)
    """Composed, ST to before SE."""
    outcome: Outcome
    trace: str
    """Our own number for it, empty where none was given."""
