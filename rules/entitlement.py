"""Who may ask: the provider of loop 2100B, and whether the submitter holds a provider group's entitlement.

Decided before anybody's coverage is looked up, and with nothing below 2100B when refused (X12 005010X279A1 2100B AAA).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from edi.aaa import FollowUpAction, Loop, RejectReason
from edi.eligibility import Party, Rejection
from edi.errors import CallerError
from rules.facts import Entitlement, Function, Provider
from rules.identifiers import is_npi

_PROVIDERS = ("1P", "80", "FA")
"""NM101 of a provider, hospital or facility."""
_PAYER = "PR"
_NPI = "XX"
_TAX_ID = "FI"
_TAX_ID_LENGTH = 9
_MADE_HERE = object()


@dataclass(frozen=True, slots=True)
class Permitted:
    """Proof that a submitter may use a function for a provider: only ``permit`` makes one.

    Raises:
        CallerError: made elsewhere.
    """

    provider_id: str
    entitlement: Entitlement
    """The one that permits it."""
    made_by: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.made_by is not _MADE_HERE:
            raise CallerError("only the entitlement rule permits")


def check_receiver(receiver: Party) -> Rejection | None:
    """Refuse a receiver that need not even be looked up: 43 where the identifier cannot be one of its kind."""
    identifier, qualifier = receiver.identifier, receiver.identifier_qualifier
    if qualifier == _NPI:
        is_valid = is_npi(identifier)
    elif qualifier == _TAX_ID:
        is_valid = len(identifier) == _TAX_ID_LENGTH and identifier.isascii() and identifier.isdigit()
    else:
        is_valid = bool(identifier)
    return None if is_valid else _refused(RejectReason.PROVIDER_ID, FollowUpAction.CORRECT_AND_RESEND)


def permit(
    receiver: Party,
    provider: Provider | None,
    entitlements: Iterable[Entitlement],
    function: Function,
    moment: datetime,
) -> Permitted | Rejection:
    """Whether the submitter may use ``function`` for the receiver named in loop 2100B at ``moment``.

    Args:
        receiver: as the inquiry names it.
        provider: whom the receiver's identifier belongs to; None: nobody.
        entitlements: those of the submitter.
        moment: aware.

    Returns:
        The proof, or the rejection: 51 unknown (79 or T4 when it is no provider at all), 41 not entitled, 50 may not
        inquire.
    """
    malformed = check_receiver(receiver)
    if malformed is not None:
        return malformed
    if provider is None or not _is_named(provider, receiver):
        return _unknown(receiver)
    granted = next((e for e in entitlements if _is_current(e, provider, function, moment)), None)
    if granted is None:
        return _refused(RejectReason.NOT_AUTHORIZED, FollowUpAction.DO_NOT_RESEND, request_valid=True)
    if not provider.may_inquire:
        return _refused(RejectReason.PROVIDER_MAY_NOT_INQUIRE, FollowUpAction.DO_NOT_RESEND, request_valid=True)
    return Permitted(provider.provider_id, granted, _MADE_HERE)


def _is_named(provider: Provider, receiver: Party) -> bool:
    return any(
        known.qualifier == receiver.identifier_qualifier and known.identifier == receiver.identifier
        for known in provider.identifiers
    )


def _is_current(entitlement: Entitlement, provider: Provider, function: Function, moment: datetime) -> bool:
    return (
        entitlement.function is function
        and entitlement.tin in provider.tins
        and entitlement.valid_from <= moment
        and (entitlement.valid_until is None or moment < entitlement.valid_until)
    )


def _unknown(receiver: Party) -> Rejection:
    if receiver.entity_code in _PROVIDERS:
        return _refused(RejectReason.PROVIDER_NOT_ON_FILE, FollowUpAction.CORRECT_AND_RESEND)
    if receiver.entity_code == _PAYER:
        return _refused(RejectReason.PAYER_ID_MISSING, FollowUpAction.CORRECT_AND_RESEND)
    return _refused(RejectReason.PARTICIPANT_ID, FollowUpAction.CORRECT_AND_RESEND)


def _refused(reason: RejectReason, action: FollowUpAction, *, request_valid: bool = False) -> Rejection:
    return Rejection(Loop.RECEIVER, reason, action, request_valid)
