"""837 claims in typed values, and what becomes of one when it is taken in."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from benchmarks.claim_files import book_day, claim_file
from edi.claim_status_codes import parse_status_code
from edi.eligibility import DateRange
from edi.submitted_claim import SubmittedClaim, SubmittedLine
from gateway.book import book
from rules.claims.intake import ACCEPTED, RECEIVED, VOIDED, IntakeObstacle, claim_number, take_in
from rules.facts.claims import Claim, InvalidClaimError, ServiceLine, StatusEvent
from tests.claim_file_support import FAMILY, INSTITUTIONAL, SON, SUBSCRIBER, Patient, claim, file, read, stay
from tests.real_time import family

TODAY = date(2026, 11, 21)
SENT = date(2026, 9, 5)
OTHERS = (
    "NM1*82*1*WREN*IDA****XX*1245319599~PRV*PE*PXC*207Q00000X~"
    "SBR*S*18*OTHER******CI~OI***Y***Y~NM1*IL*1*QUILLFEATHER*ODA****MI*OTHER-ID~NM1*PR*2*OTHER PLAN*****PI*77777~"
    "REF*F8*OTHER-NUMBER~"
)


def submitted(*, patient: Patient | None = None, **changes: str) -> SubmittedClaim:
    """The one claim of a file."""
    [only] = read(file(patient or Patient((claim(**changes),))))  # type: ignore[arg-type]
    return only


def taken(one: SubmittedClaim, *originals: Claim, today: date = TODAY) -> Claim | IntakeObstacle:
    return take_in(one, claim_number(one), [family()], originals, today)


def held(one: SubmittedClaim, *originals: Claim) -> Claim:
    made = taken(one, *originals)
    assert isinstance(made, Claim)
    return made


def test_a_professional_claim_is_read_with_all_that_it_is_found_by() -> None:
    one = submitted(after=OTHERS)
    assert (one.submitted_on, one.billing_npi, one.billing_tin) == (SENT, "1234567893", "990000001")
    assert (one.subscriber.identifier, one.subscriber.last_name, one.group_number) == (
        "W100000001",
        "QUILLFEATHER",
        "GRP-7",
    )
    assert (one.patient_account, one.clearinghouse_number, one.original_number) == ("ACC-1", "CH-1", "")
    assert (one.charge, one.bill_type, one.rendering_npi) == (Decimal(250), "", "1245319599")
    assert one.dates == DateRange(date(2026, 9, 1), date(2026, 9, 3))
    assert one.lines[0] == SubmittedLine(
        "HC:99213:25", Decimal(150), Decimal(1), DateRange(date(2026, 9, 1), date(2026, 9, 1)), "", "L-1"
    )


def test_a_line_number_without_a_service_is_no_line() -> None:
    plain = submitted()
    lines = "LX*1~LX*2~SV1*HC:99213:25*150*UN*1***1~DTP*472*D8*20260901~"
    lines += "LX*3~SV1*HC:85025*100*UN*2***1~DTP*472*D8*20260903~"
    assert [line.procedure for line in submitted(lines=lines).lines] == [line.procedure for line in plain.lines]


def test_an_institutional_claim_has_a_type_of_bill_and_the_days_of_its_statement() -> None:
    [one] = read(file(Patient((stay(),)), guide=INSTITUTIONAL))
    assert (one.bill_type, one.dates) == ("111", DateRange(date(2026, 9, 1), date(2026, 9, 4)))
    assert [(line.procedure, line.revenue_code, line.units) for line in one.lines] == [
        ("", "0120", Decimal(3)),
        ("HC:85025", "0301", Decimal(1)),
    ]


def test_a_dependents_claim_is_under_the_subscriber() -> None:
    one = submitted(patient=Patient((claim(),), FAMILY, SON))
    assert one.dependent is not None
    assert (one.dependent.first_name, one.dependent.birth_date) == ("TAM", date(2015, 3, 1))
    assert one.subscriber.identifier == "W100000001"
    assert held(one).patient_number == "02"


def test_the_next_subscriber_has_no_dependent() -> None:
    claims = read(file(Patient((claim("A-1"),), FAMILY, SON), Patient((claim("A-2"),))))
    assert [one.dependent is None for one in claims] == [False, True]


def test_a_prescription_is_that_of_the_drug() -> None:
    drug = "LX*1~SV1*HC:J1234*50*UN*1***1~DTP*472*D8*20260901~LIN**N4*00093015001~CTP****30*UN~REF*XZ*RX-77~"
    one = submitted(charge="50", lines=drug)
    assert (one.prescription, held(one).prescription) == ("RX-77", "RX-77")


def test_a_new_claim_was_received_and_accepted_on_the_day_it_was_sent() -> None:
    made = held(submitted())
    assert made.events == (StatusEvent(SENT, (RECEIVED,)), StatusEvent(SENT, (ACCEPTED,)))
    assert (str(RECEIVED), str(ACCEPTED)) == ("A1:19:40", "A2:20")
    assert made.claim_id == made.claim_number == claim_number(submitted())
    assert (made.group_number, made.patient_account, made.clearinghouse_number) == ("GRP-7", "ACC-1", "CH-1")


def test_no_claim_counts_as_received_after_today() -> None:
    made = taken(submitted(), today=date(2026, 9, 2))
    assert isinstance(made, Claim)
    assert {event.effective for event in made.events} == {date(2026, 9, 2)}


def test_a_line_without_a_procedure_is_told_by_its_revenue_code() -> None:
    [one] = read(file(Patient((stay(),)), guide=INSTITUTIONAL))
    made = held(one)
    assert [(line.procedure, line.revenue_code) for line in made.lines] == [("NU:0120", ""), ("HC:85025", "0301")]
    assert made.bill_type == "111"


def test_the_same_claim_has_the_same_number_whenever_it_is_sent() -> None:
    [later] = read(file(Patient((claim("A-0"), claim(), claim("A-2"))), sent="20261001"))[1:2]
    assert claim_number(later) == claim_number(submitted())


@pytest.mark.parametrize(
    "changes",
    [
        {"account": "ACC-2"},
        {"references": "REF*D9*CH-2~"},
        {"frequency": "7", "references": "REF*F8*N~REF*D9*CH-1~"},
        {"after": "NM1*82*1*WREN*IDA****XX*1245319599~"},
        {"charge": "150", "lines": "LX*1~SV1*HC:99213*150*UN*1***1~DTP*472*D8*20260901~"},
    ],
)
def test_another_claim_has_another_number(changes: dict[str, str]) -> None:
    assert claim_number(submitted(**changes)) != claim_number(submitted())


def replacement(original: Claim, **changes: str) -> SubmittedClaim:
    return submitted(frequency="7", references=f"REF*F8*{original.claim_number}~REF*D9*CH-2~", **changes)


def test_a_replacement_goes_on_as_the_original_with_its_history() -> None:
    original = held(submitted())
    line = "LX*1~SV1*HC:99214*210*UN*1***1~DTP*472*D8*20260901~"
    changed = held(replacement(original, charge="210", lines=line), original)
    assert changed.claim_id == original.claim_id
    assert changed.claim_number != original.claim_number
    assert changed.former_numbers == (original.claim_number,)
    assert (changed.charge, changed.clearinghouse_number) == (Decimal(210), "CH-2")
    assert changed.lines == (ServiceLine("HC:99214", Decimal(210), DateRange(date(2026, 9, 1), date(2026, 9, 1))),)
    assert changed.events == (*original.events, StatusEvent(SENT, (RECEIVED,)), StatusEvent(SENT, (ACCEPTED,)))


def test_what_a_replacement_changes_is_not_before_what_has_become_of_the_claim() -> None:
    paid = StatusEvent(date(2026, 9, 20), (parse_status_code("F1:65"),), Decimal(100), date(2026, 9, 20))
    original = held(submitted())
    original = replace(original, events=(*original.events, paid))
    assert held(replacement(original), original).events[-1] == StatusEvent(date(2026, 9, 20), (ACCEPTED,))


def test_a_void_ends_the_original_with_nothing_paid() -> None:
    original = held(submitted())
    void = submitted(frequency="8", references=f"REF*F8*{original.claim_number}~")
    ended = held(void, original)
    assert (ended.claim_id, ended.charge, ended.lines) == (original.claim_id, original.charge, original.lines)
    assert ended.events[-1] == StatusEvent(SENT, (VOIDED,), Decimal(0), SENT)
    assert ended.former_numbers == (original.claim_number,)


def test_a_replacement_can_be_replaced_by_any_of_its_numbers() -> None:
    original = held(submitted())
    second = held(replacement(original), original)
    third = held(replacement(second, account="ACC-9"), second)
    assert third.former_numbers == (original.claim_number, second.claim_number)
    assert third.claim_id == original.claim_id


def _obstacles() -> dict[IntakeObstacle, tuple[SubmittedClaim, tuple[Claim, ...]]]:
    first = submitted()
    original = held(first)
    changing = replacement(original)
    wrong_name = SUBSCRIBER.replace("QUILLFEATHER", "WREN")
    wrong_birth = SUBSCRIBER.replace("19800131", "19800201")
    nobody = SON.replace("TAM", "IDA").replace("20150301", "20150302")
    foreign = replace(original, billing_tin="990000009")
    twin = replace(original, claim_id="TWIN")
    unknown = replace(first, subscriber=replace(first.subscriber, identifier="W999"))
    return {
        IntakeObstacle.MEMBER_ID_MISSING: (replace(first, subscriber=replace(first.subscriber, identifier="")), ()),
        IntakeObstacle.SUBSCRIBER_NOT_FOUND: (unknown, ()),
        IntakeObstacle.SUBSCRIBER_NAME: (submitted(patient=Patient((claim(),), wrong_name)), ()),
        IntakeObstacle.SUBSCRIBER_BIRTH_DATE: (submitted(patient=Patient((claim(),), wrong_birth)), ()),
        IntakeObstacle.PATIENT_NOT_UNDER_SUBSCRIBER: (submitted(patient=Patient((claim(),), FAMILY, nobody)), ()),
        IntakeObstacle.SERVICE_DAYS_MISSING: (replace(first, dates=None), ()),
        IntakeObstacle.ORIGINAL_NOT_NAMED: (replace(changing, original_number=""), (original,)),
        IntakeObstacle.ORIGINAL_NOT_FOUND: (changing, ()),
        IntakeObstacle.ORIGINAL_OF_ANOTHER: (changing, (foreign, replace(original, patient_number="02"))),
        IntakeObstacle.ORIGINAL_DIVIDED: (changing, (original, twin)),
    }


@pytest.mark.parametrize("obstacle", IntakeObstacle)
def test_each_obstacle_is_met(obstacle: IntakeObstacle) -> None:
    one, originals = _obstacles()[obstacle]
    assert taken(one, *originals) is obstacle


def test_a_subscribers_claim_may_come_before_the_coverage() -> None:
    one = submitted()
    made = take_in(one, claim_number(one), [], (), TODAY)
    assert isinstance(made, Claim)
    assert made.patient_number == "01"


def test_a_dependents_claim_may_not_come_before_the_coverage() -> None:
    one = submitted(patient=Patient((claim(),), FAMILY, SON))
    assert take_in(one, claim_number(one), [], (), TODAY) is IntakeObstacle.SUBSCRIBER_NOT_FOUND


def test_a_claim_that_no_277_could_tell_is_refused_without_its_values() -> None:
    with pytest.raises(InvalidClaimError) as refused:
        taken(replace(submitted(), billing_tin="SECRET"))
    assert "SECRET" not in str(refused.value)


def test_no_repr_shows_who_a_patient_is() -> None:
    one = submitted(patient=Patient((claim(),), FAMILY, SON))
    for secret in ("QUILLFEATHER", "TAM", "W100000001", "20150301", "ACC-1", "CH-1", "GRP-7"):
        assert secret not in repr(one)


def test_the_file_that_loading_is_measured_with_conforms_and_has_each_claim_once() -> None:
    made = book(300, 7, book_day())
    data = "".join(claim_file(made, 120, 2)).encode()
    claims = read(data)
    assert len({claim_number(one) for one in claims}) == len(claims) == 120
    assert {one.dependent is None for one in claims} == {True, False}
