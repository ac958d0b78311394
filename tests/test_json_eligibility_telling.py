"""Typed answers in JSON: nothing that was decided is lost or changed."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal

import orjson
import pytest
from msgspec.json import encode

from edi.aaa import Loop, RejectReason
from edi.texts import paragraphs, prose
from gateway.doors.eligibility.hints import hint
from gateway.doors.eligibility.qualifiers import DATES, REFERENCES
from gateway.doors.eligibility.telling import tell
from tests.answering import answer
from tests.answering import read_request as read_request_270
from tests.generated_inquiries import Situation, situation
from tests.json_requests import Json
from tests.read_back import Line, lines_decided


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


@pytest.mark.parametrize("reason", RejectReason)
def test_every_reject_reason_has_a_hint(reason: RejectReason) -> None:
    assert all(hint(reason, loop).endswith(".") for loop in Loop)
