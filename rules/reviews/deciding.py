"""The answer to a request for review: refused, or decided by the plan's rules."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from edi.aaa import FollowUpAction, RejectReason
from edi.eligibility import DateRange
from edi.services_review import Contact, ReviewEvent, ReviewRequest
from edi.services_review_answer import LevelAnswer, ReviewAnswer, ReviewContact, ReviewRejection, ServiceAnswer
from edi.services_review_codes import CertificationAction, ReviewLoop
from rules.coverages import in_force
from rules.entitlement import Permitted
from rules.facts import Coverage, Standing
from rules.facts.reviews import Outcome, ReviewDesk, ReviewPolicy, ReviewRule
from rules.reviews.earlier import EarlierReview, cancels_event, cancels_service, only_cancels
from rules.reviews.faults import Circumstances, find_date_faults, find_review_faults
from rules.reviews.matching import rule_for
from rules.reviews.members import as_submitted, patient_loop, tell_patient
from rules.reviews.settling import (
    Grant,
    Settled,
    desk_contact,
    settle_cancelled,
    settle_event,
    settle_service,
    settle_whole,
    tell_desk,
)
from rules.reviews.withdrawing import tell_what_stays, tell_withdrawn
from rules.search import Identified

_ACTIVE = frozenset({Standing.NORMAL, Standing.PENDING})
_TRACE_REUSED = "TRACE NUMBER ALREADY USED FOR ANOTHER REQUEST"
_NO_DECISION = LevelAnswer(decision=None)


def refuse(request: ReviewRequest, rejections: Collection[ReviewRejection], trace: str = "") -> ReviewAnswer:
    """The answer when nobody has been identified: what was submitted, with every error in its loop.

    Args:
        rejections: all of them at the patient's loops or above.
    """
    subscriber, dependent = as_submitted(request)
    ends_at_subscriber = any(rejection.loop is ReviewLoop.SUBSCRIBER for rejection in rejections)
    return ReviewAnswer(request, tuple(rejections), subscriber, None if ends_at_subscriber else dependent, trace=trace)


def refuse_closed(request: ReviewRequest) -> ReviewAnswer:
    """The answer outside service hours: cannot respond now, send it again as it is, and nothing below the payer."""
    rejection = ReviewRejection(ReviewLoop.SOURCE, RejectReason.CANNOT_RESPOND_NOW, FollowUpAction.RESEND_AS_IT_WAS)
    return refuse(request, (rejection,))


def refuse_form(request: ReviewRequest) -> ReviewAnswer | None:
    """Refuse a request that is not about one patient event, though the guide's form let it through."""
    if len(request.events) == 1:
        return None
    if request.events:
        loop, reason = ReviewLoop.SOURCE_LEVEL, RejectReason.QUANTITY_EXCEEDED
    else:
        loop, reason = patient_loop(request), RejectReason.DATA_MISSING
    return refuse(request, (ReviewRejection(loop, reason, FollowUpAction.CORRECT_AND_RESEND),))


def refuse_reused_trace(request: ReviewRequest) -> ReviewAnswer:
    """The answer to a request whose trace number has been used for one with other content."""
    subscriber, dependent = as_submitted(request)
    rejection = ReviewRejection(ReviewLoop.EVENT, RejectReason.INPUT_ERROR, FollowUpAction.CORRECT_AND_RESEND)
    told = LevelAnswer(decision=None, message=_TRACE_REUSED)
    return ReviewAnswer(request, (rejection,), subscriber, dependent, event=told)


def tell_cancelled(request: ReviewRequest, number: str, trace: str) -> ReviewAnswer:
    """The answer to a request whose review has been cancelled since.

    Args:
        number: of the certification that is no more; empty where there was none.
        trace: our own number for the answer.
    """
    subscriber, dependent = as_submitted(request)
    told = settle_cancelled(request.events[0], number)
    return ReviewAnswer(request, (), subscriber, dependent, event=told, trace=trace)


def coverage_for(request: ReviewRequest, identified: Identified, today: date) -> Coverage | None:
    """The coverage by whose plan a request is decided: of those active when the event begins, the first to pay."""
    period = request.events[0].period or DateRange(today, today)
    begins = DateRange(period.first, period.first)
    active = in_force(identified.person, begins)
    candidates = active.coverages if active.is_active else ()
    return next((coverage for coverage in candidates if coverage.standing in _ACTIVE), None)


def decide_review(
    request: ReviewRequest,
    identified: Identified,
    policy: ReviewPolicy | None,
    permitted: Permitted,  # noqa: ARG001 - the proof is what counts: nothing is decided without it
    grant: Grant,
    *,
    earlier: EarlierReview | None = None,
    known_providers: Collection[tuple[str, str]] = (),
    trace: str = "",
) -> ReviewAnswer:
    """Answer a request about a person who has been identified.

    Args:
        request: of one event (``refuse_form``).
        policy: of the plan of ``coverage_for``; None: the person has no active coverage, and nothing but a
            cancellation is decided.
        grant: numbers, should they be needed, and the payer's date.
        earlier: the review that the request follows up, where there is one on file.
        known_providers: qualifier and identifier of those named in the request who are on file.
        trace: our own number for the answer.
    """
    event = request.events[0]
    if policy is None and not only_cancels(event):
        settled = _refuse_event(event, find_date_faults(event, identified.person))
    else:
        against = Circumstances(
            identified.contract.contract_id,
            identified.person,
            policy or ReviewPolicy(""),
            grant.today,
            earlier,
            known_providers,
            grant.covered_until,
        )
        settled = _refuse_event(event, find_review_faults(event, against)) or _decide_event(event, against, grant)
    if settled is None:
        return refuse(request, (_not_eligible(request),), trace)
    desk = None if policy is None else policy.desk
    subscriber, dependent = tell_patient(request, identified, grant.today)
    return ReviewAnswer(
        request,
        settled.rejections,
        subscriber,
        dependent,
        settled.event,
        settled.services,
        trace,
        payer_contact=_payer_contact(settled, desk),
        review_contact=_review_contact(settled, desk),
    )


def settle(
    event: ReviewEvent, rulings: Mapping[int, ReviewRule], kept: Iterable[ServiceAnswer], grant: Grant
) -> Settled:
    """Put together what is decided about services.

    Args:
        rulings: by service, counted from 0.
        kept: what has been said to the other services; something has been decided where there are no rulings.
    """
    unknown = [number for number, rule in rulings.items() if rule.then.outcome is Outcome.NOT_REVIEWED]
    told = [
        *kept,
        *[ServiceAnswer(number, _not_done(rulings[number]), event.services[number].line) for number in unknown],
        *[settle_service(event, number, rule, grant) for number, rule in rulings.items() if number not in unknown],
    ]
    if all(each.answer.decision is None for each in told):
        return settle_alone(event, next(iter(rulings.values())), grant)
    return Settled(
        settle_whole(event, told, grant),
        tuple(sorted(told, key=lambda each: each.service)),
        tuple([_not_reviewed(ReviewLoop.SERVICE, number) for number in unknown]),
    )


def settle_alone(event: ReviewEvent, rule: ReviewRule, grant: Grant) -> Settled:
    """Put together what is decided about an event that nothing is said to below."""
    if rule.then.outcome is Outcome.NOT_REVIEWED:
        return Settled(_not_done(rule), rejections=(_not_reviewed(ReviewLoop.EVENT),))
    return Settled(settle_event(event, rule, grant))


def _not_done(rule: ReviewRule) -> LevelAnswer:
    """What goes with the AAA."""
    return LevelAnswer(decision=None, message=rule.then.message, rule=rule.name)


def _not_reviewed(loop: ReviewLoop, *which: int) -> ReviewRejection:
    """This payer does no such review (X12 RFI 2477)."""
    return ReviewRejection(loop, RejectReason.INPUT_ERROR, FollowUpAction.DO_NOT_RESEND, which)


def _not_eligible(request: ReviewRequest) -> ReviewRejection:
    return ReviewRejection(patient_loop(request), RejectReason.PATIENT_NOT_ELIGIBLE, FollowUpAction.DO_NOT_RESEND)


def _decide_event(event: ReviewEvent, against: Circumstances, grant: Grant) -> Settled:
    """What the plan's rules say to an event in which nothing is wrong."""
    policy, earlier = against.policy, against.earlier
    if cancels_event(event):
        return Settled(settle_cancelled(event, earlier.number if earlier is not None else ""))
    if not event.services:
        return settle_alone(event, rule_for(policy, event, None), grant)
    asked = [(number, service) for number, service in enumerate(event.services) if not cancels_service(service)]
    rulings = {number: rule_for(policy, event, service) for number, service in asked}
    settled = settle(event, rulings, tell_withdrawn(event, earlier), grant)
    if settled.action is CertificationAction.CANCELLED and earlier is not None:
        return replace(settled, event=tell_what_stays(event, earlier))
    return settled


def _refuse_event(event: ReviewEvent, faults: tuple[ReviewRejection, ...]) -> Settled | None:
    """Nothing is decided where something is wrong; None where nothing is.

    What is wrong below the event is told with an AAA of the event itself (X12 RFI 2445, 1540).
    """
    if not faults:
        return None
    if all(fault.loop is not ReviewLoop.EVENT for fault in faults):
        faults = (
            ReviewRejection(ReviewLoop.EVENT, RejectReason.INPUT_ERROR, FollowUpAction.CORRECT_AND_RESEND),
            *faults,
        )
    loops = (ReviewLoop.SERVICE, ReviewLoop.SERVICE_PROVIDER)
    numbers = sorted({fault.which[0] for fault in faults if fault.loop in loops})
    services = [ServiceAnswer(number, _NO_DECISION, event.services[number].line) for number in numbers]
    return Settled(_NO_DECISION, tuple(services), faults)


def _payer_contact(settled: Settled, desk: ReviewDesk | None) -> Contact | None:
    """Whom to call, when that is the answer (2010A)."""
    calls = settled.action is CertificationAction.CONTACT_PAYER
    return desk_contact(desk) if calls and desk is not None else None


def _review_contact(settled: Settled, desk: ReviewDesk | None) -> ReviewContact | None:
    """Whom to send documents to, when some are asked for (2010EB)."""
    waits = settled.action is CertificationAction.PENDED
    return tell_desk(desk) if waits and desk is not None else None
