"""The keys of facts, as PostgreSQL's generated ``fact_key`` columns build them.

Any text may be asked for, however odd: what PostgreSQL could not even compare, and what would break the columns of the
audit (`gateway.audit.columns`), is asked for as something that nobody is.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from rules.claims.search import (
    ByClaimNumber,
    ByClearinghouseNumber,
    ByPatientAccount,
    ByPrescription,
    BySubscriber,
    ClaimSearch,
)
from rules.search_keys import ById, ByName

KEY_BYTES_MAX = 400
"""PostgreSQL refuses longer ones (``edi.fact_version``). Asked for all the same, they are cut to a fraction and marked
so that they are nobody's and no cache holds them whole."""

_NOBODY = "\N{REPLACEMENT CHARACTER}"
_NOT_IN_KEYS = str.maketrans(dict.fromkeys("\0\x1f", _NOBODY))


class Kind(StrEnum):
    """What a fact is about: the first part of its key."""

    CONTRACTS = "member"
    PLAN = "plan"
    PROVIDER = "provider"
    ENTITLEMENTS = "entitlement"
    CREDENTIAL = "credential"
    CLAIMS = "claim"
    CALENDAR = "calendar"
    POLICY = "policy"
    REVIEW = "review"


def kind_of(key: str) -> Kind:
    """The kind that a key names."""
    return Kind(key.partition("/")[0])


def contracts_by_id(member_id: str) -> str:
    """The contracts that a normalized member id belongs to."""
    return _key(f"member/id/{member_id}")


def contracts_by_name(birth_date: date, last_name: str) -> str:
    """The contracts with a person of this normalized last name and this birth date."""
    return _key(f"member/name/{birth_date.isoformat()}/{last_name}")


def contracts(searches: Iterable[ById | ByName]) -> tuple[str, ...]:
    """The keys of what the rules want looked up."""
    return tuple(
        contracts_by_id(search.member_id)
        if isinstance(search, ById)
        else contracts_by_name(search.birth_date, search.last_name)
        for search in searches
    )


def plan(plan_id: str) -> str:
    """A plan."""
    return _key(f"plan/{plan_id}")


def provider(qualifier: str, identifier: str) -> str:
    """The provider whom NM108 and NM109 of loop 2100B name."""
    return _key(f"provider/{qualifier}/{identifier}")


def entitlements(submitter_id: str, tin: str) -> str:
    """All that a provider group lets a submitter do, now, later or formerly; not what was revoked."""
    return _key(f"entitlement/{submitter_id}/{tin}")


def credential(key_hash: bytes) -> str:
    """The submitter whose API key has this SHA-256."""
    return f"credential/{key_hash.hex()}"


def calendar(payer_id: str) -> str:
    """When a payer's functions can be used."""
    return _key(f"calendar/{payer_id}")


def review_policy(plan_id: str) -> str:
    """How a plan reviews."""
    return _key(f"policy/{plan_id}")


def review_by_trace(trace: str) -> str:
    """The review of a request's trace (``rules.reviews.RequestIdentity``)."""
    return f"review/trace/{trace}"


def review_by_number(number: str) -> str:
    """The review that has a certification number or administrative reference."""
    return _key(f"review/number/{number}")


def claims(search: ClaimSearch) -> str:
    """The claims that a search finds."""
    match search:
        case ByClaimNumber(number):
            return _key(f"claim/number/{number}")
        case ByClearinghouseNumber(number):
            return _key(f"claim/clearinghouse/{number}")
        case ByPatientAccount(tin, account):
            return _key(f"claim/account/{tin}/{account}")
        case ByPrescription(tin, prescription):
            return _key(f"claim/prescription/{tin}/{prescription}")
        case BySubscriber(member_id, year):
            return _key(f"claim/member/{year}/{member_id}")


def _key(text: str) -> str:
    if len(text) > KEY_BYTES_MAX // 4:
        # Four bytes at most to a character: anything shorter is short enough without encoding it.
        text = text if len(text.encode("utf-8", "replace")) <= KEY_BYTES_MAX else text[: KEY_BYTES_MAX // 4] + _NOBODY
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_NOT_IN_KEYS).encode("utf-8", "replace").decode("utf-8")
