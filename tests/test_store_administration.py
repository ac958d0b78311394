"""What is loaded and administered stands in the store, once and without contradictions."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from edi.errors import Outage
from gateway.book import book
from gateway.store import keys
from gateway.store.administration import (
    count,
    create_api_key,
    grant,
    hash_token,
    revoke,
    revoke_api_keys,
    save_submitter,
)
from gateway.store.database import Refused, pool
from gateway.store.database_tier import DatabaseTier
from gateway.store.loading import load_contracts, load_plans, load_providers
from rules.facts import Contract, Function, ProviderIdentifier
from tests.store_support import CLINIC, ENTITLEMENT, GOLD, GROUP, another_program, contract

pytestmark = pytest.mark.store


@pytest.fixture
async def url(database_url: str) -> str:
    """A database with one submitter and nothing else."""
    async with another_program(database_url) as connection:
        await connection.execute(
            """
            DELETE FROM edi.contract; DELETE FROM edi.plan; DELETE FROM edi.provider; DELETE FROM edi.entitlement;
            DELETE FROM edi.api_key; DELETE FROM edi.submitter;
            """
        )
    await save_submitter(database_url, CLINIC)
    return database_url


async def fact(url: str, key: str) -> Any:
    async with pool(url) as connections:
        return (await DatabaseTier(connections).read([key]))[key].fact()


async def history(url: str) -> Sequence[Any]:
    async with another_program(url) as connection:
        found: Sequence[Any] = await connection.fetch("SELECT id FROM edi.contract_history")
    return found


async def test_ten_thousand_members_are_loaded_with_less_than_five_seconds_of_our_processor_time(url: str) -> None:
    contracts = list(book(10_000, 1, date(2026, 3, 2)).contracts())
    progress: list[int] = []
    began = time.process_time()
    assert await load_contracts(url, contracts, progress.append) == len(contracts)
    assert time.process_time() - began < 5
    assert progress == sorted(progress)
    assert progress[-1] == len(contracts) == (await count(url)).contracts
    middle = contracts[len(contracts) // 2]
    assert middle in (await fact(url, keys.contracts_by_id(middle.subscriber_id))).value


async def test_facts_may_come_from_an_asynchronous_source(url: str) -> None:
    async def source() -> AsyncIterator[Contract]:
        yield contract(1)
        yield contract(2)

    assert await load_contracts(url, source()) == 2


async def test_loading_the_same_again_changes_nothing(url: str) -> None:
    before = len(await history(url))
    key = keys.contracts_by_id("W000000001")
    await load_contracts(url, [contract(1)])
    version = (await fact(url, key)).version
    await load_contracts(url, [contract(1)])
    assert (await fact(url, key)).version == version
    assert len(await history(url)) == before


async def test_a_contract_loaded_anew_is_found_by_its_new_keys_only(url: str) -> None:
    await load_contracts(url, [contract(1)])
    await load_contracts(url, [replace(contract(1, "HOLLOWAY"), subscriber_id="W9")])
    assert (await fact(url, keys.contracts_by_id("W000000001"))).value == ()
    assert (await fact(url, keys.contracts_by_name(date(1980, 1, 31), "QUILLFEATHER"))).value == ()
    assert len((await fact(url, keys.contracts_by_id("W9"))).value) == 1
    assert len((await fact(url, keys.contracts_by_name(date(1980, 1, 31), "HOLLOWAY"))).value) == 1


async def test_a_provider_loaded_anew_has_its_new_identifiers_and_tins_only(url: str) -> None:
    await load_providers(url, [GROUP])
    changed = replace(
        GROUP, name="X", identifiers=(ProviderIdentifier("SV", "77002"),), tins=("990000003",), may_inquire=False
    )
    await load_providers(url, [changed])
    assert (await fact(url, keys.provider("SV", "77002"))).value == changed
    assert (await fact(url, keys.provider("SV", "77001"))).value is None


async def test_an_identifier_of_another_provider_is_refused(url: str) -> None:
    await load_providers(url, [GROUP])
    with pytest.raises(Refused, match="provider_identifier_pkey"):
        await load_providers(url, [replace(GROUP, provider_id="P2")])
    assert (await fact(url, keys.provider("SV", "77001"))).value == GROUP


@pytest.mark.parametrize(
    "contracts",
    [[contract(1, "SECRET\0")], [contract(1, "SECRET"), contract(1, "SECRET")]],
    ids=["a character that PostgreSQL cannot hold", "the same contract twice"],
)
async def test_what_cannot_be_loaded_is_refused_without_showing_it(url: str, contracts: list[Contract]) -> None:
    with pytest.raises(Refused) as refused:
        await load_contracts(url, contracts)
    assert "SECRET" not in str(refused.value)
    assert "W000000001" not in str(refused.value)
    assert (await count(url)).contracts == 0


async def test_plans_are_loaded(url: str) -> None:
    assert await load_plans(url, [GOLD, replace(GOLD, plan_id="SILVER")]) == 2
    assert (await fact(url, keys.plan("SILVER"))).value.plan_id == "SILVER"


async def test_of_an_api_key_only_the_hash_is_kept(url: str) -> None:
    token = await create_api_key(url, "clinic")
    async with another_program(url) as connection:
        (row,) = await connection.fetch("SELECT api_key::text AS text, key_hash, prefix FROM edi.api_key")
    assert row["key_hash"] == hash_token(token)
    assert token not in row["text"]
    assert token.startswith(row["prefix"])
    assert len(row["prefix"]) == 12


async def test_a_revoked_key_is_nobodys_and_the_others_stay(url: str) -> None:
    first, second = [await create_api_key(url, "clinic") for _ in range(2)]
    assert await revoke_api_keys(url, "clinic", first[:12]) == 1
    assert (await fact(url, keys.credential(hash_token(first)))).value is None
    assert (await fact(url, keys.credential(hash_token(second)))).value == CLINIC
    assert await revoke_api_keys(url, "clinic") == 1
    assert await revoke_api_keys(url, "clinic") == 0


async def test_a_key_for_nobody_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="no such submitter"):
        await create_api_key(url, "nobody")


async def test_two_submitters_do_not_share_an_interchange_address(url: str) -> None:
    with pytest.raises(Refused, match="belongs to another"):
        await save_submitter(url, replace(CLINIC, submitter_id="other"))


async def test_overlapping_grants_are_refused_until_the_first_is_revoked(url: str) -> None:
    await grant(url, ENTITLEMENT)
    later = replace(ENTITLEMENT, valid_from=ENTITLEMENT.valid_from + timedelta(days=90))
    with pytest.raises(Refused, match="granted already"):
        await grant(url, later)
    await grant(url, replace(later, function=Function.CLAIM_STATUS))
    assert await revoke(url, "clinic", ENTITLEMENT.tin, Function.ELIGIBILITY, "manager") == 1
    await grant(url, later)
    assert [each.function for each in (await fact(url, keys.entitlements("clinic", ENTITLEMENT.tin))).value] == [
        Function.CLAIM_STATUS,
        Function.ELIGIBILITY,
    ]


async def test_grants_that_follow_each_other_do_not_overlap(url: str) -> None:
    turn = datetime(2026, 7, 1, tzinfo=UTC)
    await grant(url, replace(ENTITLEMENT, valid_until=turn))
    await grant(url, replace(ENTITLEMENT, valid_from=turn))
    assert (await count(url)).entitlements == 2


@pytest.mark.parametrize("tin", ["", "12345678", "1234567890", "12345678X"])
async def test_a_grant_for_what_is_no_tin_is_refused(url: str, tin: str) -> None:
    with pytest.raises(Refused):
        await grant(url, replace(ENTITLEMENT, tin=tin))


async def test_without_postgresql_administration_is_an_outage() -> None:
    with pytest.raises(Outage):
        await count("postgresql://nobody@127.0.0.1:1/nothing")
