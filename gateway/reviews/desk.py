"""A reviewer's decision, from the verdict to the answer on record, and when a review is due."""

from collections.abc import Container
from datetime import datetime, tzinfo
from enum import StrEnum

from edi.services_review_codes import CertificationAction
from edi.writing_278_response import write_review_response
from gateway.drafting import FIRST_CONTROL_NUMBER
from gateway.exchange import local
from gateway.reviews.decision import digest_verdict, encode_decision
from gateway.store.database import Refused
from gateway.store.review_desk import Decide, ReviewRecord
from rules.facts import PayerProfile
from rules.facts.reviews import ReviewPolicy, Ruling
from rules.facts.service_hours import ServiceCalendar
from rules.reviews import (
    DueTimes,
    Grant,
    PolicyFault,
    Verdict,
    VerdictFault,
    conclude_review,
    due_times,
    find_policy_problems,
    find_verdict_faults,
)


class Obstacle(StrEnum):
    """Why no verdict can be taken about a review, whatever it is."""

    CANCELLED = "the review was cancelled"
    NO_DECISION = "a reviewer decides, and this decides nothing"


Fault = VerdictFault | PolicyFault | Obstacle


class VerdictRefused(Refused):
    """A verdict cannot be taken; the review stays as it is."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("the review stays as it is: " + "; ".join(fault.value for fault in faults))
        self.faults = faults


class ReviewChanged(Refused):
    """The review is not any more as the reviewer saw it."""

    def __init__(self) -> None:
        super().__init__("the review stays as it is: it has changed since it was read")


def verdict_on(
    verdict: Verdict,
    made_by: str,
    profile: PayerProfile,
    zone: tzinfo,
    moment: datetime,
    versions: Container[int] | None = None,
) -> Decide:
    """How a verdict becomes the next decision of a review; the same said twice in a row is one decision.

    Args:
        verdict: what is decided.
        made_by: who decides.
        profile: of the payer.
        zone: the payer's.
        moment: of the decision; aware.
        versions: of the review, one of which the reviewer saw; None: whichever it is.
    """
    said = digest_verdict(verdict)

    def decide(held: ReviewRecord) -> bytes | None:
        is_as_seen = versions is not None and held.version in versions
        if held.decision.verdict == said and held.is_last_said_by(made_by) and not is_as_seen:
            return None
        if versions is not None and not is_as_seen:
            raise ReviewChanged
        faults = _faults(held, verdict)
        if faults:
            raise VerdictRefused(*faults)
        return _conclude(held, verdict, said, profile, local(moment, zone))

    return decide


def _faults(held: ReviewRecord, verdict: Verdict) -> tuple[Fault, ...]:
    found: list[Fault] = [Obstacle.CANCELLED] if held.is_cancelled else []
    found += find_verdict_faults(held.decision.answer, verdict)
    for ruling in (*(verdict.services or {}).values(), *(() if verdict.event is None else (verdict.event,))):
        found += find_ruling_faults(ruling)
    return tuple(dict.fromkeys(found))


def _conclude(held: ReviewRecord, verdict: Verdict, said: str, profile: PayerProfile, local_moment: datetime) -> bytes:
    covered_until = held.decision.covered_until
    grant = Grant(held.certification_number, held.administrative_reference, local_moment.date(), covered_until)
    answer = conclude_review(held.decision.answer, verdict, grant)
    if answer.event is None or answer.event.decision is None:
        raise VerdictRefused(Obstacle.NO_DECISION)
    segments = write_review_response(
        answer,
        control_number=FIRST_CONTROL_NUMBER,
        written_at=local_moment,
        trace_originator=f"1{profile.tax_id}",
    )
    return encode_decision(answer, segments, covered_until, said)


def find_ruling_faults(ruling: Ruling) -> tuple[PolicyFault, ...]:
    """What is wrong with a ruling by itself, as it would be with that of a policy."""
    return tuple([problem.fault for problem in find_policy_problems(ReviewPolicy("", otherwise=ruling))])


def due(held: ReviewRecord, calendar: ServiceCalendar) -> DueTimes | None:
    """By when what is due of a review that waits; None of one that does not."""
    decision = held.decision
    if decision.action is not CertificationAction.PENDED or held.is_cancelled:
        return None
    event = decision.answer.request.events[0]
    levels = [decision.answer.event, *(service.answer for service in decision.answer.services)]
    asks = any(level is not None and (level.wanted or level.wanted_codes) for level in levels)
    return due_times(event, calendar, held.received_at, held.asked_at if asks else None, held.documents_at)
