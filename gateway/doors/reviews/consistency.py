"""What the fields of a request for review have to be to each other: one row for each rule."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edi.services_review_codes import CertificationType
from gateway.doors.eligibility.consistency import day
from gateway.doors.eligibility.faults import Fault
from gateway.doors.reviews.request import AskedPart, RequestedService, ReviewRequest, ReviewRequester

_NO_DAY = "The calendar has no such day"


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault of ``field`` where ``is_broken``."""

    field: str
    detail: str
    is_broken: Callable[..., bool]


def _no_day(text: str) -> bool:
    return bool(text) and day(text) is None


_OF_PARTY = (
    Rule(
        "organizationName",
        "Send either organizationName or lastName",
        lambda p: bool(p.organization_name) == bool(p.last_name),
    ),
    Rule("firstName", "Goes with lastName only", lambda p: bool(p.first_name) and not p.last_name),
    Rule("npi", "Send npi or taxId", lambda p: not (p.npi or p.tax_id)),
)
_OF_DATES = (
    Rule(
        "dateOfService",
        "Send either dateOfService or beginningDateOfService and endDateOfService",
        lambda a: bool(a.date_of_service and (a.beginning_date_of_service or a.end_date_of_service)),
    ),
    Rule(
        "endDateOfService",
        "Goes with beginningDateOfService, and beginningDateOfService with it",
        lambda a: bool(a.beginning_date_of_service) != bool(a.end_date_of_service),
    ),
    Rule("dateOfService", _NO_DAY, lambda a: _no_day(a.date_of_service)),
    Rule("beginningDateOfService", _NO_DAY, lambda a: _no_day(a.beginning_date_of_service)),
    Rule("endDateOfService", _NO_DAY, lambda a: _no_day(a.end_date_of_service)),
)
_OF_REQUEST = (
    Rule("admissionDate", _NO_DAY, lambda r: _no_day(r.admission_date)),
    Rule("dischargeDate", _NO_DAY, lambda r: _no_day(r.discharge_date)),
    Rule("unit", "Goes with quantity, and quantity with it", lambda r: bool(r.unit) != bool(r.quantity)),
)
_OF_SERVICE = (
    Rule(
        "procedureCode",
        "Send procedureCode, revenueCode or both",
        lambda s: not (s.procedure_code or s.revenue_code or s.certification_type is CertificationType.CANCEL),
    ),
    Rule(
        "procedureModifiers",
        "Goes with procedureCode only",
        lambda s: bool(s.procedure_modifiers) and not s.procedure_code,
    ),
)


def contradictions(request: ReviewRequest) -> Iterator[Fault]:
    """The faults of a request whose fields are each right by themselves."""
    yield from _broken(_OF_PARTY, request.requester, "requester.")
    yield from _broken(_OF_REQUEST, request, "")
    yield from _of_asked(request, "")
    for place, service in enumerate(request.services):
        yield from _broken(_OF_SERVICE, service, f"services[{place}].")
        yield from _of_asked(service, f"services[{place}].")


def _of_asked(asked: AskedPart, path: str) -> Iterator[Fault]:
    yield from _broken(_OF_DATES, asked, path)
    for place, provider in enumerate(asked.providers):
        yield from _broken(_OF_PARTY, provider, f"{path}providers[{place}].")


def _broken(
    rules: tuple[Rule, ...], part: ReviewRequester | AskedPart | RequestedService, path: str
) -> Iterator[Fault]:
    return (Fault(f"{path}{rule.field}", rule.detail) for rule in rules if rule.is_broken(part))
