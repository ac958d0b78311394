"""Single services of a review are cancelled, and the rest of it stays as it was decided."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import orjson
import pytest

from gateway.doors.keys import BearerKeys
from gateway.reviews.desk import due, verdict_on
from gateway.reviews.note import DocumentNote
from gateway.store import administration
from gateway.store.review_desk import ReviewRecord, append_decision, append_note, find_review, waiting_reviews
from parsers import check
from rules.facts import Entitlement, Function, Submitter
from rules.facts.reviews import Outcome, Ruling
from rules.facts.service_hours import DEFAULT_CALENDAR
from rules.reviews import Verdict
from tests.real_time import Answered, Desk, envelope
from tests.review_desk import ReviewHttp, open_review_http

pytestmark = pytest.mark.store

THERAPY, IMAGING, COSMETIC, UNKNOWN = "97110", "72148", "15780", "11111"
"""Which the policy certifies, pends for documents, does not certify, and pends."""
Service = tuple[str, str]
"""What stands before the line of a service (UM and REF), and the procedure of the line."""


@pytest.fixture
async def http(database_url: str, redis_url: str) -> AsyncIterator[ReviewHttp]:
    async with open_review_http(database_url, redis_url) as http:
        yield http


@pytest.fixture
def trace() -> str:
    return f"W-{uuid4().hex[:12]}"


def asking(trace: str, *services: Service, asked: str = "HS*I", earlier: str = "", npi: str = "1234567893") -> bytes:
    """A request for review of several services."""
    levels = "".join(
        f"HL*{number}*4*SS*0~{before}DTP*472*D8*20261201~SV1*HC:{code}*100*UN*4~"
        for number, (before, code) in enumerate(services, 5)
    )
    body = (
        "ST*278*0001*005010X217~BHT*0007*13*REF-1*20261121*1330~HL*1**20*1~"
        "NM1*X3*2*EXAMPLE HEALTH PLAN*****PI*99999~HL*2*1*21*1~"
        f"NM1*1P*2*RIVERBEND GROUP*****XX*{npi}~HL*3*2*22*1~"
        f"NM1*IL*1*QUILLFEATHER*ODA****MI*W100000001~DMG*D8*19800131*F~HL*4*3*EV*{int(bool(services))}~"
        f"TRN*1*{trace}*9RIVERBEND~UM*{asked}~{earlier}{'HI*ABK:M5450~' if services else ''}{levels}"
    )
    return envelope(f"{body}SE*{body.count('~') + 1}*0001~", guide="005010X217", kind="HI")


def cancelling(trace: str, review: str, *places: int, code: str = THERAPY) -> bytes:
    """Cancel services of a review, counted from 1, by their numbers."""
    qualifier = "BB" if review.startswith("A") else "NT"
    services = [(f"UM*HS*3~REF*{qualifier}*{review}-{place}~", code) for place in places]
    return asking(trace, *services, asked="HS*S", earlier=f"REF*{qualifier}*{review}~")


def plainly(*codes: str) -> list[Service]:
    return [("", code) for code in codes]


async def asked(desk: Desk, data: bytes) -> Answered:
    """The answer, which its guide accepts."""
    answer = await desk.ask(data)
    assert check(answer.text.encode()).findings == []
    return answer


async def certified(desk: Desk, trace: str) -> str:
    """The number of a review of two services, both certified."""
    answer = await asked(desk, asking(trace, *plainly(THERAPY, THERAPY)))
    return answer.of("HCR")[0].split("*")[2]


async def pended(desk: Desk, trace: str, *codes: str) -> str:
    """The administrative reference of a review that waits."""
    answer = await asked(desk, asking(trace, *plainly(*codes)))
    return next(line for line in answer.of("REF") if line.startswith("REF*NT")).split("*")[2]


async def on_file(desk: Desk, number: str) -> ReviewRecord:
    held = await find_review(desk.database_url, number)
    assert held is not None
    return held


async def waits(desk: Desk) -> list[str]:
    return [held.administrative_reference async for held in waiting_reviews(desk.database_url)]


async def test_a_service_is_cancelled_and_the_event_stays(http: ReviewHttp, trace: str) -> None:
    number = await certified(http.desk, trace)
    answer = await asked(http.desk, cancelling(f"{trace}C", number, 2))
    assert answer.of("HCR") == [f"HCR*A1*{number}", f"HCR*C*{number}-2"]
    assert answer.of("REF") == [f"REF*BB*{number}", f"REF*BB*{number}-2"]
    assert answer.of("BHT")[0].endswith("*18")
    again = await asked(http.desk, asking(trace, *plainly(THERAPY, THERAPY)))
    assert again.of("HCR") == [f"HCR*A1*{number}", f"HCR*A1*{number}-1", f"HCR*C*{number}-2"]


async def test_what_was_granted_before_stays_granted_as_of_then(http: ReviewHttp, trace: str) -> None:
    number = await certified(http.desk, trace)
    http.desk.now += timedelta(days=2)
    await asked(http.desk, cancelling(f"{trace}C", number, 1))
    again = await asked(http.desk, asking(trace, *plainly(THERAPY, THERAPY)))
    assert [line for line in again.of("DTP") if line.startswith("DTP*102")] == ["DTP*102*D8*20261121"] * 2


async def test_a_service_is_found_by_its_procedure_where_its_number_is_not_sent(http: ReviewHttp, trace: str) -> None:
    answer = await asked(http.desk, asking(trace, *plainly(THERAPY, COSMETIC)))
    number = answer.of("HCR")[0].split("*")[2]
    named = f"REF*BB*{number}~"
    cancelled = await asked(http.desk, asking(f"{trace}C", ("UM*HS*3~", COSMETIC), asked="HS*S", earlier=named))
    assert cancelled.of("HCR") == [f"HCR*A1*{number}", "HCR*C"]


async def test_the_same_procedure_twice_has_to_be_told_apart(http: ReviewHttp, trace: str) -> None:
    number = await certified(http.desk, trace)
    named = f"REF*BB*{number}~"
    answer = await asked(http.desk, asking(f"{trace}C", ("UM*HS*3~", THERAPY), asked="HS*S", earlier=named))
    assert (answer.of("HCR"), answer.of("AAA")) == ([], ["AAA*N**33*C", "AAA*N**AA*C"])


@pytest.mark.parametrize("place", ["3", "0", "01", "X"])
async def test_a_service_that_the_review_does_not_have_is_not_cancelled(
    http: ReviewHttp, trace: str, place: str
) -> None:
    number = await certified(http.desk, trace)
    service = (f"UM*HS*3~REF*BB*{number}-{place}~", THERAPY)
    answer = await asked(http.desk, asking(f"{trace}C", service, asked="HS*S", earlier=f"REF*BB*{number}~"))
    assert answer.of("AAA") == ["AAA*N**33*C", "AAA*N**AA*C"]
    assert len((await on_file(http.desk, number)).history) == 2


async def test_the_last_service_takes_the_event_along(http: ReviewHttp, trace: str) -> None:
    number = await certified(http.desk, trace)
    await asked(http.desk, cancelling(f"{trace}1", number, 1))
    answer = await asked(http.desk, cancelling(f"{trace}2", number, 2))
    assert answer.of("HCR") == [f"HCR*C*{number}", f"HCR*C*{number}-2"]
    assert (await http.get(number)).json()["state"] == "cancelled"
    assert [step.kind for step in (await on_file(http.desk, number)).history] == [
        "request",
        "decision",
        "decision",
        "cancelled",
    ]
    again = await asked(http.desk, asking(trace, *plainly(THERAPY, THERAPY)))
    assert again.of("HCR") == [f"HCR*C*{number}"]


async def test_cancellations_at_the_same_time_lose_none(http: ReviewHttp, trace: str) -> None:
    answer = await asked(http.desk, asking(trace, *plainly(*[THERAPY] * 4)))
    number = answer.of("HCR")[0].split("*")[2]
    await asyncio.gather(*(asked(http.desk, cancelling(f"{trace}{place}", number, place)) for place in (1, 2, 3)))
    again = await asked(http.desk, asking(trace, *plainly(*[THERAPY] * 4)))
    assert [line.split("*")[1] for line in again.of("HCR")] == ["A1", "C", "C", "C", "A1"]


async def test_a_service_cancelled_again_is_confirmed_and_changes_nothing(http: ReviewHttp, trace: str) -> None:
    number = await certified(http.desk, trace)
    await asked(http.desk, cancelling(f"{trace}1", number, 2))
    before = (await on_file(http.desk, number)).history
    answer = await asked(http.desk, cancelling(f"{trace}2", number, 2))
    assert answer.of("HCR") == [f"HCR*A1*{number}", f"HCR*C*{number}-2"]
    assert (await on_file(http.desk, number)).history == before


async def test_the_same_cancellation_again_is_the_same_answer_and_no_second_step(http: ReviewHttp, trace: str) -> None:
    number = await certified(http.desk, trace)
    first = await asked(http.desk, cancelling(f"{trace}C", number, 2))
    again = await asked(http.desk, cancelling(f"{trace}C", number, 2))
    assert again.text == first.text
    assert len((await on_file(http.desk, number)).history) == 3


async def test_other_services_of_the_request_are_decided(http: ReviewHttp, trace: str) -> None:
    number = await certified(http.desk, trace)
    services = [(f"UM*HS*3~REF*BB*{number}-1~", THERAPY), ("", COSMETIC), ("", THERAPY)]
    answer = await asked(http.desk, asking(f"{trace}S", *services, asked="HS*S", earlier=f"REF*BB*{number}~"))
    event, *told = answer.of("HCR")
    own = event.split("*")[2]
    assert own != number
    assert [event, *told] == [f"HCR*A2*{own}*0V", f"HCR*C*{number}-1", "HCR*A3**0V", f"HCR*A1*{own}-3"]


async def test_a_review_waits_no_more_once_what_was_pended_is_cancelled(http: ReviewHttp, trace: str) -> None:
    reference = await pended(http.desk, trace, THERAPY, IMAGING)
    assert reference in await waits(http.desk)
    number = f"A{reference[1:]}"
    answer = await asked(http.desk, cancelling(f"{trace}C", reference, 2, code=IMAGING))
    assert answer.of("HCR") == [f"HCR*A1*{number}", "HCR*C"]
    assert reference not in await waits(http.desk)
    again = await asked(http.desk, asking(trace, *plainly(THERAPY, IMAGING)))
    assert again.of("HCR") == [f"HCR*A1*{number}", f"HCR*A1*{number}-1", "HCR*C"]
    assert again.of("BHT")[0].endswith("*18")
    assert again.of("PWK") == []


async def test_a_cancellation_of_a_pended_review_is_final_and_waits_for_nobody(http: ReviewHttp, trace: str) -> None:
    reference = await pended(http.desk, trace, THERAPY, IMAGING)
    before = await waits(http.desk)
    answer = await asked(http.desk, cancelling(f"{trace}C", reference, 1))
    assert answer.of("HCR") == ["HCR*A4**0U", f"HCR*C*A{reference[1:]}-1"]
    assert f"REF*NT*{reference}" in answer.segments
    assert answer.of("BHT")[0].endswith("*18")
    assert await waits(http.desk) == before


async def test_a_reviewer_decides_what_is_left(http: ReviewHttp, trace: str) -> None:
    reference = await pended(http.desk, trace, UNKNOWN, IMAGING)
    await asked(http.desk, cancelling(f"{trace}C", reference, 1, code=UNKNOWN))
    assert (await http.decide(reference, {"services": [{"service": 1, "decision": "certified"}]})).status_code == 422
    response = await http.decide(reference, {"decision": "certified"})
    told = response.json()
    assert [told["code"], *(service["code"] for service in told["services"])] == ["A1", "C", "A1"]


async def test_the_clocks_go_on_for_what_is_left(http: ReviewHttp, trace: str) -> None:
    reference = await pended(http.desk, trace, UNKNOWN, IMAGING)
    before = await on_file(http.desk, reference)
    await append_note(http.desk.database_url, reference, "NURSE 7", DocumentNote("CHART-1"))
    came = await on_file(http.desk, reference)
    await asked(http.desk, cancelling(f"{trace}C", reference, 1, code=UNKNOWN))
    after = await on_file(http.desk, reference)
    assert after.asked_at == before.asked_at
    assert after.documents_at == came.documents_at is not None
    assert due(after, DEFAULT_CALENDAR) == due(came, DEFAULT_CALENDAR)


async def test_the_record_json_and_the_change_feed_tell_it(http: ReviewHttp, trace: str) -> None:
    number = await certified(http.desk, trace)
    feed = await http.get("changes")
    answer = await asked(http.desk, cancelling(f"{trace}C", number, 2))
    told = (await http.get(number)).json()
    assert (told["state"], [service["decision"] for service in told["services"]]) == (
        "certified",
        ["certified", "cancelled"],
    )
    assert [(step["kind"], step.get("decision")) for step in told["history"]] == [
        ("request", None),
        ("decision", "certified"),
        ("decision", "certified"),
    ]
    changes = (await http.send("GET", f"/v1/reviews/changes?cursor={feed.json()['cursor']}", b"", http.desk.key)).json()
    states = {change["review"]["reference"]: change["review"]["state"] for change in changes["changes"]}
    assert states.pop(f"R{number[1:]}") == "certified"
    assert list(states.values()) == ["cancelled"]
    assert answer.outcome == "278"


@pytest.mark.parametrize("codes", [(THERAPY, THERAPY), (THERAPY, IMAGING), (THERAPY,)], ids=["some", "pended", "last"])
async def test_a_cancellation_of_a_service_is_computed_again_the_same(
    http: ReviewHttp, trace: str, codes: tuple[str, ...]
) -> None:
    first = await asked(http.desk, asking(trace, *plainly(*codes)))
    number = first.of("HCR")[1].split("*")[2].partition("-")[0]
    place = len(codes)
    data = cancelling(f"{trace}C", f"R{number[1:]}", place, code=codes[-1])
    explainer = http.desk.gateway.explainer
    for answer in (await asked(http.desk, data), await asked(http.desk, asking(trace, *plainly(*codes)))):
        explanation = await explainer.explain(f"{answer.control_number:09d}", "clinic")
        assert explanation is not None
        assert explanation.is_same
        assert "cancellation" in [line.rule for line in explanation.patients[0].lines]


async def test_a_decision_that_comes_meanwhile_counts_for_the_cancellation(http: ReviewHttp, trace: str) -> None:
    reference = await pended(http.desk, trace, UNKNOWN, IMAGING)
    # The process has the review at hand as it was.
    await asked(http.desk, cancelling(f"{trace}1", reference, 1, code=UNKNOWN))
    configuration = http.desk.gateway.configuration
    refusing = Verdict(event=Ruling(Outcome.NOT_CERTIFIED, reasons=("0V",)))
    made = verdict_on(refusing, "NURSE 7", configuration.profile, configuration.zone, http.desk.now)
    await append_decision(http.desk.database_url, reference, "NURSE 7", made)
    answer = await asked(http.desk, cancelling(f"{trace}2", reference, 1, code=UNKNOWN))
    assert answer.of("HCR") == ["HCR*A3**0V", "HCR*C"]
    assert (await on_file(http.desk, reference)).decision.action == "A3"


@pytest.mark.parametrize("procedure", [{"procedureCode": THERAPY}, {}], ids=["with its procedure", "by its number"])
async def test_json_cancels_a_service(http: ReviewHttp, trace: str, procedure: dict[str, str]) -> None:
    number = await certified(http.desk, trace)
    service = procedure | {"certificationType": "3", "authorizationNumber": f"{number}-1"}
    body = {
        "traceNumber": f"{trace}J",
        "tradingPartnerServiceId": "99999",
        "requester": {"organizationName": "RIVERBEND GROUP", "npi": "1234567893"},
        "subscriber": {
            "memberId": "W100000001",
            "lastName": "QUILLFEATHER",
            "firstName": "ODA",
            "dateOfBirth": "19800131",
        },
        "certificationType": "S",
        "authorizationNumber": number,
        "services": [service],
    }
    fields = {"content-type": "application/json"}
    response = await http.send("POST", "/v1/reviews", orjson.dumps(body), http.desk.key, fields)
    told = response.json()["review"]
    assert (told["state"], told["final"], told["services"][0]["code"]) == ("cancelled", True, "C")
    assert [each["code"] for each in (await http.get(number)).json()["services"]] == ["C", "A1"]


@pytest.mark.parametrize("whole", [True, False], ids=["the review", "a service"])
async def test_nobody_cancels_what_somebody_else_has_asked_for(http: ReviewHttp, trace: str, whole: bool) -> None:
    number = await certified(http.desk, trace)
    url = http.desk.database_url
    await administration.save_submitter(url, Submitter("rival", "RIVAL CLINIC", "ZZ", "RIVAL"))
    valid_from = datetime(2026, 1, 1, tzinfo=UTC)
    await administration.revoke(url, "rival", "990000009", Function.PRECERTIFICATION, "test")
    granted = Entitlement("rival", "990000009", Function.PRECERTIFICATION, valid_from, None, "access manager")
    await administration.grant(url, granted)
    key = await administration.create_api_key(url, "rival")
    named = f"REF*BB*{number}~"
    if whole:
        data = asking(f"{trace}X", asked="HS*3", earlier=named, npi="1111111112")
    else:
        service = (f"UM*HS*3~REF*BB*{number}-1~", THERAPY)
        data = asking(f"{trace}X", service, asked="HS*S", earlier=named, npi="1111111112")
    data = data.replace(b"RIVERBEND      *", b"RIVAL          *").replace(b"GS*HI*RIVERBEND", b"GS*HI*RIVAL")
    credential = await BearerKeys(http.desk.gateway.facts).authenticate(f"Bearer {key}".encode())
    reply = await http.desk.gateway.pipeline.answer(data, credential, http.desk.now)
    assert (reply.outcome, b"AAA*N**AA*C" in reply.body) == ("AAA", True)
    assert len((await on_file(http.desk, number)).history) == 2
