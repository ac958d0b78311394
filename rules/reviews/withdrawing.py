"""Cancelling single services of an earlier review: what is said to that, and what the earlier review says from then on.

Whatever is computed here of a review whose services are cancelled already comes out as it did when they were.
"""

from collections.abc import Collection
from dataclasses import replace

from edi.services_review import ReviewEvent
from edi.services_review_answer import Decision, LevelAnswer, ReviewAnswer, ServiceAnswer
from edi.services_review_codes import CertificationAction
from rules.reviews.earlier import EarlierReview, cancels_service, service_meant
from rules.reviews.settling import Grant, Settled, retell, settle_cancelled, settle_whole


def tell_withdrawn(event: ReviewEvent, earlier: EarlierReview | None) -> tuple[ServiceAnswer, ...]:
    """What is said to the services that a request in which nothing is wrong cancels."""
    meant = _meant(event, earlier)
    if earlier is None or earlier.answer is None:
        return ()
    numbers = {told.service: _number(told) for told in earlier.answer.services}
    return tuple([_cancelled(event, service, numbers[place]) for service, place in meant.items()])


def tell_what_stays(event: ReviewEvent, earlier: EarlierReview) -> LevelAnswer:
    """What is said to the event of a request that does nothing but cancel services: how the review stands then."""
    amended = amend(event, earlier) or earlier.answer
    is_gone = amended is None or CertificationAction.CANCELLED in (earlier.action, amended.action)
    if is_gone or amended is None or amended.event is None:
        return settle_cancelled(event, earlier.number)
    decision = amended.event.decision
    return LevelAnswer(
        None if decision is None else Decision(decision.action, decision.number, decision.reasons),
        administrative_reference=amended.event.administrative_reference,
        earlier_authorization=event.authorization_number,
        dates=event.dates,
    )


def amend(event: ReviewEvent, earlier: EarlierReview) -> ReviewAnswer | None:
    """What the earlier review says once a request has cancelled services of it; None where it says that already.

    The event is cancelled with the last of its services. What was decided about the others stays.
    """
    standing, grant = earlier.answer, earlier.grant
    if standing is None or grant is None or earlier.action is CertificationAction.CANCELLED:
        return None
    amended = _withdraw(standing, set(_meant(event, earlier).values()), grant)
    return None if amended.services == standing.services else amended


def _meant(event: ReviewEvent, earlier: EarlierReview | None) -> dict[int, int]:
    """By service of the request, which one of the earlier review it cancels."""
    if earlier is None:
        return {}
    asked = [(number, service) for number, service in enumerate(event.services) if cancels_service(service)]
    meant = {number: service_meant(service, earlier) for number, service in asked}
    return {number: place for number, place in meant.items() if place is not None}


def _withdraw(standing: ReviewAnswer, places: Collection[int], grant: Grant) -> ReviewAnswer:
    event = standing.request.events[0]
    services = tuple(
        [
            _cancelled(event, told.service, _number(told)) if told.service in places else told
            for told in standing.services
        ]
    )
    return retell(standing, Settled(_whole(standing, services, grant), services))


def _whole(standing: ReviewAnswer, services: Collection[ServiceAnswer], grant: Grant) -> LevelAnswer:
    """The event, which was granted when it was: what was told of it stays unless it comes to something else."""
    whole, told = settle_whole(standing.request.events[0], services, grant), standing.event
    if told is None or told.decision is None or whole.decision is None or told.decision.action != whole.decision.action:
        return whole
    return replace(told, decision=replace(told.decision, reasons=whole.decision.reasons))


def _cancelled(event: ReviewEvent, number: int, certification: str) -> ServiceAnswer:
    service = event.services[number]
    told = LevelAnswer(
        Decision(CertificationAction.CANCELLED, certification),
        earlier_authorization=service.authorization_number,
        dates=service.dates,
        delivery=service.delivery,
    )
    return ServiceAnswer(number, told, service.line)


def _number(told: ServiceAnswer) -> str:
    """Of the certification; empty where there is none."""
    return "" if told.answer.decision is None else told.answer.decision.number
