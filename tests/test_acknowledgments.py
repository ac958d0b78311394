"""TA1 and 999 from values: order, limits, and that nothing a partner sent can make them malformed."""

import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyx12.params import ParamsBase
from pyx12.x12n_document import x12n_document

from edi.acknowledgment import (
    BusinessUnit,
    BusinessUnitName,
    ElementNote,
    ElementPosition,
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    SegmentNote,
    TransactionAcknowledgment,
    Trigger,
)
from edi.acknowledgment_codes import (
    ElementError,
    GroupError,
    InterchangeNote,
    InterchangeStatus,
    SegmentError,
    TransactionError,
)
from edi.acknowledgment_writing import (
    BAD_VALUE_MAX,
    CONTEXT_REFERENCE_MAX,
    ELEMENT_NOTES_MAX,
    ELEMENT_TRIGGERS_MAX,
    SEGMENT_NOTES_MAX,
    SEGMENT_TRIGGERS_MAX,
    control_numbers_needed,
    readable_transaction,
    write_acknowledgments,
)
from edi.envelope import Address, InterchangeHeader
from edi.sensitive import is_sensitive

HEADER = InterchangeHeader(
    Address("ZZ", "PAYER01"), Address("ZZ", "SUBMITTER01"), datetime(2026, 6, 1, 9, 30, tzinfo=UTC), control_number=7
)
ACCEPTED = TransactionAcknowledgment("270", "0001", "005010X279A1")


def accepted_by_pyx12(data: bytes) -> bool:
    report = io.StringIO()
    accepted = x12n_document(ParamsBase(), io.StringIO(data.decode("ascii")), None, None, None, report)
    assert json.loads(report.getvalue())["interchanges"]
    return bool(accepted)


def group(*transactions: TransactionAcknowledgment, **changes: object) -> GroupAcknowledgment:
    values: dict[str, object] = {
        "functional_identifier": "HS",
        "control_number": "101",
        "guide": "005010X279A1",
        "sender": "SUBMITTER01",
        "receiver": "PAYER01",
        "included": len(transactions),
        "received": len(transactions),
        "accepted": sum(one.status != "R" for one in transactions),
        "transactions": transactions,
    }
    return GroupAcknowledgment(**(values | changes))  # type: ignore[arg-type]


def segments(data: bytes) -> list[str]:
    return data.decode("ascii").split("~")[:-1]


def written(*transactions: TransactionAcknowledgment, **changes: object) -> list[str]:
    """The 999 from AK1 to AK9."""
    whole = segments(write_acknowledgments(HEADER, None, [group(*transactions, **changes)]))
    return whole[3:-3]


def with_note(note: SegmentNote) -> TransactionAcknowledgment:
    return TransactionAcknowledgment("270", "0001", "005010X279A1", notes=[note])


def test_a_999_is_written_in_the_order_of_its_guide() -> None:
    note = SegmentNote(
        "NM1",
        8,
        SegmentError.ELEMENTS_IN_ERROR,
        "2000A/2000B/2000C/2100C",
        triggers=[Trigger("HL", 6, "2000C", ElementPosition(4))],
        business_unit=BusinessUnit(BusinessUnitName.TRACE_NUMBER, "TRACE-1"),
        elements=[
            ElementNote(ElementPosition(8, 2, 3), ElementError.CODE, "66", "QQ", triggers=[Trigger("NM1", 8, "2100C")])
        ],
    )
    rejected = TransactionAcknowledgment("270", "0002", "005010X279A1", [TransactionError.SEGMENT_COUNT], [note])
    data = write_acknowledgments(HEADER, None, [group(ACCEPTED, rejected)])
    assert segments(data) == [
        "ISA*00*          *00*          *ZZ*PAYER01        *ZZ*SUBMITTER01    *260601*0930*^*00501*000000007*0*P*:",
        "GS*FA*PAYER01*SUBMITTER01*20260601*093000*7*X*005010X231A1",
        "ST*999*0001*005010X231A1",
        "AK1*HS*101*005010X279A1",
        "AK2*270*0001*005010X279A1",
        "IK5*A",
        "AK2*270*0002*005010X279A1",
        "IK3*NM1*8*2100*8",
        "CTX*TRN02:TRACE-1",
        "CTX*SITUATIONAL TRIGGER*HL*6*2000*4",
        "IK4*8:2:3*66*7*QQ",
        "CTX*SITUATIONAL TRIGGER*NM1*8*2100",
        "IK5*R*4*5",
        "AK9*P*2*2*1",
        "SE*13*0001",
        "GE*1*7",
        "IEA*1*000000007",
    ]
    assert accepted_by_pyx12(data)


def test_a_ta1_repeats_the_control_number_date_and_time_of_the_interchange() -> None:
    ta1 = InterchangeAcknowledgment("000000101", "260601", "0915", InterchangeNote.GROUP_COUNT)
    data = write_acknowledgments(HEADER, ta1)
    assert segments(data)[1:] == ["TA1*000000101*260601*0915*R*021", "IEA*0*000000007"]
    assert accepted_by_pyx12(data)


def test_a_ta1_for_an_accepted_interchange_says_so() -> None:
    ta1 = InterchangeAcknowledgment("000000101", "260601", "0915")
    assert ta1.status is InterchangeStatus.ACCEPTED
    assert segments(write_acknowledgments(HEADER, ta1))[1] == "TA1*000000101*260601*0915*A*000"


@pytest.mark.parametrize("note", [note for note in InterchangeNote if note is not InterchangeNote.NONE])
def test_every_interchange_note_rejects(note: InterchangeNote) -> None:
    ta1 = InterchangeAcknowledgment("000000101", "260601", "0915", note)
    assert segments(write_acknowledgments(HEADER, ta1))[1] == f"TA1*000000101*260601*0915*R*{note.value}"


def test_what_a_broken_isa_does_not_tell_gets_placeholders_in_the_ta1() -> None:
    ta1 = InterchangeAcknowledgment("12AB", "991399", "2560", InterchangeNote.CONTROL_NUMBER)
    data = write_acknowledgments(HEADER, ta1)
    assert segments(data)[1] == "TA1*000000000*260601*0930*R*018"
    assert accepted_by_pyx12(data)


@pytest.mark.parametrize(
    ("transactions", "changes", "expected"),
    [
        ((ACCEPTED, ACCEPTED), {}, "AK9*A*2*2*2"),
        (
            (ACCEPTED, TransactionAcknowledgment("270", "0002", errors=[TransactionError.SEGMENT_COUNT])),
            {},
            "AK9*P*2*2*1",
        ),
        ((TransactionAcknowledgment("270", "0002", errors=[TransactionError.SEGMENT_COUNT]),), {}, "AK9*R*1*1*0"),
        (
            (TransactionAcknowledgment("270", "0002", errors=[TransactionError.SEGMENT_COUNT], tolerated=True),),
            {},
            "AK9*E*1*1*1",
        ),
        ((ACCEPTED,), {"errors": [GroupError.TRANSACTION_COUNT], "included": 3, "accepted": 0}, "AK9*R*3*1*0*5"),
        ((), {}, "AK9*A*0*0*0"),
        ((ACCEPTED,), {"errors": [*GroupError, *GroupError], "accepted": 0}, "AK9*R*1*1*0*1*2*3*4*5"),
        ((ACCEPTED,), {"included": 9_999_999_999}, "AK9*A*999999*1*1"),
    ],
)
def test_the_status_of_a_group_follows_from_its_sets(
    transactions: tuple[TransactionAcknowledgment, ...], changes: dict[str, object], expected: str
) -> None:
    assert written(*transactions, **changes)[-1] == expected


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        (SegmentNote("EQ", 9, SegmentError.TOO_OFTEN), "IK5*R*5"),
        (SegmentNote("EQ", 9, SegmentError.NOT_USED), "IK5*R*I5"),
        (
            SegmentNote(
                "EQ",
                9,
                SegmentError.ELEMENTS_IN_ERROR,
                elements=[ElementNote(ElementPosition(1), ElementError.CODE_NOT_IN_GUIDE)],
            ),
            "IK5*R*I5",
        ),
        (
            SegmentNote(
                "EQ",
                9,
                SegmentError.ELEMENTS_IN_ERROR,
                elements=[
                    ElementNote(ElementPosition(1), ElementError.NOT_USED),
                    ElementNote(ElementPosition(2), ElementError.TOO_LONG),
                ],
            ),
            "IK5*R*5*I5",
        ),
    ],
)
def test_ik5_tells_errors_against_the_standard_from_errors_against_the_guide(note: SegmentNote, expected: str) -> None:
    assert written(with_note(note))[-2] == expected


def test_at_most_five_errors_of_a_set_are_told() -> None:
    transaction = TransactionAcknowledgment("270", "0001", errors=[*TransactionError, *TransactionError])
    assert written(transaction)[-2] == "IK5*R*1*2*3*4*5"


def test_delimiters_in_what_was_sent_become_spaces() -> None:
    element = ElementNote(ElementPosition(1), ElementError.CODE, "1365", "A*B~C:D^E")
    note = SegmentNote("EQ", 9, SegmentError.ELEMENTS_IN_ERROR, elements=[element])
    assert "IK4*1*1365*7*A B C D E" in written(with_note(note))


def test_values_with_characters_outside_of_x12s_sets_are_left_out() -> None:
    element = ElementNote(ElementPosition(1), ElementError.CHARACTER, "1365", "A\x1dB\x1c")
    unit = BusinessUnit(BusinessUnitName.TRACE_NUMBER, "TRACE\x00")
    note = SegmentNote("EQ", 9, SegmentError.ELEMENTS_IN_ERROR, business_unit=unit, elements=[element])
    assert written(with_note(note))[2:4] == ["IK3*EQ*9**8", "IK4*1*1365*6"]


def test_long_values_are_cut_to_their_data_element() -> None:
    element = ElementNote(ElementPosition(150, 150, 15_000), ElementError.TOO_LONG, "1365", "A" * 500)
    unit = BusinessUnit(BusinessUnitName.CLAIM_NUMBER, "C" * 50)
    note = SegmentNote("EQ", 9, SegmentError.ELEMENTS_IN_ERROR, business_unit=unit, elements=[element])
    told = written(with_note(note))
    assert f"CTX*CLM01:{'C' * CONTEXT_REFERENCE_MAX}" in told
    assert f"IK4*99:99:9999*1365*5*{'A' * BAD_VALUE_MAX}" in told


def test_what_is_no_segment_identifier_is_not_repeated() -> None:
    told = written(with_note(SegmentNote("ROWAN", 9, SegmentError.UNKNOWN)))
    assert "IK3*ZZZ*9**1" in told
    assert "ROWAN" not in "".join(told)


def test_a_group_header_that_cannot_be_repeated_gets_placeholders() -> None:
    changes = {"functional_identifier": "", "control_number": "X1", "guide": "", "sender": "", "receiver": "\x01"}
    data = write_acknowledgments(HEADER, None, [group(ACCEPTED, **changes)])
    assert segments(data)[1].startswith("GS*FA*UNKNOWN*UNKNOWN*")
    assert segments(data)[3] == "AK1*ZZ*0*UNKNOWN"


def test_the_notes_of_a_set_and_of_a_segment_are_bounded() -> None:
    element = ElementNote(ElementPosition(1), ElementError.CODE)
    many = [SegmentNote("EQ", 9, SegmentError.ELEMENTS_IN_ERROR, elements=[element] * (ELEMENT_NOTES_MAX + 1))]
    told = written(TransactionAcknowledgment("270", "0001", notes=many * (SEGMENT_NOTES_MAX + 1)))
    assert sum(one.startswith("IK3") for one in told) == SEGMENT_NOTES_MAX
    assert sum(one.startswith("IK4") for one in told) == SEGMENT_NOTES_MAX * ELEMENT_NOTES_MAX


def test_triggers_are_bounded_as_pyx12_counts_them() -> None:
    many = [Trigger("HL", 3)] * (SEGMENT_TRIGGERS_MAX + ELEMENT_TRIGGERS_MAX)
    element = ElementNote(ElementPosition(1), ElementError.CONDITIONAL_MISSING, triggers=many)
    unit = BusinessUnit(BusinessUnitName.TRACE_NUMBER, "TRACE-1")
    note = SegmentNote("EQ", 9, SegmentError.ELEMENTS_IN_ERROR, "2110C", many, unit, [element])
    data = write_acknowledgments(HEADER, None, [group(with_note(note))])
    assert data.count(b"CTX") == 1 + SEGMENT_TRIGGERS_MAX + ELEMENT_TRIGGERS_MAX
    assert accepted_by_pyx12(data)


def test_groups_of_the_same_partners_share_an_fa_group_and_others_do_not() -> None:
    groups = [group(ACCEPTED), group(ACCEPTED, control_number="102"), group(ACCEPTED, sender="OTHER")]
    data = write_acknowledgments(HEADER, None, groups)
    headers = [one.split("*") for one in segments(data) if one.startswith(("GS*", "ST*"))]
    assert [(one[0], one[2] if one[0] == "ST" else one[3]) for one in headers] == [
        ("GS", "SUBMITTER01"),
        ("ST", "0001"),
        ("ST", "0002"),
        ("GS", "OTHER"),
        ("ST", "0001"),
    ]
    assert control_numbers_needed(groups) == 2
    assert accepted_by_pyx12(data)


@pytest.mark.parametrize(
    ("identifier", "control_number", "readable"),
    [("270", "0001", True), ("270", "123456789", True), ("27", "0001", False), ("2:0", "0001", False)]
    + [("270", number, False) for number in ("", "001", "1234567890", "00\x0001", "1   ")],
)
def test_an_ak2_needs_an_identifier_and_a_control_number_that_can_be_repeated(
    identifier: str, control_number: str, readable: bool
) -> None:
    assert readable_transaction(identifier, control_number) is readable


@pytest.mark.parametrize(
    ("segment_id", "data_element", "entity", "expected"),
    [
        ("NM1", "1035", "IL", True),
        ("NM1", "67", "QC", True),
        ("NM1", "67", "1P", False),
        ("NM1", "66", "IL", False),
        ("NM1", "", "1P", True),
        ("DMG", "1251", "", True),
        ("DTP", "1251", "", False),
        ("REF", "127", "", True),
        ("TRN", "127", "", False),
        ("EQ", "1365", "", False),
        ("ISA", "I04", "", True),
    ],
)
def test_names_identifiers_and_birth_dates_are_sensitive(
    segment_id: str, data_element: str, entity: str, expected: bool
) -> None:
    assert is_sensitive(segment_id, data_element, entity) is expected


def test_no_repr_shows_a_bad_value() -> None:
    assert "ROWAN" not in repr(ElementNote(ElementPosition(3), ElementError.TOO_LONG, "1035", "ROWAN"))


anything = st.text(max_size=120)
positions = st.builds(
    ElementPosition, st.integers(1, 200), st.none() | st.integers(1, 200), st.none() | st.integers(1, 20_000)
)
triggers = st.builds(Trigger, anything, st.integers(1, 200_000), anything, st.none() | positions)
element_notes = st.builds(
    ElementNote, positions, st.sampled_from(ElementError), anything, anything, st.lists(triggers, max_size=12)
)
units = st.none() | st.builds(BusinessUnit, st.sampled_from(BusinessUnitName), anything)
segment_notes = st.builds(
    SegmentNote,
    anything,
    st.integers(1, 200_000),
    st.sampled_from(SegmentError),
    anything,
    st.lists(triggers, max_size=11),
    units,
    st.lists(element_notes, max_size=3),
)
readable_sets = st.builds(
    TransactionAcknowledgment,
    st.just("270"),
    anything.filter(lambda text: readable_transaction("270", text)) | st.just("0001"),
    anything,
    st.lists(st.sampled_from(TransactionError), max_size=7),
    st.lists(segment_notes, max_size=3),
)
groups = st.builds(
    GroupAcknowledgment,
    st.just("HS"),
    anything,
    anything,
    anything,
    anything,
    st.integers(0, 10**10),
    st.integers(0, 10**10),
    st.integers(0, 10**10),
    st.lists(readable_sets, max_size=2),
    st.lists(st.sampled_from(GroupError), max_size=7),
)
ta1s = st.builds(InterchangeAcknowledgment, anything, anything, anything, st.sampled_from(InterchangeNote))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.none() | ta1s, st.lists(groups, min_size=1, max_size=2))
def test_whatever_was_sent_the_answer_is_well_formed(
    ta1: InterchangeAcknowledgment | None, answered: list[GroupAcknowledgment]
) -> None:
    assert accepted_by_pyx12(write_acknowledgments(HEADER, ta1, answered))
