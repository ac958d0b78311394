"""``POST /v1/eligibility``: the same answers as X12 gets, refusals that name fields, and nothing that breaks it."""

import asyncio
import logging
import random
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import httpx
import orjson
import pytest

from edi.aaa import Loop, RejectReason
from gateway.doors.connections import Patrol
from gateway.doors.eligibility.answering import ELIGIBILITY_PATH, JSON, EligibilityAnswerer
from gateway.doors.eligibility.examples import REQUESTS
from gateway.doors.eligibility.hints import hint
from gateway.doors.eligibility.qualifiers import DATES, REFERENCES
from gateway.doors.front import build_front
from gateway.doors.keys import BearerKeys
from gateway.doors.operations import build_operations
from gateway.doors.real_time import InWork, RealTimeDoor
from gateway.doors.serving import http_server
from gateway.doors.x12 import X12, X12_PATH
from gateway.embedded import EmbeddedServers
from gateway.limits import Limits
from gateway.logs import JsonFormatter
from parsers import check
from tests.json_requests import GOOD, Json, changed
from tests.patience import PATIENT
from tests.real_time import NOW, Desk, inquiry, open_desk


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
    limits: Limits = PATIENT,
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
        async with httpx.AsyncClient(base_url=url, timeout=120) as client:
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
    assert f'outcome="999",transaction="270"}} {len(cases)}.0' in text


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
    async with window(database_url, redis_url, replace(PATIENT, requests_in_work_per_submitter_max=1)) as at:
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
        responses = [
            response
            for start in range(0, len(sent), 25)
            for response in await asyncio.gather(*map(at.post, sent[start : start + 25]))
        ]
    assert "our-fault" not in {response.json().get("type", "").rpartition(":")[2] for response in responses}
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
