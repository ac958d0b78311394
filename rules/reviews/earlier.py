"""The earlier review that a request follows up: which one, and which of its services, is meant."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edi.services_review import ReviewEvent, ReviewService
from edi.services_review_answer import ReviewAnswer
from edi.services_review_codes import CertificationAction, CertificationType
from rules.reviews.settling import Grant


@dataclass(frozen=True, slots=True)
class EarlierReview:
    """The review that a request follows up, as REF BB or NT names it."""

    number: str
    """Of its certification; empty while it is pended."""
    contract_id: str
    person: str
    """The person's number in the contract."""
    action: CertificationAction
    """Of the event, as it stands now."""
    is_askers: bool = True
    """Whether who asks now, or for whom, has asked for it: nobody else may cancel it."""
    answer: ReviewAnswer | None = field(default=None, repr=False)
    """What was decided, as it stands now; None: that is not known."""
    grant: Grant | None = None
    """Its own numbers, with today's date."""


def earlier_named(event: ReviewEvent) -> str:
    """The number of the earlier review that a request names, at the event or else at a service; empty: none."""
    return review_named(event) or next(filter(None, map(review_named, event.services)), "")


def review_named(level: ReviewEvent | ReviewService) -> str:
    """The number of the earlier review that is named here; that of a service is the review's with a suffix."""
    return _named(level).partition("-")[0]


def service_meant(service: ReviewService, earlier: EarlierReview) -> int | None:
    """Which service of an earlier review a request means, counted from 0; None: none, or it cannot be told.

    The suffix of the number tells, ``A000000007-2``; without one the codes have to, and the days where they are sent.
    """
    decided = _decided(earlier)
    suffix = _named(service).partition("-")[2]
    if suffix:
        return next((place for place in decided if suffix == str(place + 1)), None)
    alike = [place for place, asked in decided.items() if _is_alike(asked, service)]
    return alike[0] if len(alike) == 1 else None


def cancels_service(service: ReviewService) -> bool:
    """Whether a request cancels a service of an earlier review, and not the whole of it."""
    return service.review is not None and service.review.certification is CertificationType.CANCEL


def cancels_event(event: ReviewEvent) -> bool:
    """Whether a request cancels an earlier review as a whole."""
    return event.review.certification is CertificationType.CANCEL


def only_cancels(event: ReviewEvent) -> bool:
    """Whether nothing is asked for but that an earlier review, or services of it, be cancelled."""
    return cancels_event(event) or (bool(event.services) and all(map(cancels_service, event.services)))


def _named(level: ReviewEvent | ReviewService) -> str:
    return level.authorization_number or level.administrative_reference


def _decided(earlier: EarlierReview) -> Mapping[int, ReviewService]:
    """The services about which something was decided, as they were asked for."""
    if earlier.answer is None:
        return {}
    asked = earlier.answer.request.events[0].services
    return {told.service: asked[told.service] for told in earlier.answer.services if told.answer.decision is not None}


def _is_alike(asked: ReviewService, service: ReviewService) -> bool:
    is_same_time = service.period is None or service.period == asked.period
    return is_same_time and _codes(service) is not None and _codes(service) == _codes(asked)


def _codes(service: ReviewService) -> tuple[str, ...] | None:
    line = service.line
    if line is None:
        return None
    return line.procedure_qualifier, line.procedure_code, line.procedure_last, line.revenue_code
