"""``POST /v1/reviews/{number}/decision``: a reviewer decides, once, under a key of one's own."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest

from gateway.reviews.note import Message
from gateway.store.review_desk import append_note
from gateway.store.reviewers import add_reviewer_key, revoke_reviewer_keys
from parsers import check
from tests.real_time import inquiry
from tests.review_desk import ReviewHttp, open_review_http, request
from tests.store_support import another_program

pytestmark = pytest.mark.store

CERTIFIED = {"decision": "certified", "daysValid": 30}


@pytest.fixture
async def http(database_url: str, redis_url: str) -> AsyncIterator[ReviewHttp]:
    async with open_review_http(database_url, redis_url) as http:
        yield http


async def decisions(http: ReviewHttp, reference: str) -> list[tuple[str, str]]:
    """Who made which decision on record."""
    async with another_program(http.desk.database_url) as connection:
        rows = await connection.fetch(
            """
            SELECT made_by, document ->> 'action' FROM edi.review_event JOIN edi.review USING (review_id)
            WHERE administrative_reference = $1 AND kind = 'decision' ORDER BY event_id
            """,
            reference,
        )
    return [(row[0], row[1]) for row in rows]


async def test_a_decision_is_on_record_under_the_reviewers_id_and_told_to_the_submitter(http: ReviewHttp) -> None:
    reference = await http.pended("REV-D1")
    response = await http.decide(reference, CERTIFIED)
    assert response.status_code == 200
    assert (response.json()["state"], response.json()["final"]) == ("certified", True)
    assert await decisions(http, reference) == [("rules", "A4"), ("NURSE 7", "A1")]
    assert (await http.get(reference)).json()["state"] == "certified"
    answer = await http.desk.ask(request(trace="REV-D1", code="72148"))
    assert answer.of("HCR")[0].startswith("HCR*A1*A")
    assert check(answer.text.encode()).findings == []


@pytest.mark.parametrize(
    ("body", "state", "segment"),
    [
        ({"decision": "modified", "quantity": "2", "message": "TWO OF FOUR"}, "modified", "HCR*A6*A"),
        ({"decision": "not certified", "reasons": ["0V", "0U"]}, "not certified", "HCR*A3**0V^0U"),
        ({"decision": "contact payer"}, "contact payer", "HCR*CT"),
        ({"decision": "not required"}, "not required", "HCR*NA"),
        ({"decision": "certified", "secondOpinion": True}, "certified", "HCR*A1*A"),
        ({"services": [{"service": 1, "decision": "certified"}]}, "certified", "HCR*A1*A"),
        (
            {
                "decision": "pended",
                "documents": [
                    {"reportType": "OX", "transmission": "FX", "loinc": "11506-3", "description": "Notes*of~May"}
                ],
            },
            "pended",
            "PWK*OX*FX",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_every_decision_reaches_the_submitter_as_a_278_that_its_guide_accepts(
    http: ReviewHttp, body: dict[str, Any], state: str, segment: str
) -> None:
    trace = f"REV-D2-{sha256(str(body).encode()).hexdigest()[:20]}"
    response = await http.decide(await http.pended(trace), body)
    assert response.status_code == 200, response.text
    assert response.json()["state"] == state
    answer = await http.desk.ask(request(trace=trace, code="72148"))
    assert any(each.startswith(segment) for each in answer.segments)
    assert check(answer.text.encode()).findings == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "decision"),
        ({"decision": "perhaps"}, "decision"),
        ({"decision": "not reviewed"}, "decision"),
        ({"decision": "not certified"}, "reasons"),
        ({"decision": "not certified", "reasons": ["0V"] * 6}, "reasons"),
        ({"decision": "not certified", "reasons": ["X" * 31]}, "reasons"),
        ({"decision": "modified"}, "quantity"),
        ({"decision": "modified", "quantity": "-2"}, "quantity"),
        ({"decision": "certified", "message": "X" * 265}, "message"),
        ({"decision": "certified", "message": "TWO\0VISITS"}, "message"),
        ({"decision": "certified", "daysValid": -1}, "daysValid"),
        ({"decision": "certified", "certifiedBy": "me"}, "certifiedBy"),
        ({"decision": "pended", "documents": [{"reportType": "QQ"}]}, "documents"),
        ({"decision": "pended", "documents": [{"reportType": "OX", "loinc": "X"}]}, "documents"),
        ({"decision": "not certified", "reasons": ["A*B"]}, "reasons"),
        ({"decision": "modified", "quantity": "0"}, "quantity"),
        ({"decision": "certified", "daysValid": 10**9}, "daysValid"),
        ({"services": [{"service": 2, "decision": "certified"}]}, "services"),
        ({"services": [{"service": 1, "decision": "certified"}] * 2}, "services"),
        ({"services": [{"service": 1, "decision": "not certified"}]}, "services[0].reasons"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_decision_is_told_by_field_and_nothing_is_recorded(
    http: ReviewHttp, body: dict[str, Any], field: str
) -> None:
    reference = await http.pended("REV-D3")
    response = await http.decide(reference, body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert field in [fault["field"] for fault in response.json()["errors"]]
    assert len(await decisions(http, reference)) == 1


async def test_a_body_that_is_no_json_is_refused(http: ReviewHttp) -> None:
    reference = await http.pended("REV-D4")
    assert (await http.decide(reference, content=b"{")).status_code == 400
    assert (await http.decide(reference, content=b"{}", content_type="text/plain")).status_code == 415
    assert (await http.decide(reference, content=b" " * 300_000)).status_code == 413


async def test_the_same_decision_sent_again_is_one_decision_with_the_same_reply(http: ReviewHttp) -> None:
    reference = await http.pended("REV-D5")
    first = await http.decide(reference, CERTIFIED, if_match='"2"')
    for if_match in ('"2"', None):
        again = await http.decide(reference, CERTIFIED, if_match=if_match)
        assert (again.status_code, again.json()) == (200, first.json())
    assert len(await decisions(http, reference)) == 2


async def test_who_saw_a_review_in_the_reply_to_a_decision_is_in_the_audit_each_time(http: ReviewHttp) -> None:
    reference = await http.pended("REV-D15")
    for _ in range(2):
        await http.decide(reference, CERTIFIED)
    async with another_program(http.desk.database_url) as connection:
        rows = await connection.fetch(
            """
            SELECT answer.submitter_id, outcome, payload FROM edi.answer JOIN edi.kept_inquiry USING (audit_id)
            ORDER BY audit_id DESC LIMIT 2
            """
        )
    assert [tuple(row) for row in rows] == [
        ("reviewer/NURSE 7", "review_file", f"POST /v1/reviews/{reference}/decision".encode())
    ] * 2


async def test_a_message_in_between_does_not_make_it_another_decision(http: ReviewHttp) -> None:
    reference = await http.pended("REV-D14")
    await http.decide(reference, CERTIFIED)
    await append_note(http.desk.database_url, reference, "NURSE 8", Message("WELL DONE"))
    assert (await http.decide(reference, CERTIFIED)).status_code == 200
    assert len(await decisions(http, reference)) == 2


async def test_the_same_decision_sent_many_times_at_once_is_one_decision(http: ReviewHttp) -> None:
    reference = await http.pended("REV-D6")
    replies = await asyncio.gather(*(http.decide(reference, CERTIFIED) for _ in range(8)))
    assert {reply.text for reply in replies} == {replies[0].text}
    assert len(await decisions(http, reference)) == 2


async def test_asking_for_the_same_documents_once_more_is_another_decision_where_it_is_said_to_be(
    http: ReviewHttp,
) -> None:
    reference = await http.pended("REV-D7")
    pended = {"decision": "pended", "documents": [{"reportType": "OX"}]}
    first = await http.decide(reference, pended)
    await http.decide(reference, pended, if_match=first.headers["etag"])
    assert len(await decisions(http, reference)) == 3


async def test_a_review_is_decided_once(http: ReviewHttp) -> None:
    reference = await http.pended("REV-D8")
    await http.decide(reference, CERTIFIED)
    other_key = await add_reviewer_key(http.desk.database_url, "NURSE 8")
    for body, key in (({"decision": "contact payer"}, None), (CERTIFIED, other_key)):
        again = await http.decide(reference, body, key=key)
        assert again.status_code == 409
        assert again.json()["type"] == "urn:edi-gateway:problem:not-pended"
    assert len(await decisions(http, reference)) == 2


async def test_of_two_reviewers_at_once_the_second_hears_that_it_is_decided(http: ReviewHttp) -> None:
    reference = await http.pended("REV-D9")
    other_key = await add_reviewer_key(http.desk.database_url, "NURSE 8")
    replies = await asyncio.gather(
        http.decide(reference, CERTIFIED), http.decide(reference, {"decision": "contact payer"}, key=other_key)
    )
    assert sorted(reply.status_code for reply in replies) == [200, 409]
    assert len(await decisions(http, reference)) == 2


async def test_a_cancelled_review_is_not_decided(http: ReviewHttp) -> None:
    reference = await http.pended("REV-D10")
    await http.desk.ask(request(trace="REV-D10C", code="", asked="HS*3", earlier=f"REF*NT*{reference}~"))
    response = await http.decide(reference, CERTIFIED)
    assert (response.status_code, "cancelled" in response.json()["detail"]) == (409, True)


async def test_one_of_several_entity_tags_is_enough(http: ReviewHttp) -> None:
    reference = await http.pended("REV-D40")
    assert (await http.decide(reference, CERTIFIED, if_match='"1", "2"')).status_code == 200


@pytest.mark.parametrize("if_match", ['"1"', '"99"', '"x"', 'W/"2"', '"1", "3"'])
async def test_a_decision_about_a_review_that_has_changed_is_refused(http: ReviewHttp, if_match: str) -> None:
    reference = await http.pended("REV-D11")
    response = await http.decide(reference, CERTIFIED, if_match=if_match)
    assert response.status_code == 412
    assert len(await decisions(http, reference)) == 1


@pytest.mark.parametrize("number", ["R999999999", "nonsense"])
async def test_a_review_that_is_not_there_is_not_decided(http: ReviewHttp, number: str) -> None:
    assert (await http.decide(number, CERTIFIED)).status_code == 404


async def test_a_submitters_key_never_decides(http: ReviewHttp) -> None:
    reference = await http.pended("REV-D12")
    response = await http.decide(reference, CERTIFIED, key=http.desk.key)
    assert response.status_code == 403
    assert response.json()["type"] == "urn:edi-gateway:problem:reviewers-only"
    assert (await http.decide(reference, CERTIFIED, key="nobody")).status_code == 401
    assert len(await decisions(http, reference)) == 1


@pytest.mark.parametrize(
    ("path", "media_type", "body"),
    [("/x12", "application/edi-x12", inquiry()), ("/v1/eligibility", "application/json", b"{}")],
)
async def test_a_reviewers_key_never_asks(http: ReviewHttp, path: str, media_type: str, body: bytes) -> None:
    response = await http.send("POST", path, body, http.reviewer_key, {"content-type": media_type})
    assert response.status_code == 403
    assert response.json()["type"] == "urn:edi-gateway:problem:submitters-only"


async def test_a_revoked_key_decides_nothing_any_more(http: ReviewHttp) -> None:
    reference = await http.pended("REV-D13")
    key = await add_reviewer_key(http.desk.database_url, "NURSE 9")
    assert (await http.get(reference, key)).status_code == 200
    await revoke_reviewer_keys(http.desk.database_url, "NURSE 9")
    assert (await http.decide(reference, CERTIFIED, key=key)).status_code == 401
    assert (await http.get(reference, key)).status_code == 401
    assert len(await decisions(http, reference)) == 1
