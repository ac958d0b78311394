"""What holds for the answer about every plan and coverage: its guide accepts it, and its amounts can be right."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from edi.benefit_codes import CoverageLevel, NetworkIndicator, TimePeriod
from edi.eligibility import DateRange, EligibilityAnswer, EligibilityInquiry, Party, Patient, ServiceInquiry
from parsers import check
from rules.eligibility import decide, plans_needed
from rules.facts import (
    Accumulator,
    AmountKind,
    Contact,
    Contract,
    Cost,
    Coverage,
    DeductibleRule,
    Limit,
    LimitUnit,
    OtherPayer,
    PayerProfile,
    Person,
    Plan,
    PlanAmount,
    Priority,
    ProcedureBenefit,
    ProcedureCategory,
    ServiceBenefit,
    ServiceStatus,
    Standing,
    UsedLimit,
    YearBasis,
)
from rules.search import Identified, identify
from tests.case_tables import interchange
from tests.test_rules_properties import RECEIVER, permitted

TODAY = date(2026, 5, 5)
PROFILE = PayerProfile("PAYER", "99001", "133333333")
VENDOR = Contact("VENDOR", phone="8005550100")

money = st.decimals(0, 99999, places=2)
shares = st.decimals(0, 1, places=2)
networks = st.sampled_from(NetworkIndicator)
near_days = st.integers(-900, 300).map(lambda days: TODAY + timedelta(days=days))
codes = ("1", "33", "35", "47", "48", "50", "86", "88", "98", "AL", "MH", "UC", "A3", "PT", "62")
levels = st.sampled_from([CoverageLevel.INDIVIDUAL, CoverageLevel.FAMILY])
kinds = st.sampled_from(AmountKind)
amounts = st.builds(PlanAmount, kinds, levels, money, networks, st.sampled_from(["", "TIER 1"]))
costs = st.builds(
    Cost,
    networks,
    st.booleans(),
    st.one_of(st.none(), money),
    st.sampled_from([TimePeriod.VISIT, TimePeriod.DAY, TimePeriod.ADMISSION]),
    st.one_of(st.none(), shares),
    st.sampled_from(DeductibleRule),
    st.lists(st.builds(PlanAmount, st.just(AmountKind.DEDUCTIBLE), levels, money), max_size=2).map(tuple),
    st.sampled_from(["", "TIER 1", "TIER 2"]),
    st.sampled_from([(), (), ("02",), ("02", "10")]),
    st.sampled_from([None, True, False]),
)
limits = st.builds(
    Limit,
    st.sampled_from(["L1", "L2"]),
    st.decimals(0, 1000, places=0),
    st.sampled_from(LimitUnit),
    st.sampled_from([TimePeriod.CALENDAR_YEAR, TimePeriod.LIFETIME, TimePeriod.VISIT, TimePeriod.EPISODE]),
    networks,
)


@st.composite
def plans(draw: st.DrawFn, plan_id: str) -> Plan:
    shuffled = draw(st.permutations(codes))
    sizes = draw(st.lists(st.integers(1, 5), max_size=5))
    benefits = []
    for size in sizes:
        mine, shuffled = tuple(shuffled[:size]), shuffled[size:]
        if mine:
            benefits.append(
                ServiceBenefit(
                    mine,
                    draw(st.sampled_from(ServiceStatus)),
                    draw(st.sampled_from(codes)),
                    tuple(draw(st.lists(costs, max_size=4))),
                    tuple(draw(st.lists(limits, max_size=2))),
                    draw(st.sampled_from([None, True, False])),
                    draw(st.booleans()),
                    vendor=VENDOR,
                )
            )
    return Plan(
        plan_id,
        f"PLAN {plan_id}",
        draw(st.sampled_from(["PR", "HM", "MA", "C1"])),
        tuple(benefits),
        year=draw(st.sampled_from(YearBasis)),
        year_begins=draw(near_days),
        amounts=tuple(draw(st.lists(amounts, max_size=5))),
        procedures=(ProcedureBenefit(ProcedureCategory.IMAGING, draw(st.sampled_from(codes))),),
        messages=draw(st.sampled_from([(), ("A", "B"), tuple("ABCDEFGHIJKL")])),
    )


coverages = st.builds(
    Coverage,
    st.sampled_from(["P", "Q"]),
    near_days,
    st.one_of(st.none(), near_days),
    group_number=st.sampled_from(["", "G-1"]),
    priority=st.sampled_from(Priority),
    standing=st.sampled_from(Standing),
    eligibility_begin=st.one_of(st.none(), near_days),
    accumulators=st.lists(st.builds(Accumulator, kinds, levels, money, near_days, networks), max_size=5).map(tuple),
    used_limits=st.lists(st.builds(UsedLimit, st.sampled_from(["L1", "L2"]), money, st.none()), max_size=2).map(tuple),
)
services = st.builds(
    ServiceInquiry,
    st.lists(st.sampled_from([*codes, "30", "ZZ", "BH"]), min_size=1, max_size=4).map(tuple),
    dates=st.one_of(st.none(), near_days.map(lambda day: DateRange(day, day))),
) | st.sampled_from([ServiceInquiry((), "HC:70551"), ServiceInquiry((), "HC:99213")])


@st.composite
def answers(draw: st.DrawFn) -> tuple[EligibilityAnswer, dict[str, Plan]]:
    """An answer and the plans that it came from."""
    person = Person("01", "ROE", "JANE", date(1980, 1, 31), coverages=tuple(draw(st.lists(coverages, max_size=3))))
    other = OtherPayer(Contact("OTHER LIFE"), draw(st.sampled_from(Priority)), TODAY, member_id="X1")
    contract = Contract("C", "W1", (person,), other_payers=draw(st.sampled_from([(), (other,)])))
    inquiry = EligibilityInquiry(
        Party("PR", "2", "PAYER", "", "PI", "99001"),
        RECEIVER,
        (),
        Patient("ROE", "JANE", member_id="W1"),
        None,
        (),
        tuple(draw(st.lists(services, min_size=1, max_size=3))),
        "R",
    )
    found = identify(inquiry, [contract], TODAY, PROFILE)
    assert isinstance(found, Identified)
    on_file = {plan_id: draw(plans(plan_id)) for plan_id in ("P", "Q")}
    needed = {plan_id: on_file[plan_id] for plan_id in plans_needed(found, inquiry, TODAY)}
    return decide(inquiry, found, needed, TODAY, PROFILE, permitted()), on_file


@given(answers())
def test_every_answer_is_accepted_by_our_own_check(drawn: tuple[EligibilityAnswer, dict[str, Plan]]) -> None:
    report = check(interchange(drawn[0]))
    assert report.accepted, [str(finding) for finding in report.findings]


@given(answers())
def test_what_remains_is_never_below_zero_nor_above_the_whole(
    drawn: tuple[EligibilityAnswer, dict[str, Plan]],
) -> None:
    whole = Decimal(-1)
    for benefit in drawn[0].benefits:
        told = benefit.amount if benefit.amount is not None else benefit.quantity
        if benefit.period in (TimePeriod.REMAINING, TimePeriod.LIFETIME_REMAINING):
            assert told is not None
            assert 0 <= told <= whole
        whole = told if told is not None else Decimal(-1)


@given(answers())
def test_each_status_and_each_cost_says_for_which_service(
    drawn: tuple[EligibilityAnswer, dict[str, Plan]],
) -> None:
    for benefit in drawn[0].benefits:
        assert bool(benefit.service_types) != bool(benefit.procedure)
        assert len(set(benefit.service_types)) == len(benefit.service_types)
