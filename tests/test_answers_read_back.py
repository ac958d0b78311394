"""x12sdk, which shares no code with us, reads the benefit lines of hand-made answers as they were decided."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from edi.aaa import FollowUpAction, Loop, RejectReason
from edi.benefit_codes import BenefitKind, CoverageLevel, NetworkIndicator, TimePeriod
from edi.eligibility import (
    Benefit,
    DateRange,
    Dates,
    EligibilityAnswer,
    EligibilityInquiry,
    Member,
    Party,
    Patient,
    Reference,
    Rejection,
    RelatedEntity,
    ServiceInquiry,
)
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.writing_271 import FUNCTIONAL_IDENTIFIER, GUIDE, Header, write_eligibility_response
from parsers import check
from tests.read_back import Line, lines_decided, lines_read

WRITTEN_AT = datetime(2026, 5, 5, 12, tzinfo=UTC)
MARCH_2 = date(2026, 3, 2)
INQUIRY = EligibilityInquiry(
    source=Party("PR", "2", "HARBOR HEALTH", "", "PI", "99001"),
    receiver=Party("1P", "2", "LAKESIDE CLINIC", "", "XX", "1234567893"),
    receiver_references=(),
    subscriber=Patient("ROE", "JANE", member_id="W1"),
    dependent=None,
    traces=(),
    services=(ServiceInquiry(("30",)),),
    reference="R-1",
)
SUBSCRIBER = Member("ROE", "JANE", member_id="W1")
DEPENDENT = Member("ROE", "SAM", relationship="19")
PLAIN = Line(("1", "", "", "", "", "", "", "", ""), ("30",), (None, None, None), (), (), (), (), (), ())
ACTIVE = BenefitKind.ACTIVE


def codes(**values: str) -> tuple[str, ...]:
    names = ("kind", "level", "insurance", "plan", "period", "quantity", "authorization", "network", "procedure")
    return tuple([values.get(name, "1" if name == "kind" else "") for name in names])


LINES: dict[str, tuple[Benefit, Line]] = {
    "status": (Benefit(ACTIVE, ("30",)), PLAIN),
    "several service types": (Benefit(ACTIVE, ("1", "MH", "UC")), replace(PLAIN, service_types=("1", "MH", "UC"))),
    "plan": (
        Benefit(ACTIVE, ("30",), insurance_type="PR", plan_name="Gold: 80/20"),
        replace(PLAIN, codes=codes(insurance="PR", plan="GOLD 80/20")),
    ),
    "amount": (
        Benefit(
            BenefitKind.DEDUCTIBLE, ("30",), CoverageLevel.FAMILY, period=TimePeriod.REMAINING,
            amount=Decimal("1E+3"), network=NetworkIndicator.BOTH,
        ),
        replace(
            PLAIN, codes=codes(kind="C", level="FAM", period="29", network="W"), numbers=(Decimal(1000), None, None)
        ),
    ),
    "zero": (
        Benefit(BenefitKind.CO_PAYMENT, ("30",), amount=Decimal("0.00")),
        replace(PLAIN, codes=codes(kind="B"), numbers=(Decimal(0), None, None)),
    ),
    "share": (
        Benefit(BenefitKind.CO_INSURANCE, ("30",), percent=Decimal("0.20"), authorization_required=False),
        replace(PLAIN, codes=codes(kind="A", authorization="N"), numbers=(None, Decimal("0.2"), None)),
    ),
    "quantity and procedure": (
        Benefit(BenefitKind.LIMITATIONS, (), quantity_qualifier="VS", quantity=Decimal(20), procedure="HC:97110:GP"),
        replace(
            PLAIN, codes=codes(kind="F", quantity="VS", procedure="HC:97110:GP"), service_types=(),
            numbers=(None, None, Decimal(20)),
        ),
    ),
    "dates and references": (
        Benefit(
            ACTIVE, ("30",), references=(Reference("6P", "G-1"), Reference("1W", "77")),
            dates=(Dates("346", DateRange(MARCH_2, MARCH_2)), Dates("291", DateRange(MARCH_2, date(2027, 3, 1)))),
        ),
        replace(
            PLAIN, references=(("6P", "G-1"), ("1W", "77")), dates=(("346", "20260302"), ("291", "20260302-20270301"))
        ),
    ),
    "messages": (
        Benefit(ACTIVE, ("30",), messages=("Call José", "A" * 200 + " " + "B" * 200)),
        replace(PLAIN, messages=("CALL JOSE", "A" * 200, "B" * 200)),
    ),
    "places of service": (Benefit(ACTIVE, ("98",), places_of_service=("02", "10")),
                          replace(PLAIN, service_types=("98",), places=("02", "10"))),
    "another party": (
        Benefit(
            BenefitKind.CONTACT_ENTITY, ("MH",),
            related=(
                RelatedEntity(
                    "VN", "2", "Mind & Co", "PI", "123", ("1 ELM ST", "AKRON", "OH", "44301-1234"), "(800) 555-0101",
                    "https://mind.example.com",
                ),
            ),
        ),
        replace(
            PLAIN, codes=codes(kind="U"), service_types=("MH",), related=(("VN", "2", "MIND & CO", "", "PI", "123"),)
        ),
    ),
}  # fmt: skip


def written(*answers: EligibilityAnswer) -> bytes:
    segments = write_eligibility_response(answers, Header("0001", "R-1", "13", WRITTEN_AT, "1133333333"))
    group = Group(FUNCTIONAL_IDENTIFIER, "99001", "S-1", GUIDE, (segments,))
    return write_interchange(InterchangeHeader(Address("ZZ", "99001"), Address("ZZ", "S-1"), WRITTEN_AT, 1), (group,))


def about_subscriber(*benefits: Benefit) -> EligibilityAnswer:
    return EligibilityAnswer(INQUIRY, subscriber=SUBSCRIBER, benefits=benefits)


def about_dependent(*benefits: Benefit) -> EligibilityAnswer:
    inquiry = replace(INQUIRY, dependent=Patient("ROE", "SAM"))
    return EligibilityAnswer(inquiry, subscriber=SUBSCRIBER, dependent=DEPENDENT, benefits=benefits)


@pytest.mark.parametrize("name", LINES)
def test_a_line_is_read_as_it_was_decided(name: str) -> None:
    benefit, line = LINES[name]
    for about in (about_subscriber, about_dependent):
        answers = [about(Benefit(ACTIVE, ("30",)), benefit)]
        data = written(*answers)
        assert check(data).accepted
        assert lines_read(data) == lines_decided(answers) == [PLAIN, line]


def test_the_lines_of_several_patients_keep_their_order() -> None:
    answers = [about_subscriber(*[benefit for benefit, _ in LINES.values()]), about_dependent(LINES["share"][0])]
    data = written(*answers)
    assert check(data).accepted
    assert lines_read(data) == [line for _, line in LINES.values()] + [LINES["share"][1]]


def test_a_refused_line_is_read_with_its_reason() -> None:
    rejection = Rejection(
        Loop.SUBSCRIBER_BENEFIT, RejectReason.SERVICE_DATE_IN_FUTURE, FollowUpAction.CORRECT_AND_RESEND
    )
    data = written(about_subscriber(Benefit(BenefitKind.CANNOT_PROCESS, ("98",), rejections=(rejection,))))
    assert check(data).accepted
    assert [line.rejections for line in lines_read(data)] == [(("63", "C"),)]


def test_contacts_are_told_in_digits_and_without_a_scheme() -> None:
    text = written(about_subscriber(LINES["another party"][0])).decode()
    assert "~PER*IC**TE*8005550101*UR*mind.example.com~" in text
    assert "~N4*AKRON*OH*443011234~" in text
