"""Every code of the TA1 and the 999 that can be told, from real bytes."""

import pytest

from edi.acknowledgment_codes import ElementError, GroupError, InterchangeNote, SegmentError, TransactionError
from parsers import check
from parsers.acknowledging import acknowledge_interchange
from parsers.framing import read
from tests.received import DEPENDENT, GS, ISA, PROCEDURE, SET, TRAILERS, WRITTEN_AT, changed, counted, told, with_sets

INTERCHANGES = {
    InterchangeNote.CONTROL_NUMBERS_DIFFER: DEPENDENT.replace("IEA*1*000000101", "IEA*1*000000102"),
    InterchangeNote.VERSION_NOT_SUPPORTED: DEPENDENT.replace("*00501*", "*00601*"),
    InterchangeNote.SEGMENT_TERMINATOR: DEPENDENT.replace("*T*:~", "*T*::", 1),
    InterchangeNote.SENDER_QUALIFIER: DEPENDENT.replace("*ZZ*SUBMITTER01", "*XX*SUBMITTER01"),
    InterchangeNote.SENDER_ID: DEPENDENT.replace("*SUBMITTER01    *", "*SUBMITTER01*"),
    InterchangeNote.RECEIVER_QUALIFIER: DEPENDENT.replace("*ZZ*PAYER01", "*XX*PAYER01"),
    InterchangeNote.RECEIVER_ID: DEPENDENT.replace("*PAYER01        *", "*PAYER01*"),
    InterchangeNote.AUTHORIZATION_QUALIFIER: DEPENDENT.replace("ISA*00", "ISA*99"),
    InterchangeNote.AUTHORIZATION_INFORMATION: DEPENDENT.replace("ISA*00*          ", "ISA*00*         \x01"),
    InterchangeNote.SECURITY_QUALIFIER: DEPENDENT.replace("*00*          *ZZ", "*99*          *ZZ"),
    InterchangeNote.SECURITY_INFORMATION: DEPENDENT.replace("*          *ZZ*SUB", "*         \x01*ZZ*SUB"),
    InterchangeNote.DATE: DEPENDENT.replace("*260601*0930*^", "*261301*0930*^"),
    InterchangeNote.TIME: DEPENDENT.replace("*260601*0930*^", "*260601*2530*^"),
    InterchangeNote.STANDARDS_ID: DEPENDENT.replace("*^*00501", "*:*00501"),
    InterchangeNote.VERSION_ID: DEPENDENT.replace("*00501*", "*0050A*"),
    InterchangeNote.CONTROL_NUMBER: DEPENDENT.replace("000000101", "00000010A"),
    InterchangeNote.ACKNOWLEDGMENT_REQUESTED: DEPENDENT.replace("*0*T*:", "*2*T*:"),
    InterchangeNote.TEST_INDICATOR: DEPENDENT.replace("*0*T*:", "*0*X*:"),
    InterchangeNote.GROUP_COUNT: DEPENDENT.replace("IEA*1*", "IEA*2*"),
    InterchangeNote.CONTROL_STRUCTURE: GS + SET + TRAILERS,
    InterchangeNote.PREMATURE_END: DEPENDENT[:200],
    InterchangeNote.CONTENT: ISA + GS + "ST*270*0001~" + "HL~" * 200_001,
    InterchangeNote.ELEMENT_SEPARATOR: DEPENDENT.replace("*", "A"),
    InterchangeNote.COMPONENT_SEPARATOR: DEPENDENT.replace("*T*:~", "*T*A~", 1),
}
MADE_BY_THE_GATEWAY = {
    InterchangeNote.STANDARD_NOT_SUPPORTED: "no reading comes to it: without an ISA there is no standard to tell",
    InterchangeNote.UNKNOWN_RECEIVER: "who is known is the payer's knowledge",
    InterchangeNote.DUPLICATE_CONTROL_NUMBER: "told by the second of two interchanges, tested apart",
    InterchangeNote.NONE: "nothing is wrong",
}

GROUPS = {
    GroupError.NOT_SUPPORTED: DEPENDENT.replace("GS*HS*", "GS*H*"),
    GroupError.VERSION_NOT_SUPPORTED: DEPENDENT.replace("*101*X*005010X279A1", "*101*X*"),
    GroupError.TRAILER_MISSING: DEPENDENT.replace("GE*1*101~", ""),
    GroupError.CONTROL_NUMBERS_DIFFER: DEPENDENT.replace("GE*1*101~", "GE*1*102~"),
    GroupError.TRANSACTION_COUNT: DEPENDENT.replace("GE*1*101~", "GE*2*101~"),
    GroupError.CONTROL_NUMBER_SYNTAX: DEPENDENT.replace("*101*X*", "*A*X*").replace("GE*1*101", "GE*1*A"),
    GroupError.CONTROL_NUMBER_NOT_UNIQUE: ISA + (GS + SET + "GE*1*101~") * 2 + "IEA*2*000000101~",
}


@pytest.mark.parametrize("note", INTERCHANGES)
def test_a_bad_interchange_gets_a_ta1_and_nothing_else(note: InterchangeNote) -> None:
    segments = told(INTERCHANGES[note])
    assert [one.split("*")[0] for one in segments] == ["ISA", "TA1", "IEA"]
    assert segments[1].split("*")[4:] == ["R", note.value]


@pytest.mark.parametrize("character", ["*", "~", "A", " ", "\n", "\xe9"])
def test_any_character_anywhere_in_the_isa_gives_a_report(character: str) -> None:
    for place in range(len(ISA)):
        damaged = DEPENDENT[:place] + character + DEPENDENT[place + 1 :]
        report = check(damaged.encode("latin-1"))
        assert check(report.acknowledgment(WRITTEN_AT)).accepted, place


def test_every_interchange_note_is_produced_or_is_the_gateways_own() -> None:
    assert {*INTERCHANGES, *MADE_BY_THE_GATEWAY} == {*InterchangeNote}


def test_the_second_interchange_with_the_same_control_number_is_told_so() -> None:
    segments = [one for one in told(DEPENDENT + DEPENDENT) if one.startswith(("TA1", "AK9"))]
    assert segments == ["AK9*A*1*1*1", "TA1*000000101*260601*0930*R*025"]


@pytest.mark.parametrize(
    "note", [InterchangeNote.SENDER_ID, InterchangeNote.UNKNOWN_RECEIVER, InterchangeNote.DUPLICATE_CONTROL_NUMBER]
)
def test_the_gateway_can_reject_an_interchange_for_its_own_reasons(note: InterchangeNote) -> None:
    (interchange,) = read(DEPENDENT.encode())
    assert acknowledge_interchange(interchange, note).note is note


@pytest.mark.parametrize("error", GroupError)
def test_a_bad_group_is_rejected_as_a_whole(error: GroupError) -> None:
    (status,) = [one.split("*") for one in told(GROUPS[error], accepted_too=False) if one.startswith("AK9")]
    assert status[1] == "R"
    assert status[4] == "0"
    assert error.value in status[5:]


TRANSACTIONS = {
    TransactionError.TRAILER_MISSING: ISA + GS + SET[: SET.index("SE*")] + TRAILERS,
    TransactionError.CONTROL_NUMBERS_DIFFER: DEPENDENT.replace("SE*16*0001", "SE*16*0002"),
    TransactionError.SEGMENT_COUNT: DEPENDENT.replace("SE*16*", "SE*17*"),
    TransactionError.IDENTIFIER: DEPENDENT.replace("ST*270*", "ST*2A0*"),
    TransactionError.CONTROL_NUMBER: DEPENDENT.replace("*0001*005010", "*0001 *005010").replace("*0001~", "*0001 ~"),
    TransactionError.CONTROL_NUMBER_NOT_UNIQUE: ISA + GS + SET + SET + TRAILERS.replace("GE*1*", "GE*2*"),
    TransactionError.SEGMENTS_IN_ERROR: changed("EQ*98~", "EQ*98~EQ*98~ZZZ*1~"),
    TransactionError.NOT_IN_THIS_GROUP: DEPENDENT.replace("GS*HS*", "GS*HR*").replace("X*005010X279A1", "X*005010X212"),
    TransactionError.GUIDE_NOT_SUPPORTED: DEPENDENT.replace("0001*005010X279A1", "0001*005010X999"),
    TransactionError.NOT_SUPPORTED: DEPENDENT.replace("ST*270*0001*005010X279A1", "ST*850*0001*005010"),
    TransactionError.GUIDE_SEGMENTS_IN_ERROR: changed("NM1*03*1*ROWAN*BEN~", "NM1*03*1*ROWAN*BEN***JR*24*123456789~"),
}


NOT_TOLD_OF_TRANSACTIONS = {TransactionError.GUIDE_VERSION: "a wrong ST03 is told as I6, as RFI 1438 allows"}


def test_every_error_of_a_transaction_set_is_produced_or_told_otherwise() -> None:
    assert {*TRANSACTIONS, *NOT_TOLD_OF_TRANSACTIONS} == {*TransactionError}


@pytest.mark.parametrize("error", TRANSACTIONS)
def test_a_bad_transaction_set_is_rejected_with_its_code(error: TransactionError) -> None:
    statuses = [one.split("*") for one in told(TRANSACTIONS[error], accepted_too=False) if one.startswith("IK5")]
    assert statuses
    assert statuses[-1][1] == "R"
    assert error.value in statuses[-1][2:]


SEGMENTS = {
    SegmentError.UNKNOWN: (changed("EQ*98~", "EQ*98~ZZZ*1~"), "IK3*ZZZ*16*2110*1"),
    SegmentError.REQUIRED_MISSING: (changed("BHT*0022*13*INQ-1002*20260601*0930~", ""), "IK3*BHT*2**3"),
    SegmentError.LOOP_TOO_OFTEN: (changed("EQ*98~", "EQ*98~" * 100), "IK3*EQ*114*2110*4"),
    SegmentError.TOO_OFTEN: (changed("INS*N*19~", "INS*N*19~INS*N*19~"), "IK3*INS*14*2100*5"),
    SegmentError.ELEMENTS_IN_ERROR: (changed("EQ*98~", "EQ*Q8~"), "IK3*EQ*15*2110*8"),
}
_AS_PYX12 = "a segment without a place is told as 1, whatever the reason"
_NO_RULE = "no guide at hand has such a rule"
NOT_TOLD_OF_SEGMENTS = {
    SegmentError.UNEXPECTED: _AS_PYX12,
    SegmentError.NOT_IN_SET: _AS_PYX12,
    SegmentError.OUT_OF_ORDER: _AS_PYX12,
    SegmentError.NOT_USED: _NO_RULE,
    SegmentError.DEPENDENT_MISSING: _NO_RULE,
    SegmentError.LOOP_TOO_SELDOM: _NO_RULE,
    SegmentError.TOO_SELDOM: _NO_RULE,
    SegmentError.DEPENDENT_NOT_USED: _NO_RULE,
}

ELEMENTS = {
    ElementError.REQUIRED_MISSING: (changed("BHT*0022*13", "BHT*0022*"), "IK4*2*353*1"),
    ElementError.CONDITIONAL_MISSING: (changed("DMG*D8*20150909", "DMG**20150909"), "IK4*1*1250*2"),
    ElementError.TOO_MANY_ELEMENTS: (changed("INS*N*19~", "INS*N*19" + "*" * 16 + "X~"), "IK4*18**3"),
    ElementError.TOO_SHORT: (changed("*20260601*0930~", "*20260601*093~"), "IK4*5*337*4*093"),
    ElementError.TOO_LONG: (changed("TRN*1*TRACE-1002", "TRN*1*" + "T" * 51), "IK4*2*127*5*" + "T" * 51),
    ElementError.CHARACTER: (changed("TRN*1*TRACE-1002", "TRN*1*TRACE-1002 "), "IK4*2*127*6*TRACE-1002"),
    ElementError.CODE: (changed("EQ*98~", "EQ*Q8~"), "IK4*1*1365*7*Q8"),
    ElementError.DATE: (changed("*20260601*0930~", "*20261301*0930~"), "IK4*4*373*8*20261301"),
    ElementError.TIME: (changed("*20260601*0930~", "*20260601*2530~"), "IK4*5*337*9*2530"),
    ElementError.EXCLUSION: (
        PROCEDURE.replace("N4*COLUMBUS*OH*43215", "N4*COLUMBUS*OH*43215*CA***ON", 1),
        "IK4*7*1715*10",
    ),
    ElementError.TOO_MANY_REPETITIONS: (
        changed("EQ*98~", "EQ*" + "^".join(["98"] * 100) + "~"),
        "IK4*1::100*1365*12*98",
    ),
    ElementError.TOO_MANY_COMPONENTS: (
        PROCEDURE.replace("HC:99213:25", "HC:99213:25::::::31"),
        "IK4*2:9**13*31",
    ),
    ElementError.NOT_USED: (changed("NM1*03*1*ROWAN*BEN~", "NM1*03*1*ROWAN*BEN****24~"), "IK4*8*66*I10*24"),
    ElementError.PATTERN: (changed("HL*2*1*21", "HL*3*1*21"), "IK4*1*628*I12*3"),
}
NOT_TOLD_OF_ELEMENTS = {
    ElementError.CODE_NOT_IN_GUIDE: "the guides hold their own codes only, so any other is told as 7, as by pyx12",
    ElementError.DEPENDENT_MISSING: _NO_RULE,
    ElementError.TOO_FEW_REPETITIONS: _NO_RULE,
    ElementError.DEPENDENT_NOT_USED: _NO_RULE,
}


@pytest.mark.parametrize("error", SEGMENTS)
def test_a_bad_segment_is_told_where_it_stands(error: SegmentError) -> None:
    text, expected = SEGMENTS[error]
    assert expected in told(text)


@pytest.mark.parametrize("error", ELEMENTS)
def test_a_bad_element_is_told_where_it_stands(error: ElementError) -> None:
    text, expected = ELEMENTS[error]
    segments = told(text)
    assert expected in segments
    assert next(one for one in segments if one.startswith("IK3")).endswith("*8")


def test_every_error_of_segments_and_elements_is_produced_or_cannot_be() -> None:
    assert {*SEGMENTS, *NOT_TOLD_OF_SEGMENTS} == {*SegmentError}
    assert {*ELEMENTS, *NOT_TOLD_OF_ELEMENTS} == {*ElementError}


def test_the_trace_number_of_the_patient_in_error_is_told_and_no_other() -> None:
    first = DEPENDENT[DEPENDENT.index("HL*3*2") : DEPENDENT.index("SE*")]
    second = first.replace("HL*3*2", "HL*5*2").replace("HL*4*3", "HL*6*5").replace("1002", "1003")
    one = SET.replace(first, first + second.replace("EQ*98", "EQ*Q8"))
    assert [one for one in told(with_sets(counted(one))) if one.startswith("CTX")] == ["CTX*TRN02:TRACE-1003"]


def test_the_element_that_asks_for_a_missing_one_is_told_as_its_trigger() -> None:
    segments = told(changed("DMG*D8*20150909", "DMG**20150909"))
    at = segments.index("IK4*1*1250*2")
    assert segments[at + 1] == "CTX*SITUATIONAL TRIGGER*DMG*12*2100*2"


def test_an_error_outside_of_any_patient_has_no_business_unit() -> None:
    assert not [one for one in told(changed("NM1*1P*2*", "NM1*1P*9*")) if one.startswith("CTX")]


def test_a_segment_missing_at_the_end_of_a_patient_has_the_patients_trace_number() -> None:
    assert told(changed("EQ*98~", ""))[5:7] == ["IK3*EQ*15*2110*3", "CTX*TRN02:TRACE-1002"]


def test_bad_names_ids_and_birth_dates_are_not_copied_into_the_999() -> None:
    long_name = told(changed("NM1*03*1*ROWAN*BEN", "NM1*03*1*" + "MARKED" * 20 + "*BEN"))
    assert "IK4*3*1035*5" in long_name
    birth = told(changed("DMG*D8*20150909", "DMG*D8*20159999"))
    assert "IK4*2*1251*8" in birth


def test_the_bad_number_of_a_provider_is_copied_into_the_999() -> None:
    segments = told(changed("*XX*1234567893", "*XX*" + "9" * 81))
    assert "IK4*9*67*5*" + "9" * 81 in segments
