"""What the schema of JSON inquiries takes, refuses and documents."""

from collections.abc import Mapping

import orjson
import pytest

from gateway.doors.eligibility.answering import ELIGIBILITY_PATH
from gateway.doors.eligibility.inquiry import read_request
from gateway.doors.openapi import openapi_document
from gateway.doors.refusals import Refused
from tests.json_requests import GOOD, changed


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


def test_a_request_does_not_show_whom_it_is_about() -> None:
    request = read_request(orjson.dumps(GOOD))
    assert "QUILLFEATHER" not in f"{request} {request!r} {request.subscriber!r} {request.subscriber}"


def test_the_openapi_document_has_every_schema_that_it_refers_to() -> None:
    text = openapi_document().decode()
    document = orjson.loads(text)
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= set(document["components"]["schemas"])
    assert document["components"]["schemas"]["EligibilityRequest"]["additionalProperties"] is False
    assert set(document["paths"][ELIGIBILITY_PATH]["post"]["responses"]) == {
        "200", "400", "401", "403", "413", "415", "422", "429", "503",
    }  # fmt: skip
