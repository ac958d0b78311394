"""Who may ask after claims: the provider of loop 2100C, and the provider groups whose claims a submitter may see.

Decided before any claim or member is looked up, and with nothing below 2200C when refused. Whoever may ask sees the
claims of the entitled groups only: a claim of another tax id is not found, as though it did not exist.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from edi.aaa import RejectReason
from edi.claim_status import ClaimInquiry
from edi.eligibility import Party, Rejection
from rules.addressing import names_another_payer
from rules.claims.obstacles import Obstacle
from rules.entitlement import Permitted, check_receiver, permit
from rules.facts import Entitlement, Function, PayerProfile, Provider

_TAX_ID = "FI"
_LOOK_UP_ORDER = {"XX": 0, "SV": 1, _TAX_ID: 2}
"""By which NM108 a provider that is named twice is looked up: the tax id then says which group is meant."""

_MALFORMED = {
    "XX": Obstacle.PROVIDER_NPI,
    "SV": Obstacle.PROVIDER_OWN_ID,
    _TAX_ID: Obstacle.PROVIDER_TAX_ID,
}
_REFUSED = {
    RejectReason.NOT_AUTHORIZED: Obstacle.NOT_ENTITLED,
    RejectReason.PROVIDER_MAY_NOT_INQUIRE: Obstacle.MAY_NOT_INQUIRE,
}


@dataclass(frozen=True, slots=True)
class ClaimAccess:
    """Whose claims may be told: proofs that only ``rules.entitlement.permit`` makes, one for each tax id."""

    permitted: tuple[Permitted, ...]
    holds_until: datetime | None = None
    """From then on other claims may be told, whether or not a fact has changed; None: by the clock it stays so."""

    @property
    def tins(self) -> frozenset[str]:
        """Tax ids of the provider groups whose claims may be told."""
        return frozenset(proof.entitlement.tin for proof in self.permitted)


def check_payer(inquiry: ClaimInquiry, payer: PayerProfile) -> Obstacle | None:
    """Refuse an inquiry that is for another payer."""
    return Obstacle.ANOTHER_PAYER if names_another_payer(inquiry.source, payer) else None


def provider_asked(inquiry: ClaimInquiry) -> Party:
    """The identifier by which the provider of loop 2100C is to be looked up."""
    return min(inquiry.providers, key=lambda party: _LOOK_UP_ORDER.get(party.identifier_qualifier, len(_LOOK_UP_ORDER)))


def check_providers(inquiry: ClaimInquiry) -> Obstacle | None:
    """Refuse a provider that need not even be looked up: an identifier that cannot be one of its kind."""
    for party in inquiry.providers:
        if check_receiver(party) is not None:
            return _MALFORMED.get(party.identifier_qualifier, Obstacle.PROVIDER_NOT_RECOGNIZED)
    return None


def entitled_tins(entitlements: Iterable[Entitlement], moment: datetime) -> frozenset[str]:
    """Tax ids of the provider groups whose claims a submitter with these entitlements may see at ``moment``."""
    return frozenset(
        entitlement.tin
        for entitlement in entitlements
        if entitlement.function is Function.CLAIM_STATUS
        and entitlement.valid_from <= moment
        and (entitlement.valid_until is None or moment < entitlement.valid_until)
    )


def permit_claims(
    inquiry: ClaimInquiry, provider: Provider | None, entitlements: Iterable[Entitlement], moment: datetime
) -> ClaimAccess | Obstacle:
    """Whose claims the submitter may see at ``moment``.

    Args:
        inquiry: one that ``check_providers`` has nothing against.
        provider: whom the identifier of ``provider_asked`` belongs to; None: nobody.
        entitlements: those of the submitter.
        moment: aware.

    Returns:
        Access to the claims of every group of the provider that has entitled the submitter (of one only, where the
        inquiry names its tax id), or what stands in the way.
    """
    malformed = check_providers(inquiry)
    if malformed is not None:
        return malformed
    named = {party.identifier for party in inquiry.providers if party.identifier_qualifier == _TAX_ID}
    tins = tuple([tin for tin in (provider.tins if provider else ()) if not named or tin in named])
    if provider is None or not tins:
        return Obstacle.PROVIDER_NOT_RECOGNIZED
    granted = tuple(entitlements)
    verdicts = [
        permit(provider_asked(inquiry), _of_group(provider, tin), granted, Function.CLAIM_STATUS, moment)
        for tin in tins
    ]
    permitted = tuple([verdict for verdict in verdicts if isinstance(verdict, Permitted)])
    if permitted:
        return ClaimAccess(permitted, _next_turn(granted, moment))
    refused = next(verdict for verdict in verdicts if isinstance(verdict, Rejection))
    return _REFUSED.get(refused.reason, Obstacle.PROVIDER_NOT_RECOGNIZED)


def _of_group(provider: Provider, tin: str) -> Provider:
    """The provider as a member of one group only."""
    return provider if provider.tins == (tin,) else replace(provider, tins=(tin,))


def _next_turn(entitlements: Iterable[Entitlement], moment: datetime) -> datetime | None:
    """When the next of these entitlements begins or ends."""
    turns = [
        turn
        for entitlement in entitlements
        if entitlement.function is Function.CLAIM_STATUS
        for turn in (entitlement.valid_from, entitlement.valid_until)
        if turn is not None and turn > moment
    ]
    return min(turns, default=None)
