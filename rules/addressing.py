"""Whether an inquiry is meant for this payer (X12 005010X279A1 and 005010X212, 2100A)."""

from edi.aaa import FollowUpAction, Loop, RejectReason
from edi.eligibility import Party, Rejection
from rules.facts import PayerProfile

_TAX_ID = "FI"


def names_another_payer(source: Party, profile: PayerProfile) -> bool:
    """Whether an inquiry is for somebody else; an identifier of a kind that we have none of is let pass."""
    ours = {profile.identifier_qualifier: profile.identifier, _TAX_ID: profile.tax_id}
    return source.identifier != ours.get(source.identifier_qualifier, source.identifier)


def check_source(source: Party, profile: PayerProfile) -> Rejection | None:
    """Refuse an inquiry that names another payer (79)."""
    if not names_another_payer(source, profile):
        return None
    return Rejection(Loop.SOURCE, RejectReason.PARTICIPANT_ID, FollowUpAction.CORRECT_AND_RESEND)
