"""What passes between the pipeline and the services that answer single transaction sets.

Nobody changes these values. Those made for every answer are not frozen all the same, here and wherever an answer
passes: to make a frozen one costs four times as much.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from edi.claim_status import ClaimStatusAnswer
from edi.eligibility import EligibilityAnswer
from edi.errors import PartnerError
from edi.prepared import Compose
from edi.services_review_answer import ReviewAnswer
from gateway.metrics import Mode, Transaction
from gateway.reading import Reading
from gateway.stages import Stages
from parsers.inquiries import Request
from rules.entitlement import Permitted
from rules.facts import Submitter
from rules.search import Identified
from rules.service_hours import StatusReason


class CredentialWithdrawn(PartnerError):  # noqa: N818 - names the state of the credential
    """The submitter's credential was withdrawn while the answer was computed."""


class Outcome(StrEnum):
    """What an answer is, as the header ``X-Edi-Outcome`` and the metrics tell it; the gravest first."""

    INTERCHANGE_REJECTED = "TA1"
    TRANSACTION_REJECTED = "999"
    REJECTED = "AAA"
    CLAIM_STATUS_REFUSED = "STC"
    ELIGIBILITY = "271"
    CLAIM_STATUS = "277"
    SERVICES_REVIEW = "278"


def local(moment: datetime, zone: tzinfo) -> datetime:
    """A moment as the payer's clocks show it, to the second."""
    return moment.replace(microsecond=0).astimezone(zone)


class LocalClock:
    """Tells `local` moments; the same value for all of a second, whose parts are then written once (`edi.writing`)."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._begins = self._ends = datetime.min.replace(tzinfo=UTC)
        self._local = self._begins

    def tell(self, moment: datetime) -> datetime:
        """The moment by the payer's clocks."""
        if not self._begins <= moment < self._ends:
            self._begins = moment.replace(microsecond=0)
            self._ends = self._begins + timedelta(seconds=1)
            self._local = local(moment, self._zone)
        return self._local


@dataclass(slots=True)
class Circumstances:
    """Under which a transaction set is answered."""

    submitter: Submitter
    moment: datetime
    """Of receipt, or of release where the request was held; aware. It decides what is open, and who may ask."""
    local_moment: datetime
    """The same in the payer's time zone, to the second: its date is today, and what an answer tells as written."""
    patients: int
    """How many the whole interchange asks about."""
    reading: Reading
    """Takes note of the facts used."""
    stages: Stages
    new_trace: Callable[[], str]
    """Gives a number for an answer of ours (TRN02) that no other answer has."""
    mode: Mode = Mode.REAL_TIME
    came_at: datetime | None = None
    """When a request came that was held since: ``moment`` is then that of its release."""

    @property
    def received_at(self) -> datetime:
        """When the request came; aware."""
        return self.came_at or self.moment


@dataclass(frozen=True, slots=True)
class Grounds:
    """On what one inquiry was answered, as far as the decision got."""

    permitted: Permitted | None = None
    """None: who asked may not."""
    identified: Identified | None = None
    """None: nobody was found to be meant."""


@dataclass(frozen=True, slots=True)
class Again:
    """How the same question is answered again while the facts under its answer are the same."""

    compose: Compose = field(repr=False)
    """Composes the answer, as the first and only set of its group, for another asking in the same words."""
    holds_until: datetime | None
    """From then on it has to be computed anew, whether or not a fact has changed; None: the end of the day."""


@dataclass(frozen=True, slots=True)
class Closure:
    """Why a function is closed, and until when."""

    reason: StatusReason
    opens_at: datetime | None
    """In the calendar's zone; None: nobody knows."""
    detail: str = ""
    """The special day's name, or what the maintenance is for."""


@dataclass(slots=True)
class Response:
    """The answer to one transaction set."""

    segments: Sequence[str] = field(repr=False)
    """Composed, ST to before SE."""
    outcome: Outcome
    trace: str
    """Our own number for it (TRN02), empty where none was given."""
    answers: Sequence[EligibilityAnswer] | Sequence[ClaimStatusAnswer] | Sequence[ReviewAnswer]
    """What the segments tell, typed, one for each inquiry; none of a review that is told from its file."""
    grounds: Sequence[Grounds] = ()
    """Of each of these answers, in their order, where the service tells them."""
    again: Again | None = None
    """None: the same question has to be worked out again."""
    closure: Closure | None = None
    """Of an answer that says that the function is closed by the payer's service hours."""


RequestT_contra = TypeVar("RequestT_contra", bound=Request, contravariant=True)


class Service(Protocol[RequestT_contra]):
    """Answers one kind of transaction set."""

    transaction: Transaction
    functional_identifier: str
    """GS01 of its answers."""
    guide: str
    """GS08 and ST03 of its answers."""

    def patients(self, request: RequestT_contra) -> int:
        """How many patients a request asks about."""

    async def respond(self, request: RequestT_contra, circumstances: Circumstances, control_number: str) -> Response:
        """The answer to a request that its guide accepts; ``control_number`` is the answer's ST02."""


Services = Mapping[type[Request], Service[Any]]
"""By what they answer."""
