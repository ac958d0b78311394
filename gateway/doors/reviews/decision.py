"""The JSON in which a reviewer decides: the same decisions as ``edi-gateway review decide``."""

from collections.abc import Iterator
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from gateway.doors.eligibility.faults import Fault, read_fields, refused_fields
from gateway.doors.eligibility.request import Part
from gateway.doors.refusals import Document, Refusal, Refused
from gateway.reviews.desk import Obstacle, VerdictRefused, find_ruling_faults
from rules.facts.reviews import Outcome, Ruling, WantedDocument
from rules.reviews import PolicyFault, Verdict, VerdictFault

SERVICES_MAX = 99
"""Of one event (X12 005010X217, loop 2000F)."""
QUANTITY_DIGITS_MAX = 15
"""Of HSD02 and SV104."""


def _keepable(text: str) -> str:
    """Refuse what the record cannot hold."""
    if "\0" in text:
        raise PydanticCustomError("character", "Has a character that cannot be kept: NUL")
    return text


Message = Annotated[str, AfterValidator(_keepable)]
Quantity = Annotated[str, Field(pattern=rf"^([0-9]{{1,{QUANTITY_DIGITS_MAX}}}(\.[0-9]{{1,6}})?)?$", examples=["3"])]

FIELDS = {
    PolicyFault.REASON_MISSING: "reasons",
    PolicyFault.REASON_NOT_VALID: "reasons",
    PolicyFault.TOO_MANY_REASONS: "reasons",
    PolicyFault.QUANTITY_MISSING: "quantity",
    PolicyFault.QUANTITY_NOT_VALID: "quantity",
    PolicyFault.MESSAGE_TOO_LONG: "message",
    PolicyFault.DOCUMENT_UNKNOWN: "documents",
    PolicyFault.DESCRIPTION_TOO_LONG: "documents",
    PolicyFault.LOINC_NOT_VALID: "documents",
    PolicyFault.TOO_MANY_DOCUMENTS: "documents",
    PolicyFault.DAYS_NOT_VALID: "daysValid",
    VerdictFault.TOO_MANY_REASONS: "reasons",
    VerdictFault.QUANTITY_MISSING: "quantity",
    VerdictFault.SERVICE_NOT_PENDED: "services",
    VerdictFault.SERVICE_LEFT_OUT: "services",
    Obstacle.NO_DECISION: "decision",
}
"""The field that each fault is about."""
NOT_ANY_MORE = frozenset({VerdictFault.NOT_PENDED, Obstacle.CANCELLED})
"""What is wrong with the review, not with the request."""


class AskedDocument(Part):
    """A document that the reviewer asks for."""

    report_type: Annotated[str, Field(max_length=2, examples=["OB"])]
    """PWK01."""
    transmission: Annotated[str, Field(max_length=2)] = "EL"
    """PWK02: BM mail, EL electronic, EM e-mail, FX fax, VO voice."""
    description: str = ""
    loinc: Annotated[str, Field(examples=["11506-3"])] = ""


class RulingPart(Part):
    """What is decided, with what is told along."""

    reasons: Annotated[tuple[str, ...], Field(examples=[["0V"]])] = ()
    """Decision reason codes (HCR03); not certified needs one."""
    message: Message = ""
    """For the submitter."""
    quantity: Quantity = ""
    """What is granted, of a modified certification."""
    days_valid: int | None = None
    """For how long a certification holds."""
    second_opinion: bool | None = None
    """Whether one is needed."""
    documents: tuple[AskedDocument, ...] = ()
    """That are asked for, of a review that stays pended."""


class ServiceRuling(RulingPart):
    """What is decided about one service."""

    service: Annotated[int, Field(ge=1, le=SERVICES_MAX)]
    """Which of the request's, counted from 1."""
    decision: Outcome


class ReviewDecision(RulingPart):
    """A reviewer's decision about everything that is pended, but for ``services`` that are decided by themselves."""

    decision: Outcome | None = None
    """May be left out where every pended service is decided by itself."""
    services: Annotated[tuple[ServiceRuling, ...], Field(max_length=SERVICES_MAX)] = ()


def read_decision(data: bytes) -> Verdict:
    """The verdict of a body.

    Raises:
        Refused: with every field that is wrong, by its name.
    """
    asked = read_fields(data, ReviewDecision, _contradictions)
    return Verdict(
        event=None if asked.decision is None else _ruling(asked, asked.decision),
        services={each.service - 1: _ruling(each, each.decision) for each in asked.services},
    )


def refused_verdict(refused: VerdictRefused) -> Refused:
    """The refusal where a verdict does not fit the review."""
    if NOT_ANY_MORE.intersection(refused.faults):
        said = str(refused)
        return Refused(
            Refusal.NOT_PENDED, Document(Refusal.NOT_PENDED, HTTPStatus.CONFLICT, said[:1].upper() + said[1:])
        )
    faults = [Fault(FIELDS[fault], _sentence(fault)) for fault in refused.faults]
    return refused_fields(Refusal.FIELDS, HTTPStatus.UNPROCESSABLE_ENTITY, faults)


def _contradictions(asked: ReviewDecision) -> Iterator[Fault]:
    """What is wrong with a decision, whatever the review is."""
    numbers = [each.service for each in asked.services]
    if asked.decision is None and not numbers:
        yield Fault("decision", "Is needed, or services are")
    if len(set(numbers)) < len(numbers):
        yield Fault("services", "A service is there twice")
    if asked.decision is not None:
        yield from _ruling_faults("", asked, asked.decision)
    for place, each in enumerate(asked.services):
        yield from _ruling_faults(f"services[{place}].", each, each.decision)


def _ruling_faults(path: str, asked: RulingPart, decision: Outcome) -> Iterator[Fault]:
    for fault in find_ruling_faults(_ruling(asked, decision)):
        yield Fault(f"{path}{FIELDS[fault]}", _sentence(fault))


def _sentence(fault: str) -> str:
    return f"{fault[:1].upper()}{fault[1:]}"


def _ruling(asked: RulingPart, decision: Outcome) -> Ruling:
    return Ruling(
        decision,
        reasons=asked.reasons,
        message=asked.message,
        days_valid=asked.days_valid,
        quantity_max=Decimal(asked.quantity) if asked.quantity else None,
        documents=tuple(
            [
                WantedDocument(each.report_type, each.transmission, each.description, each.loinc)
                for each in asked.documents
            ]
        ),
        second_opinion=asked.second_opinion,
    )
