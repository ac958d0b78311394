"""The guide check: what is wrong with a transaction set, and where exactly."""

from collections.abc import Callable
from functools import partial

import pytest

from benchmarks.conformance import one_inquiry
from edi.acknowledgment_codes import ElementError, GroupError, SegmentError, TransactionError
from parsers import limits
from parsers.conformance import TransactionCheck, check_group, check_transaction
from parsers.findings import Finding, Level
from parsers.framing import read
from parsers.guide_library import find_guide
from tests.timing import assert_linear, assert_takes_at_most, cpu_seconds

INQUIRY = one_inquiry().decode()


def findings(text: str) -> list[Finding]:
    """Of the guide check alone, framing left out."""
    found = []
    for interchange in read(text.encode("latin-1")):
        for group in interchange.groups:
            found += check_group(group, interchange)
            for transaction in group.transactions:
                found += check_transaction(transaction, group, interchange)
    return found


def brief(text: str) -> set[tuple[str, int | None, int | None, str]]:
    """Segment identifier, position, element and code of each finding."""
    return {(f.segment_id, f.segment, f.element, str(f.code)) for f in findings(text)}


def edited(old: str, new: str) -> str:
    assert old in INQUIRY
    return INQUIRY.replace(old, new)


def test_a_valid_inquiry_has_no_findings() -> None:
    assert findings(INQUIRY) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # segments
        ("BHT*0022*13*INQ-0001*20260601*0930~", "", {("BHT", 2, None, "3")}),
        ("NM1*PR*2*HARBOR HEALTH PLAN*****PI*PAYER01~", "", {("NM1", 4, None, "3")}),
        ("DTP*291", "XYZ*1~DTP*291", {("XYZ", 15, None, "1")}),
        ("N3*12", "N3*12 QUAY~N3*12", {("N3", 13, None, "5")}),
        ("EQ*30", "EQ*30~EQ*35", set()),
        ("HL*3*2*22*0~", "", {("TRN", 8, None, "1")}),
        # elements
        ("TRN*1*TRACE-0001", "TRN*1*", {("TRN", 9, 2, "1")}),
        ("BHT*0022*13", "BHT*0022*99", {("BHT", 2, 2, "7")}),
        ("*20260601*0930~HL", "*20260631*0930~HL", {("BHT", 2, 4, "8")}),
        ("*20260601*0930~HL", "*20260601*2560~HL", {("BHT", 2, 5, "9")}),
        ("*0930~HL", "*0930*XX~HL", {("BHT", 2, 6, "7")}),
        ("N3*12 QUAY STREET", "N3*" + "A" * 56, {("N3", 12, 1, "5")}),
        ("N4*PORTLAND", "N4*P", {("N4", 13, 1, "4")}),
        ("N4*PORTLAND", "N4*PORT\xe9", {("N4", 13, 1, "6")}),
        ("N4*PORTLAND", "N4*PORT\x07", {("N4", 13, 1, "6")}),
        ("N4*PORTLAND", "N4*PORTLAND ", {("N4", 13, 1, "6")}),
        ("N4*PORTLAND", "N4*PORT:LAND", {("N4", 13, 1, "6")}),
        ("REF*6P*GROUP17", "REF*6P*GROUP17*X", {("REF", 11, 3, "I10")}),
        ("DMG*D8*19840229", "DMG*D8*19850229", {("DMG", 14, 2, "8")}),
        ("DMG*D8*19840229*F", "DMG**19840229*F", {("DMG", 14, 1, "2")}),
        ("*MI*HHP0001", "*MI", {("NM1", 10, 9, "2")}),
        ("DTP*291*D8*20260601", "DTP*291*RD8*20260601-20260630", set()),
        ("DTP*291*D8*20260601", "DTP*291*RD8*20260601-2026-0630", {("DTP", 15, 3, "8")}),
        ("DTP*291*D8*20260601", "DTP*291*D8*20260601*X", {("DTP", 15, 4, "3")}),
        ("DTP*291*D8*20260601", "DTP*291*D8*20260601***", set()),
        ("EQ*30", "EQ*30^35^1", set()),
        ("EQ*30", "EQ*30^ZZZ^1", {("EQ", 16, 1, "5"), ("EQ", 16, 1, "7")}),
        ("EQ*30", "EQ*" + "^".join(["30"] * 100), {("EQ", 16, 1, "12")}),
        ("N4*PORTLAND", "N4*PORT^LAND", {("N4", 13, 1, "12")}),
        ("EQ*30", "EQ**HC:99213:A1:A2:A3:A4:TEXT:99214:X", {("EQ", 16, 2, "13"), ("EQ", 16, 2, "I10")}),
        ("EQ*30", "EQ", {("EQ", 16, None, "8"), ("EQ", 16, 1, "2")}),
        # hierarchy
        ("HL*2*1*21*1", "HL*5*1*21*1", {("HL", 5, 1, "I12")}),
        ("HL*3*2*22*0", "HL*3*7*22*0", {("HL", 8, 2, "I12")}),
        ("HL*3*2*22*0", "HL*3*3*22*0", {("HL", 8, 2, "I12")}),
        ("HL*3*2*22*0", "HL*3*1*22*0", {("HL", 8, 2, "I12")}),
        ("HL*3*2*22*0", "HL**2*22*0", {("HL", 8, 1, "I12"), ("HL", 8, 1, "1")}),
        # the envelope's kind and version
        ("ST*270*0001*005010X279A1", "ST*270*0001*005010X279", {("ST", 1, 3, "I6")}),
        ("ST*270*0001*005010X279A1", "ST*270*0001", {("ST", 1, 3, "I6")}),
        ("ST*270", "ST*271", {("ST", 1, 1, "18")}),
        ("ST*270", "ST*999", {("ST", 1, 1, "18")}),
        ("ST*270", "ST*123", {("ST", 1, 1, "1")}),
        ("*X*005010X279A1", "*X*005010", {("GS", 2, 8, "2")}),
        ("GS*HS", "GS*ZZ", {("GS", 2, 1, "1")}),
    ],
)
def test_each_fault_is_told_where_it_is(
    old: str, new: str, expected: set[tuple[str, int | None, int | None, str]]
) -> None:
    assert brief(edited(old, new)) >= expected
    assert expected or not brief(edited(old, new))


def test_a_finding_says_loop_data_element_name_value_and_offset() -> None:
    text = edited("DMG*D8*19840229", "DMG*D8*19850229")
    (finding,) = findings(text)
    assert (finding.level, finding.code) == (Level.ELEMENT, ElementError.DATE)
    assert finding.loop == "2000A/2000B/2000C/2100C"
    assert (finding.data_element, finding.value) == ("1251", "19850229")
    assert finding.name
    assert finding.offset == text.index("DMG")


def test_offsets_hold_with_line_breaks() -> None:
    text = edited("DMG*D8*19840229", "DMG*D8*19850229").replace("~", "~\r\n")
    (finding,) = findings(text)
    assert finding.offset == text.index("DMG")


def test_a_repeated_value_names_its_repetition() -> None:
    assert {finding.repetition for finding in findings(edited("EQ*30", "EQ*30^ZZZ^1"))} == {2}


def test_a_component_is_named() -> None:
    (finding,) = findings(edited("EQ*30", "EQ**XX:99213"))
    assert (finding.element, finding.component, finding.code) == (2, 1, ElementError.CODE)


def test_what_framing_tells_is_not_told_again() -> None:
    assert findings(edited("SE*17*0001", "SE*99*0002")) == []


@pytest.mark.parametrize("marks", ["|!>\n", "\x1d\x1e\x1f\x1c", "*+:!", "<>[]", "&^(#"])
def test_any_delimiters_give_the_same(marks: str) -> None:
    element, repetition, component, segment = marks
    table = str.maketrans({"*": element, "^": repetition, ":": component, "~": segment})
    assert findings(INQUIRY.translate(table)) == []
    assert brief(edited("BHT*0022*13", "BHT*0022*99").translate(table)) == {("BHT", 2, 2, "7")}


def test_more_sets_of_delimiters_than_are_kept_still_give_the_same() -> None:
    for element in "!\"#$%&'()+,./;<=>?@[]_`{|}":
        assert brief(edited("EQ*30", "EQ*ZZZ").translate({ord("*"): element})) == {
            ("EQ", 16, 1, "5"),
            ("EQ", 16, 1, "7"),
        }


def test_a_shape_that_is_learnt_changes_no_verdict() -> None:
    for _ in range(150):
        assert findings(INQUIRY) == []
    assert brief(edited("HL*3*2*22*0", "HL*3*1*22*0")) == {("HL", 8, 2, "I12")}
    assert brief(edited("*MI*HHP0001", "*MI")) == {("NM1", 10, 9, "2")}
    assert brief(edited("TRN*1*TRACE-0001", "TRN*1*")) == {("TRN", 9, 2, "1")}
    assert brief(edited("EQ*30", "EQ*ZZ")) == {("EQ", 16, 1, "7")}
    assert findings(edited("ALICE", "MARA").replace("19840229", "19640229")) == []


def test_a_278_is_judged_by_the_guide_of_its_direction() -> None:
    def start(purpose: str) -> str:
        return (
            INQUIRY[: INQUIRY.index("GS*")]
            + "GS*HI*SUBMITTER01*PAYER01*20260601*0930*101*X*005010X217~ST*278*0001*005010X217~"
            + f"BHT*0007*{purpose}*REV-1*20260601*0930~HL*1**20*1~AAA*Y**42*P~SE*5*0001~GE*1*101~IEA*1*000000101~"
        )

    assert ("AAA", 4, None, "1") in brief(start("13"))
    assert ("AAA", 4, None, "1") not in brief(start("11"))


def test_pyx12s_own_guides_are_at_hand_for_other_transactions() -> None:
    text = (
        INQUIRY[: INQUIRY.index("GS*")]
        + "GS*FA*PAYER01*SUBMITTER01*20260601*0930*101*X*005010X231A1~ST*999*0001*005010X231A1~"
        + "AK1*HS*101*005010X279A1~AK2*270*0001*005010X279A1~IK5*A~AK9*A*1*1*1~SE*6*0001~GE*1*101~IEA*1*000000101~"
    )
    assert findings(text) == []
    assert brief(text.replace("IK5*A", "IK5*Q")) >= {("IK5", 4, None, "1")}


def with_body(body: str) -> str:
    return INQUIRY[: INQUIRY.index("EQ*30")] + body + INQUIRY[INQUIRY.index("SE*17") :]


@pytest.mark.parametrize(
    "unit",
    ["EQ*30~", "EQ~", "XX*1~", "HL*4*3*23*0~", "HL*1*1*22*1~", "EQ*" + "30^" * 99 + "~", "NM1" + "*" * 500 + "~"],
)
def test_the_time_is_linear_in_the_segments(unit: str) -> None:
    assert_linear(findings, small=with_body(unit * 500), large=with_body(unit * 2_000))


def test_a_chain_of_hl_takes_linear_time() -> None:
    def chain(length: int) -> str:
        return with_body("".join(f"HL*{number}*{number - 1}*23*1~" for number in range(4, length)))

    assert_linear(findings, small=chain(2_000), large=chain(8_000))


def test_findings_are_kept_up_to_a_limit() -> None:
    assert len(findings(with_body("XX*1~" * (2 * limits.FINDINGS_PER_TRANSACTION_MAX)))) == (
        limits.FINDINGS_PER_TRANSACTION_MAX
    )


def test_what_follows_the_last_finding_that_is_told_is_not_judged() -> None:
    def judged(count: int) -> Callable[[], list[Finding]]:
        (interchange,) = read(with_body("EQ~" * count).encode())
        (group,) = interchange.groups
        return partial(check_transaction, group.transactions[0], group, interchange)

    enough, more = judged(limits.FINDINGS_PER_TRANSACTION_MAX), judged(30 * limits.FINDINGS_PER_TRANSACTION_MAX)
    assert more() == enough()
    assert_takes_at_most(4 * min(cpu_seconds(enough) for _ in range(3)) + 0.02, more)


def test_a_set_with_as_many_findings_as_are_told_is_not_judged_further_when_more_of_it_is_read() -> None:
    (interchange,) = read(with_body("EQ~" * 10).encode())
    (group,) = interchange.groups
    (transaction,) = group.transactions
    guide = find_guide(transaction, group, interchange)
    assert guide is not None
    check = TransactionCheck(guide, transaction, interchange.delimiters, findings_max=3)
    assert len(check.judge()) == 3
    transaction.segments.append(["XX", "1"])
    transaction.raw.append("XX*1")
    assert check.judge() == []


def test_no_finding_shows_the_value_in_its_repr() -> None:
    (finding,) = findings(edited("DMG*D8*19840229", "DMG*D8*19850229"))
    assert "1985" not in repr(finding)


def test_an_identifier_that_is_none_is_not_repeated() -> None:
    (finding,) = findings(edited("DTP*291", "ALICE ROWAN*1~DTP*291"))
    assert (finding.segment_id, finding.code) == ("", SegmentError.UNKNOWN)


def test_the_codes_are_members_of_their_enums() -> None:
    assert {type(f.code) for f in findings(edited("ST*270", "ST*271"))} == {TransactionError}
    assert {type(f.code) for f in findings(edited("GS*HS", "GS*ZZ"))} == {GroupError}
