"""Which held claim a remittance advice or claim acknowledgment is about."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from edi.claim_acknowledgment import AcknowledgedClaim
from edi.claim_status_codes import Category
from edi.eligibility import DateRange
from edi.remittance import Disposition, RemittedClaim
from rules.claims.history import current_event
from rules.claims.search import ByClaimNumber, ByPatientAccount, ClaimSearch, normalize_number
from rules.facts.claims import Claim
from rules.identifiers import normalize_member_id

Telling = RemittedClaim | AcknowledgedClaim
"""What a file tells of one claim."""

_NO_ACCOUNT = "0"
"""CLP01 where the payer never got a number of the provider's."""
_REJECTED = frozenset(
    {Category.RETURNED, Category.REJECTED_MISSING, Category.REJECTED_INVALID, Category.REJECTED_RELATED}
)
"""A claim that was rejected stays so; the provider sends another."""


class SettlementObstacle(StrEnum):
    """Why what a file tells of a claim is not applied; the text is for the person who loads it."""

    UNKNOWN = "no such claim is held; load the claim first, then this again"
    AMBIGUOUS = "several claims fit, and nothing tells which is meant"
    CONTRADICTED = "the claim of that number has another account, charge or day"
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
    is_reversal: bool = False
    """Whether a payment is taken back."""


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
        claim.disposition is Disposition.REVERSAL,
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


def find_settled(
    name: Named, candidates: Iterable[Claim], knows: Callable[[Claim], bool]
) -> Claim | SettlementObstacle:
    """The claim that is meant, of those that the searches led to.

    The payer's own number says which it is, as long as nothing else contradicts: some payers give one number to many
    claims. Without the number, account, charge and days have to agree all.

    Args:
        name: by what the claim is named.
        candidates: the claims that were found.
        knows: whether the history of a claim has already what is told.
    """
    claims = list(candidates)
    numbers = {name.claim_number, name.former_number} - {""}
    by_number = [claim for claim in claims if not numbers.isdisjoint(_numbers(claim))]
    fitting = [claim for claim in by_number if _is_credible(name, claim)]
    if not fitting:
        fitting = [claim for claim in claims if _fits(name, claim)]
    otherwise = SettlementObstacle.CONTRADICTED if by_number else SettlementObstacle.UNKNOWN
    return _only_one(name, fitting, knows) or otherwise


def _is_credible(name: Named, claim: Claim) -> bool:
    """Whether a claim that has the number may be meant: the account agrees, or where one has none the charge."""
    has_accounts = bool(name.patient_account and claim.patient_account)
    return (_has_account if has_accounts else _has_charge)(name, claim) and _has_days(name, claim)


def _fits(name: Named, claim: Claim) -> bool:
    """Whether all agrees that was sent besides the number."""
    return _has_account(name, claim) and name.charge in (None, claim.charge) and _has_days(name, claim)


def _only_one(
    name: Named, claims: Sequence[Claim], knows: Callable[[Claim], bool]
) -> Claim | SettlementObstacle | None:
    """The one that is left when each test has chosen among the claims that passed those before; None of none.

    The same file comes again when a like claim has been sent since: what one of several knows is not told of another.
    """
    for test in _TESTS:
        if len(claims) > 1:
            claims = [claim for claim in claims if test(name, claim)] or claims
    if len(claims) > 1:
        claims = [claim for claim in claims if knows(claim)][:1] or claims
    if len(claims) > 1:
        claims = [claim for claim in claims if _expects(name, claim)] or claims
    if len(claims) > 1:
        return SettlementObstacle.AMBIGUOUS
    return claims[0] if claims else None


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


def _expects(name: Named, claim: Claim) -> bool:
    """Whether it is the turn of this claim: a reversal is of one that was decided, all else of one that still waits."""
    current = current_event(claim.events, date.max)
    category = current.event.codes[0].category if current else Category.RECEIVED
    return category.is_finalized if name.is_reversal else not (category.is_finalized or category in _REJECTED)


_TESTS: tuple[Callable[[Named, Claim], bool], ...] = (
    _has_account,
    _has_charge,
    _has_days,
    _has_tin,
    _has_member,
    _is_current_number,
)
"""What chooses among several claims by how they are named, in this order."""
