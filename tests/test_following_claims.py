"""Following claims: every change once, in order, whoever writes and whenever one looks."""

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from edi.claim_status_codes import parse_status_code
from edi.errors import Outage
from gateway.cursors import CursorTooOld, NoCursor
from gateway.exchange import CredentialWithdrawn
from gateway.following import Followed, Following, open_following
from gateway.store import administration, keys
from gateway.store.changes import Page
from gateway.store.claim_changes import CLAIM_CHANGES
from gateway.store.claim_loading import load_claims, take_in_claims
from gateway.store.database import connect
from gateway.store.fact import Fact
from gateway.store.keys import Kind
from gateway.store.limits import CHANGES_PER_PAGE
from gateway.store.pruning import prune_changes
from rules.facts import Function, Submitter
from rules.facts.claims import Claim, StatusEvent
from tests.claims_desk import FAR_TIN, PAID, PENDED, RECEIVED, TIN, claim, entitle_for_claims
from tests.real_time import CLINIC
from tests.store_support import another_program, until

pytestmark = pytest.mark.store

WAIT_S = 120.0
"""Of those who are told, or let go, long before its end."""
NOW = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)


def now() -> datetime:
    return NOW


@pytest.fixture
async def following(database_url: str) -> AsyncIterator[Following[Claim]]:
    await administration.save_submitter(database_url, CLINIC)
    await admit("clinic", database_url)
    for tin in (TIN, FAR_TIN):
        await administration.revoke(database_url, "clinic", tin, Function.CLAIM_STATUS, "test")
    await entitle_for_claims(database_url)
    async with open_following(database_url, CLAIM_CHANGES) as following:
        yield following


async def admit(submitter_id: str, database_url: str) -> None:
    """Give a submitter the credential that the tests present."""
    token_hash = hashlib.sha256(submitter_id.encode()).digest()
    async with another_program(database_url) as connection:
        await connection.execute(
            """INSERT INTO edi.api_key (key_hash, submitter_id, prefix) VALUES ($1, $2, 'test')
            ON CONFLICT (key_hash) DO UPDATE SET revoked_at = NULL""",
            token_hash,
            submitter_id,
        )


def caller(submitter: Submitter = CLINIC) -> Fact[Submitter]:
    """The credential of a submitter as it was read a while ago."""
    token_hash = hashlib.sha256(submitter.submitter_id.encode()).digest()
    return Fact(keys.credential(token_hash), 1, submitter, Kind.CREDENTIAL)


async def begin(following: Following[Claim]) -> str:
    return (await following.follow(caller(), "", now, 0)).cursor


async def look(following: Following[Claim], cursor: str, wait_s: float = 0) -> Followed[Claim]:
    return await following.follow(caller(), cursor, now, wait_s)


async def read_all(following: Following[Claim], cursor: str) -> tuple[list[str], str]:
    """Every page: the claims' numbers with that of the events so far, and the last cursor."""
    told = []
    while True:
        followed = await look(following, cursor)
        told += [f"{change.value.claim_number}/{len(change.value.events)}" for change in followed.changes]
        cursor = followed.cursor
        if not followed.has_more:
            return told, cursor


async def test_a_change_is_told_once_with_the_claim_as_it_left_it(
    following: Following[Claim], database_url: str
) -> None:
    cursor = await begin(following)
    for events in ((RECEIVED,), (RECEIVED, PENDED), (RECEIVED, PENDED, PAID)):
        await load_claims(database_url, [claim("F-1", *events)])
    told, cursor = await read_all(following, cursor)
    assert told == ["F-1/1", "F-1/2", "F-1/3"]
    assert await read_all(following, cursor) == ([], (await look(following, cursor)).cursor)


async def test_a_change_that_is_none_of_the_status_is_not_told(following: Following[Claim], database_url: str) -> None:
    await load_claims(database_url, [claim("F-2", RECEIVED)])
    cursor = await begin(following)
    await load_claims(database_url, [claim("F-2", RECEIVED, group_number="G-9")])
    await load_claims(database_url, [claim("F-2", RECEIVED, group_number="G-9")])
    assert (await read_all(following, cursor))[0] == []


async def test_claims_of_groups_that_have_not_entitled_the_submitter_are_not_told(
    following: Following[Claim], database_url: str
) -> None:
    cursor = await begin(following)
    await load_claims(database_url, [claim("F-3", billing_tin=FAR_TIN), claim("F-4")])
    assert (await read_all(following, cursor))[0] == ["F-4/2"]


async def test_a_claim_of_two_entitled_groups_is_told_once(following: Following[Claim], database_url: str) -> None:
    await entitle_for_claims(database_url, FAR_TIN)
    cursor = await begin(following)
    await load_claims(database_url, [claim("F-5", billing_tin=FAR_TIN, rendering_tin=TIN)])
    assert (await read_all(following, cursor))[0] == ["F-5/2"]


async def test_an_entitlement_revoked_counts_for_a_cursor_given_before(
    following: Following[Claim], database_url: str
) -> None:
    cursor = await begin(following)
    await load_claims(database_url, [claim("F-6")])
    await administration.revoke(database_url, "clinic", TIN, Function.CLAIM_STATUS, "access manager")
    assert (await read_all(following, cursor))[0] == []


async def test_a_transaction_that_commits_late_is_not_missed(following: Following[Claim], database_url: str) -> None:
    cursor = await begin(following)
    async with AsyncExitStack() as stack:
        slow = await connect(database_url)
        stack.callback(slow.terminate)
        transaction = slow.transaction()
        await transaction.start()
        await take_in_claims(slow, [claim("SLOW", subscriber_id="ANOTHER")])
        await load_claims(database_url, [claim("QUICK")])
        told, cursor = await read_all(following, cursor)
        assert told == ["QUICK/2"]
        await transaction.commit()
    assert (await read_all(following, cursor))[0] == ["SLOW/2"]


async def test_many_changes_come_page_by_page_while_others_arrive(
    following: Following[Claim], database_url: str
) -> None:
    cursor = await begin(following)
    expected = [f"P-{number:04d}" for number in range(2 * CHANGES_PER_PAGE + 50)]
    await load_claims(database_url, [claim(number) for number in expected])
    first = await look(following, cursor)
    assert len(first.changes) == CHANGES_PER_PAGE
    assert first.has_more
    await load_claims(database_url, [claim("LATER")])
    rest, _ = await read_all(following, first.cursor)
    numbers = [change.value.claim_number for change in first.changes] + [told.partition("/")[0] for told in rest]
    # Those of one commit come in any order, before those of a later one.
    assert [*sorted(numbers[:-1]), numbers[-1]] == [*expected, "LATER"]


async def test_nothing_is_lost_or_doubled_under_concurrent_writers_and_restarted_readers(
    following: Following[Claim], database_url: str
) -> None:
    cursor = await begin(following)
    dice = random.Random(5)
    expected = {f"W{writer}-{number}/{turn}" for writer in range(4) for number in range(25) for turn in range(1, 5)}
    writing = asyncio.gather(*(write(database_url, f"W{writer}", dice) for writer in range(4)))
    told: list[str] = []
    while not writing.done():
        async with open_following(database_url, CLAIM_CHANGES) as restarted:
            more, cursor = await read_all(restarted, cursor)
            told += more
    await writing
    told += (await read_all(following, cursor))[0]
    assert len(told) == len(expected)
    assert set(told) == expected
    for number in range(25):
        of_one = [each for each in told if each.startswith(f"W0-{number}/")]
        assert of_one == sorted(of_one)


async def write(database_url: str, name: str, dice: random.Random) -> None:
    """Four turns for each of 25 claims, several turns to a transaction, which ends some time later."""
    connection = await connect(database_url)
    try:
        for turn in range(1, 5):
            events = [StatusEvent(date(2026, 9, day), (parse_status_code("P1:20"),)) for day in range(1, turn + 1)]
            for start in range(0, 25, 5):
                numbers = range(start, start + 5)
                async with connection.transaction():
                    await take_in_claims(
                        connection, [claim(f"{name}-{number}", *events, subscriber_id=name) for number in numbers]
                    )
                    await asyncio.sleep(dice.random() / 50)
    finally:
        connection.terminate()


async def test_who_waits_is_told_as_soon_as_another_program_commits(
    following: Following[Claim], database_url: str
) -> None:
    await load_claims(database_url, [claim("SOON")])
    cursor = await begin(following)
    waiting = asyncio.create_task(look(following, cursor, wait_s=WAIT_S))
    await until(lambda: following.waiting == 1)
    await asyncio.sleep(0.1)
    assert not waiting.done()
    before = asyncio.get_running_loop().time()
    async with another_program(database_url) as connection:
        await connection.execute(
            """UPDATE edi.claim SET document = jsonb_set(document, '{events,0,effective}', '"2026-09-03"')
            WHERE id = 'K-SOON'"""
        )
    followed = await waiting
    assert asyncio.get_running_loop().time() - before < WAIT_S / 2
    assert [change.value.claim_number for change in followed.changes] == ["SOON"]


async def test_a_change_that_is_heard_of_during_a_look_that_did_not_see_it_is_not_slept_through(
    following: Following[Claim], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor, read = await begin(following), following._reader.read
    looks: list[int] = []

    async def read_late(*asked: Any) -> Page[Claim]:
        page = await read(*asked)
        looks.append(len(page.changes))
        if len(looks) == 1:
            heard = following._messages.number
            await load_claims(database_url, [claim("BETWEEN")])
            await until(lambda: following._messages.number > heard)
        return page

    monkeypatch.setattr(following._reader, "read", lambda *asked: asyncio.create_task(read_late(*asked)))
    followed = await asyncio.wait_for(look(following, cursor, wait_s=WAIT_S), WAIT_S / 2)
    assert [change.value.claim_number for change in followed.changes] == ["BETWEEN"]
    assert looks == [0, 1]


async def test_a_wait_ends_without_changes_when_the_time_is_over(following: Following[Claim]) -> None:
    followed = await look(following, await begin(following), wait_s=0.2)
    assert not followed.changes
    assert not followed.has_more


async def test_nobody_waits_for_a_gateway_that_ends(following: Following[Claim]) -> None:
    waiting = asyncio.create_task(look(following, await begin(following), wait_s=WAIT_S))
    await until(lambda: following.waiting == 1)
    following.end()
    assert not (await asyncio.wait_for(waiting, WAIT_S / 2)).changes


@pytest.mark.parametrize(
    "forge",
    [lambda c: c[:-2], lambda c: ("B" if c[0] == "A" else "A") + c[1:], lambda c: c + "=ü", lambda _: "x", str.lower],
)
async def test_a_forged_cursor_is_none(forge: Callable[[str], str], following: Following[Claim]) -> None:
    cursor = await begin(following)
    with pytest.raises(NoCursor):
        await look(following, forge(cursor))


async def test_another_submitters_cursor_is_none(following: Following[Claim]) -> None:
    cursor = await begin(following)
    with pytest.raises(NoCursor):
        await following.follow(caller(replace(CLINIC, submitter_id="another")), cursor, now, 0)


async def test_a_key_revoked_while_somebody_waits_is_told_nothing(
    following: Following[Claim], database_url: str
) -> None:
    waiting = asyncio.create_task(look(following, await begin(following), wait_s=WAIT_S))
    await until(lambda: following.waiting == 1)
    await administration.revoke_api_keys(database_url, "clinic")
    await load_claims(database_url, [claim("F-9")])
    with pytest.raises(CredentialWithdrawn):
        await waiting


async def age(database_url: str, claim_id: str, days: int) -> None:
    """Let the changes of a claim have been recorded some days earlier."""
    async with another_program(database_url) as connection:
        await connection.execute(
            "UPDATE edi.claim_change SET recorded_at = recorded_at - make_interval(days => $2) WHERE claim_id = $1",
            claim_id,
            days,
        )


async def changes_kept(database_url: str, claim_id: str) -> int:
    async with another_program(database_url) as connection:
        kept: int = await connection.fetchval("SELECT count(*) FROM edi.claim_change WHERE claim_id = $1", claim_id)
    return kept


async def test_changes_are_kept_as_long_as_the_operator_says(following: Following[Claim], database_url: str) -> None:
    await begin(following)
    await load_claims(database_url, [claim("OLD-1"), claim("OLD-2")])
    await age(database_url, "K-OLD-1", 31)
    await age(database_url, "K-OLD-2", 29)
    assert await prune_changes(database_url, "claims", timedelta(days=30)) == 1
    assert [await changes_kept(database_url, f"K-{number}") for number in ("OLD-1", "OLD-2")] == [0, 1]
    assert await prune_changes(database_url, "claims", timedelta(days=30)) == 0


async def test_old_changes_go_in_small_batches_the_oldest_first(following: Following[Claim], database_url: str) -> None:
    await begin(following)
    for number in range(5):
        await load_claims(database_url, [claim(f"BATCH-{number}")])
        await age(database_url, f"K-BATCH-{number}", 100 - number)
    assert await prune_changes(database_url, "claims", timedelta(days=30), most=3) == 3
    assert [await changes_kept(database_url, f"K-BATCH-{number}") for number in range(5)] == [0, 0, 0, 1, 1]
    assert await prune_changes(database_url, "claims", timedelta(days=30), most=3) == 2


async def test_a_cursor_behind_which_something_is_gone_is_too_old(
    following: Following[Claim], database_url: str
) -> None:
    before = await begin(following)
    await load_claims(database_url, [claim("GONE")])
    after = await begin(following)
    await load_claims(database_url, [claim("STAYS")])
    await age(database_url, "K-GONE", 31)
    await prune_changes(database_url, "claims", timedelta(days=30))
    with pytest.raises(CursorTooOld):
        await look(following, before)
    assert (await read_all(following, after))[0] == ["STAYS/2"]


async def test_a_cursor_in_the_middle_of_what_is_taken_away_is_too_old(
    following: Following[Claim], database_url: str
) -> None:
    cursor = await begin(following)
    await load_claims(database_url, [claim(f"MID-{number}") for number in range(CHANGES_PER_PAGE + 10)])
    first = await look(following, cursor)
    assert first.has_more
    told = {change.value.claim_number for change in first.changes}
    ahead = next(number for number in range(CHANGES_PER_PAGE + 10) if f"MID-{number}" not in told)
    await age(database_url, f"K-MID-{ahead}", 31)
    await prune_changes(database_url, "claims", timedelta(days=30))
    with pytest.raises(CursorTooOld):
        await look(following, first.cursor)


async def test_a_cursor_older_than_a_transaction_that_is_gone_is_too_old_though_it_began_later(
    following: Following[Claim], database_url: str
) -> None:
    slow = await connect(database_url)
    try:
        transaction = slow.transaction()
        await transaction.start()
        await take_in_claims(slow, [claim("OPEN", subscriber_id="ANOTHER")])
        cursor = await begin(following)
        await transaction.commit()
    finally:
        slow.terminate()
    await age(database_url, "K-OPEN", 31)
    await prune_changes(database_url, "claims", timedelta(days=30))
    with pytest.raises(CursorTooOld):
        await look(following, cursor)


async def test_who_waits_while_changes_are_taken_away_waits_on(following: Following[Claim], database_url: str) -> None:
    await load_claims(database_url, [claim("PASSED")])
    await age(database_url, "K-PASSED", 31)
    waiting = asyncio.create_task(look(following, await begin(following), wait_s=WAIT_S))
    await until(lambda: following.waiting == 1)
    assert await prune_changes(database_url, "claims", timedelta(days=30)) == 1
    await load_claims(database_url, [claim("NEXT")])
    assert [change.value.claim_number for change in (await waiting).changes] == ["NEXT"]


async def test_a_claim_of_two_groups_that_is_far_behind_is_told_once(
    following: Following[Claim], database_url: str
) -> None:
    await entitle_for_claims(database_url, FAR_TIN)
    cursor = await begin(following)
    expected = [f"FAR-{number:05d}" for number in range(2 * CHANGES_PER_PAGE)]
    await load_claims(database_url, [claim(number, rendering_tin=FAR_TIN) for number in expected])
    told, _ = await read_all(following, cursor)
    assert sorted(told) == [f"{number}/2" for number in expected]


@pytest.mark.usefixtures("following")
async def test_who_looks_again_does_not_go_through_what_is_long_past(database_url: str) -> None:
    async with another_program(database_url) as connection:
        await connection.execute(
            """INSERT INTO edi.claim_change (tin, change_id, claim_id, recorded_at)
            SELECT $1, nextval('edi.claim_change_number'), 'PAST', now() FROM generate_series(1, 5000)""",
            TIN,
        )
        await connection.execute("ANALYZE edi.claim_change")
        since = await connection.fetchval("SELECT pg_current_snapshot()::text")
        who = [["clinic"], caller().key, "1", [since], [None], [0], [NOW], "claims", CHANGES_PER_PAGE + 1]
        rows = await connection.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {CLAIM_CHANGES.statement}", *who)
    assert rows_seen(json.loads(rows[0][0]), "claim_change") < 10


async def test_fewer_are_read_for_at_once_after_a_look_that_took_too_long(
    following: Following[Claim], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor, reader = await begin(following), following._reader
    async with another_program(database_url) as connection, connection.transaction():
        await connection.execute("LOCK TABLE edi.claim_change IN ACCESS EXCLUSIVE MODE")
        monkeypatch.setattr("gateway.store.change_reading.DATABASE_LOOKUP_SECONDS", 0.3)
        looks = await asyncio.gather(*(look(following, cursor) for _ in range(8)), return_exceptions=True)
    assert all(isinstance(each, Outage) for each in looks)
    fewer = reader.at_once
    assert 1 <= fewer <= 4
    monkeypatch.undo()
    await asyncio.gather(*(look(following, cursor) for _ in range(8)))
    assert reader.at_once > fewer


def rows_seen(plan: Any, table: str) -> int:
    """How many rows of a table a plan went through, found or not."""
    if isinstance(plan, list):
        return sum(rows_seen(each, table) for each in plan)
    if not isinstance(plan, dict):
        return 0
    below = sum(rows_seen(each, table) for each in plan.values())
    if plan.get("Relation Name") != table:
        return below
    return below + int(plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0))


async def test_a_thousand_who_wait_are_all_told_of_one_change(following: Following[Claim], database_url: str) -> None:
    cursor = await begin(following)
    loop = asyncio.get_running_loop()
    waiting = [asyncio.create_task(look(following, cursor, wait_s=WAIT_S)) for _ in range(1000)]
    await until(lambda: following.waiting == 1000)
    before = loop.time()
    await load_claims(database_url, [claim("THOUSAND")])
    told = await asyncio.gather(*waiting)
    assert all([change.value.claim_number for change in each.changes] == ["THOUSAND"] for each in told)
    assert loop.time() - before < WAIT_S / 2, "the bench measures how soon; here nobody may be overlooked"


async def test_who_waits_is_told_also_of_a_fault_of_ours(database_url: str, following: Following[Claim]) -> None:
    cursor = await begin(following)
    await load_claims(database_url, [claim("FAULT-1", RECEIVED)])

    def fail(row: Any) -> Claim:
        raise KeyError(row["subject"])

    async with open_following(database_url, replace(CLAIM_CHANGES, decode=fail)) as faulty:
        with pytest.raises(KeyError):
            await asyncio.wait_for(look(faulty, cursor), WAIT_S)
