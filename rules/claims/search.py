"""By what a claim is found: the keys under which a store files it and an inquiry asks for it."""

from dataclasses import dataclass, field
from datetime import date

from edi.claim_status import ClaimInquiry
from rules.claims.access import ClaimAccess
from rules.claims.patients import Patient
from rules.facts.claim_profile import ClaimStatusProfile
from rules.facts.claims import Claim
from rules.identifiers import normalize_member_id


@dataclass(frozen=True, slots=True)
class ByClaimNumber:
    """Look up the claims that have, or had, this payer's number."""

    number: str = field(repr=False)
    """Normalized."""


@dataclass(frozen=True, slots=True)
class ByClearinghouseNumber:
    """Look up the claims that a clearinghouse gave this number."""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ByPatientAccount:
    """Look up the claims of one provider group under its own number for the patient."""

    tin: str
    account: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ByPrescription:
    """Look up the claims of one pharmacy for a prescription."""

    tin: str
    prescription: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BySubscriber:
    """Look up the claims under one member id with a day of service in one calendar year."""

    member_id: str = field(repr=False)
    """Normalized."""
    year: int


ClaimSearch = ByClaimNumber | ByClearinghouseNumber | ByPatientAccount | ByPrescription | BySubscriber


def normalize_number(text: str) -> str:
    """A claim, account or prescription number as it is compared: upper case, without spaces around it."""
    return text.strip().upper()


def claim_searches(
    inquiry: ClaimInquiry, patient: Patient, access: ClaimAccess, today: date, profile: ClaimStatusProfile
) -> tuple[ClaimSearch, ...]:
    """What to look up: by the most telling number that was sent, else by the patient and the years asked about.

    What is found that way is only a candidate; ``rules.claims.matching.find`` holds it against all that was sent.
    """
    if inquiry.claim_number:
        return (ByClaimNumber(normalize_number(inquiry.claim_number)),)
    if inquiry.patient_account:
        account = normalize_number(inquiry.patient_account)
        return tuple([ByPatientAccount(tin, account) for tin in sorted(access.tins)])
    if inquiry.prescription:
        prescription = normalize_number(inquiry.prescription)
        return tuple([ByPrescription(tin, prescription) for tin in sorted(access.tins)])
    if inquiry.clearinghouse_number:
        return (ByClearinghouseNumber(normalize_number(inquiry.clearinghouse_number)),)
    return tuple(
        [
            BySubscriber(member_id, year)
            for member_id in patient.member_ids
            for year in _years_asked(inquiry, today, profile)
        ]
    )


def _years_asked(inquiry: ClaimInquiry, today: date, profile: ClaimStatusProfile) -> range:
    """The calendar years to search, the profile's at the most however long a time is asked about."""
    earliest, latest = today.year - profile.years_back, today.year
    days = inquiry.days
    if days is not None:
        earliest, latest = max(earliest, days.first.year), min(latest, days.last.year)
    return range(earliest, latest + 1)


def filed_under(claim: Claim) -> frozenset[ClaimSearch]:
    """Every key by which a claim has to be found."""
    keys: set[ClaimSearch] = {ByClaimNumber(normalize_number(n)) for n in (claim.claim_number, *claim.former_numbers)}
    if claim.clearinghouse_number:
        keys.add(ByClearinghouseNumber(normalize_number(claim.clearinghouse_number)))
    for tin in claim.tins:
        if claim.patient_account:
            keys.add(ByPatientAccount(tin, normalize_number(claim.patient_account)))
        if claim.prescription:
            keys.add(ByPrescription(tin, normalize_number(claim.prescription)))
    member_id = normalize_member_id(claim.subscriber_id)
    keys.update(BySubscriber(member_id, year) for year in range(claim.dates.first.year, claim.dates.last.year + 1))
    return frozenset(keys)
