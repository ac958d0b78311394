"""``GET /v1/claims``: the content of a 277 in JSON, unchanged claims for next to nothing, and changes as they come."""

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from urllib.parse import urlencode

import httpx
import pytest

from gateway.doors.claims.door import CLAIMS_PATH
from gateway.doors.claims.finding import Finder
from gateway.doors.keys import BearerKeys
from gateway.store import administration, keys
from gateway.store.claim_loading import load_claims
from gateway.store.facts import FactStore
from rules.claims.search import ByClaimNumber, normalize_number
from rules.facts import Function
from tests.claims_desk import FAR_TIN, PAID, PENDED, RECEIVED, TIN, claim, entitle_for_claims, open_claims_desk
from tests.http_desk import Http, open_http
from tests.real_time import NOW
from tests.store_support import another_program, until

pytestmark = pytest.mark.store

CLAIMS = (
    claim("CN-1"),
    claim("CN-2", RECEIVED, PENDED),
    claim("FAR-1", billing_tin=FAR_TIN),
    claim("SON-1", patient_number="02"),
)
WHO = {"npi": "1234567893", "memberId": "W100000001", "lastName": "QUILLFEATHER"}


class Client(Http):
    """Somebody who asks after claims."""

    async def get(self, path: str = "", **headers: str) -> httpx.Response:
        return await super().get(f"{CLAIMS_PATH}{path}", **headers)

    async def search(self, **parameters: str) -> httpx.Response:
        return await self.client.get(CLAIMS_PATH, params=WHO | parameters)


@pytest.fixture
async def client(database_url: str, redis_url: str) -> AsyncIterator[Client]:
    async with open_claims_desk(database_url, redis_url, *CLAIMS) as desk, open_http(desk) as http:
        yield Client(http.client, desk)


async def test_a_claim_is_told_by_its_number_with_codes_and_their_meanings(client: Client) -> None:
    response = await client.get("/CN-1")
    assert response.status_code == 200
    assert response.headers["x-edi-outcome"] == "277"
    [told] = response.json()["claims"]
    assert told["claimNumber"] == "CN-1"
    assert told["serviceDates"] == {"first": "2026-09-01", "last": "2026-09-01"}
    assert told["status"] == [
        {
            "codes": [{"category": "F1", "categoryMeaning": "paid", "code": "65", "meaning": "paid"}],
            "effective": "2026-09-18",
            "charge": "250",
            "paid": "180.4",
            "adjudicated": "2026-09-17",
            "paymentDate": "2026-09-21",
            "paymentNumber": "EFT0009",
        }
    ]


async def test_a_dependents_claim_is_told_too(client: Client) -> None:
    assert (await client.get("/SON-1")).json()["claims"][0]["claimNumber"] == "SON-1"


@pytest.mark.parametrize("number", ["FAR-1", "NOBODYS", "%00", "x" * 300, "%F0%9F%98%80"])
async def test_a_claim_that_is_not_the_callers_is_not_found(client: Client, number: str) -> None:
    response = await client.get(f"/{number}")
    assert response.status_code == 404
    assert response.json()["type"] == "urn:edi-gateway:problem:not-found"


async def test_an_unchanged_claim_is_304(client: Client) -> None:
    first = await client.get("/CN-1")
    again = await client.get("/CN-1", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert int(again.headers["retry-after"]) == int(first.headers["retry-after"]) == 7 * 86_400


async def test_that_a_claim_is_unchanged_is_told_while_postgresql_is_silent_and_recorded_later(client: Client) -> None:
    tag = (await client.get("/CN-1")).headers["etag"]
    async with another_program(client.desk.database_url) as connection:
        async with connection.transaction():
            await connection.execute("LOCK TABLE edi.audit IN ACCESS EXCLUSIVE MODE")
            await connection.execute("LOCK TABLE edi.claim, edi.claim_key, edi.entitlement, edi.api_key")
            again = await client.get("/CN-1", **{"if-none-match": tag})
            assert again.status_code == 304

        async def is_recorded() -> bool:
            return bool(await client.records("304"))

        await until(is_recorded)
    record, *_ = await client.records("304")  # more than one where a slow commit was taken for none
    assert record["payload"] == b"GET /v1/claims/CN-1"
    kinds = {kind for kind, _, version in json.loads(record["facts"]) if version}
    assert kinds == {"claim", "credential", "entitlement", "member", "provider"}
    assert record["received_at"] == NOW


async def test_that_a_claim_was_unchanged_is_on_record_even_where_it_had_changed(client: Client) -> None:
    await load_claims(client.desk.database_url, [claim("CN-2", RECEIVED)])
    tag = (await client.get("/CN-2")).headers["etag"]
    async with another_program(client.desk.database_url) as connection:
        # As a message that never came: no cache hears of it.
        key = keys.claims(ByClaimNumber(normalize_number("CN-2")))
        await connection.execute("UPDATE edi.fact_version SET version = version + 1 WHERE key = $1", key)
    assert (await client.get("/CN-2", **{"if-none-match": tag})).status_code == 304

    async def is_recorded() -> bool:
        return bool(await client.records("304_outdated"))

    await until(is_recorded)
    assert (await client.get("/CN-2", **{"if-none-match": tag})).status_code == 200


async def test_a_fault_between_the_records_of_what_was_told_loses_none(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load_claims(client.desk.database_url, [claim("KEPT-1", RECEIVED)])
    tags = {number: (await client.get(f"/{number}")).headers["etag"] for number in ("KEPT-1", "CN-1")}
    before = len(await client.records("304_outdated"))
    async with another_program(client.desk.database_url) as connection:
        key = keys.claims(ByClaimNumber(normalize_number("KEPT-1")))
        await connection.execute("UPDATE edi.fact_version SET version = version + 1 WHERE key = $1", key)
    dropped: list[str] = []

    async def fail(_: FactStore, stale: Iterable[str]) -> None:
        dropped.extend(stale)
        raise RuntimeError

    async def has_failed() -> bool:
        return bool(dropped)

    with monkeypatch.context() as patch:
        patch.setattr(FactStore, "drop", fail)
        assert (await client.get("/KEPT-1", **{"if-none-match": tags["KEPT-1"]})).status_code == 304
        await until(has_failed)

    async def is_recorded() -> bool:
        return len(await client.records("304_outdated")) > before

    assert (await client.get("/CN-1", **{"if-none-match": tags["CN-1"]})).status_code == 304
    await until(is_recorded)


async def test_what_was_told_while_the_audit_cannot_be_written_is_recorded_once_it_can(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = (await client.get("/CN-1")).headers["etag"]
    before = len(await client.records("304"))
    monkeypatch.setattr("gateway.audit.log.AUDIT_STATEMENT_SECONDS", 0.2)

    async def has_failed() -> bool:
        return 'edi_gateway_outages_total{dependency="database"}' in (await client.client.get("/metrics")).text

    async with another_program(client.desk.database_url) as connection, connection.transaction():
        await connection.execute("LOCK TABLE edi.audit IN ACCESS EXCLUSIVE MODE")
        assert (await client.get("/CN-1", **{"if-none-match": tag})).status_code == 304
        await until(has_failed)
    monkeypatch.undo()

    async def is_recorded() -> bool:
        return len(await client.records("304")) > before

    await until(is_recorded)


async def test_more_than_may_be_lost_is_recorded_before_it_is_told(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = (await client.get("/CN-1")).headers["etag"]
    before = len(await client.records("304"))
    monkeypatch.setattr("gateway.audit.disclosing.LATE_RECORDS_MAX", 0)
    assert (await client.get("/CN-1", **{"if-none-match": tag})).status_code == 304
    assert len(await client.records("304")) == before + 1


async def test_that_there_is_no_claim_is_on_record_before_it_is_told(client: Client) -> None:
    before = len(await client.records("404"))
    assert (await client.get("/NOWHERE-1")).status_code == 404
    record = (await client.records("404"))[before]
    assert record["payload"] == b"GET /v1/claims/NOWHERE-1"
    assert ["claim", None, 0] in json.loads(record["facts"])


async def test_a_claim_that_has_just_come_is_found_whatever_the_caches_hold(client: Client) -> None:
    assert (await client.get("/JUST-1")).status_code == 404
    await load_claims(client.desk.database_url, [claim("JUST-1")])
    assert (await client.get("/JUST-1")).status_code == 200


async def test_answers_by_number_are_counted(client: Client) -> None:
    tag = (await client.get("/CN-1")).headers["etag"]
    await client.get("/CN-1", **{"if-none-match": tag})
    await client.get("/NOWHERE-2")
    figures = (await client.client.get("/metrics")).text
    for outcome in ("277", "304", "404"):
        assert f'edi_gateway_requests_total{{mode="real_time",outcome="{outcome}",transaction="276"}}' in figures


async def test_a_claim_that_has_changed_is_told_anew(client: Client) -> None:
    await load_claims(client.desk.database_url, [claim("CN-2", RECEIVED, PENDED)])
    tag = (await client.get("/CN-2")).headers["etag"]
    await load_claims(client.desk.database_url, [claim("CN-2", RECEIVED, PENDED, PAID)])

    async def is_told() -> bool:
        return (await client.get("/CN-2", **{"if-none-match": tag})).status_code == 200

    await until(is_told)
    status = (await client.get("/CN-2")).json()["claims"][0]["status"]
    assert status[0]["codes"][0]["category"] == "F1"


async def test_who_has_lost_the_entitlement_is_not_told_that_nothing_changed(client: Client) -> None:
    tag = (await client.get("/CN-1")).headers["etag"]
    await administration.revoke(client.desk.database_url, "clinic", TIN, Function.CLAIM_STATUS, "access manager")

    async def is_not_found() -> bool:
        return (await client.get("/CN-1", **{"if-none-match": tag})).status_code == 404

    await until(is_not_found)
    await entitle_for_claims(client.desk.database_url)


async def test_a_search_gives_what_a_276_would(client: Client) -> None:
    response = await client.search(patientAccount="ACC-CN-2")
    assert response.json()["claims"][0]["claimNumber"] == "CN-2"
    assert (await client.search(claimNumber="NONE")).json()["claims"][0]["status"][0]["codes"][0]["category"] == "D0"
    tag = response.headers["etag"]
    again = await client.client.get(
        CLAIMS_PATH, params=WHO | {"patientAccount": "ACC-CN-2"}, headers={"if-none-match": f'"x", W/{tag}'}
    )
    assert again.status_code == 304


async def test_a_search_for_a_dependent_tells_the_dependents_claims(client: Client) -> None:
    son = {"dependentLastName": "QUILLFEATHER", "dependentFirstName": "TAM", "dependentBirthDate": "20150301"}
    response = await client.search(**son, **{"from": "20260901"})
    assert [told["claimNumber"] for told in response.json()["claims"]] == ["SON-1"]


async def test_that_what_a_search_finds_is_unchanged_is_told_while_postgresql_is_silent(client: Client) -> None:
    who = WHO | {"patientAccount": "ACC-CN-2"}
    tag = (await client.client.get(CLAIMS_PATH, params=who)).headers["etag"]
    async with another_program(client.desk.database_url) as connection:
        async with connection.transaction():
            await connection.execute("LOCK TABLE edi.audit IN ACCESS EXCLUSIVE MODE")
            await connection.execute("LOCK TABLE edi.claim, edi.claim_key, edi.entitlement, edi.api_key")
            again = await client.client.get(CLAIMS_PATH, params=who, headers={"if-none-match": tag})
            assert (again.status_code, again.headers["etag"], again.content) == (304, tag, b"")
            assert int(again.headers["retry-after"]) > 0

        async def is_recorded() -> bool:
            return bool(await client.records("304"))

        await until(is_recorded)


async def test_a_search_is_told_anew_once_a_claim_has_changed(client: Client) -> None:
    who = WHO | {"patientAccount": "ACC-CN-2"}
    tag = (await client.client.get(CLAIMS_PATH, params=who)).headers["etag"]
    await load_claims(client.desk.database_url, [claim("CN-2", RECEIVED, PENDED, PAID)])

    async def is_told() -> bool:
        again = await client.client.get(CLAIMS_PATH, params=who, headers={"if-none-match": tag})
        return again.status_code == 200 and again.headers["etag"] != tag

    await until(is_told)


@pytest.mark.parametrize("path", ["/CN-1", "?" + urlencode(WHO | {"patientAccount": "ACC-CN-2"})])
async def test_whatever_there_is_is_known_to_who_names_any_tag(client: Client, path: str) -> None:
    response = await client.get(path, **{"if-none-match": "*"})
    assert response.status_code == 304


async def test_a_search_by_who_may_not_ask_is_refused_in_the_answer(client: Client) -> None:
    response = await client.search(npi="1111111112")
    assert response.headers["x-edi-outcome"] == "STC"
    refused = response.json()["refused"]
    assert (refused["loop"], refused["status"]["codes"][0]["category"]) == ("2200C", "E4")


@pytest.mark.parametrize(
    ("parameters", "fields"),
    [
        ({"npi": ""}, ["npi"]),
        ({"birthDate": "19800231", "from": "tomorrow"}, ["birthDate", "from"]),
        ({"colour": "red"}, ["colour"]),
        ({"patientAccount": "A*B", "charge": "NaN"}, ["patientAccount", "charge"]),
        ({"charge": "1E-999999999"}, ["charge"]),
        ({"claimNumber": "9" * 51}, ["claimNumber"]),
        ({"dependentFirstName": "SUE"}, ["dependentLastName", "dependentBirthDate"]),
        ({"dependentLastName": "QUILLFEATHER"}, ["dependentBirthDate"]),
    ],
)
async def test_what_cannot_be_asked_is_told_by_parameter(
    client: Client, parameters: dict[str, str], fields: list[str]
) -> None:
    response = await client.search(**parameters)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == fields


async def test_a_parameter_of_any_length_is_named_by_its_beginning(client: Client) -> None:
    response = await client.search(**{"x" * 5000: "1"})
    assert [error["field"] for error in response.json()["errors"]] == [f"{'x' * 200}..."]


@pytest.mark.parametrize("path", ["", "/CN-1", "/changes"])
async def test_who_has_no_key_learns_nothing(client: Client, path: str) -> None:
    response = await client.get(path, authorization="Bearer nobody")
    assert response.status_code == 401


async def test_nothing_of_a_patient_or_claim_is_in_what_could_be_logged(client: Client) -> None:
    await load_claims(client.desk.database_url, [claim("PRIVATE", claim_id="K7")])
    finder = Finder(client.desk.gateway.facts, client.desk.gateway.configuration)
    caller = await BearerKeys(client.desk.gateway.facts).authenticate(f"Bearer {client.desk.key}".encode())
    found, _ = await finder.find("PRIVATE", caller, NOW)
    assert found is not None
    shown = repr((found, found.question))
    assert not any(secret in shown for secret in ("QUILLFEATHER", "ODA", "W100000001", "PRIVATE", "1980"))


async def test_only_get_is_answered(client: Client) -> None:
    response = await client.client.post(f"{CLAIMS_PATH}/CN-1")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


async def test_a_split_claim_is_told_whole_by_its_former_number(client: Client) -> None:
    parts = [replace(claim(f"SP-{part}"), former_numbers=("SP",)) for part in (1, 2)]
    await load_claims(client.desk.database_url, parts)
    told = (await client.get("/SP")).json()["claims"]
    assert [each["claimNumber"] for each in told] == ["SP-1", "SP-2"]
