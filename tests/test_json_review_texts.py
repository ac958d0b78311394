"""JSON requests for review against the 278s that they are written as: nothing is lost, nothing breaks the X12."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.envelope import Address
from edi.services_review import ReviewRequest
from gateway.doors.refusals import Refused
from gateway.doors.reviews.decision import read_decision
from gateway.doors.reviews.examples import DECISIONS, REQUESTS
from gateway.doors.reviews.inquiry import inquiry_of, read_request, write_278
from gateway.doors.reviews.origins import fault_of
from gateway.doors.reviews.request import ReviewRequest as ReviewJson
from parsers import check, parse
from rules.facts import PayerProfile
from rules.reviews import identity_of

PAYER = Address("ZZ", "EDIGATEWAY")
SENDER = Address("ZZ", "RIVERBEND")
PROFILE = PayerProfile("EXAMPLE HEALTH PLAN", "99999", "990000000")
MOMENT = datetime(2026, 11, 21, 18, 30, tzinfo=UTC).astimezone(ZoneInfo("America/New_York"))


def written(body: object) -> bytes:
    """The 278 of a body."""
    inquiry = inquiry_of(read_request(orjson.dumps(body)), SENDER, PROFILE)
    return write_278(inquiry, 1, SENDER, PAYER, PROFILE, MOMENT)


@pytest.mark.parametrize("name", REQUESTS)
def test_every_example_is_a_278_without_findings(name: str) -> None:
    assert check(written(REQUESTS[name])).findings == []


@pytest.mark.parametrize("name", DECISIONS)
def test_every_example_of_a_decision_can_be_read(name: str) -> None:
    verdict = read_decision(orjson.dumps(DECISIONS[name]))
    assert verdict.event is not None or verdict.services


TEXT = st.text(max_size=70)
MARK = st.text("ABC123-./ ~*:^é\x00", max_size=55)
DAY = st.sampled_from(["", "2026-12-01", "20261231", "2026-02-30", "tomorrow"])
QUANTITY = st.sampled_from(["", "0", "1", "3.5", "999999999999999", "-1", "1e5"])
PARTY = st.fixed_dictionaries(
    {}, optional={"organizationName": TEXT, "lastName": TEXT, "firstName": TEXT, "npi": MARK, "taxId": MARK}
)
SERVICE = st.fixed_dictionaries(
    {"procedureCode": st.sampled_from(["97110", "D0120", "", "A*B", "X" * 48])},
    optional={
        "productOrServiceIDQualifier": st.sampled_from(["HC", "AD", "N4", "QQ"]),
        "procedureModifiers": st.lists(st.sampled_from(["GP", "26", "?"]), max_size=5),
        "revenueCode": st.sampled_from(["", "0450", "X"]),
        "quantity": QUANTITY,
        "unit": st.sampled_from(["UN", "DA", "QQ", ""]),
        "dateOfService": DAY,
        "message": TEXT,
    },
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "traceNumber": MARK,
    "tradingPartnerServiceId": st.sampled_from(["99999", "X", "88888"]),
    "requester": PARTY,
    "subscriber": st.fixed_dictionaries(
        {"memberId": MARK}, optional={"lastName": TEXT, "dateOfBirth": DAY, "gender": st.sampled_from(["F", "X"])}
    ),
    "requestCategory": st.sampled_from(["HS", "AR", "SC", "IN", "QQ"]),
    "certificationType": st.sampled_from(["I", "3", "Q"]),
    "levelOfService": st.sampled_from(["U", "03", "E", "Q", None]),
    "serviceType": st.sampled_from(["", "1", "QQ"]),
    "placeOfService": st.sampled_from(["", "11", "??"]),
    "admissionDate": DAY,
    "quantity": QUANTITY,
    "unit": st.sampled_from(["", "DY", "QQ"]),
    "message": TEXT,
    "diagnoses": st.lists(st.fixed_dictionaries({"code": MARK}), max_size=13),
    "documents": st.lists(st.fixed_dictionaries({"reportType": MARK, "description": TEXT}), max_size=2),
    "providers": st.lists(PARTY.map(lambda party: {**party, "role": "SJ"}), max_size=2),
    "services": st.lists(SERVICE, max_size=3),
}
CHANGES = st.lists(st.sampled_from(sorted(FIELDS)).flatmap(lambda name: st.tuples(st.just(name), FIELDS[name])))
REQUEST = st.builds(lambda base, changes: {**base, **dict(changes[:3])}, st.sampled_from([*REQUESTS.values()]), CHANGES)


def request_of(body: dict[str, Any]) -> ReviewJson | None:
    """What a body asks; None where it is refused, by field."""
    try:
        return read_request(orjson.dumps(body))
    except Refused as refused:
        document = refused.document
    assert document is not None
    assert all(fault["field"] for fault in orjson.loads(document.body)["errors"])
    return None


@settings(max_examples=300, deadline=None)
@given(REQUEST)
def test_whatever_is_asked_is_refused_by_field_or_written_as_a_278_that_says_the_same(body: dict[str, Any]) -> None:
    request = request_of(body)
    if request is None:
        return
    inquiry = inquiry_of(request, SENDER, PROFILE)
    data = write_278(inquiry, 1, SENDER, PAYER, PROFILE, MOMENT)
    parsed = parse(data)
    [transaction] = parsed.report.transactions
    assert parsed.report.findings == transaction.findings
    assert all(fault_of(finding, transaction).field for finding in transaction.findings)
    for asked in parsed.requests:
        assert isinstance(asked, ReviewRequest)
        assert identity_of("clinic", asked) == identity_of("clinic", inquiry)
