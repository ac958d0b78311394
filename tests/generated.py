"""Made-up contracts, plans and settings far from any book of business, each from a number.

They are whatever the facts' types take: names in any script, texts of any length with delimiters in them, amounts at
their bounds, every code.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from edi.benefit_codes import (
    INSURANCE_TYPES,
    RELATED_ENTITY_QUALIFIERS,
    SERVICE_TYPES,
    BenefitKind,
    CoverageLevel,
    NetworkIndicator,
    TimePeriod,
)
from edi.places import STATES
from rules.facts import (
    Accumulator,
    Address,
    AmountKind,
    Contact,
    Contract,
    Cost,
    Coverage,
    DeductibleRule,
    Entitlement,
    Function,
    FutureBirthDate,
    Limit,
    LimitUnit,
    OtherPayer,
    PayerProfile,
    Person,
    Plan,
    PlanAmount,
    PrimaryCareProvider,
    Priority,
    ProcedureBenefit,
    ProcedureCategory,
    Provider,
    ProviderIdentifier,
    ServiceBenefit,
    ServiceStatus,
    Standing,
    UsedLimit,
    YearBasis,
)
from rules.facts.tellable import AMOUNT_MAX

T = TypeVar("T")

MOMENT = datetime(2026, 5, 5, 12, tzinfo=UTC)
TODAY = MOMENT.date()
CLINIC = ProviderIdentifier("XX", "1234567893")
SUBMITTER = "S-1"
ALL_SERVICE_TYPES = sorted(SERVICE_TYPES)
_NAMES = (
    "SMITH", "de la Cruz", "O'HARA", "DIAZ JR", "José", "Łukasz", "Ørsted", "李小龙", "Смирнова", "N~A*M:E^", "X" * 75,
    " LEE ", "4711", "ANNE-MARIE", "Müller\t", "\x1d\x1c\x1e\x1f", "MC DONALD III", "a", "*", "\ud800",
)  # fmt: skip
_TEXTS = (
    "", "COPAY: 20 $", "CALL 8~5 MON^FRI", "PRIOR AUTHORIZATION IS NEEDED BEFORE EACH VISIT. " * 12, "¿Qué?", "—", "  ",
    "LINE ONE\r\nLINE TWO", "Gold PPO “Plus” ½", "*" * 300, "TIER 1", "W" * 264, "W" * 265, "\x00", "A" * 49 + " B",
)  # fmt: skip
_WEBS = ("", "behavioral.example.com", "https://example.com:8080/a~b", "HTTP://EXAMPLE.ORG/" + "x" * 300)
_PHONES = ("", "8005550101", "(800) 555-0101", "none", "+1 800 555 0101 ext. 2")
_IDS = ("W1", "W12345678", "w-77 88", "M|1>", "9" * 80, "ID#4")
_MONEY = (
    Decimal(0), Decimal("0.00"), Decimal("0.01"), Decimal(20), Decimal("1E+3"), Decimal("1500.50"), Decimal("-0"),
    AMOUNT_MAX - Decimal("0.01"),
)  # fmt: skip
_SHARES = (Decimal(0), Decimal("0.2"), Decimal("0.333333"), Decimal(1), Decimal("0.10"), Decimal("5E-1"))
_DAYS = (
    date(1800, 1, 1), date(1980, 1, 31), date(2004, 2, 29), date(2015, 6, 1), date(2026, 5, 5), date(2026, 5, 6),
    date(9999, 12, 31),
)  # fmt: skip
_BEGINS = (
    date(1800, 1, 1), date(2019, 2, 28), date(2024, 1, 1), date(2024, 2, 29), date(2025, 7, 1), date(2026, 5, 5),
    date(2026, 5, 20), date(9999, 7, 1),
)  # fmt: skip
_BIRTH_DATES = tuple([date(1940 + year, 1 + year % 12, 1 + year % 28) for year in range(84)])
_PLACES = ("02", "10", "11", "21", "23")


class FactMaker:
    """Draws the facts of one case. Everything follows from the number."""

    def __init__(self, number: int) -> None:
        self.random = Random(number)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def one(self, values: Sequence[T]) -> T:
        return self.random.choice(values)

    def some(self, make: Callable[[], T], most: int) -> tuple[T, ...]:
        return tuple([make() for _ in range(self.random.randint(0, most))])

    def text(self) -> str:
        """Mostly nothing or something ordinary; else from the table, or characters at random."""
        if self.chance(0.6):
            return self.one(("", "SEE YOUR BOOKLET", "TIER 1"))
        if self.chance(0.8):
            return self.one(_TEXTS)
        return "".join([chr(self.random.choice((self.random.randint(0, 0x17F), 0x1F600))) for _ in range(9)])

    def name(self) -> str:
        if self.chance(0.5):
            return f"{self.one(('ROE', 'ADA', 'DIAZ'))} {self.random.randint(1, 99)}"
        return self.one(_NAMES)

    def money(self) -> Decimal:
        return Decimal(self.random.randint(0, 500_000)) / 100 if self.chance(0.5) else self.one(_MONEY)

    # Plans

    def plan(self, plan_id: str) -> Plan:
        is_whole = self.chance(0.02)
        codes = self.random.sample(ALL_SERVICE_TYPES, len(ALL_SERVICE_TYPES) if is_whole else 12)
        codes += [] if self.chance(0.5) else [code for code in ("30", "1", "98", "MH", "UC") if code not in codes]
        benefits: list[ServiceBenefit] = []
        while codes and len(benefits) < 6:
            count = len(codes) if self.chance(0.5 if is_whole else 0.05) else self.random.randint(1, 4)
            benefits.append(self.service_benefit(tuple(codes[:count]), codes))
            codes = codes[count:]
        return Plan(
            plan_id=plan_id,
            name=self.one((f"{plan_id} PPO", "GOLD", self.text())),
            insurance_type=self.one(("", "HM", "PR", *sorted(INSURANCE_TYPES))),
            benefits=tuple(benefits),
            active_kind=self.one((BenefitKind.ACTIVE, *list(BenefitKind)[:4])),
            year=self.one(list(YearBasis)),
            year_begins=self.one((date(2000, 1, 1), date(2000, 2, 29), date(2000, 7, 1), date(2000, 12, 31))),
            amounts=self.some(self.plan_amount, 4),
            procedures=self.some(self.procedure, 2),
            messages=self.some(self.text, 12 if self.chance(0.05) else 1),
        )

    def plan_amount(self) -> PlanAmount:
        return PlanAmount(
            self.one(list(AmountKind)),
            self.one((CoverageLevel.INDIVIDUAL, CoverageLevel.FAMILY)),
            self.money(),
            self.one(list(NetworkIndicator)),
            self.one(("", "", "TIER 1", self.text())),
        )

    def procedure(self) -> ProcedureBenefit:
        return ProcedureBenefit(
            self.one(list(ProcedureCategory)), self.one(ALL_SERVICE_TYPES), self.one((None, True, False))
        )

    def service_benefit(self, service_types: tuple[str, ...], others: Sequence[str]) -> ServiceBenefit:
        status = self.one((ServiceStatus.COVERED, *ServiceStatus))
        return ServiceBenefit(
            service_types=service_types,
            status=status,
            folded_into=self.one(others) if status is ServiceStatus.FOLDED else "",
            costs=self.some(self.cost, 3),
            limits=self.some(self.limit, 2),
            authorization_required=self.one((None, True, False)),
            discretionary=self.chance(0.1),
            plan_name=self.one(("", self.text())),
            vendor=self.contact() if self.chance(0.8) else None,
            messages=self.some(self.text, 1),
        )

    def cost(self) -> Cost:
        return Cost(
            network=self.one(list(NetworkIndicator)),
            covered=self.chance(0.9),
            co_payment=self.one((None, self.money())),
            co_payment_period=self.one((TimePeriod.VISIT, *TimePeriod)),
            co_insurance=self.one((None, *_SHARES)),
            deductible=self.one(list(DeductibleRule)),
            own_deductibles=self.some(self.plan_amount, 2),
            tier=self.one(("", "", self.text())),
            places_of_service=() if self.chance(0.7) else self.some(lambda: self.one(_PLACES), 10),
            authorization_required=self.one((None, True, False)),
            messages=self.some(self.text, 11 if self.chance(0.02) else 1),
        )

    def limit(self) -> Limit:
        return Limit(
            name=self.one(("A", "B")),
            quantity=self.one((Decimal(20), self.money())),
            unit=self.one(list(LimitUnit)),
            period=self.one((TimePeriod.CALENDAR_YEAR, TimePeriod.LIFETIME, *TimePeriod)),
            network=self.one(list(NetworkIndicator)),
            message=self.text(),
        )

    def contact(self) -> Contact:
        has_identifier = self.chance(0.6)
        return Contact(
            name=self.one(("", "SIGHT CO", self.name())),
            first_name=self.one(("", self.name())),
            identifier_qualifier=self.one(sorted(RELATED_ENTITY_QUALIFIERS)) if has_identifier else "",
            identifier=self.one(("12345", "1234567893", "9" * 80)) if has_identifier else "",
            phone=self.one(_PHONES),
            web=self.one(_WEBS),
            address=self.address(),
        )

    def address(self) -> Address | None:
        if self.chance(0.4):
            return None
        return Address(
            lines=self.some(lambda: self.one(("1 ELM ST", "PO BOX 7", "Straße 5", "X" * 60, "", "~")), 3),
            city=self.one(("AKRON", "", "Q", "Montréal", "Y" * 31)),
            state=self.one(("", "OH", "XX", "Ohio", *sorted(STATES))),
            postal_code=self.one(("44301", "44301-1234", "H2X 1Y4", "", "1", "0" * 20)),
        )

    # Contracts

    def contract(self, index: int, plans: Sequence[Plan]) -> Contract:
        return Contract(
            contract_id=f"C{index}",
            subscriber_id=self.member_id(),
            persons=tuple([self.person(number, plans) for number in range(1, self.random.randint(1, 4) + 1)]),
            former_ids=self.some(self.member_id, 1),
            other_payers=self.some(self.other_payer, 2 if self.chance(0.5) else 0),
        )

    def member_id(self) -> str:
        return self.one(("W1", "W2", *[each for each in _IDS if len(each) > 1 and ":" not in each]))

    def person(self, number: int, plans: Sequence[Plan]) -> Person:
        return Person(
            number=f"{number:02}",
            last_name=self.name(),
            first_name=self.name(),
            birth_date=self.one(_BIRTH_DATES) if self.chance(0.95) else self.one(_DAYS),
            middle_name=self.one(("", "LEE", self.name())),
            suffix=self.one(("", "JR", self.name())),
            relationship="18" if number == 1 else self.one(("19", "01", "34", "18", "", "G8", "?")),
            gender=self.one(("", "F", "M", "U")),
            death_date=self.one(_DAYS) if self.chance(0.05) else None,
            address=self.address(),
            own_id=self.member_id() if number > 1 and self.chance(0.3) else "",
            former_last_names=self.some(self.name, 1),
            coverages=tuple([self.coverage(plans) for _ in range(self.one((0, 1, 1, 1, 1, 2, 3)))]),
            primary_care_provider=PrimaryCareProvider(self.contact(), self.one(_BEGINS)) if self.chance(0.4) else None,
        )

    def coverage(self, plans: Sequence[Plan]) -> Coverage:
        return Coverage(
            plan_id=self.one(plans).plan_id,
            begin=self.one(_BEGINS),
            end=None if self.chance(0.6) else self.one(_DAYS),
            group_number=self.one(("", "G1", "G" * 50, "G/7 (A)")),
            priority=self.one(list(Priority)),
            standing=self.one((Standing.NORMAL, Standing.NORMAL, *Standing)),
            eligibility_begin=self.one((None, *_BEGINS)),
            eligibility_end=self.one((None, *_DAYS)),
            accumulators=self.some(self.accumulator, 6),
            used_limits=self.some(self.used_limit, 3),
        )

    def accumulator(self) -> Accumulator:
        return Accumulator(
            kind=self.one(list(AmountKind)),
            level=self.one((CoverageLevel.INDIVIDUAL, CoverageLevel.FAMILY)),
            used=self.money() * self.one((1, 1, 1, -1)),
            period_begin=self.one((date(2026, 1, 1), *_BEGINS)),
            network=self.one(list(NetworkIndicator)),
            tier=self.one(("", "TIER 1")),
            service_type=self.one(("", "", self.one(ALL_SERVICE_TYPES))),
        )

    def used_limit(self) -> UsedLimit:
        return UsedLimit(self.one(("A", "B")), self.money(), self.one((None, date(2026, 1, 1))))

    def other_payer(self) -> OtherPayer:
        return OtherPayer(
            payer=self.contact(),
            priority=self.one(list(Priority)),
            begin=self.one(_BEGINS),
            end=self.one((None, None, *_DAYS)),
            insurance_type=self.one(("", *sorted(INSURANCE_TYPES))),
            member_id=self.one(("", "1EG4TE5MK73", "9" * 50)),
            group_number=self.one(("", "FL-2")),
            persons=self.one(((), ("01",), ("02", "03"))),
        )

    # Who asks, and what the payer has switched

    def provider(self) -> Provider | None:
        if self.chance(0.02):
            return None
        return Provider("1", self.name(), (CLINIC,), ("111111111",), may_inquire=self.chance(0.99))

    def entitlements(self) -> tuple[Entitlement, ...]:
        if self.chance(0.02):
            return ()
        return (Entitlement(SUBMITTER, "111111111", Function.ELIGIBILITY, MOMENT - timedelta(days=1)),)

    def profile(self) -> PayerProfile:
        codes = tuple(self.random.sample(ALL_SERVICE_TYPES, self.one((0, 20, 187))))
        profile = PayerProfile(
            name="HARBOR HEALTH",
            identifier="99001",
            tax_id="133333333",
            discretionary_service_types=self.one(((), codes)),
            months_back=self.one((12, 12, 0, 36)),
            months_forward=self.one((0, 0, 3)),
            matches_names=self.chance(0.7),
            checks_gender=self.chance(0.5),
            checks_group=self.chance(0.2),
            elements_needed=self.one((2, 3, 3, 3, 3, 4)),
            searches_by_name=self.chance(0.9),
            member_id_pattern="W.*" if self.chance(0.05) else "",
            future_birth_date=self.one(list(FutureBirthDate)),
            tells_remaining=self.chance(0.8),
            tells_out_of_pocket=self.chance(0.8),
            tells_other_payers=self.chance(0.9),
            tells_primary_care_provider=self.chance(0.9),
            disclaimer=self.text(),
        )
        return replace(profile, explicit_service_types=codes) if self.chance(0.3) else profile
