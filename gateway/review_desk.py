"""A reviewer's decision, from the verdict to the answer on record, and when a review is due."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from edi.services_review_codes import CertificationAction
from edi.writing_278_response import write_review_response
from gateway.drafting import FIRST_CONTROL_NUMBER
from gateway.exchange import local
from gateway.review_decision import encode_decision
from gateway.store.database import Refused
from gateway.store.review_desk import Decide, ReviewRecord
from rules.facts import PayerProfile
from rules.facts.reviews import ReviewPolicy
from rules.facts.service_hours import ServiceCalendar
from rules.reviews import (
    DueTimes,
    Grant,
    PolicyFault,
    Verdict,
    conclude_review,
    due_times,
    find_policy_problems,
    find_verdict_faults,
)


def verdict_on(verdict: Verdict, profile: PayerProfile, zone: tzinfo, moment: datetime) -> Decide:
    """How a verdict becomes the next decision of a review.

    Args:
        moment: of the decision; aware.
    """

    def decide(held: ReviewRecord) -> bytes:
        pended = held.decision.answer
        faults = [fault.value for fault in (*find_verdict_faults(pended, verdict), *_ruling_faults(verdict))]
        if held.is_cancelled:
            faults.insert(0, "the review was cancelled")
        if faults:
            raise Refused("the review stays as it is: " + "; ".join(dict.fromkeys(faults)))
        local_moment = local(moment, zone)
        grant = Grant(
            held.certification_number,
            held.administrative_reference,
            local_moment.date(),
            held.decision.covered_until,
        )
        answer = conclude_review(pended, verdict, grant)
        if answer.event is None or answer.event.decision is None:
            raise Refused("the review stays as it is: a reviewer decides, and this decides nothing")
        segments = write_review_response(
            answer,
            control_number=FIRST_CONTROL_NUMBER,
            written_at=local_moment,
            trace_originator=f"1{profile.tax_id}",
        )
        return encode_decision(answer, segments, held.decision.covered_until)

    return decide


def _ruling_faults(verdict: Verdict) -> Iterator[PolicyFault]:
    """What is wrong with the rulings of a verdict, as it would be with those of a policy."""
    rulings = [*(verdict.services or {}).values(), *([] if verdict.event is None else [verdict.event])]
    for ruling in rulings:
        yield from (problem.fault for problem in find_policy_problems(ReviewPolicy("", otherwise=ruling)))


def due(held: ReviewRecord, calendar: ServiceCalendar) -> DueTimes | None:
    """By when what is due of a review that waits; None of one that does not."""
    decision = held.decision
    if decision.action is not CertificationAction.PENDED or held.is_cancelled:
        return None
    event = decision.answer.request.events[0]
    levels = [decision.answer.event, *(service.answer for service in decision.answer.services)]
    asks = any(level is not None and (level.wanted or level.wanted_codes) for level in levels)
    return due_times(event, calendar, held.received_at, held.decided_at if asks else None, held.documents_at)
