"""Which held claim a remittance advice or claim acknowledgment is about."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from edi.claim_acknowledgment import AcknowledgedClaim
from edi.eligibility import DateRange
from edi.remittance import RemittedClaim
from rules.claim_search import ByClaimNumber, ByPatientAccount, ClaimSearch, normalize_number
from rules.facts.claims import Claim
from rules.identifiers import normalize_member_id

Telling = RemittedClaim | AcknowledgedClaim
"""What a file tells of one claim."""

_NO_ACCOUNT = "0"
"""CLP01 where the payer never got a number of the provider's."""


class SettlementObstacle(StrEnum):
    """Why what a file tells of a claim is not applied; the text is for the person who loads it."""

    UNKNOWN = "no such claim is held; load the claim first, then this again"
    AMBIGUOUS = "several claims fit, and nothing tells which is meant"
    CONTRADICTED = "the claim of that number has another account and charge"
    SILENT = "it has no status that may be told"
    UNTELLABLE = "a 277 could not tell it"


@dataclass(frozen=True, slots=True)
class Named:
    """By what a file names a claim. Empty means not sent."""

    claim_number: str = field(repr=False)
    """The payer's own, normalized as all numbers here are."""
    former_number: str = field(repr=False)
    """The payer's own, of the claim that this one adjusts."""
    patient_account: str = field(repr=False)
    tin: str
    npi: str
    """Of the payee or billing provider, to find the tax id by where that was not sent."""
    charge: Decimal | None
    """In all, US dollars, without sign."""
    dates: DateRange | None
    member_ids: frozenset[str] = field(repr=False)


def named(telling: Telling) -> Named:
    """By what a claim is named in a file."""
    if isinstance(telling, RemittedClaim):
        return _named_in_remittance(telling)
    charge = next((status.charge for status in telling.statuses if status.charge is not None), None)
    return Named(
        normalize_number(telling.claim_number),
        "",
        _account(telling.patient_account),
        telling.provider.tin,
        telling.provider.npi,
        charge,
        telling.dates,
        _member_ids([telling.member_id]),
    )


def _named_in_remittance(claim: RemittedClaim) -> Named:
    days = [claim.dates] if claim.dates else [line.dates for line in claim.lines if line.dates]
    return Named(
        normalize_number(claim.claim_number),
        normalize_number(claim.former_number),
        _account(claim.patient_account),
        claim.remittance.payee_tin,
        claim.remittance.payee_npi,
        abs(claim.charge),
        DateRange(min(each.first for each in days), max(each.last for each in days)) if days else None,
        _member_ids(claim.member_ids),
    )


def _account(text: str) -> str:
    account = normalize_number(text)
    return "" if account == _NO_ACCOUNT else account


def _member_ids(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(map(normalize_member_id, texts)) - {""}


def settlement_searches(name: Named, tins: Iterable[str]) -> tuple[ClaimSearch, ...]:
    """What to look up.

    Args:
        name: by what the claim is named.
        tins: the tax ids of the payee or billing provider.
    """
    numbers = [number for number in (name.claim_number, name.former_number) if number]
    accounts = [ByPatientAccount(tin, name.patient_account) for tin in tins] if name.patient_account else []
    return (*map(ByClaimNumber, numbers), *accounts)


def find_settled(name: Named, candidates: Iterable[Claim]) -> Claim | SettlementObstacle:
    """The claim that is meant, of those that the searches led to.

    The payer's own number says which it is, as long as the provider's account or the charge agrees: some payers give
    one number to many claims. Without the number, account, charge and days have to agree all.
    """
    claims = list(candidates)
    for number in (name.claim_number, name.former_number):
        numbered = [claim for claim in claims if number and number in _numbers(claim)]
        if numbered:
            fitting = [claim for claim in numbered if _has_account(name, claim) or _has_charge(name, claim)]
            return _only_one(name, fitting, SettlementObstacle.CONTRADICTED)
    fitting = [
        claim
        for claim in claims
        if _has_account(name, claim) and name.charge in (None, claim.charge) and _has_days(name, claim)
    ]
    return _only_one(name, fitting, SettlementObstacle.UNKNOWN)


def _only_one(name: Named, claims: Sequence[Claim], otherwise: SettlementObstacle) -> Claim | SettlementObstacle:
    """The one that is left when each test has chosen among the claims that passed those before."""
    for test in _TESTS:
        if len(claims) > 1:
            claims = [claim for claim in claims if test(name, claim)] or claims
    if not claims:
        return otherwise
    return claims[0] if len(claims) == 1 else SettlementObstacle.AMBIGUOUS


def _numbers(claim: Claim) -> list[str]:
    return [normalize_number(number) for number in (claim.claim_number, *claim.former_numbers)]


def _has_account(name: Named, claim: Claim) -> bool:
    return bool(name.patient_account) and name.patient_account == normalize_number(claim.patient_account)


def _has_charge(name: Named, claim: Claim) -> bool:
    return name.charge == claim.charge


def _has_days(name: Named, claim: Claim) -> bool:
    asked, served = name.dates, claim.dates
    return asked is None or (asked.first <= served.last and served.first <= asked.last)


def _is_current_number(name: Named, claim: Claim) -> bool:
    return name.claim_number == normalize_number(claim.claim_number)


def _has_tin(name: Named, claim: Claim) -> bool:
    return name.tin in claim.tins


def _has_member(name: Named, claim: Claim) -> bool:
    return normalize_member_id(claim.subscriber_id) in name.member_ids


_TESTS: tuple[Callable[[Named, Claim], bool], ...] = (
    _has_account,
    _has_charge,
    _has_days,
    _has_tin,
    _has_member,
    _is_current_number,
)
"""What chooses among several claims, in this order."""
