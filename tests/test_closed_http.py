"""``/v1/claims`` and ``/v1/eligibility`` during maintenance: what X12 says then, and when it ends."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.store.calendars import change_calendar
from rules.facts.service_hours import Maintenance, MaintenanceKind
from tests.claims_desk import claim, open_claims_desk
from tests.http_desk import Http, open_http
from tests.real_time import NOW, inquiry
from tests.review_desk import PAYER_ID
from tests.store_support import another_program

pytestmark = pytest.mark.store

HOUR = timedelta(hours=1)
SEARCH = "/v1/claims?npi=1234567893&memberId=W100000001&lastName=QUILLFEATHER"


@pytest.fixture
async def http(database_url: str, redis_url: str) -> AsyncIterator[Http]:
    declared = Maintenance(NOW - HOUR, NOW + HOUR, "UPGRADE", MaintenanceKind.EMERGENCY, NOW)
    async with open_claims_desk(database_url, redis_url, claim("CN-1")) as desk, open_http(desk) as http:
        await change_calendar(database_url, PAYER_ID, lambda each: replace(each, maintenance=(declared,)))
        yield http
        await change_calendar(database_url, PAYER_ID, lambda each: replace(each, maintenance=()))


@pytest.mark.parametrize("path", ["/v1/claims/CN-1", SEARCH], ids=["one", "search"])
async def test_during_maintenance_it_is_told_when_that_ends_and_not_to_ask_before(http: Http, path: str) -> None:
    response = await http.get(path)
    assert (response.status_code, response.headers["x-edi-outcome"]) == (200, "STC")
    assert response.headers["retry-after"] == "3600"
    told = response.json()
    assert (told["reason"], told["opensAt"]) == ("maintenance", "2026-11-21T14:30:00-05:00")
    assert told["claims"] == []
    assert told["refused"]["status"]["codes"][0]["category"] == "E1"


INQUIRY = {
    "tradingPartnerServiceId": "99999",
    "provider": {"organizationName": "RIVERBEND GROUP", "npi": "1234567893"},
    "subscriber": {"memberId": "W100000001", "lastName": "Quillfeather", "dateOfBirth": "1980-01-31"},
}


async def test_a_store_that_is_down_during_maintenance_is_told_with_its_end(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await http.get("/v1/claims/CN-1")).status_code == 200
    monkeypatch.setattr("gateway.audit.log.AUDIT_STATEMENT_SECONDS", 0.2)
    async with another_program(http.desk.database_url) as connection, connection.transaction():
        await connection.execute("LOCK TABLE edi.audit IN ACCESS EXCLUSIVE MODE")
        refused = [await http.get(SEARCH), await http.client.post("/v1/eligibility", json=INQUIRY)]
    for response in refused:
        assert (response.status_code, response.headers["retry-after"]) == (503, "3600")
        told = response.json()
        assert (told["reason"], told["opensAt"]) == ("maintenance", "2026-11-21T14:30:00-05:00")


async def test_during_maintenance_every_door_says_when_to_come_back(http: Http) -> None:
    x12 = {"content-type": "application/edi-x12"}
    told = [
        await http.client.post("/v1/eligibility", json=INQUIRY),
        await http.client.post("/x12", content=inquiry(), headers=x12),
    ]
    assert [response.headers["retry-after"] for response in told] == ["3600", "3600"]
