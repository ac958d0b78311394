"""What is wrong with a request whose patient is known: every fault, in the loop that it belongs to.

Each check takes what it needs and gives its rejections; together they are all that an answer tells.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from edi.aaa import FollowUpAction, RejectReason
from edi.eligibility import DateRange
from edi.services_review import ReviewEvent, ReviewParty, ReviewService
from edi.services_review_answer import ReviewRejection
from edi.services_review_codes import CertificationAction, CertificationType, RequestCategory, ReviewLoop
from rules.facts import Person
from rules.facts.reviews import ReviewPolicy
from rules.identifiers import is_npi
from rules.reviews.earlier import (
    EarlierReview,
    cancels_event,
    cancels_service,
    earlier_named,
    only_cancels,
    review_named,
    service_meant,
)

_NPI = "XX"
_ICD_9 = frozenset({"BK", "BF", "BJ", "PR"})
_ICD_10_BEGINS = date(2015, 10, 1)
"""Since when ICD-9 is no longer valid for services (45 CFR 162.1002)."""
_FOLLOWS_UP = frozenset(CertificationType) - {CertificationType.INITIAL}
_OPEN = frozenset(CertificationAction) - {CertificationAction.CANCELLED}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a request is held against."""

    contract_id: str
    person: Person
    policy: ReviewPolicy
    today: date
    """The payer's calendar date."""
    earlier: EarlierReview | None = None
    known_providers: Collection[tuple[str, str]] = ()
    """Qualifier and identifier of those named in the request who are on file."""
    covered_until: date | None = None
    """Last day of the coverage; None: open."""


def find_review_faults(event: ReviewEvent, against: Circumstances) -> tuple[ReviewRejection, ...]:
    """Everything wrong with an event and its services; none when it can be decided.

    What is cancelled is held to nothing but that it is there.
    """
    found = [*_earlier_faults(event, against)]
    if cancels_event(event):
        return tuple(found)
    if not only_cancels(event):
        found += find_date_faults(event, against.person)
        found += _window_faults(event, against)
        found += _diagnosis_faults(event, against)
    for number, service in enumerate(event.services):
        found += _service_earlier_faults(event, service, number, against)
        if not cancels_service(service):
            found += _service_faults(service, number, against)
            found += _party_faults(service.providers, ReviewLoop.SERVICE_PROVIDER, (number,), against)
    if not only_cancels(event):
        found += _party_faults(event.providers, ReviewLoop.EVENT_PROVIDER, (), against)
    return tuple(dict.fromkeys(found))


def find_date_faults(event: ReviewEvent, person: Person) -> tuple[ReviewRejection, ...]:
    """Days that cannot be, whatever the coverage."""
    return (*_date_faults(event), *_life_faults(event, person))


_Faults = Iterator[ReviewRejection]


def _at_event(reason: RejectReason) -> ReviewRejection:
    return ReviewRejection(ReviewLoop.EVENT, reason, FollowUpAction.CORRECT_AND_RESEND)


def _earlier_faults(event: ReviewEvent, against: Circumstances) -> _Faults:
    """A request that follows up another has to name one, of this patient, that is not cancelled."""
    if event.review.certification not in _FOLLOWS_UP:
        return
    if not (event.authorization_number or event.administrative_reference):
        yield _at_event(RejectReason.AUTHORIZATION_MISSING)
    elif not _may_follow(against.earlier, cancels=cancels_event(event)) or not _is_open(event, against.earlier):
        yield _at_event(RejectReason.AUTHORIZATION_NOT_FOUND)
    elif not _is_of_patient(against):
        yield _at_event(RejectReason.CERTIFICATION_MISMATCH)


def _service_earlier_faults(event: ReviewEvent, service: ReviewService, number: int, against: Circumstances) -> _Faults:
    """The same for a service that follows up one of an earlier review: of that which the event names, if any."""
    if service.review is None or service.review.certification not in _FOLLOWS_UP:
        return
    earlier, named = against.earlier, review_named(service) or review_named(event)
    cancels = cancels_service(service)
    if not named:
        yield _at_service(RejectReason.AUTHORIZATION_MISSING, number)
    elif named != earlier_named(event) or not _may_follow(earlier, cancels=cancels):
        yield _at_service(RejectReason.AUTHORIZATION_NOT_FOUND, number)
    elif not _is_of_patient(against):
        yield _at_service(RejectReason.CERTIFICATION_MISMATCH, number)
    elif cancels and earlier is not None and service_meant(service, earlier) is None:
        yield _at_service(RejectReason.AUTHORIZATION_NOT_FOUND, number)


def _may_follow(earlier: EarlierReview | None, *, cancels: bool) -> bool:
    """Whether there is such a review for who asks: others may go on from it, and not cancel it."""
    return earlier is not None and (earlier.is_askers or not cancels)


def _is_open(event: ReviewEvent, earlier: EarlierReview | None) -> bool:
    """Whether a review can be followed up; what is cancelled may be cancelled again."""
    cancels = cancels_event(event) or any(map(cancels_service, event.services))
    return earlier is not None and (earlier.action in _OPEN or cancels)


def _is_of_patient(against: Circumstances) -> bool:
    earlier, person = against.earlier, against.person
    return earlier is not None and (earlier.contract_id, earlier.person) == (against.contract_id, person.number)


def _date_faults(event: ReviewEvent) -> _Faults:
    if event.review.category is RequestCategory.ADMISSION and event.admission is None:
        yield _at_event(RejectReason.ADMISSION_DATE)
    if event.admission is not None and event.discharge is not None and event.discharge.last < event.admission.first:
        yield _at_event(RejectReason.DISCHARGE_DATE)
    elif event.period is not None and event.period.last < event.period.first:
        yield _at_event(RejectReason.DATE)


def _life_faults(event: ReviewEvent, person: Person) -> _Faults:
    """Days before birth or after death."""
    period = event.period
    if period is None or period.last < period.first:
        return
    if person.birth_date > period.last:
        yield _at_event(RejectReason.BIRTH_DATE_AFTER_SERVICE)
    if person.death_date is not None and period.first > person.death_date:
        yield ReviewRejection(ReviewLoop.EVENT, RejectReason.DEATH_BEFORE_SERVICE, FollowUpAction.DO_NOT_RESEND)


def _window_faults(event: ReviewEvent, against: Circumstances) -> _Faults:
    """Days too long ago for the plan."""
    period, days_back = event.period, against.policy.days_back
    if period is None or days_back is None or period.last < period.first:
        return
    if period.last < against.today - timedelta(days=days_back):
        yield ReviewRejection(ReviewLoop.EVENT, RejectReason.SERVICE_DATE_OUT_OF_RANGE, FollowUpAction.DO_NOT_RESEND)


def _diagnosis_faults(event: ReviewEvent, against: Circumstances) -> _Faults:
    is_missing = against.policy.needs_diagnosis and not event.diagnoses
    ends = (event.period or DateRange(against.today, against.today)).last
    is_outdated = ends >= _ICD_10_BEGINS and any(each.qualifier in _ICD_9 for each in event.diagnoses)
    if is_missing or is_outdated:
        yield _at_event(RejectReason.DIAGNOSIS)


def _service_faults(service: ReviewService, number: int, against: Circumstances) -> _Faults:
    if service.line is None or not (service.line.procedure_code or service.line.revenue_code):
        yield _at_service(RejectReason.PROCEDURE, number)
    if service.period is None:
        return
    if service.period.last < service.period.first:
        yield _at_service(RejectReason.SERVICE_DATE, number)
    elif against.covered_until is not None and service.period.first > against.covered_until:
        yield _at_service(RejectReason.DATES_NOT_IN_ENROLLMENT, number)


def _at_service(reason: RejectReason, number: int) -> ReviewRejection:
    return ReviewRejection(ReviewLoop.SERVICE, reason, FollowUpAction.CORRECT_AND_RESEND, (number,))


def _party_faults(
    parties: Iterable[ReviewParty], loop: ReviewLoop, above: tuple[int, ...], against: Circumstances
) -> _Faults:
    """Identifiers that cannot be, or, where the plan asks for that, that nobody on file has."""
    for number, party in enumerate(parties):
        if not party.identifier:
            continue
        key = (party.identifier_qualifier, party.identifier)
        if party.identifier_qualifier == _NPI and not is_npi(party.identifier):
            reason = RejectReason.PROVIDER_ID
        elif against.policy.checks_providers and key not in against.known_providers:
            reason = RejectReason.PROVIDER_NOT_ON_FILE
        else:
            continue
        yield ReviewRejection(loop, reason, FollowUpAction.CORRECT_AND_RESEND, (*above, number))
