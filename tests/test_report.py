"""The report on a file: the answers to it in real time and in batch, and its findings in words."""

from pathlib import Path

import pytest

from benchmarks.mutants import mutate
from edi.acknowledgment_codes import ElementError, GroupError, InterchangeNote, SegmentError, TransactionError
from edi.envelope import Address
from parsers import check
from parsers.acknowledging import UNREADABLE_PARTY, Parties, acknowledge_whole_group, answer_header
from parsers.explaining import explain, mend, message
from parsers.findings import Code, Finding, Level
from parsers.framing import read
from parsers.report import Report
from parsers.streaming import StreamCheck
from tests.received import (
    DEPENDENT,
    GS,
    PROCEDURE,
    SAMPLES,
    SET,
    TRAILERS,
    WRITTEN_AT,
    changed,
    is_well_formed,
    told,
    with_sets,
)

PUBLISHED = sorted((Path(__file__).parents[2] / "shared" / "samples").glob("*/*"))
"""Files that others have published, where they are at hand."""


def test_a_set_whose_control_number_cannot_be_repeated_rejects_its_group() -> None:
    segments = told(with_sets(SET.replace("*0001", "*1")))
    assert not [one for one in segments if one.startswith("AK2")]
    assert segments[-4] == "AK9*R*1*1*0*5"


def test_only_the_rejected_sets_of_a_group_are_told_in_real_time_and_all_in_batch() -> None:
    text = with_sets(SET, SET.replace("SE*16*", "SE*17*"), SET)
    real_time, batch = told(text, accepted_too=False), told(text)
    assert [one for one in real_time if one.startswith(("AK2", "AK9"))] == [
        "AK2*270*0002*005010X279A1",
        "AK9*P*3*3*2",
    ]
    assert sum(one.startswith("AK2") for one in batch) == 3


def test_in_real_time_nothing_is_told_about_an_accepted_file() -> None:
    assert told(DEPENDENT, accepted_too=False) == []


def test_a_ta1_is_sent_for_an_accepted_interchange_that_asks_for_it() -> None:
    asking = DEPENDENT.replace("*0*T*:", "*1*T*:")
    assert told(asking)[1] == "TA1*000000101*260601*0930*A*000"
    assert told(asking, accepted_too=False) == []


def test_acknowledgments_are_not_acknowledged() -> None:
    answer = check(DEPENDENT.encode()).acknowledgment(WRITTEN_AT)
    assert check(answer).acknowledgment(WRITTEN_AT) == b""
    rejected = check(DEPENDENT.replace("*260601*0930*^", "*261301*0930*^").encode())
    broken = rejected.acknowledgment(WRITTEN_AT).replace(b"IEA*0", b"IEA*7")
    assert not check(broken).accepted
    assert check(broken).acknowledgment(WRITTEN_AT) == b""


def test_each_received_interchange_gets_its_own_answer_and_control_number() -> None:
    second = DEPENDENT.replace("000000101", "000000102")
    answers = [one for one in told(DEPENDENT + second) if one.startswith("ISA")]
    assert [one.split("*")[13] for one in answers] == ["000000007", "000000008"]


def test_the_answer_goes_back_to_the_sender_as_test_or_production() -> None:
    (interchange,) = read(DEPENDENT.encode())
    header = answer_header(interchange, WRITTEN_AT, 1_000_000_000)
    assert (header.sender.identifier, header.receiver.identifier) == ("PAYER01", "SUBMITTER01")
    assert (header.test, header.control_number) == (True, 1)


KNOWN = Parties(Address("30", "OURSELVES"), Address("20", "WHO ASKS"))


@pytest.mark.parametrize(
    ("text", "is_known_used"),
    [
        (DEPENDENT, False),
        (DEPENDENT.replace("IEA*1", "IEA*2"), False),
        (DEPENDENT.replace("*ZZ*", "*ZZ**", 1), True),
        (DEPENDENT.replace("ISA*00*", "ISA*00*X", 1), True),
        (DEPENDENT.replace("*00501*", "*00601*"), True),
        (DEPENDENT[:60], True),
        ("ISA", True),
        ("hello", True),
        ("", True),
    ],
    ids=["sound", "bad count", "shifted", "too wide", "bad value", "cut off", "three letters", "no ISA", "nothing"],
)
def test_whom_a_faulty_isa_does_not_tell_is_taken_from_who_knows(text: str, *, is_known_used: bool) -> None:
    (interchange,) = read(text.encode())
    header = answer_header(interchange, WRITTEN_AT, 1, KNOWN)
    assert ((header.sender, header.receiver) == KNOWN) is is_known_used


def test_without_one_who_knows_what_can_be_repeated_of_a_faulty_isa_is() -> None:
    header = answer_header(read(DEPENDENT.replace("*00501*", "*00601*").encode())[0], WRITTEN_AT, 1)
    assert (header.sender.identifier, header.receiver.identifier) == ("PAYER01", "SUBMITTER01")
    assert answer_header(read(b"hello")[0], WRITTEN_AT, 1).receiver == UNREADABLE_PARTY


def test_without_a_moment_the_answer_bears_the_date_of_what_was_received() -> None:
    assert b"*260601*0930*^*" in check(DEPENDENT.encode()).acknowledgment()
    assert b"*700101*0000*^*" in check(b"hello").acknowledgment()


def test_the_gateway_can_add_its_own_reason_to_reject_a_group() -> None:
    (interchange,) = read(DEPENDENT.encode())
    (group,) = interchange.groups
    group.findings.append(Finding(Level.GROUP, GroupError.NOT_SUPPORTED))
    assert acknowledge_whole_group(group).status == "R"


@pytest.mark.parametrize("kind", [InterchangeNote, GroupError, TransactionError, SegmentError, ElementError])
def test_every_code_is_explained(kind: type[Code]) -> None:
    for code in kind:
        assert explain(code).meaning
        assert explain(code).mend.endswith(".")


def test_how_to_mend_a_value_tells_what_the_guide_takes() -> None:
    (length,) = check(changed("TRN*1*TRACE-1002", "TRN*1*" + "T" * 51).encode()).findings
    assert mend(length) == "Shorten it to the length that the guide allows (1 to 50 characters)."
    (version,) = check(PROCEDURE.replace("*9SUBMITTER*FRONT", "*9SUBM*FRONT").encode()).findings
    assert mend(version) == "Write it in full, with leading zeros if need be (10 characters)."
    (entity,) = check(changed("NM1*PR*2*", "NM1*PR*7*").encode()).findings
    assert mend(entity) == "Use a code from the list (1 or 2)."


def test_a_message_names_the_element_that_asks_for_a_missing_one() -> None:
    (finding,) = check(changed("DMG*D8*20150909", "DMG**20150909").encode()).findings
    assert message(finding).endswith("an element is missing that another element makes necessary (DMG02)")


def test_a_message_names_the_place_and_never_the_value() -> None:
    finding = Finding(
        Level.ELEMENT, ElementError.TOO_LONG, "NM1", 8, "2000A/2100C", 9, 2, 3, "67", "Identification Code", "MARKED"
    )
    assert message(finding) == "NM109-2(3) Identification Code: the value is too long"
    assert "MARKED" not in message(finding) + mend(finding) + repr(finding)


def test_a_streamed_file_gets_the_same_acknowledgment_as_a_whole_one() -> None:
    text = with_sets(SET, SET.replace("SE*16*", "SE*17*"), SET) + DEPENDENT.replace("IEA*1*", "IEA*2*")
    data = text.encode()
    stream = StreamCheck(WRITTEN_AT)
    for start in range(0, len(data), 100):
        stream.feed(data[start : start + 100])
    stream.close()
    report = check(data)
    assert b"".join(stream.acknowledgments) == report.acknowledgment(WRITTEN_AT)
    assert [found.finding for found in stream.findings] == sorted(report.findings, key=lambda one: one.offset or 0)
    assert (stream.transactions, stream.transactions_rejected) == (len(report.transactions), 1)


ANSWERS = {
    "999_accepted": DEPENDENT,
    "999_accepted_with_ta1_asked_for": DEPENDENT.replace("*0*T*:", "*1*T*:"),
    "999_partly_accepted": with_sets(SET, SET.replace("SE*16*", "SE*17*"), SET),
    "999_group_rejected": DEPENDENT.replace("GE*1*101~", "GE*2*101~"),
    "999_element_in_error": changed("EQ*98~", "EQ*Q8~"),
    "999_segment_missing": changed("BHT*0022*13*INQ-1002*20260601*0930~", ""),
    "999_conditional_element_missing": changed("DMG*D8*20150909", "DMG**20150909"),
    "999_guide_not_supported": DEPENDENT.replace("0001*005010X279A1", "0001*005010X999"),
    "ta1_control_numbers_differ": DEPENDENT.replace("IEA*1*000000101", "IEA*1*000000102"),
    "ta1_duplicate_control_number_after_999": DEPENDENT + DEPENDENT,
    "ta1_premature_end": DEPENDENT[:200],
    "ta1_unreadable_interchange": GS + SET + TRAILERS,
}
"""By the sample file that holds the answer, what was received."""


@pytest.mark.parametrize("name", ANSWERS)
def test_the_answer_is_that_of_the_sample_file(name: str) -> None:
    assert "".join(f"{one}~\n" for one in told(ANSWERS[name])) == (SAMPLES / f"{name}.edi").read_text()


def test_the_answers_to_damaged_files_are_well_formed() -> None:
    received = [path.read_bytes() for path in sorted(SAMPLES.glob("27*.edi"))]
    for seed in range(500):
        damaged = mutate(received[seed % len(received)], seed).data
        assert is_well_formed(check(damaged).acknowledgment(WRITTEN_AT)), seed


@pytest.mark.parametrize("accepted_too", [True, False])
def test_the_answers_to_all_published_files_are_well_formed(*, accepted_too: bool) -> None:
    for path in PUBLISHED:
        answers = check(path.read_bytes()).acknowledgment(WRITTEN_AT, accepted_too=accepted_too)
        assert is_well_formed(answers), path.name


def test_a_report_of_nothing_is_accepted() -> None:
    assert Report(()).accepted
