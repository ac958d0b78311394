"""From a submitted claim (837) to the claim that the payer holds, or to what stands in the way.

A claim's number is made of what tells it from other claims, so that the same claim sent again has the number that it
has had: whoever knows the number has taken it in already. A replacement or void has a number of its own; the claim that
it changes goes on under that, and is still found by the former ones.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache

from edi.claim_status import ClaimInquiry
from edi.claim_status_codes import StatusCode, parse_status_code
from edi.eligibility import DateRange, Party
from edi.submitted_claim import Frequency, SubmittedClaim, SubmittedLine
from rules.claims.obstacles import Obstacle
from rules.claims.patients import identify_patient
from rules.facts import Contract
from rules.facts.claim_profile import ClaimStatusProfile
from rules.facts.claims import Claim, ServiceLine, StatusEvent
from rules.identifiers import normalize_member_id

NUMBER_BYTES = 10
"""Of the hash in a claim number, twenty characters: among a billion claims two share one with odds of one to a million.
"""

RECEIVED = parse_status_code("A1:19:40")
ACCEPTED = parse_status_code("A2:20")
VOIDED = parse_status_code("F3:686")

_SEPARATOR = "\x1f"
_SUBSCRIBER_NUMBER = "01"
_PROFILE = ClaimStatusProfile()
_NOBODY = Party("", "")
_ZERO = Decimal(0)


class IntakeObstacle(Enum):
    """Why a claim that conforms to its guide is not taken in, and what to do."""

    SUBSCRIBER_NOT_FOUND = "the subscriber's member id is not on file; load the coverage first"
    SUBSCRIBER_NAME = "the member id is somebody else's: the subscriber's last name differs"
    SUBSCRIBER_BIRTH_DATE = "the member id is somebody else's: the subscriber's birth date differs"
    PATIENT_NOT_UNDER_SUBSCRIBER = "the patient is nobody under the subscriber's member id; load the coverage first"
    MEMBER_ID_MISSING = "the subscriber has no member id (2010BA NM109)"
    SERVICE_DAYS_MISSING = "it has no day of service (DTP 434 or 472)"
    ORIGINAL_NOT_NAMED = "a replacement or void names the claim that it changes (REF F8)"
    ORIGINAL_NOT_FOUND = "the claim that it replaces or voids (REF F8) is not on file"
    ORIGINAL_OF_ANOTHER = "the claim that it replaces or voids (REF F8) is another provider's or patient's"
    ORIGINAL_DIVIDED = "the number of the claim that it replaces or voids (REF F8) is that of several claims"


_PATIENT_OBSTACLES = {
    Obstacle.SUBSCRIBER_NOT_FOUND: IntakeObstacle.SUBSCRIBER_NOT_FOUND,
    Obstacle.SUBSCRIBER_NAME: IntakeObstacle.SUBSCRIBER_NAME,
    Obstacle.SUBSCRIBER_BIRTH_DATE: IntakeObstacle.SUBSCRIBER_BIRTH_DATE,
    Obstacle.PATIENT_NOT_UNDER_SUBSCRIBER: IntakeObstacle.PATIENT_NOT_UNDER_SUBSCRIBER,
}


def claim_number(submitted: SubmittedClaim) -> str:
    """The payer's number of a submitted claim: always the same for the same claim, whenever and wherever it is sent."""
    patient = submitted.dependent or submitted.subscriber
    parts = [
        submitted.billing_npi,
        submitted.billing_tin,
        submitted.rendering_npi,
        submitted.patient_account,
        submitted.clearinghouse_number,
        submitted.original_number,
        submitted.facility,
        submitted.frequency,
        str(submitted.charge),
        _days(submitted.dates),
        normalize_member_id(submitted.subscriber.identifier),
        patient.last_name,
        patient.first_name,
        patient.birth_date_sent,
    ]
    for line in submitted.lines:
        parts += [line.procedure, line.revenue_code, str(line.charge), str(line.units), _days(line.dates)]
        parts += [line.control_number, line.prescription]
    return hashlib.blake2b(_SEPARATOR.join(parts).encode(), digest_size=NUMBER_BYTES).hexdigest().upper()


def _days(dates: DateRange | None) -> str:
    return "" if dates is None else f"{dates.first.toordinal()}-{dates.last.toordinal()}"


def patient_inquiry(submitted: SubmittedClaim) -> ClaimInquiry:
    """Whose claim it is, asked as a claim status inquiry asks it (``rules.claims.patients``)."""
    return ClaimInquiry(_NOBODY, _NOBODY, (), submitted.subscriber, submitted.dependent, "")


def changes_another(submitted: SubmittedClaim) -> bool:
    """Whether it replaces or voids a claim instead of being one of its own."""
    return submitted.frequency in (Frequency.REPLACEMENT, Frequency.VOID)


def take_in(
    submitted: SubmittedClaim, number: str, contracts: Iterable[Contract], originals: Iterable[Claim], today: date
) -> Claim | IntakeObstacle:
    """The claim as it is held from now on.

    Args:
        submitted: one whose number no claim has yet.
        number: its own (`claim_number`).
        contracts: those of the subscriber's member id.
        originals: where it changes another, the claims that have, or had, the number of REF F8.
        today: no claim counts as received later.

    Raises:
        InvalidClaimError: a 277 could not tell it; the message says why and holds nothing of it.
    """
    patient_number = _patient_number(submitted, tuple(contracts))
    if isinstance(patient_number, IntakeObstacle):
        return patient_number
    received = min(submitted.submitted_on, today)
    if not changes_another(submitted):
        return _new_claim(submitted, number, patient_number, _first_events(received))
    original = _original(submitted, patient_number, originals)
    if isinstance(original, IntakeObstacle):
        return original
    if submitted.frequency == Frequency.VOID:
        return _renumbered(original, number, _later_events(original, received, VOIDED, _ZERO))
    fresh = _new_claim(submitted, number, patient_number, _later_events(original, received, ACCEPTED))
    if isinstance(fresh, IntakeObstacle):
        return fresh
    return replace(
        _renumbered(original, number, fresh.events),
        charge=fresh.charge,
        dates=fresh.dates,
        billing_npi=fresh.billing_npi,
        rendering_npi=fresh.rendering_npi,
        patient_account=fresh.patient_account,
        bill_type=fresh.bill_type,
        group_number=fresh.group_number,
        clearinghouse_number=fresh.clearinghouse_number,
        prescription=fresh.prescription,
        lines=fresh.lines,
    )


def _patient_number(submitted: SubmittedClaim, contracts: tuple[Contract, ...]) -> str | IntakeObstacle:
    """Of the person within the contract. A subscriber is the first, also where coverage is not known yet."""
    if not submitted.subscriber.identifier:
        return IntakeObstacle.MEMBER_ID_MISSING
    if not contracts and submitted.dependent is None:
        return _SUBSCRIBER_NUMBER
    patient = identify_patient(patient_inquiry(submitted), contracts, _PROFILE)
    return _PATIENT_OBSTACLES[patient] if isinstance(patient, Obstacle) else patient.person.number


def _original(submitted: SubmittedClaim, patient_number: str, originals: Iterable[Claim]) -> Claim | IntakeObstacle:
    """The one claim that REF F8 means, of the same provider group and patient."""
    if not submitted.original_number:
        return IntakeObstacle.ORIGINAL_NOT_NAMED
    found = tuple(originals)
    if not found:
        return IntakeObstacle.ORIGINAL_NOT_FOUND
    member_id = normalize_member_id(submitted.subscriber.identifier)
    own = [
        claim
        for claim in found
        if claim.billing_tin == submitted.billing_tin
        and claim.patient_number == patient_number
        and normalize_member_id(claim.subscriber_id) == member_id
    ]
    if not own:
        return IntakeObstacle.ORIGINAL_OF_ANOTHER
    return own[0] if len(own) == 1 else IntakeObstacle.ORIGINAL_DIVIDED


@lru_cache(maxsize=64)
def _first_events(received: date) -> tuple[StatusEvent, ...]:
    """Those of all new claims of a day."""
    return StatusEvent(received, (RECEIVED,)), StatusEvent(received, (ACCEPTED,))


def _later_events(
    original: Claim, received: date, code: StatusCode, paid: Decimal | None = None
) -> tuple[StatusEvent, ...]:
    """The claim's history with what happens now; its status is the latest, so nothing of now lies before the rest."""
    day = max(received, *(event.effective for event in original.events))
    decided = None if paid is None else day
    return (*original.events, StatusEvent(day, (RECEIVED,)), StatusEvent(day, (code,), paid, decided))


def _renumbered(original: Claim, number: str, events: tuple[StatusEvent, ...]) -> Claim:
    former_numbers = (*original.former_numbers, original.claim_number)
    return replace(original, claim_number=number, former_numbers=former_numbers, events=events)


def _new_claim(
    submitted: SubmittedClaim, number: str, patient_number: str, events: tuple[StatusEvent, ...]
) -> Claim | IntakeObstacle:
    if submitted.dates is None:
        return IntakeObstacle.SERVICE_DAYS_MISSING
    return Claim(
        claim_id=number,
        claim_number=number,
        charge=submitted.charge,
        dates=submitted.dates,
        billing_tin=submitted.billing_tin,
        subscriber_id=submitted.subscriber.identifier,
        patient_number=patient_number,
        events=events,
        billing_npi=submitted.billing_npi,
        rendering_npi=submitted.rendering_npi,
        patient_account=submitted.patient_account,
        bill_type=submitted.bill_type,
        group_number=submitted.group_number,
        clearinghouse_number=submitted.clearinghouse_number,
        prescription=submitted.prescription,
        lines=tuple(map(_service_line, submitted.lines)),
    )


def _service_line(line: SubmittedLine) -> ServiceLine:
    """A line as a 277 tells it: where only a revenue code is billed, that is the procedure (SVC01-1 NU)."""
    procedure, revenue_code = line.procedure, line.revenue_code
    if not procedure:
        procedure, revenue_code = f"NU:{revenue_code}", ""
    return ServiceLine(procedure, line.charge, line.dates, line.units, revenue_code, line.control_number)
