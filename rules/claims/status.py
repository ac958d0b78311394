"""Claim status: an inquiry, the patient and the candidates to the answer of a 277."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from edi.claim_status import ClaimInquiry, ClaimPatient, ClaimStatus, ClaimStatusAnswer, Status
from edi.claim_status_codes import StatusCode
from edi.eligibility import DateRange, Party, Reference
from edi.errors import CallerError
from rules.claims.access import ClaimAccess
from rules.claims.history import Current, current_event
from rules.claims.lines import tell_lines
from rules.claims.matching import check_criteria, find
from rules.claims.obstacles import Obstacle, stop, tell_nothing
from rules.claims.patients import Patient
from rules.claims.reasons import ClaimRule, because
from rules.facts.claim_profile import ClaimStatusProfile
from rules.facts.claims import Claim, StatusEvent

_ZERO = Decimal(0)
_UNASKED = ClaimInquiry(Party("", ""), Party("", ""), (), ClaimPatient(), None, "")


class Mode(StrEnum):
    """How the inquiry came."""

    REAL_TIME = "real time"
    BATCH = "batch"


def decide(
    inquiry: ClaimInquiry,
    patient: Patient | Obstacle,
    claims: Iterable[Claim],
    access: ClaimAccess,
    as_of: date,
    profile: ClaimStatusProfile,
    mode: Mode,
) -> ClaimStatusAnswer:
    """The answer to one inquiry.

    Args:
        patient: whose claim is meant, from ``rules.claims.patients.identify_patient``.
        claims: the candidates that ``rules.claims.search.claim_searches`` led to.
        access: whose claims may be told.
        as_of: the payer's calendar day whose state of things is told; today for an ordinary inquiry.
    """
    if isinstance(patient, Obstacle):
        return stop(inquiry, patient, as_of)
    missing = check_criteria(inquiry, profile)
    if missing is not None:
        return stop(inquiry, missing, as_of)
    found = find(inquiry, claims, patient, access, as_of)
    if not found:
        return tell_nothing(inquiry, _nothing_found(inquiry, patient, as_of, profile))
    if len(found) > _claims_max(inquiry, profile, mode):
        return tell_nothing(inquiry, _status_of(profile.too_many, as_of, ClaimRule.TOO_MANY))
    return ClaimStatusAnswer(inquiry, claims=tuple([_tell(inquiry, claim, as_of, profile) for claim in found]))


def tell_claim(claim: Claim, as_of: date, profile: ClaimStatusProfile) -> ClaimStatus | None:
    """A claim that nobody asked after in particular; None before the day of its first event."""
    if current_event(claim.events, as_of) is None:
        return None
    return _tell(_UNASKED, claim, as_of, profile)


def _claims_max(inquiry: ClaimInquiry, profile: ClaimStatusProfile, mode: Mode) -> int:
    narrows = mode is Mode.REAL_TIME and not inquiry.claim_number
    return profile.claims_in_real_time_max if narrows else profile.claims_in_batch_max


def _nothing_found(inquiry: ClaimInquiry, patient: Patient, as_of: date, profile: ClaimStatusProfile) -> Status:
    if profile.tells_other_payer and patient.pays_elsewhere_first(inquiry.days or DateRange(as_of, as_of)):
        return _status_of(profile.other_payer, as_of, ClaimRule.OTHER_PAYER)
    return _status_of(profile.not_found, as_of, ClaimRule.NOT_FOUND)


def _status_of(code: StatusCode, as_of: date, rule: ClaimRule) -> Status:
    return Status((code,), as_of, reason=because(rule))


def _tell(inquiry: ClaimInquiry, claim: Claim, as_of: date, profile: ClaimStatusProfile) -> ClaimStatus:
    current = current_event(claim.events, as_of)
    if current is None:
        raise CallerError("a claim is told only from the day of its first event")
    return ClaimStatus(
        _statuses(claim, current),
        _references(inquiry, claim, current.event),
        claim.dates,
        tell_lines(inquiry, claim, current, as_of, profile),
    )


def _statuses(claim: Claim, current: Current) -> tuple[Status, ...]:
    """An STC for each three codes of the current event; amounts and dates of payment once it is adjudicated."""
    event = current.event
    reason = because(ClaimRule.CURRENT_STATUS, f"claim {claim.claim_id}", f"events[{current.index}]")
    if not event.codes[0].category.is_finalized:
        return tuple([Status(codes, event.effective, claim.charge, reason=reason) for codes in event.segments])
    paid = event.paid or _ZERO
    payment = (event.payment_date, event.payment_number) if paid else (None, "")
    return tuple(
        [
            Status(codes, event.effective, claim.charge, paid, event.adjudicated, *payment, reason)
            for codes in event.segments
        ]
    )


def _references(inquiry: ClaimInquiry, claim: Claim, event: StatusEvent) -> tuple[Reference, ...]:
    """The claim's numbers; where it has none of a kind, what was sent."""
    values = (
        ("1K", claim.claim_number),
        ("BLT", claim.bill_type or inquiry.bill_type),
        ("EJ", claim.patient_account or inquiry.patient_account),
        ("XZ", claim.prescription or inquiry.prescription),
        ("VV", event.voucher),
        ("D9", claim.clearinghouse_number or inquiry.clearinghouse_number),
    )
    return tuple([Reference(qualifier, value) for qualifier, value in values if value])
