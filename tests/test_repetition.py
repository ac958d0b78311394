"""The same question asked again: what differs is filled in, all else is as it would be worked out anew."""

import re
import string
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi.delimiters import Delimiters
from edi.envelope import Address, Group, InterchangeHeader
from edi.prepared import Particulars, prepare
from edi.writing import segment
from gateway.doors.keys import BearerKeys
from gateway.store import administration
from gateway.store.records import open_records
from parsers import check
from parsers.repeatable import Repeatable, read_repeatable
from tests.real_time import CLINIC, Desk, inquiry, open_desk

FIRST = inquiry().decode()
HEADER = InterchangeHeader(Address("ZZ", "US"), Address("ZZ", "THEM"), datetime(2026, 3, 2, 9, 30, tzinfo=UTC), 1)
MARKS = st.text(string.ascii_letters + string.digits + "-._ /", min_size=1, max_size=52)


def variation(
    *,
    reference: str = "REF-2",
    trace: str = "T-2",
    number: str = "000000908",
    group: str = "44",
    set_number: str = "0009",
    day: str = "20261122",
    time: str = "0801",
) -> str:
    """The first inquiry again, with all changed that a sender changes each time."""
    changed = FIRST.replace("000000907", number).replace("*907*X", f"*{group}*X").replace("GE*1*907", f"GE*1*{group}")
    changed = changed.replace("270*0001", f"270*{set_number}").replace("*0001~GE", f"*{set_number}~GE")
    changed = changed.replace("*REF-1*20261121*1330", f"*{reference}*{day}*{time}").replace("*T-1*", f"*{trace}*")
    return changed.replace("*20261121*1330*", f"*{day}*{time}*").replace("*261121*1330*", f"*{day[2:]}*{time[:4]}*")


def taken_apart(text: str) -> Repeatable:
    repeatable = read_repeatable(text.encode("latin-1"))
    assert repeatable is not None
    return repeatable


def test_what_differs_each_time_is_told_apart_from_the_words() -> None:
    first, second = taken_apart(FIRST), taken_apart(variation())
    assert first.words == second.words
    assert second[1:] == ("000000908", "44", "0009", "REF-2", "T-2")


def test_what_is_taken_apart_does_not_show_whom_it_is_about() -> None:
    assert repr(taken_apart(FIRST)) == "Repeatable(000000907/907/0001)"


@pytest.mark.parametrize("terminator", ["\n", "'", "~\n", "~\r\n"])
def test_any_delimiters_are_taken_apart_and_are_part_of_the_words(terminator: str) -> None:
    other = FIRST.replace("*", "|").replace("~", terminator)
    assert taken_apart(other)[1:] == taken_apart(FIRST)[1:]
    assert taken_apart(other).words != taken_apart(FIRST).words


def test_a_set_without_a_trace_is_another_question_than_one_that_ends_with_a_trace() -> None:
    without = FIRST.replace("TRN*1*T-1*9RIVERBEND~", "")
    last = without.replace("EQ*98~", "EQ*98~TRN*1*T-1~")
    assert (taken_apart(without).trace, taken_apart(last).trace) == ("", "T-1")
    assert taken_apart(without).words != taken_apart(last).words


@pytest.mark.parametrize(
    ("told", "instead"),
    [
        ("IEA*1*000000907", "IEA*1*000000908"),
        ("GE*1*907", "GE*1*908"),
        ("GE*1*907", "GE*2*907"),
        ("*0001~GE", "*0002~GE"),
        ("*20261121*1330~HL", "*20261131*1330~HL"),
        ("*261121*1330*", "*261121*2430*"),
        ("*REF-1*", "*REF 1*"),
        ("*REF-1*", f"*{'9' * 51}*"),
        ("*REF-1*", "**"),
        ("*T-1*", "*T:1*"),
        ("TRN*1*T-1*", "TRN*2*T-1*"),
        ("TRN*1*T-1*9RIVERBEND~", "TRN*2*T-0~TRN*1*T-1*9RIVERBEND~"),
        ("*00501*", "*00401*"),
        ("IEA*1*000000907~", ""),
        ("IEA*1*000000907~", "IEA*1*000000907~~"),
        ("ISA*", " ISA*"),
    ],
)
def test_what_is_not_as_usual_is_left_to_who_reads_it_in_full(told: str, instead: str) -> None:
    assert told in FIRST
    assert read_repeatable(FIRST.replace(told, instead).encode("latin-1")) is None


@pytest.mark.parametrize("data", [b"", b"ISA", b"ISA" * 36, b"\xff" * 200, FIRST.encode() * 9])
def test_whatever_comes_is_taken_apart_or_left(data: bytes) -> None:
    assert read_repeatable(data) is None


@given(
    reference=MARKS,
    trace=MARKS,
    number=st.from_regex(r"[0-9]{8,10}", fullmatch=True),
    group=st.from_regex(r"[0-9]{1,10}", fullmatch=True),
    set_number=st.text(string.ascii_letters + string.digits + "-", min_size=3, max_size=10),
    day=st.from_regex(r"(19|20)[0-9]{2}[01][0-9][0-3][0-9]", fullmatch=True),
    time=st.from_regex(r"[0-2][0-9][0-5][0-9]([0-6][0-9]([0-9]{2})?)?", fullmatch=True),
)
def test_what_is_taken_apart_into_the_words_of_a_clean_interchange_is_clean(**particulars: str) -> None:
    text = variation(**particulars)
    repeatable = read_repeatable(text.encode("latin-1"))
    if repeatable is not None:
        assert repeatable.words == taken_apart(FIRST).words
        assert check(text.encode("latin-1")).accepted
        assert (repeatable.reference, repeatable.trace) == (particulars["reference"], particulars["trace"])


def compose(particulars: Particulars) -> list[str]:
    day, time = f"{particulars.written_at:%Y%m%d}", f"{particulars.written_at:%H%M%S}"
    told = f"50 %(trace)s % {'A' * 40} {'C' * 41}"
    return [
        segment("ST", "271", "0001", "005010X279A1"),
        segment("BHT", "0022", "11", particulars.reference, day, time),
        segment("TRN", "2", particulars.trace),
        segment("TRN", "1", particulars.own_trace),
        segment("NM1", "IL", "1", told),
    ]


def test_a_prepared_answer_is_what_would_be_composed_whatever_its_text_holds() -> None:
    particulars = Particulars("R%s", "D" * 45, "E", datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC))
    group = Group("HB", "US%s", "THEM", "005010X279A1", ())
    prepared = prepare(compose, compose(Particulars("1", "2", "3", HEADER.written_at)), HEADER, group)
    assert prepared is not None
    assert prepared.compose(particulars).decode() == "\x1c".join(compose(particulars))
    text = prepared.write(particulars, 1_000_000_003).decode()
    assert text.startswith("ISA*00*          *00*          *ZZ*US             *ZZ*THEM           *270102*0304*^*00501*")
    assert "*000000004*0*P*:~GS*HB*US%s*THEM*20270102*030405*4*X*005010X279A1~ST*271*" in text
    assert text.endswith("~SE*6*0001~GE*1*4~IEA*1*000000004~")


def test_an_answer_whose_header_is_not_as_usual_is_not_prepared() -> None:
    group = Group("HB", "US", "THEM", "005010X279A1", ())
    assert prepare(lambda given: [*compose(given), given.reference], compose(PLAIN), HEADER, group) is None
    every_letter = [*compose(PLAIN), *(letter * 40 for letter in string.ascii_uppercase)]
    assert prepare(compose, every_letter, HEADER, group) is None


PLAIN = Particulars("1", "2", "3", HEADER.written_at)


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_desk(database_url, redis_url) as opened:
        yield opened


async def ask_anew(desk: Desk, data: bytes) -> str:
    """The answer as it is worked out without a memory of the question."""
    credential = await BearerKeys(desk.gateway.facts).authenticate(f"Bearer {desk.key}".encode())
    return (await desk.gateway.pipeline.answer(data, credential, desk.now, typed=True)).body.decode()


def without_numbers(text: str) -> str:
    """An answer without what differs even when the same is asked: our control numbers and our trace."""
    text = re.sub(r"(\*\^\*00501\*|IEA\*[0-9]\*)[0-9]{9}", r"\1", text)
    text = re.sub(r"(GE\*[0-9]\*|\*[0-9]{8}\*[0-9]{6}\*)[0-9]+(?=[*~])", r"\1", text)
    return re.sub(r"TRN\*1\*[0-9A-F]{32}", "TRN*1*", text)


@pytest.mark.parametrize(
    "first",
    [
        inquiry(),
        inquiry(asked="EQ*30~"),
        inquiry(member_id="W999999999"),
        inquiry(born="19800201"),
        inquiry(below="NM1*03*1*QUILLFEATHER*TAM~DMG*D8*20150301~"),
        inquiry()
        .replace(b"TRN*1*T-1*9RIVERBEND~", b"TRN*1*T-1*9RIVERBEND~TRN*1*SECOND*9RIVERBEND~")
        .replace(b"SE*12", b"SE*13"),
        inquiry().replace(b"TRN*1*T-1*9RIVERBEND~", b"").replace(b"SE*12", b"SE*11"),
        inquiry().replace(b"~", b"~\r\n"),
    ],
    ids=["explicit", "generic", "nobody", "other birth date", "dependent", "two traces", "no trace", "line breaks"],
)
async def test_what_is_filled_in_is_what_would_be_worked_out(desk: Desk, first: bytes) -> None:
    assert check(first).accepted
    memory = desk.gateway.pipeline._memory._answers
    await desk.ask(first)
    assert len(memory) == 1
    second = first.replace(b"REF-1", b"Ref-2").replace(b"*T-1*", b"*t.2*").replace(b"000000907", b"000000001")
    again = await desk.ask(second)
    assert len(memory) == 1
    assert without_numbers(again.text) == without_numbers(await ask_anew(desk, second))
    assert check(again.text.encode()).accepted


SON = "NM1*03*1*QUILLFEATHER*TAM~DMG*D8*20150301~"
SONS_TRACE = f"HL*4*3*23*0~TRN*1*SON-1*9RIVERBEND~{SON}"


def of_two_traces(subscribers: str = "T-1", sons: str = "SON-1") -> bytes:
    """About a dependent, with a trace of the subscriber's level too, whose trace nobody answers to."""
    plain = inquiry(below=SON).decode()
    traced = plain.replace(f"HL*4*3*23*0~TRN*1*T-1*9RIVERBEND~{SON}", SONS_TRACE)
    traced = traced.replace("NM1*IL", "TRN*1*T-1*9RIVERBEND~NM1*IL").replace("SE*14", "SE*15")
    return traced.replace("*T-1*", f"*{subscribers}*").replace("*SON-1*", f"*{sons}*").encode()


@pytest.mark.parametrize(
    "data",
    [
        of_two_traces(),
        of_two_traces(sons="T-1"),
        inquiry().replace(b"~TRN", b"~\nTRN"),
        inquiry().replace(b"~GS", b"~\nGS").replace(b"~ST", b"~\nST").replace(b"~BHT", b"~\nBHT")
        .replace(b"~SE", b"~\nSE").replace(b"~GE", b"~\nGE").replace(b"~IEA", b"~\nIEA"),
    ],
    ids=["of the subscriber", "the same twice", "on a line of its own", "on no line of its own"],
)  # fmt: skip
async def test_a_trace_that_is_not_the_first_one_that_is_answered_is_repeated_as_it_is(desk: Desk, data: bytes) -> None:
    assert check(data).accepted
    for asked in (data, data, data.replace(b"*T-1*", b"*T-2*", 1)):
        assert without_numbers((await desk.ask(asked)).text) == without_numbers(await ask_anew(desk, asked))


async def test_an_answer_given_again_to_another_key_of_the_submitter_can_be_explained(desk: Desk) -> None:
    first = await desk.ask(inquiry())
    desk.key = await administration.create_api_key(desk.database_url, "clinic")
    again = await desk.ask(inquiry(reference="REF-2"))
    assert len(desk.gateway.pipeline._memory._answers) == 1
    async with open_records(desk.database_url) as records:
        for answer in (first, again):
            record = await records.by_control_number(answer.control_number, "clinic")
            assert record is not None
            assert await records.asker(record) == CLINIC


async def test_the_answer_to_another_submitter_address_is_not_given_again(desk: Desk) -> None:
    await desk.ask(inquiry())
    assert (await desk.ask(inquiry(sender="ANOTHER"))).outcome == "TA1"


def test_delimiters_of_a_partner_do_not_reach_the_prepared_text() -> None:
    odd = Delimiters(element="|", repetition="!", component="-", segment="\n")
    text = FIRST.replace(":~GS", "-~GS").replace("*^*", "*!*").replace("*", odd.element).replace("~", odd.segment)
    assert read_repeatable(text.encode()) is None
    assert taken_apart(text.replace("REF-1", "REF1").replace("T-1", "T1")).trace == "T1"
