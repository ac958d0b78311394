"""``GET /v1/reviews/{number}``: how a review stands, for its submitter alone, and in full for reviewers."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.reviews.note import DocumentNote
from gateway.store import administration
from gateway.store.review_desk import append_note
from rules.facts import Function, Submitter
from tests.review_desk import TIN, ReviewHttp, entitle_for_reviews, open_review_http, request
from tests.store_support import another_program

pytestmark = pytest.mark.store

SECRETS = ("QUILLFEATHER", "W100000001", "1980")


@pytest.fixture
async def http(database_url: str, redis_url: str) -> AsyncIterator[ReviewHttp]:
    async with open_review_http(database_url, redis_url) as http:
        yield http


async def test_a_pended_review_is_told_with_what_is_wanted_and_when_it_is_due(http: ReviewHttp) -> None:
    reference = await http.pended("REV-H1")
    response = await http.get(reference)
    told = response.json()
    assert (told["reference"], told["state"], told["code"], told["final"]) == (reference, "pended", "A4", False)
    assert told["services"][0]["wanted"] == [{"reportType": "OB", "transmission": "EL"}]
    assert told["decisionDueAt"] == "2026-11-28T13:30:00-05:00"
    assert [(step["kind"], step.get("decision")) for step in told["history"]] == [
        ("request", None),
        ("decision", "pended"),
    ]
    assert response.headers["etag"] == '"2"'
    assert not any(secret in response.text for secret in SECRETS)


async def test_a_certified_review_is_found_by_its_number(http: ReviewHttp) -> None:
    number = (await http.desk.ask(request(trace="REV-H2"))).of("HCR")[0].split("*")[2]
    told = (await http.get(number)).json()
    assert (told["number"], told["state"], told["final"]) == (number, "certified", True)
    assert "decisionDueAt" not in told
    assert (told["services"][0]["procedure"], told["services"][0]["quantity"]) == ("97110", "4")
    assert told["services"][0]["dates"] == {
        "service": "2026-12-01",
        "issued": "2026-11-21",
        "expires": "2027-02-19",
        "inEffect": "2026-12-01",
    }


async def test_somebody_elses_review_is_not_there(http: ReviewHttp) -> None:
    reference = await http.pended("REV-H3")
    await administration.save_submitter(http.desk.database_url, Submitter("other", "OTHER CLINIC", "ZZ", "OTHERCLINIC"))
    key = await administration.create_api_key(http.desk.database_url, "other")
    response = await http.get(reference, key)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_review_is_not_told_to_who_may_not_ask_any_more(http: ReviewHttp) -> None:
    reference = await http.pended("REV-H4")
    await administration.revoke(http.desk.database_url, "clinic", TIN, Function.PRECERTIFICATION, "access manager")
    assert (await http.get(reference)).status_code == 404
    await entitle_for_reviews(http.desk.database_url)
    assert (await http.get(reference)).status_code == 200


@pytest.mark.parametrize("number", ["R999999999", "nonsense", "R00%000001", "A%27--"])
async def test_a_number_that_is_no_reviews_is_not_there(http: ReviewHttp, number: str) -> None:
    assert (await http.get(number)).status_code == 404
    assert (await http.get(number, http.reviewer_key)).status_code == 404


@pytest.mark.parametrize("key", ["nobody", "edi_reviewer_nobody"])
async def test_who_has_no_key_is_refused(http: ReviewHttp, key: str) -> None:
    assert (await http.get("R000000001", key)).status_code == 401


async def test_a_reviewer_sees_everything(http: ReviewHttp) -> None:
    reference = await http.pended("REV-H5")
    told = (await http.get(reference, http.reviewer_key)).json()
    assert told["patient"]["lastName"] == "QUILLFEATHER"
    assert told["patient"]["dateOfBirth"] == "1980-01-31"
    assert told["requester"]["identifier"] == "1234567893"
    assert told["asked"]["diagnoses"] == [{"qualifier": "ABK", "code": "M5450"}]
    assert told["asked"]["services"] == [
        {"service": 1, "procedure": "72148", "quantity": "4", "unit": "UN", "dates": {"service": "2026-12-01"}}
    ]
    assert told["due"]["mayBeClosed"] > told["due"]["decision"]
    assert [step["by"] for step in told["history"]] == ["clinic", "rules"]


async def listed(http: ReviewHttp, limit: int = 2) -> list[dict[str, Any]]:
    """The whole list of what waits, page by page."""
    told: list[dict[str, Any]] = []
    after = ""
    while after is not None:
        page = (await http.get(f"?limit={limit}&after={after}", http.reviewer_key)).json()
        assert len(page["reviews"]) <= limit
        told += page["reviews"]
        after = page["next"]
    return told


async def test_reviewers_get_the_list_of_what_waits_page_by_page(http: ReviewHttp) -> None:
    references = [await http.pended(f"REV-H6{number}") for number in range(3)]
    told = {each["reference"]: each for each in await listed(http)}
    assert [reference for reference in told if reference in references] == references
    one = told[references[0]]
    assert one["dueAt"] == "2026-11-28T13:30:00-05:00"
    assert (one["submitterId"], one["urgent"], one["overdue"]) == ("clinic", False, False)
    assert not any(secret in str(told) for secret in SECRETS)


async def test_what_is_due_first_is_in_front_whenever_it_came(http: ReviewHttp) -> None:
    standard = await http.pended("REV-H8A")
    await http.desk.ask(request(trace="REV-H8B", code="72148", asked="HS*I****U"))
    http.desk.now -= timedelta(days=1)
    overtaking = await http.pended("REV-H8C")
    http.desk.now += timedelta(days=1)
    for limit in (1, 100):
        told = await listed(http, limit)
        moments = [datetime.fromisoformat(each["dueAt"]) for each in told]
        assert moments == sorted(moments)
        references = [each["reference"] for each in told]
        assert references.index(overtaking) < references.index(standard)
        urgent = [place for place, each in enumerate(told) if each["urgent"]]
        assert urgent
        assert urgent[-1] < references.index(standard)


async def test_a_document_that_comes_moves_its_review_on_the_list(http: ReviewHttp) -> None:
    first, second = await http.pended("REV-H9A"), await http.pended("REV-H9B")
    await listed(http)
    reference = await http.pended("REV-H9C")
    await append_note(http.desk.database_url, reference, "NURSE 7", DocumentNote("CHART-9"))
    told = {each["reference"]: each["dueAt"] for each in await listed(http)}
    places = list(told)
    assert (told[reference] < told[first]) == (places.index(reference) < places.index(first))
    assert places.index(first) < places.index(second)


async def test_a_page_goes_on_though_the_review_before_it_has_been_decided(http: ReviewHttp) -> None:
    references = [await http.pended(f"REV-H7{number}") for number in range(3)]
    page = (await http.get("?limit=100", http.reviewer_key)).json()["reviews"]
    place = [each["reference"] for each in page].index(references[0])
    cut = (await http.get(f"?limit={place + 1}", http.reviewer_key)).json()
    assert cut["reviews"][-1]["reference"] == references[0]
    await http.decide(references[0], {"decision": "certified"})
    rest = (await http.get(f"?after={cut['next']}", http.reviewer_key)).json()["reviews"]
    assert [each["reference"] for each in rest][:2] == references[1:]


async def test_the_clocks_put_the_list_in_order_when_the_calendar_changes(http: ReviewHttp) -> None:
    reference = await http.pended("REV-H10")
    await listed(http)
    async with another_program(http.desk.database_url) as connection:
        await connection.execute("UPDATE edi.waiting_review SET due_at = now() + interval '9 years'")
    await http.desk.gateway.clocks.look(http.desk.now)
    async with another_program(http.desk.database_url) as connection:
        due_at = await connection.fetchval(
            "SELECT due_at FROM edi.waiting_review WHERE review_id = $1", int(reference[1:])
        )
    assert due_at == http.desk.now + timedelta(days=7)


async def test_the_list_is_not_for_submitters(http: ReviewHttp) -> None:
    response = await http.get("")
    assert response.status_code == 403
    assert response.json()["type"] == "urn:edi-gateway:problem:reviewers-only"


@pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?limit=x", "?patient=1", "?after=R1", "?after=1-R000"])
async def test_a_parameter_that_cannot_be_is_named(http: ReviewHttp, query: str) -> None:
    response = await http.get(query, http.reviewer_key)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] in ("limit", "patient", "after")


async def test_a_parameter_of_any_length_is_named_by_its_beginning(http: ReviewHttp) -> None:
    response = await http.get(f"?{'x' * 5000}=1", http.reviewer_key)
    assert [error["field"] for error in response.json()["errors"]] == [f"{'x' * 200}..."]


async def last_records(http: ReviewHttp, most: int) -> list[tuple[str, str, str, bool]]:
    """Who was told what in the audit's last records, and whether it was sent; the latest last."""
    async with another_program(http.desk.database_url) as connection:
        rows = await connection.fetch("SELECT * FROM edi.answer ORDER BY audit_id DESC LIMIT $1", most)
    return [(row["submitter_id"], row["transaction"], row["outcome"], row["control_number"] is None) for row in rows][
        ::-1
    ]


async def test_who_was_told_of_a_review_is_in_the_audit(http: ReviewHttp) -> None:
    reference = await http.pended("REV-H7")
    await http.get(reference)
    await http.get("R999999999")
    await http.get(reference, http.reviewer_key)
    assert await last_records(http, 3) == [
        ("clinic", "278", "review", True),
        ("clinic", "278", "404", True),
        ("reviewer/NURSE 7", "278", "review_file", True),
    ]


async def test_a_review_that_cannot_be_put_on_record_is_not_told(
    http: ReviewHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = await http.pended("REV-H8")
    monkeypatch.setattr("gateway.audit.log.AUDIT_STATEMENT_SECONDS", 0.2)
    async with another_program(http.desk.database_url) as connection, connection.transaction():
        await connection.execute("LOCK TABLE edi.audit IN ACCESS EXCLUSIVE MODE")
        for key in (None, http.reviewer_key):
            assert (await http.get(reference, key)).status_code == 503
