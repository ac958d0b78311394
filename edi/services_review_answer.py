"""What a 278 response says to a request, in typed values (005010X217, response)."""

from dataclasses import dataclass, field

from edi.aaa import FollowUpAction, RejectReason
from edi.eligibility import Dates, Member
from edi.errors import CallerError
from edi.services_review import Attachment, Contact, Delivery, ReviewRequest
from edi.services_review_codes import REPETITIONS, CertificationAction, ReviewLoop, check_review_placement
from edi.services_review_lines import ServiceLine

REASONS_MAX = 5
"""Repetitions of HCR03."""


@dataclass(frozen=True, slots=True)
class ReviewRejection:
    """One AAA segment. Cannot be made with a code that its loop does not allow."""

    loop: ReviewLoop
    reason: RejectReason
    action: FollowUpAction
    which: tuple[int, ...] = ()
    """Of a loop that repeats, which one, counted from 0: the provider, or the service and its provider."""
    request_valid: bool = False
    """AAA01, which says so at 2000A only."""

    def __post_init__(self) -> None:
        check_review_placement(self.loop, self.reason, self.action)
        if len(self.which) != REPETITIONS.get(self.loop, 0):
            raise CallerError(f"an AAA of loop {self.loop} says which one by {REPETITIONS.get(self.loop, 0)} numbers")
        if self.request_valid and self.loop is not ReviewLoop.SOURCE_LEVEL:
            raise CallerError("AAA01 is N below 2000A")


@dataclass(frozen=True, slots=True)
class Decision:
    """The HCR segment."""

    action: CertificationAction
    number: str = ""
    """HCR02: the certification's."""
    reasons: tuple[str, ...] = ()
    """HCR03: codes of the decision reason list, at most five."""
    second_opinion: bool | None = None
    """HCR04: whether one is needed."""

    def __post_init__(self) -> None:
        if len(self.reasons) > REASONS_MAX:
            raise CallerError(f"HCR03 repeats at most {REASONS_MAX} times")


@dataclass(frozen=True, slots=True)
class LevelAnswer:
    """What is said to the event or to one service."""

    decision: Decision | None
    """None where an AAA says that there is none."""
    administrative_reference: str = ""
    """REF NT: under which a pended review is asked about."""
    earlier_authorization: str = ""
    """REF BB: of the review that this one follows."""
    dates: tuple[Dates, ...] = ()
    """DTP: those asked for or granted; 102 issued, 036 expires, 007 in effect."""
    delivery: Delivery | None = None
    """HSD: as asked for or granted."""
    wanted: tuple[Attachment, ...] = ()
    """PWK: documents that are asked for."""
    wanted_codes: tuple[str, ...] = ()
    """HI LOI: the same by LOINC code."""
    message: str = field(default="", repr=False)
    """MSG."""
    rule: str = ""
    """Which rule decided; never sent."""


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """What is said to one service of the event."""

    service: int
    """Which of the request's, counted from 0."""
    answer: LevelAnswer
    line: ServiceLine | None = None
    """SV1, SV2 or SV3: as asked for or granted."""


@dataclass(frozen=True, slots=True)
class ReviewContact:
    """2010EB of a response: whom to send documents to, or to talk to."""

    name: str
    lines: tuple[str, ...] = ()
    """Street, then city, state and postal code; empty where none is told."""
    contact: Contact | None = None


_ENDS = (
    ReviewLoop.SOURCE_LEVEL,
    ReviewLoop.SOURCE,
    ReviewLoop.REQUESTER,
    ReviewLoop.SUBSCRIBER,
    ReviewLoop.DEPENDENT,
)
"""The loops that end an answer when they are refused, outermost first."""


@dataclass(frozen=True, slots=True)
class ReviewAnswer:
    """What the response says to one request.

    With rejections at a loop down to the patient's nothing below that loop is told.

    Raises:
        CallerError: it reaches the patient without naming one, or the event with neither a decision nor a rejection
            of it (X12 RFI 2445).
    """

    request: ReviewRequest
    rejections: tuple[ReviewRejection, ...] = ()
    subscriber: Member | None = None
    dependent: Member | None = None
    event: LevelAnswer | None = None
    services: tuple[ServiceAnswer, ...] = ()
    trace: str = ""
    """Our own number for this answer (TRN01 1)."""
    payer_contact: Contact | None = None
    """PER of 2010A."""
    review_contact: ReviewContact | None = None

    def __post_init__(self) -> None:
        if self.reaches(ReviewLoop.SUBSCRIBER) and self.subscriber is None:
            raise CallerError("an answer that reaches 2000C names the subscriber")
        if self.reaches(ReviewLoop.EVENT) and not self._speaks_of_the_event():
            raise CallerError("an answer that reaches 2000E has an HCR or an AAA there")

    def reaches(self, loop: ReviewLoop) -> bool:
        """Whether no rejection above ``loop`` ends the answer there."""
        above = _ENDS[: _ENDS.index(loop)] if loop in _ENDS else _ENDS
        return not any(rejection.loop in above for rejection in self.rejections)

    @property
    def is_final(self) -> bool:
        """Whether nothing more will follow: BHT06 18 rather than 19.

        The event is pended with one of its services, but where a request just cancels services of a pended review.
        """
        actions = self._service_actions()
        if actions or self.event is None or self.event.decision is None:
            return CertificationAction.PENDED not in actions
        return self.event.decision.action is not CertificationAction.PENDED

    @property
    def action(self) -> CertificationAction | None:
        """What it comes to: HCR01 of the event, or cancelled where services are and nothing else is decided.

        None where nothing is decided.
        """
        if self.event is None or self.event.decision is None:
            return None
        is_cancelled = self._service_actions() == {CertificationAction.CANCELLED}
        return CertificationAction.CANCELLED if is_cancelled else self.event.decision.action

    def _service_actions(self) -> set[CertificationAction]:
        decisions = [service.answer.decision for service in self.services]
        return {decision.action for decision in decisions if decision is not None}

    def _speaks_of_the_event(self) -> bool:
        is_rejected = any(rejection.loop is ReviewLoop.EVENT for rejection in self.rejections)
        is_decided = self.event is not None and self.event.decision is not None
        return bool(self.request.events) and (is_rejected or is_decided)
