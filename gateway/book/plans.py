"""From the figures of a plan's design to the plan: what it says about every service type that CORE requires."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from edi.benefit_codes import CoverageLevel, NetworkIndicator, TimePeriod
from gateway.book.designs import DESIGNS, Design
from rules.facts import (
    AmountKind,
    Contact,
    Cost,
    DeductibleRule,
    Limit,
    LimitUnit,
    Plan,
    PlanAmount,
    ProcedureBenefit,
    ProcedureCategory,
    ServiceBenefit,
    ServiceStatus,
)

IN, OUT, BOTH = NetworkIndicator.IN, NetworkIndicator.OUT, NetworkIndicator.BOTH
ZERO = Decimal(0)

BEHAVIORAL_VENDOR = Contact(
    name="EXAMPLE BEHAVIORAL PARTNERS",
    identifier_qualifier="PI",
    identifier="99801",
    phone="8005550101",
    web="behavioral.example.com",
)
PHARMACY_VENDOR = Contact(
    name="EXAMPLE PHARMACY SERVICES",
    identifier_qualifier="PI",
    identifier="99802",
    phone="8005550102",
    web="pharmacy.example.com",
)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MEDICAL = _codes("1 2 4 5 7 12 13 18 20 40 42 50 53 73 76 99 A0 A3")
ADVANCED = _codes("6 62 78")
INPATIENT = _codes("47 48")
PREVENTIVE = _codes("65 68 80 81 82")
THERAPY = _codes("AD AE AF")
OFFICE = _codes("98 BH")
EMERGENCY = _codes("51 52 86")
BEHAVIORAL = _codes("MH A6 A8 AI")
LIMITED_VISITS = "THERAPY VISITS"
LIMITED_NURSING = "SKILLED NURSING DAYS"
LIMITED_CHIROPRACTIC = "CHIROPRACTIC VISITS"


def plans() -> tuple[Plan, ...]:
    """All plans of the book."""
    return tuple(_plan(design) for design in DESIGNS)


def _plan(design: Design) -> Plan:
    return Plan(
        plan_id=design.plan_id,
        name=design.name,
        insurance_type=design.insurance_type,
        benefits=tuple(benefit for build in _SERVICES for benefit in build(design)),
        active_kind=design.active_kind,
        year=design.year,
        year_begins=design.year_begins,
        amounts=_amounts(design),
        procedures=_PROCEDURES,
        messages=("THIS IS NOT A GUARANTEE OF PAYMENT",),
    )


_PROCEDURES = (
    ProcedureBenefit(ProcedureCategory.PHYSICAL_THERAPY, "AE"),
    ProcedureBenefit(ProcedureCategory.OCCUPATIONAL_THERAPY, "AD"),
    ProcedureBenefit(ProcedureCategory.SURGERY, "2", authorization_required=True),
    ProcedureBenefit(ProcedureCategory.IMAGING, "62"),
)


def _amounts(design: Design) -> tuple[PlanAmount, ...]:
    """A plan without out-of-network care has amounts for its network only."""
    amounts = ((AmountKind.DEDUCTIBLE, design.deductible), (AmountKind.OUT_OF_POCKET, design.out_of_pocket))
    networks = ((IN, 1),) if design.co_insurance_out is None else ((IN, 1), (OUT, 3))
    return tuple(
        PlanAmount(kind, level, Decimal(amount * persons * factor), network)
        for kind, amount in amounts
        for network, factor in networks
        for level, persons in ((CoverageLevel.INDIVIDUAL, 1), (CoverageLevel.FAMILY, 2))
    )


def _outside(design: Design) -> Cost:
    """What care out of network costs."""
    share = design.shares[1]
    return Cost(OUT, covered=False) if share is None else Cost(OUT, co_insurance=share)


def _shared(design: Design, *, authorization: bool | None = None) -> tuple[Cost, ...]:
    """Deductible first, then the patient's share."""
    inside = Cost(IN, co_insurance=design.shares[0], authorization_required=authorization)
    return inside, replace(_outside(design), authorization_required=authorization)


def _visit(design: Design, co_payment: int | None) -> tuple[Cost, ...]:
    """A co-payment instead of the deductible, for a plan that has co-payments."""
    if co_payment is None:
        return _shared(design)
    inside = Cost(IN, co_payment=Decimal(co_payment), co_insurance=ZERO, deductible=DeductibleRule.EXEMPT)
    return inside, _outside(design)


def _medical(design: Design) -> tuple[ServiceBenefit, ...]:
    return (
        ServiceBenefit(MEDICAL, costs=_shared(design)),
        ServiceBenefit(ADVANCED, costs=_shared(design, authorization=True), authorization_required=True),
        ServiceBenefit(("8",), ServiceStatus.FOLDED, folded_into="2"),
    )


def _hospital(design: Design) -> tuple[ServiceBenefit, ...]:
    costs = _shared(design)
    if design.tiered:
        inside = (replace(costs[0], tier="TIER 1", co_insurance=design.shares[0] / 2), replace(costs[0], tier="TIER 2"))
        costs = (*inside, *costs[1:])
    if design.medicare:
        daily = Cost(IN, co_payment=Decimal(295), co_payment_period=TimePeriod.DAY, deductible=DeductibleRule.EXEMPT)
        costs = (replace(daily, messages=("CO-PAYMENT FOR DAYS 1 TO 6 OF AN ADMISSION",)), *costs[1:])
    reserve = Limit("LIFETIME RESERVE DAYS", Decimal(60), LimitUnit.LIFETIME_RESERVE_DAYS, TimePeriod.LIFETIME)
    limits = (reserve,) if design.medicare else ()
    nursing = Limit(LIMITED_NURSING, Decimal(100), LimitUnit.DAYS, TimePeriod.CALENDAR_YEAR)
    return (
        ServiceBenefit(INPATIENT, costs=costs, limits=limits, authorization_required=True),
        ServiceBenefit(("AG",), costs=_shared(design), limits=(nursing,), authorization_required=True),
        ServiceBenefit(("45",), costs=(Cost(BOTH, co_insurance=ZERO, deductible=DeductibleRule.EXEMPT),)),
    )


def _office(design: Design) -> tuple[ServiceBenefit, ...]:
    costs = _visit(design, design.office)
    telehealth = replace(costs[0], co_payment=ZERO, co_insurance=ZERO, places_of_service=("02", "10"))
    chiropractic = Limit(LIMITED_CHIROPRACTIC, Decimal(20), LimitUnit.VISITS, TimePeriod.CALENDAR_YEAR)
    return (
        ServiceBenefit(OFFICE, costs=(*costs, telehealth), authorization_required=False),
        ServiceBenefit(("33",), costs=_visit(design, design.specialist), limits=(chiropractic,)),
        ServiceBenefit(("93",), costs=_visit(design, design.specialist)),
        ServiceBenefit(("UC",), costs=_visit(design, design.urgent), authorization_required=False),
    )


def _preventive(design: Design) -> tuple[ServiceBenefit, ...]:
    free = Cost(IN, co_payment=ZERO, co_insurance=ZERO, deductible=DeductibleRule.EXEMPT)
    return (ServiceBenefit(PREVENTIVE, costs=(free, _outside(design)), authorization_required=False),)


def _emergency(design: Design) -> tuple[ServiceBenefit, ...]:
    """Emergencies cost the same wherever they are treated (No Surprises Act)."""
    costs = tuple(
        replace(_visit(design, design.emergency)[0], network=network, messages=("CO-PAYMENT IS WAIVED IF ADMITTED",))
        for network in (IN, OUT)
    )
    return (ServiceBenefit(EMERGENCY, costs=costs, authorization_required=False),)


def _therapy(design: Design) -> tuple[ServiceBenefit, ...]:
    visits = Limit(LIMITED_VISITS, Decimal(design.therapy_visits), LimitUnit.VISITS, TimePeriod.CALENDAR_YEAR)
    costs = _visit(design, design.specialist)
    return (
        ServiceBenefit(THERAPY, costs=costs, limits=(visits,)),
        ServiceBenefit(("BG",), costs=costs, limits=(replace(visits, name="CARDIAC REHABILITATION VISITS"),)),
    )


def _behavioral(design: Design) -> tuple[ServiceBenefit, ...]:
    if design.behavioral_vendor:
        codes = (*BEHAVIORAL, "A7")
        return (ServiceBenefit(codes, ServiceStatus.CARVED_OUT, discretionary=True, vendor=BEHAVIORAL_VENDOR),)
    return (
        ServiceBenefit(BEHAVIORAL, costs=_visit(design, design.office)),
        ServiceBenefit(("A7",), costs=_shared(design), authorization_required=True),
    )


def _pharmacy(design: Design) -> tuple[ServiceBenefit, ...]:
    name = f"{design.name} PHARMACY"
    return (ServiceBenefit(("88",), ServiceStatus.CARVED_OUT, plan_name=name, vendor=PHARMACY_VENDOR),)


def _dental_and_vision(design: Design) -> tuple[ServiceBenefit, ...]:
    if not design.rider:
        return (ServiceBenefit(("35", "AL"), ServiceStatus.NOT_COVERED),)
    own = tuple(
        PlanAmount(AmountKind.DEDUCTIBLE, level, Decimal(amount), IN)
        for level, amount in ((CoverageLevel.INDIVIDUAL, 50), (CoverageLevel.FAMILY, 150))
    )
    dental = Cost(IN, co_insurance=Decimal("0.2"), deductible=DeductibleRule.OWN, own_deductibles=own)
    yearly = Limit("DENTAL MAXIMUM", Decimal(1500), LimitUnit.DOLLARS, TimePeriod.CALENDAR_YEAR)
    eyewear = Limit("EYE EXAMINATIONS", Decimal(1), LimitUnit.VISITS, TimePeriod.CALENDAR_YEAR)
    vision = Cost(IN, co_payment=Decimal(10), co_insurance=ZERO, deductible=DeductibleRule.EXEMPT)
    return (
        ServiceBenefit(("35",), costs=(dental, Cost(OUT, covered=False)), limits=(yearly,), plan_name=design.rider),
        ServiceBenefit(("AL",), costs=(vision, Cost(OUT, covered=False)), limits=(eyewear,), plan_name=design.rider),
    )


_SERVICES: tuple[Callable[[Design], tuple[ServiceBenefit, ...]], ...] = (
    _medical,
    _hospital,
    _office,
    _preventive,
    _emergency,
    _therapy,
    _behavioral,
    _pharmacy,
    _dental_and_vision,
)
