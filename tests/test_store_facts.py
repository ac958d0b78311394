"""Facts are found in three tiers, and what PostgreSQL has wins, whoever changed it and whatever is down."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import asyncpg
import pytest
import redis.asyncio

from edi.errors import Outage
from gateway.embedded import EmbeddedServers
from gateway.store import keys
from gateway.store.administration import create_api_key, grant, hash_token, revoke, revoke_api_keys, save_submitter
from gateway.store.database import pool
from gateway.store.database_tier import DatabaseTier
from gateway.store.documents import UnreadableDocument
from gateway.store.facts import FactStore, open_facts
from gateway.store.keys import Kind
from gateway.store.loading import load_contracts, load_plans, load_providers
from gateway.store.observing import Dependency, Tier
from gateway.store.redis_tier import RedisTier, shared_key
from rules.facts import Function, SubmitterStatus
from rules.search_keys import filed_under
from tests.conftest import database_at
from tests.store_support import CLINIC, ENTITLEMENT, GOLD, GROUP, Counted, another_program, contract, until

pytestmark = pytest.mark.store

MEMBER = keys.contracts_by_id("W000000001")
NOBODY = keys.contracts_by_id("NOBODY")


@pytest.fixture
async def url(database_url: str) -> str:
    """A database in which the made-up facts stand as they stand above, whatever a test before has done to them."""
    async with another_program(database_url) as connection:
        await connection.execute(
            """
            DELETE FROM edi.contract; DELETE FROM edi.plan; DELETE FROM edi.provider; DELETE FROM edi.entitlement;
            DELETE FROM edi.api_key; DELETE FROM edi.submitter;
            """
        )
    await load_contracts(database_url, [contract(1), contract(2), contract(3, "HOLLOWAY")])
    await load_plans(database_url, [GOLD])
    await load_providers(database_url, [GROUP])
    await save_submitter(database_url, CLINIC)
    await grant(database_url, ENTITLEMENT)
    return database_url


@pytest.fixture
async def facts(url: str, redis_url: str) -> AsyncIterator[FactStore]:
    """A store that hears of changes."""
    async with open_facts(url, redis_url) as store:
        yield store


@asynccontextmanager
async def deaf_facts(
    url: str, redis_url: str, observer: Counted | None = None, facts_max: int = 100
) -> AsyncIterator[FactStore]:
    """A store that never hears of changes, as though its listener had been lost."""
    observer = observer or Counted()
    async with pool(url) as connections:
        store = FactStore(DatabaseTier(connections), RedisTier(redis_url, observer), observer, facts_max)
        yield store
        await store.close()


async def versions(url: str, wanted: Sequence[str]) -> dict[str, int]:
    async with another_program(url) as connection:
        rows = await connection.fetch("SELECT key, version FROM edi.fact_version WHERE key = ANY ($1)", list(wanted))
    return {row["key"]: row["version"] for row in rows}


async def in_redis(store: FactStore, key: str) -> bytes:
    """The key under which Redis holds a fact."""
    return shared_key(await store._database.history(), key).encode()


async def value(store: FactStore, key: str) -> Any:
    return (await store.get([key]))[key].value


async def test_a_contract_is_found_by_every_key_that_the_rules_file_it_under(facts: FactStore) -> None:
    for key in keys.contracts(filed_under(contract(3, "HOLLOWAY"))):
        assert await value(facts, key) == (contract(3, "HOLLOWAY"),)


async def test_two_contracts_with_the_same_name_and_birth_date_are_both_found(facts: FactStore) -> None:
    found = await value(facts, keys.contracts_by_name(date(1980, 1, 31), "QUILLFEATHER"))
    assert found == (contract(1), contract(2))


async def test_early_years_and_odd_characters_make_the_same_keys_here_and_in_the_database(url: str) -> None:
    odd = contract(9, "Ñandú Ünal")
    person = replace(odd.persons[0], birth_date=date(1800, 1, 2))
    odd = replace(odd, persons=(person,), former_ids=("Ä/1 Ö",))
    await load_contracts(url, [odd])
    wanted = keys.contracts(filed_under(odd))
    assert set(await versions(url, wanted)) == set(wanted)


async def test_plans_providers_entitlements_and_credentials_are_read_as_their_types(url: str, facts: FactStore) -> None:
    token = await create_api_key(url, "clinic")
    assert await value(facts, keys.plan("GOLD")) == GOLD
    assert await value(facts, keys.provider("XX", "1234567893")) == GROUP
    assert await value(facts, keys.provider("SV", "77001")) == GROUP
    assert await value(facts, keys.entitlements("clinic", "990000001")) == (ENTITLEMENT,)
    assert await value(facts, keys.credential(hash_token(token))) == CLINIC


async def test_what_is_not_there_has_version_zero(facts: FactStore) -> None:
    wanted = [NOBODY, keys.plan("TIN"), keys.provider("XX", "0"), keys.entitlements("clinic", "1"), "credential/00"]
    found = await facts.get(wanted)
    assert [found[key].version for key in wanted] == [0, 0, 0, 0, 0]
    assert [found[key].value for key in wanted] == [(), None, None, (), None]


async def test_text_that_postgresql_cannot_hold_is_nobodys_key(facts: FactStore) -> None:
    odd = [keys.contracts_by_id(text) for text in ("W\0", "\ud800", "W" * 5000, "Ä" * 300, "\U0001f600" * 99)]
    assert {fact.value for fact in (await facts.get(odd)).values()} == {()}


def test_a_key_too_long_for_postgresql_is_not_cut_to_one_that_somebody_has() -> None:
    longest = "W" * (keys.KEY_BYTES_MAX - len("member/id/"))
    assert keys.contracts_by_id(longest) == f"member/id/{longest}"
    for longer in (longest + "W", longest[:-1] + "Ä"):
        assert keys.contracts_by_id(longer).endswith("\N{REPLACEMENT CHARACTER}")
        assert len(keys.contracts_by_id(longer).encode()) <= keys.KEY_BYTES_MAX


async def test_a_fact_is_looked_up_once_and_then_known_to_the_process(url: str, redis_url: str) -> None:
    counted = Counted()
    async with deaf_facts(url, redis_url, counted) as store:
        assert store.cached(MEMBER) is None
        await store.get([MEMBER])
        assert store.cached(MEMBER) is not None
        await store.get([MEMBER])
    assert counted.by_tier == {(Kind.CONTRACTS, Tier.DATABASE): 1, (Kind.CONTRACTS, Tier.PROCESS): 2}


async def test_the_process_keeps_the_facts_used_last(url: str, redis_url: str) -> None:
    async with deaf_facts(url, redis_url, facts_max=2) as store:
        await store.get([MEMBER])
        await store.get([NOBODY])
        store.cached(MEMBER)
        await store.get([keys.plan("GOLD")])
        assert store.cached(MEMBER) is not None
        assert store.cached(NOBODY) is None


async def test_what_one_process_read_another_finds_in_redis(url: str, redis_url: str) -> None:
    counted = Counted()
    async with deaf_facts(url, redis_url) as first, deaf_facts(url, redis_url, counted) as second:
        await first.get([MEMBER, NOBODY])
        async with redis.asyncio.Redis.from_url(redis_url) as client:
            await until(lambda: client_has(client, 2))
        assert await value(second, MEMBER) == (contract(1),)
        assert await value(second, NOBODY) == ()
    assert counted.by_tier == {(Kind.CONTRACTS, Tier.REDIS): 2}


async def client_has(client: Any, number: int) -> bool:
    return bool(await client.dbsize() == number)


async def test_credentials_are_never_in_redis(url: str, redis_url: str) -> None:
    token = await create_api_key(url, "clinic")
    async with open_facts(url, redis_url) as store, redis.asyncio.Redis.from_url(redis_url) as client:
        await store.get([keys.credential(hash_token(token)), MEMBER])
        await until(lambda: client_has(client, 1))
        assert await client.keys() == [await in_redis(store, MEMBER)]


async def test_facts_in_redis_have_an_end(url: str, redis_url: str) -> None:
    async with open_facts(url, redis_url) as store, redis.asyncio.Redis.from_url(redis_url) as client:
        await store.get([MEMBER])
        await until(lambda: client_has(client, 1))
        assert 0 < await client.ttl(await in_redis(store, MEMBER)) <= 3600


async def test_look_ups_of_the_same_moment_share_one_mget_and_one_statement(url: str, redis_url: str) -> None:
    await load_contracts(url, [contract(number) for number in range(100, 164)])
    asked = [keys.contracts_by_id(f"W{number:09d}") for number in range(100, 164)]
    async with deaf_facts(url, redis_url) as store, redis.asyncio.Redis.from_url(redis_url) as client:
        await store.get([NOBODY])
        async with counted_statements(store) as statements:
            await client.config_resetstat()
            await asyncio.gather(*(store.get([key, MEMBER]) for key in asked))
        commands = await client.info("commandstats")
    assert commands["cmdstat_mget"]["calls"] == 1
    assert statements == [65]


@asynccontextmanager
async def counted_statements(store: FactStore) -> AsyncIterator[list[int]]:
    """The number of keys of each statement that the store sends to PostgreSQL."""
    connections = store._database._pool
    asked: list[int] = []
    async with connections.acquire() as connection:
        connection.add_query_logger(lambda query: asked.append(len(query.args[0])))
    yield asked


async def test_a_cancelled_caller_disturbs_nobody(facts: FactStore) -> None:
    gone = asyncio.create_task(facts.get([MEMBER]))
    stays = asyncio.create_task(facts.get([MEMBER]))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await stays)[MEMBER].value == (contract(1),)


CHANGES = {
    "a contract's document": (
        """UPDATE edi.contract SET document = jsonb_set(document, '{persons,0,coverages,0,end}', '"2026-02-01"')
        WHERE id = 'C1'""",
        MEMBER,
    ),
    "a contract that ends": ("DELETE FROM edi.contract WHERE id = 'C1'", MEMBER),
    "a new search key": ("INSERT INTO edi.search_key (contract_id, member_id) VALUES ('C2', 'NOBODY')", NOBODY),
    "a lost search key": ("DELETE FROM edi.search_key WHERE fact_key = 'member/id/W000000001'", MEMBER),
    "a changed search key": ("UPDATE edi.search_key SET member_id = 'X' WHERE member_id = 'W000000001'", MEMBER),
    "the key it changes to": (
        "UPDATE edi.search_key SET member_id = 'NOBODY' WHERE member_id = 'W000000001'",
        NOBODY,
    ),
    "a plan": (
        """UPDATE edi.plan SET document = jsonb_set(document, '{name}', '"GOLD PLUS"')""",
        keys.plan("GOLD"),
    ),
    "a provider": ("UPDATE edi.provider SET may_inquire = false", keys.provider("XX", "1234567893")),
    "a provider's tin": ("DELETE FROM edi.provider_tin WHERE tin = '990000002'", keys.provider("SV", "77001")),
    "a provider's other identifier": (
        "DELETE FROM edi.provider_identifier WHERE qualifier = 'SV'",
        keys.provider("XX", "1234567893"),
    ),
    "a provider that goes": ("DELETE FROM edi.provider", keys.provider("XX", "1234567893")),
    "an entitlement": (
        "UPDATE edi.entitlement SET revoked_at = now(), revoked_by = 'access manager'",
        keys.entitlements("clinic", "990000001"),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_by_any_program_gives_the_fact_another_version_and_value(
    url: str, facts: FactStore, change: str
) -> None:
    statement, key = CHANGES[change]
    before = (await facts.get([key]))[key]
    async with another_program(url) as connection:
        await connection.execute(statement)
    after = (await facts.read_past_caches([key]))[key]
    assert after.version > before.version
    assert after.value != before.value
    # Told by NOTIFY, the caches follow.
    await until(lambda: facts.cached(key) is None)
    assert (await facts.get([key]))[key] == after


async def test_a_submitters_change_reaches_the_facts_of_its_credentials(url: str, facts: FactStore) -> None:
    key = keys.credential(hash_token(await create_api_key(url, "clinic")))
    before = (await facts.get([key]))[key]
    await save_submitter(url, replace(CLINIC, status=SubmitterStatus.SUSPENDED))
    after = (await facts.read_past_caches([key]))[key]
    assert (after.version, after.value.status) == (before.version + 1, SubmitterStatus.SUSPENDED)
    await revoke_api_keys(url, "clinic")
    assert (await facts.read_past_caches([key]))[key].value is None


async def test_a_revoked_entitlement_is_no_fact_any_more_and_stays_on_record(url: str, facts: FactStore) -> None:
    assert await revoke(url, "clinic", "990000001", Function.ELIGIBILITY, "access manager") == 1
    key = keys.entitlements("clinic", "990000001")
    assert (await facts.read_past_caches([key]))[key].value == ()
    async with another_program(url) as connection:
        assert await connection.fetchval("SELECT count(*) FROM edi.entitlement WHERE revoked_by IS NOT NULL") == 1


async def test_a_change_that_touches_no_key_of_a_fact_leaves_its_version(url: str) -> None:
    before = await versions(url, [MEMBER])
    await load_contracts(url, [contract(2, plan_id="SILVER"), contract(1)])
    assert await versions(url, [MEMBER]) == before


async def test_a_rolled_back_change_is_no_change(url: str, facts: FactStore) -> None:
    before = (await facts.get([MEMBER]))[MEMBER]
    async with another_program(url) as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("DELETE FROM edi.contract")
        await transaction.rollback()
    assert (await facts.read_past_caches([MEMBER]))[MEMBER] == before


async def test_a_change_of_very_many_facts_drops_the_whole_kind(url: str, facts: FactStore) -> None:
    await facts.get([MEMBER, keys.plan("GOLD")])
    await load_contracts(url, [contract(number, f"NAME{number}") for number in range(1000, 2100)])
    await until(lambda: facts.cached(MEMBER) is None)
    assert facts.cached(keys.plan("GOLD")) is not None


async def test_many_keys_are_told_in_messages_that_postgresql_takes(url: str, facts: FactStore) -> None:
    asked = [keys.contracts_by_id(f"W{number:09d}") for number in range(3000, 3450)]
    await facts.get(asked)
    await load_contracts(url, [contract(number, f"{'LONGNAME' * 8}{number}") for number in range(3000, 3450)])
    await until(lambda: not any(facts.cached(key) for key in asked))


async def test_a_key_dropped_while_it_is_looked_up_is_not_kept(url: str, redis_url: str) -> None:
    async with deaf_facts(url, redis_url) as store:
        looking = asyncio.create_task(store.get([MEMBER]))
        await asyncio.sleep(0)
        store.forget([MEMBER])
        assert (await looking)[MEMBER].value == (contract(1),)
        assert store.cached(MEMBER) is None


async def test_dropping_a_stale_fact_brings_the_current_one_though_redis_had_the_stale_one_too(
    url: str, redis_url: str
) -> None:
    async with deaf_facts(url, redis_url) as store, redis.asyncio.Redis.from_url(redis_url) as client:
        before = (await store.get([MEMBER]))[MEMBER]
        await until(lambda: client_has(client, 1))
        await load_contracts(url, [contract(1, plan_id="SILVER")])
        assert (await store.get([MEMBER]))[MEMBER] == before
        await store.drop([MEMBER])
        assert await value(store, MEMBER) == (contract(1, plan_id="SILVER"),)


@pytest.mark.parametrize("rubbish", [b"", b"7", b"seven\n[]", b"7\n{", b'7\n[{"contract_id": 1}]', b"\xff\xfe\n\xff"])
async def test_rubbish_in_redis_is_not_read_as_a_fact(url: str, redis_url: str, rubbish: bytes) -> None:
    async with deaf_facts(url, redis_url) as store, redis.asyncio.Redis.from_url(redis_url) as client:
        await client.set(await in_redis(store, MEMBER), rubbish)
        assert await value(store, MEMBER) == (contract(1),)


async def test_an_unreadable_document_is_an_outage_for_those_who_need_it_and_for_nobody_else(
    url: str, facts: FactStore
) -> None:
    async with another_program(url) as connection:
        await connection.execute("""UPDATE edi.contract SET document = '{"contract_id": "C1"}' WHERE id = 'C1'""")
    needs, needs_not = await asyncio.gather(
        facts.get([MEMBER]), facts.get([keys.contracts_by_id("W000000002")]), return_exceptions=True
    )
    assert isinstance(needs, UnreadableDocument)
    assert "W000000001" not in str(needs)
    assert not isinstance(needs_not, BaseException)


async def test_with_redis_stopped_look_ups_go_on_and_do_not_wait_for_it(
    servers: EmbeddedServers, url: str, redis_url: str
) -> None:
    counted = Counted()
    async with deaf_facts(url, redis_url, counted) as store:
        await store.get([NOBODY])
        async with redis.asyncio.Redis.from_url(redis_url) as client:
            await until(lambda: client_has(client, 1))
        servers.valkey.stop()
        try:
            for number in (1, 2, 3):
                assert len(await value(store, keys.contracts_by_id(f"W{number:09d}"))) == 1
            assert counted.failures == {Dependency.REDIS: 1}
        finally:
            servers.valkey.start()


async def test_a_redis_that_hangs_costs_its_deadline_once_in_a_while_and_not_each_time(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.redis_tier.REDIS_SECONDS", 0.2)
    monkeypatch.setattr("gateway.store.redis_tier.REDIS_REST_SECONDS", 600.0)
    hung = await asyncio.start_server(lambda _reader, _writer: asyncio.sleep(3600), "127.0.0.1", 0)
    counted = Counted()
    port = hung.sockets[0].getsockname()[1]
    async with deaf_facts(url, f"redis://127.0.0.1:{port}", counted) as store:
        for number in (1, 2, 3, 4):
            await store.get([keys.contracts_by_id(f"W{number:09d}")])
    hung.close()
    assert counted.failures == {Dependency.REDIS: 1}


async def test_a_busy_redis_is_waited_for_and_not_taken_for_a_dead_one(
    url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.store.redis_tier.REDIS_CONNECTIONS_MAX", 1)
    monkeypatch.setattr("gateway.store.redis_tier.REDIS_SECONDS", 10.0)
    counted = Counted()
    async with deaf_facts(url, redis_url, counted) as store:
        asking = []
        for number in range(20):
            asking.append(asyncio.create_task(store.get([keys.contracts_by_id(f"W{number:09d}")])))
            await asyncio.sleep(0)
        await asyncio.gather(*asking)
    assert not counted.failures


async def test_redis_is_asked_again_after_its_rest(servers: EmbeddedServers, redis_url: str) -> None:
    clock, counted = [100.0], Counted()
    tier = RedisTier(redis_url, counted, lambda: clock[0])
    tier.history = "H"
    servers.valkey.stop()
    try:
        assert await tier.read([MEMBER]) == {}
        assert await tier.read([MEMBER]) == {}
        assert counted.failures[Dependency.REDIS] == 1
    finally:
        servers.valkey.start()
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        await client.set(shared_key("H", MEMBER), b"5\n[]")
    assert await tier.read([MEMBER]) == {}
    clock[0] += 1.1
    assert (await tier.read([MEMBER]))[MEMBER].version == 5
    await tier.close()


async def test_that_redis_does_not_answer_is_logged_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    clock, counted = [100.0], Counted()
    tier = RedisTier("redis://127.0.0.1:1", counted, lambda: clock[0])
    tier.history = "H"
    for _ in range(3):
        assert await tier.read([MEMBER]) == {}
        clock[0] += 1.1
    assert counted.failures[Dependency.REDIS] == 3
    assert [record.getMessage() for record in caplog.records] == [
        "Redis does not answer: all facts come from PostgreSQL"
    ]
    await tier.close()


async def test_without_postgresql_what_is_cached_is_found_and_the_rest_is_an_outage(
    servers: EmbeddedServers, url: str, redis_url: str
) -> None:
    counted = Counted()
    async with open_facts(url, redis_url, counted) as store:
        await store.get([MEMBER])
        servers.postgres.stop()
        try:
            with pytest.raises(Outage):
                await store.get([keys.contracts_by_id("W000000002")])
            with pytest.raises(Outage):
                await store.ping()
        finally:
            servers.postgres.start()
        assert counted.failures[Dependency.DATABASE] == 1
        await until(lambda: answers(store))
        assert await value(store, keys.contracts_by_id("W000000002")) == (contract(2),)


async def answers(store: FactStore) -> bool:
    try:
        await store.ping()
    except Outage:
        return False
    return True


async def test_a_lost_listener_clears_the_process_and_listens_again(url: str, facts: FactStore) -> None:
    await until(lambda: listeners(url, 1))
    await facts.get([MEMBER])
    async with another_program(url) as connection:
        await connection.execute(END_LISTENERS)
    await until(lambda: facts.cached(MEMBER) is None)
    await until(lambda: listeners(url, 1))
    await facts.get([MEMBER])
    await load_contracts(url, [contract(1, plan_id="SILVER")])
    await until(lambda: facts.cached(MEMBER) is None)


LISTENERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
END_LISTENERS = f"SELECT pg_terminate_backend(pid) FROM ({LISTENERS}) AS listener"  # noqa: S608 - two constants


async def listeners(url: str, number: int) -> bool:
    async with another_program(url) as connection:
        return len(await connection.fetch(LISTENERS)) == number


async def test_no_version_of_a_contract_is_ever_lost(url: str) -> None:
    changed = replace(contract(1), former_ids=("OLD",))
    async with another_program(url) as connection:
        before = await connection.fetchval("SELECT clock_timestamp()")
        await load_contracts(url, [changed])
        between = await connection.fetchval("SELECT clock_timestamp()")
        await connection.execute("DELETE FROM edi.contract WHERE id = 'C1'")
        after = await connection.fetchval("SELECT clock_timestamp()")
        known = [
            await connection.fetchval(
                """
                SELECT document -> 'former_ids' FROM edi.contract_version
                WHERE id = 'C1' AND recorded @> $1::timestamptz
                """,
                moment,
            )
            for moment in (before, between, after)
        ]
    assert known == ["[]", '["OLD"]', None]


async def test_two_databases_that_share_a_redis_do_not_share_facts(
    servers: EmbeddedServers, url: str, redis_url: str, migrated_template: str
) -> None:
    other = database_at(servers.database_url, migrated_template)
    async with deaf_facts(url, redis_url) as mine, redis.asyncio.Redis.from_url(redis_url) as client:
        await mine.get([MEMBER])
        await until(lambda: client_has(client, 1))
        async with deaf_facts(other, redis_url) as theirs:
            assert await value(theirs, MEMBER) == ()


INTERLEAVED = {
    "a contract and a key of it": (
        "UPDATE edi.contract SET document = jsonb_set(document, '{former_ids}', '[\"X\"]') WHERE id = 'C1'",
        "INSERT INTO edi.search_key (contract_id, member_id) VALUES ('C1', 'NOBODY')",
        NOBODY,
    ),
    "a provider's tin and an identifier of it": (
        "DELETE FROM edi.provider_tin WHERE tin = '990000002'",
        "INSERT INTO edi.provider_identifier VALUES ('FI', '990000001', 'P1')",
        keys.provider("FI", "990000001"),
    ),
    "a submitter and a key of it": (
        "UPDATE edi.submitter SET status = 'suspended'",
        "INSERT INTO edi.api_key (key_hash, submitter_id, prefix) VALUES (sha256('edi_'), 'clinic', 'edi_')",
        keys.credential(hash_token("edi_")),
    ),
}


@pytest.mark.parametrize("writers", INTERLEAVED)
@pytest.mark.parametrize("first", [0, 1])
async def test_of_two_writers_at_the_same_time_none_changes_a_fact_behind_its_version(
    url: str, facts: FactStore, writers: str, first: int
) -> None:
    *statements, key = INTERLEAVED[writers]
    async with another_program(url) as one, another_program(url) as two:
        async with one.transaction():
            await one.execute(statements[first])
            other = asyncio.create_task(two.execute(statements[1 - first]))
            await asyncio.sleep(0.1)
            between = (await facts.read_past_caches([key]))[key]
        await other
    after = (await facts.read_past_caches([key]))[key]
    assert after.value
    assert after.value == between.value or after.version > between.version


async def test_facts_are_not_changed_on_an_old_snapshot(url: str) -> None:
    async with another_program(url) as connection:
        with pytest.raises(asyncpg.InvalidTransactionStateError):
            async with connection.transaction(isolation="repeatable_read"):
                await connection.execute("DELETE FROM edi.plan")


async def test_facts_do_not_show_whom_they_are_about(facts: FactStore, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown = repr(await facts.get([MEMBER])).replace(MEMBER, "", 1) + caplog.text
    for private in ("QUILLFEATHER", "W000000001", "1980"):
        assert private not in shown
