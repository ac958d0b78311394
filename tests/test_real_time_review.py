"""What a submitter gets for a 278, through the whole pipeline on real PostgreSQL and Valkey."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import asyncpg
import pytest

from edi.errors import Outage
from gateway.store import administration
from gateway.store.database import Refused
from gateway.store.loading import load_contracts
from gateway.store.policy_loading import load_review_policies
from parsers import check
from rules.facts import Contract, Coverage, Function, Person
from rules.facts.reviews import Outcome, ReviewPolicy, Ruling
from tests.real_time import Desk, envelope, family
from tests.review_desk import POLICY, TIN, entitle_for_reviews, open_review_desk, request
from tests.store_support import another_program

pytestmark = pytest.mark.store

_numbers = itertools.count(1)


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_review_desk(database_url, redis_url) as desk:
        yield desk


@pytest.fixture
def trace() -> str:
    """A trace number that no other test uses."""
    return f"REV-T{next(_numbers)}"


async def value(desk: Desk, statement: str, *values: object) -> Any:
    async with another_program(desk.database_url) as connection:
        return await connection.fetchval(statement, *values)


async def reviews(desk: Desk) -> int:
    counted: int = await value(desk, "SELECT count(*) FROM edi.review")
    return counted


def told(text: str) -> list[str]:
    """An answer without its envelope."""
    return [line for line in text.split("~") if line[:3] not in ("ISA", "GS*", "GE*", "IEA")]


async def test_a_service_within_the_rules_is_certified_with_a_number_that_is_on_file(desk: Desk, trace: str) -> None:
    answer = await desk.ask(request(trace=trace))
    assert answer.outcome == "278"
    number = answer.of("HCR")[0].removeprefix("HCR*A1*")
    assert number == await value(desk, "SELECT certification_number FROM edi.review ORDER BY review_id DESC LIMIT 1")
    assert answer.of("HCR") == [f"HCR*A1*{number}", f"HCR*A1*{number}-1"]
    assert f"TRN*2*{trace}*9RIVERBEND" in answer.segments
    assert "DTP*036*D8*20270219" in answer.segments
    assert answer.of("GS")[0].split("*")[1:4] == ["HI", "99999", "RIVERBEND"]
    assert check(answer.text.encode()).findings == []


@pytest.mark.parametrize(
    ("code", "decision"),
    [("15780", "HCR*A3**0V"), ("72148", "HCR*A4**0U"), ("99213", "HCR*NA"), ("11111", "HCR*A4")],
    ids=["not certified", "pended", "not required", "no rule fits"],
)
async def test_the_plans_rules_decide(desk: Desk, trace: str, code: str, decision: str) -> None:
    answer = await desk.ask(request(trace=trace, code=code))
    assert answer.of("HCR")[0] == decision
    assert check(answer.text.encode()).findings == []


async def test_a_pended_review_has_an_administrative_reference_and_asks_for_documents(desk: Desk, trace: str) -> None:
    answer = await desk.ask(request(trace=trace, code="72148"))
    reference = await value(desk, "SELECT administrative_reference FROM edi.review ORDER BY review_id DESC LIMIT 1")
    assert f"REF*NT*{reference}" in answer.segments
    assert any(line.startswith("PWK*OB*EL") for line in answer.segments)
    assert answer.of("BHT")[0].endswith("*19")


async def test_outside_service_hours_a_request_gets_aaa_42_and_no_authorization(desk: Desk, trace: str) -> None:
    before = await reviews(desk)
    desk.now = desk.now.replace(day=23, hour=4)
    answer = await desk.ask(request(trace=trace))
    assert answer.outcome == "AAA"
    assert answer.of("AAA") == ["AAA*N**42*P"]
    assert answer.of("HL") == ["HL*1**20*0"]
    assert check(answer.text.encode()).findings == []
    assert await reviews(desk) == before


@pytest.mark.parametrize(
    ("second", "microsecond", "outcome"), [(59, 999_999, "278"), (0, 0, "AAA")], ids=["last instant", "three o'clock"]
)
async def test_the_moment_of_receipt_decides(
    desk: Desk, trace: str, second: int, microsecond: int, outcome: str
) -> None:
    minute = 59 if second else 0
    hour = 7 if second else 8
    desk.now = desk.now.replace(day=22, hour=hour, minute=minute, second=second, microsecond=microsecond)
    assert (await desk.ask(request(trace=trace))).outcome == outcome


async def test_the_same_request_again_gets_the_same_answer_and_no_second_authorization(desk: Desk, trace: str) -> None:
    first = await desk.ask(request(trace=trace))
    before = await reviews(desk)
    desk.now = desk.now.replace(hour=20)
    again = await desk.ask(request(trace=trace, control_number="000000908"))
    assert told(again.text) == told(first.text)
    assert await reviews(desk) == before


async def test_the_same_trace_with_other_content_is_refused_and_says_so(desk: Desk, trace: str) -> None:
    await desk.ask(request(trace=trace))
    before = await reviews(desk)
    answer = await desk.ask(request(trace=trace, code="15780"))
    assert answer.outcome == "AAA"
    assert answer.of("AAA") == ["AAA*N**33*C"]
    assert "MSG*TRACE NUMBER ALREADY USED FOR ANOTHER REQUEST" in answer.segments
    assert await reviews(desk) == before
    assert check(answer.text.encode()).findings == []


async def test_twenty_copies_at_once_make_one_authorization_and_get_one_answer(desk: Desk, trace: str) -> None:
    before = await reviews(desk)
    answers = await asyncio.gather(*(desk.ask(request(trace=trace)) for _ in range(20)))
    assert len({tuple(told(answer.text)) for answer in answers}) == 1
    assert {answer.outcome for answer in answers} == {"278"}
    assert await reviews(desk) == before + 1


async def test_copies_whose_connections_are_cut_make_one_authorization(desk: Desk, trace: str) -> None:
    before = await reviews(desk)

    async def cut() -> None:
        async with another_program(desk.database_url) as connection:
            for _ in range(10):
                await asyncio.sleep(0.005)
                await connection.execute(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%file_review%'
                    """
                )

    cutting = asyncio.create_task(cut())
    answers = await asyncio.gather(*(desk.ask(request(trace=trace)) for _ in range(20)), return_exceptions=True)
    await cutting
    assert all(isinstance(each, Outage) for each in answers if isinstance(each, BaseException))
    last = await desk.ask(request(trace=trace))
    given = {tuple(told(each.text)) for each in answers if not isinstance(each, BaseException) and "HCR" in each.text}
    assert last.outcome == "278"
    assert given <= {tuple(told(last.text))}
    assert await reviews(desk) == before + 1


async def test_who_may_not_ask_is_told_at_2010b_and_nothing_is_put_on_file(desk: Desk, trace: str) -> None:
    before = await reviews(desk)
    await administration.revoke(desk.database_url, "clinic", TIN, Function.PRECERTIFICATION, "access manager")
    answer = await desk.ask(request(trace=trace))
    assert answer.outcome == "AAA"
    assert answer.of("AAA") == ["AAA*N**41*N"]
    assert await reviews(desk) == before


async def test_a_review_on_file_is_not_told_to_who_may_not_ask_any_more(desk: Desk, trace: str) -> None:
    await desk.ask(request(trace=trace))
    await administration.revoke(desk.database_url, "clinic", TIN, Function.PRECERTIFICATION, "access manager")
    assert (await desk.ask(request(trace=trace))).of("HCR") == []
    await entitle_for_reviews(desk.database_url)
    assert (await desk.ask(request(trace=trace))).of("HCR") != []


async def test_an_unknown_member_is_told_at_2010c_and_may_be_corrected_under_the_same_trace(
    desk: Desk, trace: str
) -> None:
    answer = await desk.ask(request(trace=trace, member_id="W999999999"))
    assert answer.of("AAA") == ["AAA*N**75*C"]
    assert (await desk.ask(request(trace=trace))).outcome == "278"


async def test_coverage_that_has_ended_counts_for_the_very_next_decision(desk: Desk, trace: str) -> None:
    await desk.ask(request(trace=f"{trace}A"))
    before = await reviews(desk)
    ended = Contract(
        "C1",
        "W100000001",
        (
            Person(
                "01",
                "QUILLFEATHER",
                "ODA",
                date(1980, 1, 31),
                gender="F",
                coverages=(Coverage("GOLD", date(2025, 1, 1), date(2026, 11, 1)),),
            ),
        ),
    )
    await load_contracts(desk.database_url, [ended])
    answer = await desk.ask(request(trace=f"{trace}B"))
    assert answer.outcome == "AAA"
    assert await reviews(desk) == before
    await load_contracts(desk.database_url, [family()])


async def test_a_policy_changed_counts_for_the_very_next_decision_and_not_for_those_before(
    desk: Desk, trace: str
) -> None:
    first = await desk.ask(request(trace=f"{trace}A"))
    await load_review_policies(desk.database_url, [ReviewPolicy("GOLD", otherwise=Ruling(Outcome.NOT_REQUIRED))])
    assert (await desk.ask(request(trace=f"{trace}B"))).of("HCR")[0] == "HCR*NA"
    assert (await desk.ask(request(trace=f"{trace}A"))).of("HCR") == first.of("HCR")
    await load_review_policies(desk.database_url, [POLICY])


async def test_a_policy_that_cannot_be_used_is_refused(desk: Desk) -> None:
    bad = ReviewPolicy("GOLD", otherwise=Ruling(Outcome.NOT_CERTIFIED))
    with pytest.raises(Refused, match="otherwise: "):
        await load_review_policies(desk.database_url, [bad])


async def test_a_certification_is_cancelled_once_and_not_extended_after_that(desk: Desk, trace: str) -> None:
    certified = await desk.ask(request(trace=trace))
    number = certified.of("HCR")[0].split("*")[2]
    cancelled = await desk.ask(request(trace=f"{trace}C", code="", asked="HS*3", earlier=f"REF*BB*{number}~"))
    assert cancelled.of("HCR") == [f"HCR*C*{number}"]
    extended = await desk.ask(request(trace=f"{trace}E", asked="HS*4", earlier=f"REF*BB*{number}~"))
    assert extended.of("HCR") == []
    assert extended.of("AAA") == ["AAA*N**AA*C"]
    kinds = await value(
        desk,
        """
        SELECT array_agg(kind ORDER BY event_id) FROM edi.review_event JOIN edi.review USING (review_id)
        WHERE certification_number = $1
        """,
        number,
    )
    assert kinds == ["request", "decision", "cancelled"]


async def test_who_asks_again_for_what_was_cancelled_is_told_so_and_each_time_the_same(desk: Desk, trace: str) -> None:
    certified = await desk.ask(request(trace=trace))
    number = certified.of("HCR")[0].split("*")[2]
    await desk.ask(request(trace=f"{trace}C", code="", asked="HS*3", earlier=f"REF*BB*{number}~"))
    again = await desk.ask(request(trace=trace))
    desk.now = desk.now.replace(hour=20)
    later = await desk.ask(request(trace=trace))
    assert again.of("HCR") == [f"HCR*C*{number}"]
    assert again.of("BHT")[0].endswith("*18")
    assert check(again.text.encode()).findings == []
    assert later.text == again.text
    assert told(later.text)[1] == told(certified.text)[1]
    explanation = await desk.gateway.explainer.explain(f"{again.control_number:09d}", "clinic")
    assert explanation is not None
    assert explanation.is_same
    assert explanation.review is not None
    assert explanation.review.is_told_from_file
    assert [line.rule for line in explanation.patients[0].lines] == ["cancellation"]


@pytest.mark.parametrize("table", ["review", "review_event"])
@pytest.mark.parametrize(
    "statement", ["UPDATE edi.{} SET recorded_at = now()", "DELETE FROM edi.{}", "TRUNCATE edi.{} CASCADE"]
)
async def test_nothing_on_record_is_rewritten_or_deleted(desk: Desk, table: str, statement: str) -> None:
    async with another_program(desk.database_url) as connection:
        with pytest.raises(asyncpg.RestrictViolationError, match="is refused"):
            await connection.execute(statement.format(table))


async def test_two_requests_at_once_are_a_batch(desk: Desk, trace: str) -> None:
    one = request(trace=f"{trace}A").decode()
    transaction = f"ST*{one.split('ST*', 1)[1].split('GE*')[0]}"
    two = transaction.replace("*0001~", "*0002~").replace(trace, f"{trace}X").replace("278*0001*", "278*0002*")
    answer = await desk.ask(envelope(transaction + two, guide="005010X217", kind="HI"))
    assert answer.of("AAA") == ["AAA*N**04*C"] * 2
    assert answer.of("HCR") == []
