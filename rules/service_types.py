"""Which service types and procedures an inquiry is answered with (CAQH CORE 154, 260, vEB.2.0)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from edi.benefit_codes import SERVICE_TYPES_PER_LINE_MAX
from edi.eligibility import ServiceInquiry
from rules.facts import PayerProfile, ProcedureCategory

GENERIC = "30"
"""Health benefit plan coverage: asks for the plan as a whole."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to answer, in the order asked and each once."""

    service_types: tuple[str, ...]
    """Without 30, which every answer begins with."""
    procedures: tuple[str, ...] = ()
    """As sent; each belongs to a category that the plans pay."""


def what_is_asked(
    services: Iterable[ServiceInquiry],
    profile: PayerProfile,
    listed: Collection[str],
    categories: Collection[ProcedureCategory],
) -> Asked:
    """Resolve the EQ segments of an inquiry.

    What is not supported is answered as though 30 had been asked, which stands for the generic service types.

    Args:
        listed: service types that the patient's plans say something about; those are supported whatever the profile.
        categories: procedure categories that the patient's plans pay.
    """
    service_types: dict[str, None] = {}
    procedures: dict[str, None] = {}
    for service in services:
        category = category_of(service.procedure, profile) if service.procedure else None
        if category in categories:
            procedures[service.procedure] = None
        elif not service.service_types:
            service_types.update(dict.fromkeys(profile.generic_service_types))
        for code in service.service_types:
            if _is_supported(code, profile) or code in listed:
                service_types[code] = None
            else:
                service_types.update(dict.fromkeys(profile.generic_service_types))
    return Asked(tuple(service_types), tuple(procedures))


def explicit_only(services: Iterable[ServiceInquiry], profile: PayerProfile) -> tuple[str, ...]:
    """The supported service types that were asked for by themselves."""
    codes = [code for service in services for code in service.service_types]
    return tuple(dict.fromkeys(code for code in codes if _is_supported(code, profile)))


def as_supported(service: ServiceInquiry, profile: PayerProfile) -> tuple[str, ...]:
    """The service types of an EQ, 30 in place of each that is not supported."""
    codes = [code if _is_supported(code, profile) else GENERIC for code in service.service_types]
    return tuple(dict.fromkeys(codes))


def _is_supported(code: str, profile: PayerProfile) -> bool:
    return code != GENERIC and (code in profile.explicit_service_types or code in profile.generic_service_types)


def category_of(procedure: str, profile: PayerProfile) -> ProcedureCategory | None:
    """The category of a procedure sent as ``HC:97110``; None when it is in none that is supported."""
    qualifier, _, rest = procedure.partition(":")
    code = rest.partition(":")[0].upper()
    for known in profile.procedure_ranges:
        if qualifier in known.qualifiers and len(code) == len(known.first) and known.first <= code <= known.last:
            return known.category
    return None


def per_line(service_types: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Service types as they share lines; one line where there are none."""
    step = SERVICE_TYPES_PER_LINE_MAX
    return [service_types[start : start + step] for start in range(0, len(service_types) or 1, step)]
