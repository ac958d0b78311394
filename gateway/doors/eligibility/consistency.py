"""What the fields of a request have to be to each other: one row for each rule."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from gateway.doors.eligibility.faults import Fault
from gateway.doors.eligibility.request import EligibilityRequest, Encounter, ProviderPart


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault of ``field`` where ``is_broken``."""

    field: str
    detail: str
    is_broken: Callable[[EligibilityRequest], bool]


def day(text: str) -> date | None:
    """Eight digits as a day; None where the calendar has none."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _no_day(text: str) -> bool:
    return bool(text) and day(text) is None


def _of_provider(is_broken: Callable[[ProviderPart], bool]) -> Callable[[EligibilityRequest], bool]:
    return lambda request: is_broken(request.provider)


def _of_encounter(is_broken: Callable[[Encounter], bool]) -> Callable[[EligibilityRequest], bool]:
    return lambda request: is_broken(request.encounter)


_NO_DAY = "The calendar has no such day"
_RULES = (
    Rule("controlNumber", "Should be above 0", lambda r: bool(r.control_number) and not int(r.control_number)),
    Rule(
        "provider.organizationName",
        "Send either organizationName or lastName",
        _of_provider(lambda p: bool(p.organization_name) == bool(p.last_name)),
    ),
    Rule(
        "provider.firstName",
        "Goes with lastName only",
        _of_provider(lambda p: bool(p.first_name) and not p.last_name),
    ),
    Rule(
        "provider.npi",
        "Send npi, serviceProviderNumber or taxId",
        _of_provider(lambda p: not (p.npi or p.service_provider_number or p.tax_id)),
    ),
    Rule(
        "provider.serviceProviderNumber",
        "Cannot stand beside npi",
        _of_provider(lambda p: bool(p.npi and p.service_provider_number)),
    ),
    Rule(
        "encounter.productOrServiceIDQualifier",
        "Goes with procedureCode, and procedureCode with it",
        _of_encounter(lambda e: bool(e.procedure_code) != bool(e.product_or_service_id_qualifier)),
    ),
    Rule(
        "encounter.procedureModifiers",
        "Goes with procedureCode only",
        _of_encounter(lambda e: bool(e.procedure_modifiers) and not e.procedure_code),
    ),
    Rule(
        "encounter.dateOfService",
        "Send either dateOfService or beginningDateOfService and endDateOfService",
        _of_encounter(lambda e: bool(e.date_of_service and (e.beginning_date_of_service or e.end_date_of_service))),
    ),
    Rule(
        "encounter.endDateOfService",
        "Goes with beginningDateOfService, and beginningDateOfService with it",
        _of_encounter(lambda e: bool(e.beginning_date_of_service) != bool(e.end_date_of_service)),
    ),
    Rule("encounter.dateOfService", _NO_DAY, _of_encounter(lambda e: _no_day(e.date_of_service))),
    Rule("encounter.beginningDateOfService", _NO_DAY, _of_encounter(lambda e: _no_day(e.beginning_date_of_service))),
    Rule("encounter.endDateOfService", _NO_DAY, _of_encounter(lambda e: _no_day(e.end_date_of_service))),
)


def contradictions(request: EligibilityRequest) -> Iterator[Fault]:
    """The faults of a request whose fields are each right by themselves."""
    return (Fault(rule.field, rule.detail) for rule in _RULES if rule.is_broken(request))
