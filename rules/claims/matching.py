"""Which claims an inquiry means: each criterion that was sent is held against each candidate."""

from collections.abc import Callable, Iterable
from datetime import date

from edi.claim_status import ClaimInquiry
from edi.eligibility import DateRange
from rules.claims.access import ClaimAccess
from rules.claims.history import current_event
from rules.claims.obstacles import Obstacle
from rules.claims.patients import Patient
from rules.claims.search import normalize_number
from rules.facts.claim_profile import ClaimStatusProfile, Criterion
from rules.facts.claims import Claim
from rules.identifiers import normalize_member_id

_SENT: dict[Criterion, Callable[[ClaimInquiry], bool]] = {
    Criterion.CLAIM_NUMBER: lambda inquiry: bool(inquiry.claim_number),
    Criterion.CLEARINGHOUSE_NUMBER: lambda inquiry: bool(inquiry.clearinghouse_number),
    Criterion.PATIENT_ACCOUNT: lambda inquiry: bool(inquiry.patient_account),
    Criterion.PRESCRIPTION: lambda inquiry: bool(inquiry.prescription),
    Criterion.BILL_TYPE: lambda inquiry: bool(inquiry.bill_type),
    Criterion.GROUP_NUMBER: lambda inquiry: bool(inquiry.group_number),
    Criterion.CHARGE: lambda inquiry: inquiry.charge is not None,
    Criterion.DATES: lambda inquiry: inquiry.days is not None,
}
"""Whether an inquiry names a claim by it."""


def _same(sent: str, *on_file: str) -> bool:
    return normalize_number(sent) in map(normalize_number, on_file)


def _overlap(asked: DateRange | None, served: DateRange) -> bool:
    return asked is not None and asked.first <= served.last and served.first <= asked.last


def _group_agrees(inquiry: ClaimInquiry, claim: Claim) -> bool:
    """A claim on which no group was noted fits any."""
    return not claim.group_number or normalize_member_id(inquiry.group_number) == normalize_member_id(
        claim.group_number
    )


_AGREES: dict[Criterion, Callable[[ClaimInquiry, Claim], bool]] = {
    Criterion.CLAIM_NUMBER: lambda i, c: _same(i.claim_number, c.claim_number, *c.former_numbers),
    Criterion.CLEARINGHOUSE_NUMBER: lambda i, c: _same(i.clearinghouse_number, c.clearinghouse_number),
    Criterion.PATIENT_ACCOUNT: lambda i, c: _same(i.patient_account, c.patient_account),
    Criterion.PRESCRIPTION: lambda i, c: _same(i.prescription, c.prescription),
    Criterion.BILL_TYPE: lambda i, c: c.bill_type.startswith(normalize_number(i.bill_type)),
    Criterion.GROUP_NUMBER: _group_agrees,
    Criterion.CHARGE: lambda i, c: i.charge == c.charge,
    Criterion.DATES: lambda i, c: _overlap(i.days, c.dates),
}
"""Whether what was sent is the claim's."""


def sent_criteria(inquiry: ClaimInquiry) -> frozenset[Criterion]:
    """By what an inquiry names a claim."""
    return frozenset([criterion for criterion, is_sent in _SENT.items() if is_sent(inquiry)])


def check_criteria(inquiry: ClaimInquiry, profile: ClaimStatusProfile) -> Obstacle | None:
    """Refuse an inquiry that a search cannot be made from."""
    days = inquiry.days
    if days is not None and days.last < days.first:
        return Obstacle.SERVICE_DATES
    if () in profile.combinations:
        return None
    sent = sent_criteria(inquiry)
    if not any(sent.issuperset(combination) for combination in profile.combinations):
        return Obstacle.CRITERIA_MISSING
    return None


def find(
    inquiry: ClaimInquiry, claims: Iterable[Claim], patient: Patient, access: ClaimAccess, as_of: date
) -> tuple[Claim, ...]:
    """The claims that are meant, by day of service: of this patient, of an entitled tax id, known on that day.

    The payer's own number says by itself which claim is meant: the other criteria then choose only among several that
    have it, such as the parts of a split claim. Without it everything that was sent has to agree.
    """
    tins = access.tins
    unique = {claim.claim_id: claim for claim in claims}.values()
    visible = [
        claim
        for claim in unique
        if not tins.isdisjoint(claim.tins) and patient.has(claim) and current_event(claim.events, as_of) is not None
    ]
    numbered = _fitting(inquiry, visible, (Criterion.CLAIM_NUMBER,)) if inquiry.claim_number else []
    if len(numbered) == 1:
        return (numbered[0],)
    found = _fitting(inquiry, numbered or visible, sent_criteria(inquiry)) or numbered
    return tuple(sorted(found, key=lambda claim: (claim.dates.first, claim.claim_number)))


def _fitting(inquiry: ClaimInquiry, claims: Iterable[Claim], criteria: Iterable[Criterion]) -> list[Claim]:
    return [claim for claim in claims if all(_AGREES[criterion](inquiry, claim) for criterion in criteria)]
