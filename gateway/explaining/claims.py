"""The answer about each claim, looked at from the inside: who asked, for whom, why each status is there."""

from collections.abc import Iterator, Mapping
from typing import Any

from edi.claim_status import ClaimInquiry, ClaimPatient, ClaimStatusAnswer, Status
from edi.claim_status_codes import StatusCode
from edi.claim_status_list import STATUS_CODES
from edi.writing import delimited
from edi.writing_277 import write_line_status, write_status
from gateway.drafting import Draft
from gateway.exchange import Grounds
from gateway.explaining.explanation import Line, Member, PatientExplained
from gateway.explaining.masking import Mask
from gateway.explaining.patients import explain_asker
from gateway.store.fact import Fact
from rules.claims.access import provider_asked
from rules.reasons import told_apart

_NO_GROUNDS = Grounds()
"""Where a service does not tell them, as while it is closed."""
_CLAIM = "claim "
"""How a reason begins that names the document of a claim."""


def explain_claims(draft: Draft, facts: Mapping[str, Fact[Any]], mask: Mask) -> Iterator[PatientExplained]:
    """One for each answer about claims.

    Args:
        facts: those that the draft rests on, by key.
    """
    for response in draft.responses:
        grounds = response.grounds or (_NO_GROUNDS,) * len(response.answers)
        for answer, its_grounds in zip(response.answers, grounds, strict=False):
            if isinstance(answer, ClaimStatusAnswer):
                yield _explain(answer, its_grounds, facts, mask)


def _explain(
    answer: ClaimStatusAnswer, grounds: Grounds, facts: Mapping[str, Fact[Any]], mask: Mask
) -> PatientExplained:
    return PatientExplained(
        asker=explain_asker(provider_asked(answer.inquiry), grounds, facts),
        members=tuple(_members(answer.inquiry, mask)),
        match=None,
        refusals=(),
        lines=tuple(_lines(answer, mask)),
    )


def _members(inquiry: ClaimInquiry, mask: Mask) -> Iterator[Member]:
    yield _member("2100D", inquiry.subscriber, mask)
    if inquiry.dependent is not None:
        yield _member("2100E", inquiry.dependent, mask)


def _member(loop: str, patient: ClaimPatient, mask: Mask) -> Member:
    return Member(
        loop,
        mask.name(patient.last_name),
        mask.name(patient.first_name),
        mask.identifier(patient.identifier),
        mask.birth_date(patient.birth_date),
    )


def _lines(answer: ClaimStatusAnswer, mask: Mask) -> Iterator[Line]:
    """One for each STC, in the order in which they are told."""
    if answer.refusal is not None:
        yield _line(write_status(answer.refusal.status), answer.refusal.status, mask)
    for claim in answer.claims:
        for status in claim.statuses:
            yield _line(write_status(status), status, mask)
        for service in claim.lines:
            for status in service.statuses:
                yield _line(write_line_status(status), status, mask)


def _line(composed: str, status: Status, mask: Mask) -> Line:
    rule, source = told_apart(status.reason)
    written = (delimited([composed]).decode("ascii"),)
    return Line(written, rule, _masked(source, mask), meanings=tuple(map(_meaning, status.codes)))


def _masked(source: str, mask: Mask) -> str:
    """The payer's own key of a claim is shown to operators only."""
    if not source.startswith(_CLAIM):
        return source
    claim_id, _, part = source.removeprefix(_CLAIM).rpartition(" ")
    return f"{_CLAIM}{mask.identifier(claim_id)} {part}"


def _meaning(code: StatusCode) -> str:
    """``D0 35: search found nothing, claim not found``."""
    meanings = (code.category.meaning, STATUS_CODES.current().meaning(code))
    return f"{code.category} {code.status}: {', '.join(filter(None, meanings))}"
