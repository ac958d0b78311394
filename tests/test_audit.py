"""No answer without a durable record, no record on stale facts, and control numbers that rise and never repeat."""

import asyncio
import json
import logging
import multiprocessing
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from edi.envelope import Address
from edi.errors import CallerError, Outage
from gateway.audit.log import AuditLog, Recorded, Stale, Verdict, open_audit
from gateway.embedded import EmbeddedServers
from gateway.store import keys
from gateway.store.administration import grant, revoke, save_submitter
from gateway.store.facts import FactStore, open_facts
from gateway.store.loading import load_contracts
from rules.facts import Function
from tests.patience import be_patient
from tests.store_support import CLINIC, ENTITLEMENT, another_program, audit_entry, contract, until

pytestmark = pytest.mark.store

SENT_AT = datetime(2026, 3, 2, 14, 30, 1, tzinfo=UTC)


@pytest.fixture
async def audit(database_url: str) -> AsyncIterator[AuditLog]:
    async with open_audit(database_url, b"{}") as log:
        yield log


@pytest.fixture
async def facts(database_url: str, redis_url: str) -> AsyncIterator[FactStore]:
    async with open_facts(database_url, redis_url) as store:
        yield store


async def recorded(audit: AuditLog, **changes: Any) -> Recorded:
    verdict = await audit.record(audit_entry(**changes))
    assert isinstance(verdict, Recorded)
    return verdict


async def rows(url: str, query: str, *arguments: object) -> Sequence[Any]:
    async with another_program(url) as connection:
        found: Sequence[Any] = await connection.fetch(query, *arguments)
    return found


def partner(name: str) -> Address:
    """A partner of one test's own."""
    return Address("ZZ", name)


async def test_the_record_says_all_that_the_entry_says(database_url: str, audit: AuditLog) -> None:
    entry = audit_entry(partner=partner("ALL"))
    verdict = await audit.record(entry)
    assert isinstance(verdict, Recorded)
    (row,) = await rows(database_url, "SELECT * FROM edi.audit WHERE audit_id = $1", verdict.audit_id)
    for name in ("submitter_id", "isa06", "isa08", "gs02", "gs03", "mode", "transaction", "outcome"):
        assert row[name] == getattr(entry.matter, name)
    for name in ("received_at", "isa13", "gs06", "st02", "bht03", "trn02", "payload_sha256", "answer_trace"):
        assert row[name] == getattr(entry, name)
    assert row["payload_bytes"] == len(entry.payload)
    assert json.loads(row["stages"]) == {"frame": 0.00001, "decide": 0.0001}
    assert (row["partner_qualifier"], row["partner_id"], row["control_number"]) == ("ZZ", "ALL", verdict.control_number)


async def test_control_numbers_rise_by_partner(audit: AuditLog) -> None:
    first = [(await recorded(audit, partner=partner("ONE"))).control_number for _ in range(3)]
    other = [(await recorded(audit, partner=Address("30", "ONE"))).control_number for _ in range(2)]
    assert (first, other) == ([1, 2, 3], [1, 2])


async def test_entries_of_one_commit_get_the_numbers_that_each_needs(audit: AuditLog) -> None:
    verdicts = await asyncio.gather(
        *(recorded(audit, partner=partner("NEEDS"), control_numbers_needed=needed) for needed in (1, 3, 0, 2, 1))
    )
    assert [verdict.control_number for verdict in verdicts] == [1, 2, 0, 5, 7]


async def test_after_999999999_comes_1_and_no_block_is_torn(database_url: str, audit: AuditLog) -> None:
    await recorded(audit, partner=partner("WRAP"))
    await rows(database_url, "UPDATE edi.control_number SET last = 999999997 WHERE id = 'WRAP'")
    assert (await recorded(audit, partner=partner("WRAP"))).control_number == 999999998
    assert (await recorded(audit, partner=partner("WRAP"), control_numbers_needed=2)).control_number == 1
    await rows(database_url, "UPDATE edi.control_number SET last = 999999998 WHERE id = 'WRAP'")
    assert (await recorded(audit, partner=partner("WRAP"))).control_number == 999999999
    assert (await recorded(audit, partner=partner("WRAP"))).control_number == 1


async def test_a_fact_changed_by_any_program_is_stale_in_the_very_next_record(
    database_url: str, audit: AuditLog, facts: FactStore
) -> None:
    await load_contracts(database_url, [contract(1)])
    key = keys.contracts_by_id("W000000001")
    used = ((key, (await facts.get([key]))[key].version),)
    assert isinstance(await audit.record(audit_entry(facts=used)), Recorded)
    async with another_program(database_url) as connection:
        await connection.execute(
            """UPDATE edi.contract SET document = jsonb_set(document, '{former_ids}', '["OLD"]') WHERE id = 'C1'"""
        )
    assert await audit.record(audit_entry(facts=used)) == Stale((key,))
    await facts.drop([key])
    fresh = (await facts.get([key]))[key]
    assert fresh.value[0].former_ids == ("OLD",)
    assert isinstance(await audit.record(audit_entry(facts=((key, fresh.version),))), Recorded)


async def test_a_revoked_entitlement_lets_no_further_answer_out(
    database_url: str, audit: AuditLog, facts: FactStore
) -> None:
    await save_submitter(database_url, CLINIC)
    await grant(database_url, ENTITLEMENT)
    key = keys.entitlements("clinic", "990000001")
    used = ((key, (await facts.get([key]))[key].version),)
    assert isinstance(await audit.record(audit_entry(facts=used)), Recorded)
    await revoke(database_url, "clinic", "990000001", Function.ELIGIBILITY, "access manager")
    assert await audit.record(audit_entry(facts=used)) == Stale((key,))


async def test_a_revocation_returns_only_when_no_answer_is_being_recorded_without_it(database_url: str) -> None:
    async with another_program(database_url) as gateway, gateway.transaction():
        await gateway.execute(f"SELECT edi.record_answers({', '.join(['NULL'] * 12)})")
        revoking = asyncio.create_task(revoke(database_url, "clinic", "990000001", Function.ELIGIBILITY, "manager"))
        done, _ = await asyncio.wait([revoking], timeout=0.2)
        assert not done
    await revoking


async def test_that_there_was_nothing_is_a_fact_that_can_change(
    database_url: str, audit: AuditLog, facts: FactStore
) -> None:
    key = keys.contracts_by_id("W000000055")
    used = ((key, (await facts.get([key]))[key].version),)
    assert used == ((key, 0),)
    assert isinstance(await audit.record(audit_entry(facts=used)), Recorded)
    await load_contracts(database_url, [contract(55)])
    assert await audit.record(audit_entry(facts=used)) == Stale((key,))


async def test_only_the_stale_keys_are_named_and_only_their_entry_is_refused(
    database_url: str, audit: AuditLog
) -> None:
    await load_contracts(database_url, [contract(7)])
    current, stale, absent = (keys.contracts_by_id(text) for text in ("W000000007", "W000000007", "W7"))
    verdicts = await asyncio.gather(
        audit.record(audit_entry(partner=partner("MIXED"), facts=((current, 1), (absent, 0)))),
        audit.record(audit_entry(partner=partner("MIXED"), facts=((absent, 0), (stale, 6)))),
        audit.record(audit_entry(partner=partner("MIXED"))),
    )
    assert [verdict.control_number for verdict in verdicts if isinstance(verdict, Recorded)] == [1, 3]
    assert verdicts[1] == Stale((stale,))
    assert len(await rows(database_url, "SELECT FROM edi.audit WHERE partner_id = 'MIXED'")) == 2


async def test_who_names_the_same_new_facts_at_the_same_time_waits_for_nobody_for_ever(database_url: str) -> None:
    await load_contracts(database_url, [contract(number) for number in range(1000, 1200)])
    facts = [(keys.contracts_by_id(f"W{number:09d}"), 1) for number in range(1000, 1200)]

    async def record_all(chance: random.Random) -> list[Verdict]:
        async with open_audit(database_url, b"{}") as log:
            mine = chance.sample(facts, len(facts))
            entries = [audit_entry(partner=partner(f"P{chance.random()}"), facts=tuple(mine[n::20])) for n in range(20)]
            return await asyncio.gather(*map(log.record, entries))

    verdicts = await asyncio.gather(*(record_all(random.Random(seed)) for seed in range(4)))
    assert {type(verdict) for mine in verdicts for verdict in mine} == {Recorded}
    (row,) = await rows(
        database_url,
        """SELECT count(*) AS kept FROM edi.fact_document JOIN edi.fact_version USING (fact_id, version)
        WHERE key = ANY ($1) AND document::jsonb -> 0 ->> 'subscriber_id' = substr(key, 11)""",
        [key for key, _ in facts],
    )
    assert row["kept"] == len(facts)


async def test_a_commit_takes_no_more_than_its_share_of_bytes(
    database_url: str, audit: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.log.AUDIT_PAYLOAD_BYTES_PER_COMMIT", 1000)
    await recorded(audit)
    before = await commits(database_url)
    await asyncio.gather(*(recorded(audit, payload=b"X" * 500) for _ in range(6)))
    assert await commits(database_url) - before == 3


async def test_the_record_names_facts_without_naming_members(database_url: str, audit: AuditLog) -> None:
    await load_contracts(database_url, [contract(8)])
    key = keys.contracts_by_id("W000000008")
    verdict = await recorded(audit, facts=((key, 1), (keys.contracts_by_id("SECRET"), 0)))
    (row,) = await rows(database_url, "SELECT audit::text, facts FROM edi.audit WHERE audit_id = $1", verdict.audit_id)
    assert "W000000008" not in row["audit"]
    assert "SECRET" not in row["audit"]
    (fact,) = await rows(database_url, "SELECT fact_id FROM edi.fact_version WHERE key = $1", key)
    assert json.loads(row["facts"]) == [["member", fact["fact_id"], 1], ["member", None, 0]]


async def test_concurrent_records_share_commits(database_url: str, audit: AuditLog) -> None:
    await recorded(audit)
    before = await commits(database_url)
    await asyncio.gather(*(recorded(audit) for _ in range(200)))
    assert await commits(database_url) - before == 1


async def commits(url: str) -> int:
    """How many transactions have written audit records: each row carries its transaction's number."""
    (row,) = await rows(url, "SELECT count(DISTINCT xmin::text) AS commits FROM edi.audit")
    return int(row["commits"])


async def test_what_arrives_during_a_commit_goes_into_the_next(database_url: str, audit: AuditLog) -> None:
    before = await commits(database_url)

    async def client() -> None:
        for _ in range(10):
            await recorded(audit)

    await asyncio.gather(*(client() for _ in range(30)))
    assert await commits(database_url) - before <= 20


async def test_when_an_answer_was_sent_follows_its_record(database_url: str, audit: AuditLog) -> None:
    verdict = await recorded(audit)
    unsent = await recorded(audit)
    audit.sent(verdict, SENT_AT)
    query = "SELECT sent_at FROM edi.answer WHERE audit_id = $1"

    async def noted() -> bool:
        return (await rows(database_url, query, verdict.audit_id))[0]["sent_at"] == SENT_AT

    await until(noted)
    assert (await rows(database_url, query, unsent.audit_id))[0]["sent_at"] is None


async def test_closing_writes_the_moments_of_sending_that_still_wait(database_url: str) -> None:
    async with open_audit(database_url, b"{}") as log:
        verdict = await recorded(log)
        log.sent(verdict, SENT_AT)
    assert await rows(database_url, "SELECT FROM edi.audit_sent WHERE audit_id = $1", verdict.audit_id)


@pytest.mark.parametrize("table", ["audit", "audit_sent", "contract_history", "plan_history", "kept_inquiry"])
@pytest.mark.parametrize("change", ["DELETE FROM edi.{}", "TRUNCATE edi.{}", "UPDATE edi.{} SET {} = {}"])
async def test_the_audit_and_the_history_only_grow(database_url: str, audit: AuditLog, table: str, change: str) -> None:
    await recorded(audit)
    column = "id" if table.endswith("history") else "audit_id"
    with pytest.raises(asyncpg.RestrictViolationError):
        await rows(database_url, change.format(table, column, column))


async def test_a_cancelled_caller_hurts_nobody_who_shares_its_commit(audit: AuditLog) -> None:
    calls = [asyncio.create_task(recorded(audit, partner=partner("GONE"))) for _ in range(10)]
    await asyncio.sleep(0)
    calls[3].cancel()
    await asyncio.sleep(0)
    calls[7].cancel()
    verdicts = await asyncio.gather(*calls, return_exceptions=True)
    assert [place for place, verdict in enumerate(verdicts) if not isinstance(verdict, Recorded)] == [3, 7]
    assert isinstance(await audit.record(audit_entry(partner=partner("GONE"))), Recorded)


async def test_an_entry_that_cannot_be_written_fails_alone(audit: AuditLog, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    verdicts = await asyncio.gather(
        audit.record(audit_entry(partner=partner("ALONE"))),
        audit.record(audit_entry(partner=partner("ALONE"), payload_sha256=b"SECRET")),
        audit.record(audit_entry(partner=partner("ALONE"), submitter_id="SECRET\0")),
        audit.record(audit_entry(partner=partner("ALONE"))),
        return_exceptions=True,
    )
    assert [type(verdict) for verdict in verdicts] == [Recorded, CallerError, CallerError, Recorded]
    assert "SECRET" not in caplog.text + "".join(str(verdict) for verdict in verdicts)


async def test_whatever_a_partner_sends_as_an_element_can_be_recorded(database_url: str, audit: AuditLog) -> None:
    verdict = await recorded(audit, trn02="T\0", gs06="9" * 100_000, partner=Address("Z\0", "\xff\x01"))
    (row,) = await rows(database_url, "SELECT * FROM edi.audit WHERE audit_id = $1", verdict.audit_id)
    assert (row["trn02"], row["gs06"]) == ("T\N{REPLACEMENT CHARACTER}", "9" * 80)


async def test_with_postgresql_down_everybody_who_waits_is_told_and_later_it_goes_on(
    servers: EmbeddedServers, audit: AuditLog
) -> None:
    await recorded(audit, partner=partner("DOWN"))
    servers.postgres.stop()
    try:
        verdicts = await asyncio.gather(*(audit.record(audit_entry()) for _ in range(20)), return_exceptions=True)
        assert {type(verdict) for verdict in verdicts} == {Outage}
    finally:
        servers.postgres.start()
    assert (await recorded(audit, partner=partner("DOWN"))).control_number == 2


async def test_a_database_that_does_not_answer_in_time_is_an_outage(
    database_url: str, audit: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.log.AUDIT_STATEMENT_SECONDS", 0.2)
    await recorded(audit, partner=partner("LOCKED"))
    async with another_program(database_url) as connection, connection.transaction():
        await connection.execute("SELECT FROM edi.control_number WHERE id = 'LOCKED' FOR UPDATE")
        with pytest.raises(Outage):
            await audit.record(audit_entry(partner=partner("LOCKED")))
    assert (await recorded(audit, partner=partner("LOCKED"))).control_number >= 2


async def test_more_waiting_records_than_the_limit_are_refused(
    audit: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.audit.log.AUDIT_ENTRIES_WAITING_MAX", 5)
    verdicts = await asyncio.gather(*(audit.record(audit_entry()) for _ in range(8)), return_exceptions=True)
    assert [type(verdict) for verdict in verdicts] == 5 * [Recorded] + 3 * [Outage]


def test_entries_and_verdicts_do_not_show_whom_they_are_about() -> None:
    entry = audit_entry(facts=((keys.contracts_by_id("SECRET"), 1),))
    assert "SECRET" not in repr(replace(entry)) + repr(Stale((keys.contracts_by_id("SECRET"),)))


def test_processes_that_write_at_the_same_time_never_share_a_number(database_url: str) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as processes:
        numbers = processes.map(numbers_of_one_process, [database_url] * 4)
    assert all(mine == sorted(mine) for mine in numbers)
    everybody = [number for mine in numbers for number in mine]
    assert len(set(everybody)) == len(everybody) == 4 * 300
    recorded_in_order = asyncio.run(rows(database_url, NUMBERS_IN_ORDER_OF_RECORDS))
    assert [row["control_number"] for row in recorded_in_order] == sorted(everybody)


NUMBERS_IN_ORDER_OF_RECORDS = "SELECT control_number FROM edi.audit WHERE partner_id = 'MANY' ORDER BY audit_id"


def numbers_of_one_process(database_url: str) -> list[int]:
    """The numbers that a process gets, by the order in which it got them."""
    be_patient(pytest.MonkeyPatch())

    async def run() -> list[int]:
        async with open_audit(database_url, b"{}") as audit:
            groups = [
                await asyncio.gather(*(recorded(audit, partner=partner("MANY")) for _ in range(10))) for _ in range(30)
            ]
        return [verdict.control_number for group in groups for verdict in group]

    return asyncio.run(run())


async def test_what_needs_no_number_waits_for_nobody_who_does(database_url: str, audit: AuditLog) -> None:
    await recorded(audit, partner=partner("BUSY"))
    async with another_program(database_url) as connection, connection.transaction():
        await connection.execute("SELECT FROM edi.control_number WHERE id = 'BUSY' FOR UPDATE")
        verdict = await recorded(audit, partner=partner("BUSY"), control_numbers_needed=0)
    assert verdict.control_number == 0
    verdicts = await asyncio.gather(
        recorded(audit, partner=partner("BUSY"), control_numbers_needed=0), recorded(audit, partner=partner("BUSY"))
    )
    assert [each.control_number for each in verdicts] == [0, 2]
