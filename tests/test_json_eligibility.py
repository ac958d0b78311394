"""``POST /v1/eligibility``: the same answers as X12 gets, refusals that name fields, and nothing that breaks it."""

import asyncio
import logging
import random
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
import orjson
import pytest
from msgspec.json import encode

from edi.aaa import Loop, RejectReason
from edi.texts import paragraphs, prose
from gateway.doors.connections import Patrol
from gateway.doors.eligibility.answering import ELIGIBILITY_PATH, JSON, EligibilityAnswerer
from gateway.doors.eligibility.examples import REQUESTS
from gateway.doors.eligibility.hints import hint
from gateway.doors.eligibility.inquiry import read_request
from gateway.doors.eligibility.openapi import openapi_document
from gateway.doors.eligibility.qualifiers import DATES, REFERENCES
from gateway.doors.eligibility.telling import tell
from gateway.doors.front import build_front
from gateway.doors.keys import BearerKeys
from gateway.doors.operations import build_operations
from gateway.doors.real_time import InWork, RealTimeDoor
from gateway.doors.refusals import Refused
from gateway.doors.serving import http_server
from gateway.doors.x12 import X12, X12_PATH
from gateway.embedded import EmbeddedServers
from gateway.limits import Limits
from gateway.logs import JsonFormatter
from parsers import check
from tests.answering import answer
from tests.answering import read_request as read_request_270
from tests.generated_inquiries import Situation, situation
from tests.read_back import Line, lines_decided
from tests.real_time import NOW, Desk, inquiry, open_desk

Json = dict[str, Any]

GOOD: Json = {
    "controlNumber": "123456789",
    "tradingPartnerServiceId": "99999",
    "provider": {"organizationName": "RIVERBEND GROUP", "npi": "1234567893"},
    "subscriber": {
        "memberId": "W100000001",
        "lastName": "QUILLFEATHER",
        "firstName": "ODA",
        "dateOfBirth": "19800131",
    },
    "encounter": {"serviceTypeCodes": ["98"]},
}


def changed(path: str, value: object) -> Json:
    """The good request with one field set; an ``encounter`` of its own where the field is of the encounter."""
    request: Json = orjson.loads(orjson.dumps(GOOD))
    part, _, name = path.rpartition(".")
    target = request[part] if part else request
    target[name] = value
    return request


def now() -> datetime:
    return NOW


@dataclass
class Window:
    """Where a client asks, in JSON or in X12."""

    client: httpx.AsyncClient
    desk: Desk

    async def post(self, body: Mapping[str, object] | bytes, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        fields = {"authorization": f"Bearer {self.desk.key}", "content-type": "application/json"} | headers
        return await self.client.post(ELIGIBILITY_PATH, content=content, headers=fields)

    async def post_x12(self, data: bytes) -> httpx.Response:
        fields = {"authorization": f"Bearer {self.desk.key}", "content-type": "application/edi-x12"}
        return await self.client.post(X12_PATH, content=data, headers=fields)


@asynccontextmanager
async def window(
    database_url: str,
    redis_url: str,
    limits: Limits = Limits(),  # noqa: B008
) -> AsyncIterator[Window]:
    async with open_desk(database_url, redis_url) as desk:
        gateway, metrics = desk.gateway, desk.gateway.metrics
        keys, in_work = BearerKeys(gateway.facts), InWork(metrics, limits)
        answerer = EligibilityAnswerer(gateway.pipeline, gateway.configuration)
        doors = {
            X12_PATH: RealTimeDoor(X12, keys, gateway.pipeline, in_work, metrics, limits, now),
            ELIGIBILITY_PATH: RealTimeDoor(JSON, keys, answerer, in_work, metrics, limits, now, access_log=True),
        }
        listener = socket.create_server(("127.0.0.1", 0))
        front = build_front(doors, build_operations(gateway.ready, metrics, limits), metrics)
        server = http_server(front, Patrol(limits, metrics), limits)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, timeout=20) as client:
            yield Window(client, desk)
        server.stop()
        await serving


# What is told.


def twins(chance: random.Random) -> tuple[Json, bytes]:
    """The same inquiry in JSON and in X12: mostly about somebody who is on file."""
    member_id = chance.choice(("W100000001", "W100000001", "", "W200000002"))
    first_name = chance.choice(("ODA", "ODA", "ODETTE"))
    born = chance.choice(("19800131", "19800131", "", "19810131", "20300101"))
    npi = chance.choice(("1234567893",) * 5 + ("1245319599", "1111111112", "1234567890"))
    codes = chance.choice((["30"], ["98"], ["98", "UC"], ["33", "47", "AL"], ["1", "35", "88"]))
    dates = chance.choice(("", "", "20261101", "20261101-20261120", "20200101"))
    as_dependent = chance.random() < 0.3
    subscriber: Json = {"memberId": member_id, "lastName": "QUILLFEATHER", "firstName": first_name}
    first, _, last = dates.partition("-")
    dated = {"beginningDateOfService": first, "endDateOfService": last} if last else {"dateOfService": dates}
    request: Json = {
        "tradingPartnerServiceId": "99999",
        "provider": {"organizationName": "RIVERBEND GROUP", "npi": npi},
        "subscriber": subscriber if as_dependent else {**subscriber, "dateOfBirth": born},
        "encounter": {"serviceTypeCodes": codes, **dated},
    }
    when = f"DTP*291*{'RD8' if last else 'D8'}*{dates}~" if dates else ""
    asked = f"EQ*{'^'.join(codes)}~"
    below = ""
    if as_dependent:
        son = chance.choice(("TAM", "TIM"))
        request["dependents"] = [{"lastName": "QUILLFEATHER", "firstName": son, "dateOfBirth": "2015-03-01"}]
        below = f"NM1*03*1*QUILLFEATHER*{son}~DMG*D8*20150301~{when}"
    return request, inquiry(
        member_id=member_id,
        name=f"QUILLFEATHER*{first_name}",
        born="" if as_dependent else born,
        npi=npi,
        asked=asked if as_dependent else when + asked,
        below=below,
    )


def lines(benefit: Json) -> list[str]:
    """The segments that a benefit of the JSON tells of EB, REF, DTP and MSG."""
    procedure = benefit.get("compositeMedicalProcedureIdentifier", {})
    elements = (
        benefit["code"],
        benefit.get("coverageLevelCode", ""),
        "^".join(benefit.get("serviceTypeCodes", ())),
        benefit.get("insuranceTypeCode", ""),
        benefit.get("planCoverage", ""),
        benefit.get("timeQualifierCode", ""),
        benefit.get("benefitAmount", ""),
        benefit.get("benefitPercent", ""),
        benefit.get("quantityQualifierCode", ""),
        benefit.get("benefitQuantity", ""),
        benefit.get("authOrCertIndicator", ""),
        benefit.get("inPlanNetworkIndicatorCode", ""),
        ":".join(v for v in procedure.values() if isinstance(v, str)),
    )
    dates = {name: qualifier for qualifier, name in DATES.items()}
    references = {name: qualifier for qualifier, name in REFERENCES.items()}
    return [
        "*".join(("EB", *elements)).rstrip("*"),
        *(f"REF*{references[k]}*{v}" for k, v in benefit.get("benefitsAdditionalInformation", {}).items()),
        *(
            f"DTP*{dates[name]}*{'RD8' if '-' in value else 'D8'}*{value}"
            for name, value in benefit.get("benefitsDateInformation", {}).items()
        ),
        *(f"MSG*{message['description']}" for message in benefit.get("additionalInformation", ())),
    ]


def told_by_x12(text: str) -> tuple[list[str], list[str]]:
    """The benefit segments of a 271, and its AAAs."""
    segments = text.split("~")[:-1]
    benefits = [n for n, segment in enumerate(segments) if segment.startswith("EB*")]
    below = segments[benefits[0] :] if benefits else []
    of_benefits = [segment for segment in below if segment.split("*")[0] in ("EB", "REF", "DTP", "MSG")]
    return of_benefits, [segment for segment in segments if segment.startswith("AAA*")]


@pytest.mark.store
async def test_json_and_x12_get_the_same_answers(database_url: str, redis_url: str) -> None:
    chance = random.Random(270)
    outcomes = set()
    async with window(database_url, redis_url) as at:
        for request, data in [twins(chance) for _ in range(150)]:
            response, twin = await asyncio.gather(at.post(request), at.post_x12(data))
            assert (response.status_code, twin.status_code) == (200, 200)
            told = response.json()
            assert response.headers["x-edi-outcome"] == twin.headers["x-edi-outcome"] == told["meta"]["outcome"]
            benefits, rejections = told_by_x12(twin.text)
            assert [line for benefit in told.get("benefitsInformation", ()) for line in lines(benefit)] == benefits
            assert [
                f"AAA*{e['validRequestIndicator']}**{e['code']}*{e['followupActionCode']}"
                for e in told.get("errors", ())
            ] == rejections
            outcomes |= {told["meta"]["outcome"], *(error["code"] for error in told.get("errors", ()))}
    assert outcomes >= {"271", "41", "43", "50", "60", "62", "65", "67", "71", "73", "75"}


def line(benefit: Json) -> Line:
    """A benefit of the JSON as a reader of the 271 finds it; rejections stand elsewhere in the JSON."""
    procedure = benefit.get("compositeMedicalProcedureIdentifier", {})
    parts = (
        procedure.get("productOrServiceIdQualifierCode", ""),
        procedure.get("procedureCode", ""),
        *procedure.get("procedureModifiers", ()),
    )
    amounts = [benefit.get(name) for name in ("benefitAmount", "benefitPercent", "benefitQuantity")]
    messages = [message["description"] for message in benefit.get("additionalInformation", ())]
    dates, references = benefit.get("benefitsDateInformation", {}), benefit.get("benefitsAdditionalInformation", {})
    return Line(
        codes=(
            benefit["code"],
            benefit.get("coverageLevelCode", ""),
            benefit.get("insuranceTypeCode", ""),
            prose(benefit.get("planCoverage", ""), 50),
            benefit.get("timeQualifierCode", ""),
            benefit.get("quantityQualifierCode", ""),
            benefit.get("authOrCertIndicator", ""),
            benefit.get("inPlanNetworkIndicatorCode", ""),
            ":".join(filter(None, parts)),
        ),
        service_types=tuple(benefit.get("serviceTypeCodes", ())),
        numbers=(*(None if amount is None else Decimal(amount) for amount in amounts),),
        references=tuple((qualifier, references[n]) for qualifier, n in REFERENCES.items() if n in references),
        dates=tuple((qualifier, dates[n]) for qualifier, n in DATES.items() if n in dates),
        rejections=(),
        messages=tuple(piece for message in messages for piece in paragraphs(message, 264))[:10],
        places=tuple(each["industryCode"] for each in benefit.get("eligibilityAdditionalInformationList", ())),
        related=tuple(
            (
                each["entityIdentifierCode"],
                {"Person": "1", "Non-Person Entity": "2"}[each["entityType"]],
                prose(each.get("entityName", ""), 60),
                prose(each.get("entityFirstname", ""), 35),
                each.get("entityIdentification", ""),
                each.get("entityIdentificationValue", ""),
            )
            for each in benefit.get("benefitsRelatedEntities", ())
        ),
    )


def in_order(decided: Line) -> Line:
    """A decided line with what the JSON tells by name in one order, and without rejections."""
    return replace(
        decided,
        references=tuple(sorted(decided.references, key=lambda pair: [*REFERENCES].index(pair[0]))),
        dates=tuple(sorted(decided.dates, key=lambda pair: [*DATES].index(pair[0]))),
        rejections=(),
    )


def has_half_a_character(made: Situation) -> bool:
    """Whether texts hold what no stored document can, which is UTF-8."""
    return any("\ud800" in text for text in every_text((made.contracts, made.plans, made.profile)))


def every_text(value: object) -> Iterator[str]:
    """The texts in facts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from every_text(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from every_text(getattr(value, each.name))


@pytest.mark.parametrize("part", range(4))
def test_every_generated_answer_is_told_as_it_was_decided(part: int) -> None:
    told_lines = 0
    for made in map(situation, range(part, 600, 4)):
        request = read_request_270(made)
        if request is None or has_half_a_character(made):
            continue
        for each in answer(made, request):
            told = orjson.loads(encode(tell(each, "271", "1", None)))
            assert [*map(line, told.get("benefitsInformation", ()))] == [*map(in_order, lines_decided([each]))]
            assert {(e["code"], e["followupActionCode"], e["location"]) for e in told.get("errors", ())} == {
                (r.reason, r.action, f"Loop {r.loop}") for r in each.every_rejection
            }
            told_lines += len(each.benefits)
    assert told_lines > 300


@pytest.mark.store
async def test_each_example_of_the_documentation_gets_an_answer(database_url: str, redis_url: str) -> None:
    async with window(database_url, redis_url) as at:
        document = (await at.client.get("/openapi.json")).json()
        body = document["paths"][ELIGIBILITY_PATH]["post"]["requestBody"]["content"]["application/json"]
        told = {name: (await at.post(example["value"])).json() for name, example in body["examples"].items()}
    assert {name: each["meta"]["outcome"] for name, each in told.items()} == {
        "generic": "271",
        "dependent": "271",
        "procedure": "271",
        "unknown subscriber": "AAA",
    }
    assert told["generic"]["controlNumber"] == "123456789"
    assert told["generic"]["subscriber"]["memberId"] == "W100000001"
    assert told["generic"]["planStatus"][0] == {
        "statusCode": "1",
        "status": "Active Coverage",
        "planDetails": "GOLD PPO 500",
        "serviceTypeCodes": ["30"],
    }
    assert told["generic"]["planDateInformation"] == {"planBegin": "20250101"}
    assert told["dependent"]["dependents"][0]["relationToSubscriber"] == "Child"
    assert told["dependent"]["planInformation"] == {"patientAccountNumber": "A-4711"}
    assert check(told["dependent"]["x12"].encode()).accepted
    assert "x12" not in told["generic"]


@pytest.mark.store
async def test_a_co_insurance_has_its_codes_and_their_names(database_url: str, redis_url: str) -> None:
    async with window(database_url, redis_url) as at:
        told = (await at.post(GOOD)).json()
    (share,) = [benefit for benefit in told["benefitsInformation"] if benefit["code"] == "A"]
    assert share == {
        "code": "A",
        "name": "Co-Insurance",
        "serviceTypeCodes": ["98"],
        "serviceTypes": ["Professional (Physician) Visit - Office"],
        "benefitPercent": "0.2",
        "inPlanNetworkIndicatorCode": "Y",
        "inPlanNetworkIndicator": "Yes",
    } | {k: v for k, v in share.items() if k.startswith(("coverageLevel", "timeQualifier", "insuranceType"))}
    assert told["payer"] == {
        "entityIdentifier": "Payer",
        "entityType": "Non-Person Entity",
        "name": "EXAMPLE HEALTH PLAN",
        "payorIdentification": "99999",
    }
    assert told["provider"]["npi"] == "1234567893"


@pytest.mark.store
async def test_a_rejection_is_told_unchanged_with_what_can_be_done(database_url: str, redis_url: str) -> None:
    async with window(database_url, redis_url) as at:
        response = await at.post(changed("subscriber.memberId", "W999999999"))
    assert (response.status_code, response.headers["x-edi-outcome"]) == (200, "AAA")
    told = response.json()
    assert told["meta"]["traceId"]
    assert "benefitsInformation" not in told
    assert told["errors"][0] == {
        "field": "AAA",
        "code": "75",
        "description": "Subscriber/Insured Not Found",
        "followupAction": "Please Correct and Resubmit",
        "followupActionCode": "C",
        "location": "Loop 2100C",
        "possibleResolutions": hint(RejectReason.SUBSCRIBER_NOT_FOUND, Loop.SUBSCRIBER),
        "validRequestIndicator": "N",
    }


@pytest.mark.store
async def test_the_audit_and_the_metrics_count_a_json_inquiry_as_a_270(database_url: str, redis_url: str) -> None:
    async with window(database_url, redis_url) as at:
        await at.post(GOOD)
        text = (await at.client.get("/metrics")).text
    assert 'edi_gateway_requests_total{mode="real_time",outcome="271",transaction="270"} 1.0' in text
    assert 'edi_gateway_stage_seconds_count{stage="audit"} 1.0' in text


# What is refused.


def refusal_of(body: Mapping[str, object] | bytes) -> tuple[int, list[str]]:
    """Status and fields of the refusal of a request by its schema."""
    with pytest.raises(Refused) as caught:
        read_request(body if isinstance(body, bytes) else orjson.dumps(body))
    document = caught.value.document
    assert document is not None
    return document.status, [error["field"] for error in orjson.loads(document.body)["errors"]]


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("memberId", "W1", ["memberId"]),
        ("subscriber.memberID", "W1", ["subscriber.memberID"]),
        ("subscriber.member_id", "W1", ["subscriber.member_id"]),
        ("subscriber.memberId", 7, ["subscriber.memberId"]),
        ("subscriber.memberId", None, ["subscriber.memberId"]),
        ("subscriber.memberId", "W1*00", ["subscriber.memberId"]),
        ("subscriber.memberId", "W" * 81, ["subscriber.memberId"]),
        ("subscriber.lastName", "X" * 61, ["subscriber.lastName"]),
        ("subscriber.dateOfBirth", "1/31/1980", ["subscriber.dateOfBirth"]),
        ("subscriber.dateOfBirth", "١٩٨٠٠١٣١", ["subscriber.dateOfBirth"]),
        ("controlNumber", "12345678901", ["controlNumber"]),
        ("controlNumber", "000", ["controlNumber"]),
        ("includeX12", "yes", ["includeX12"]),
        ("tradingPartnerServiceId", "", ["tradingPartnerServiceId"]),
        ("provider", {}, ["provider.organizationName", "provider.npi"]),
        ("provider.lastName", "ROE", ["provider.organizationName"]),
        ("provider.firstName", "ANN", ["provider.firstName"]),
        ("provider.serviceProviderNumber", "S1", ["provider.serviceProviderNumber"]),
        ("dependents", [{}, {}], ["dependents"]),
        ("dependents", [{"memberId": "W1"}], ["dependents[0].memberId"]),
        ("encounter.serviceTypeCodes", ["30"] * 100, ["encounter.serviceTypeCodes"]),
        ("encounter.serviceTypeCodes", ["30", ""], ["encounter.serviceTypeCodes[1]"]),
        ("encounter.serviceTypeCodes", "30", ["encounter.serviceTypeCodes"]),
        ("encounter.procedureCode", "97110", ["encounter.productOrServiceIDQualifier"]),
        ("encounter.productOrServiceIDQualifier", "HC", ["encounter.productOrServiceIDQualifier"]),
        ("encounter.procedureModifiers", ["GP"], ["encounter.procedureModifiers"]),
        ("encounter.dateOfService", "20260231", ["encounter.dateOfService"]),
        ("encounter.beginningDateOfService", "20260201", ["encounter.endDateOfService"]),
        (
            "encounter",
            {"dateOfService": "20260201", "beginningDateOfService": "20260201", "endDateOfService": "20260299"},
            ["encounter.dateOfService", "encounter.endDateOfService"],
        ),
    ],
)
def test_what_the_schema_does_not_have_is_refused_by_its_name(path: str, value: object, named: list[str]) -> None:
    assert refusal_of(changed(path, value)) == (422, named)


def test_a_required_part_that_is_missing_is_named() -> None:
    assert refusal_of({}) == (422, ["tradingPartnerServiceId", "provider", "subscriber"])


def test_only_so_many_faults_are_told_and_only_so_much_of_a_name() -> None:
    status, fields = refusal_of(GOOD | {f"{'x' * 5000}{n}": n for n in range(500)})
    assert (status, len(fields)) == (422, 1)
    status, fields = refusal_of(GOOD | {f"x{n}": n for n in range(500)})
    assert (status, len(fields)) == (422, 20)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'"\xff"', b"[" * 50_000, b'{"a": "\\ud800"}', b"NaN\x00"])
def test_what_is_no_json_is_refused_as_that(body: bytes) -> None:
    with pytest.raises(Refused) as caught:
        read_request(body)
    assert caught.value.refusal == "not-json"


@pytest.mark.store
async def test_what_the_guide_refuses_is_told_by_field(database_url: str, redis_url: str) -> None:
    cases: list[tuple[str, object, list[str]]] = [
        ("subscriber.memberId", "W", ["subscriber.memberId"]),
        ("subscriber.dateOfBirth", "1980-13-99", ["subscriber.dateOfBirth"]),
        ("subscriber.gender", "Q", ["subscriber.gender"]),
        ("provider.npi", "1", ["provider.npi"]),
        ("provider.organizationName", "~~", ["provider.organizationName"]),
        ("encounter.serviceTypeCodes", ["98", "ZZ", "30"], ["encounter.serviceTypeCodes[1]"]),
        (
            "encounter",
            {"procedureCode": "9", "productOrServiceIDQualifier": "QQ", "procedureModifiers": ["GP", "1"]},
            ["encounter.productOrServiceIDQualifier", "encounter.procedureModifiers[1]"],
        ),
        ("dependents", [{"individualRelationshipCode": "99"}], ["dependents[0].individualRelationshipCode"]),
        (
            "dependents",
            [{"gender": "X", "dateOfBirth": "00000000"}],
            ["dependents[0].dateOfBirth", "dependents[0].gender"],
        ),
    ]
    async with window(database_url, redis_url) as at:
        for path, value, fields in cases:
            response = await at.post(changed(path, value))
            assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")
            problem = response.json()
            assert problem["type"] == "urn:edi-gateway:problem:refused-by-guide"
            assert [error["field"] for error in problem["errors"]] == fields
        text = (await at.client.get("/metrics")).text
    assert f'outcome="999",transaction="unreadable"}} {len(cases)}.0' in text


@pytest.mark.store
async def test_what_http_refuses_is_a_problem_document(database_url: str, redis_url: str) -> None:
    async with window(database_url, redis_url) as at:
        refused = [
            (await at.post(GOOD, authorization="Bearer nobody"), 401, "credentials-unknown"),
            (await at.client.post(ELIGIBILITY_PATH, content=b"{}"), 401, "credentials-missing"),
            (await at.post(GOOD, **{"content-type": "application/edi-x12"}), 415, "media-type"),
            (await at.post(GOOD, **{"content-encoding": "gzip"}), 415, "content-encoding"),
            (await at.post(b" " * (Limits().interchange_bytes_max + 1)), 413, "body-too-large"),
            (await at.client.get(ELIGIBILITY_PATH), 405, "method-not-allowed"),
        ]
        accepted = await at.post(GOOD, **{"content-type": "application/json; charset=utf-8"})
    for response, status, kind in refused:
        assert (response.status_code, response.json()["type"]) == (status, f"urn:edi-gateway:problem:{kind}")
    assert "application/json" in refused[2][0].text
    assert accepted.status_code == 200


@pytest.mark.store
async def test_both_doors_share_the_places_of_a_submitter(database_url: str, redis_url: str) -> None:
    async with window(database_url, redis_url, Limits(requests_in_work_per_submitter_max=1)) as at:
        mixed = [at.post(GOOD) if n % 2 else at.post_x12(inquiry()) for n in range(20)]
        responses = await asyncio.gather(*mixed)
    assert {response.status_code for response in responses} == {200, 429}
    assert all("retry-after" in response.headers for response in responses if response.status_code == 429)


@pytest.mark.store
async def test_without_postgresql_the_client_is_told_to_come_back(
    database_url: str, redis_url: str, servers: EmbeddedServers
) -> None:
    async with window(database_url, redis_url) as at:
        assert (await at.post(GOOD)).status_code == 200
        servers.postgres.stop()
        try:
            response = await at.post(GOOD)
        finally:
            servers.postgres.start()
        assert (response.status_code, response.json()["type"]) == (503, "urn:edi-gateway:problem:outage")
        assert int(response.headers["retry-after"]) > 0


def odd(chance: random.Random, value: object) -> object:
    """A request with parts of it changed into something else."""
    strange = (
        "",
        " ",
        "~*:^",
        "é" * 60,
        "李小龙",
        "\x00",
        "9" * 80,
        "20260231",
        0,
        -1.5,
        None,
        True,
        [],
        {},
        [[]],
        ["98"],
    )
    if isinstance(value, dict):
        return {key: odd(chance, each) for key, each in value.items() if chance.random() > 0.05}
    if isinstance(value, list):
        return [odd(chance, each) for each in value * chance.choice((1, 1, 2))]
    return chance.choice(strange) if chance.random() < 0.15 else value


@pytest.mark.store
async def test_whatever_comes_is_answered_or_refused(database_url: str, redis_url: str) -> None:
    chance = random.Random(271)
    good = [dict(each) for each in REQUESTS.values()]
    sent = [orjson.dumps(odd(chance, chance.choice(good))) for _ in range(300)]
    sent += [data[: chance.randrange(len(data))] for data in sent[:50]]
    async with window(database_url, redis_url) as at:
        responses = await asyncio.gather(*map(at.post, sent))
    statuses = [response.status_code for response in responses]
    assert set(statuses) == {200, 400, 422}
    assert statuses.count(200) > 10


# What is kept quiet.


@pytest.mark.store
async def test_nobody_is_named_in_refusals_and_logs(
    database_url: str, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    marked = {"lastName": "MARKEDNAME", "firstName": "MARKEDFIRST", "memberId": "MARKEDID", "dateOfBirth": "19470911"}
    asked: list[Mapping[str, object] | bytes] = [
        GOOD | {"subscriber": marked},
        GOOD | {"subscriber": marked, "encounter": {"serviceTypeCodes": ["MK"]}},
        GOOD | {"subscriber": marked | {"gender": "MARKEDNAME"}},
        GOOD | {"subscriber": marked | {"memberId": "MARKEDID*"}},
        GOOD | {"subscriber": marked | {"dateOfBirth": "19470911x"}},
        orjson.dumps(GOOD | {"subscriber": marked})[:-3],
    ]
    async with window(database_url, redis_url) as at:
        responses = [await at.post(body) for body in asked]
        outside = [(await at.client.get("/metrics")).text]
    assert [response.status_code for response in responses] == [200, 400, 422, 422, 422, 400]
    outside += [str(response.headers) for response in responses] + [response.text for response in responses[1:]]
    outside += [JsonFormatter().format(record) for record in caplog.records]
    told = "\n".join(outside)
    assert not [mark for mark in ("MARKED", "19470911", "1947-09-11") if mark in told]


def test_a_request_does_not_show_whom_it_is_about() -> None:
    request = read_request(orjson.dumps(GOOD))
    assert "QUILLFEATHER" not in f"{request} {request!r} {request.subscriber!r} {request.subscriber}"


# What is documented.


def test_the_openapi_document_has_every_schema_that_it_refers_to() -> None:
    text = openapi_document().decode()
    document = orjson.loads(text)
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= set(document["components"]["schemas"])
    assert document["components"]["schemas"]["EligibilityRequest"]["additionalProperties"] is False
    assert set(document["paths"][ELIGIBILITY_PATH]["post"]["responses"]) == {
        "200", "400", "401", "413", "415", "422", "429", "503",
    }  # fmt: skip


@pytest.mark.parametrize("reason", RejectReason)
def test_every_reject_reason_has_a_hint(reason: RejectReason) -> None:
    assert all(hint(reason, loop).endswith(".") for loop in Loop)
