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

_NPI = "XX"
_ICD_9 = frozenset({"BK", "BF", "BJ", "PR"})
_ICD_10_BEGINS = date(2015, 10, 1)
"""Since when ICD-9 is no longer valid for services (45 CFR 162.1002)."""
_FOLLOWS_UP = frozenset(CertificationType) - {CertificationType.INITIAL}
_OPEN = frozenset(CertificationAction) - {CertificationAction.CANCELLED}


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
    covered_until: date | None = None
    """Last day of the coverage; None: open."""
    """Qualifier and identifier of those named in the request who are on file."""


def find_review_faults(event: ReviewEvent, against: Circumstances) -> tuple[ReviewRejection, ...]:
    """Everything wrong with an event and its services; none when it can be decided."""
    found = [*_earlier_faults(event, against)]
    if event.review.certification is not CertificationType.CANCEL:
        found += find_date_faults(event, against.person)
        found += _window_faults(event, against)
        found += _diagnosis_faults(event, against)
        for number, service in enumerate(event.services):
            found += _service_earlier_faults(event, service, number, against)
            found += _service_faults(service, number, against)
            found += _party_faults(service.providers, ReviewLoop.SERVICE_PROVIDER, (number,), against)
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
    earlier = against.earlier
    if event.review.certification not in _FOLLOWS_UP:
        return
    if not (event.authorization_number or event.administrative_reference):
        yield _at_event(RejectReason.AUTHORIZATION_MISSING)
    elif earlier is None or (earlier.action not in _OPEN and not _cancels(event)):
        yield _at_event(RejectReason.AUTHORIZATION_NOT_FOUND)
    elif (earlier.contract_id, earlier.person) != (against.contract_id, against.person.number):
        yield _at_event(RejectReason.CERTIFICATION_MISMATCH)


def _service_earlier_faults(event: ReviewEvent, service: ReviewService, number: int, against: Circumstances) -> _Faults:
    """The same for a service that follows up one of an earlier review, which is the one that the event names, if any.

    A service is not cancelled by itself: its event is cancelled, or revised without it.
    """
    if service.review is None or service.review.certification not in _FOLLOWS_UP:
        return
    earlier, named = against.earlier, review_named(service) or review_named(event)
    if service.review.certification is CertificationType.CANCEL:
        yield _at_service(RejectReason.INPUT_ERROR, number)
    elif not named:
        yield _at_service(RejectReason.AUTHORIZATION_MISSING, number)
    elif earlier is None or named != earlier_named(event):
        yield _at_service(RejectReason.AUTHORIZATION_NOT_FOUND, number)
    elif (earlier.contract_id, earlier.person) != (against.contract_id, against.person.number):
        yield _at_service(RejectReason.CERTIFICATION_MISMATCH, number)


def earlier_named(event: ReviewEvent) -> str:
    """The number of the earlier review that a request names, at the event or else at a service; empty: none."""
    return review_named(event) or next(filter(None, map(review_named, event.services)), "")


def review_named(level: ReviewEvent | ReviewService) -> str:
    """The number of the earlier review that is named here; that of a service is the review's with a suffix."""
    return (level.authorization_number or level.administrative_reference).partition("-")[0]


def _cancels(event: ReviewEvent) -> bool:
    return event.review.certification is CertificationType.CANCEL


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
