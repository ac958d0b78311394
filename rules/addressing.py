"""Whether an inquiry is meant for this payer (X12 005010X279A1 2100A)."""

from edi.aaa import FollowUpAction, Loop, RejectReason
from edi.eligibility import Party, Rejection
from rules.facts import PayerProfile

_TAX_ID = "FI"


def check_source(source: Party, profile: PayerProfile) -> Rejection | None:
    """Refuse an inquiry that names another payer (79); an identifier of a kind that we have none of is let pass."""
    ours = {profile.identifier_qualifier: profile.identifier, _TAX_ID: profile.tax_id}
    if source.identifier == ours.get(source.identifier_qualifier, source.identifier):
        return None
    return Rejection(Loop.SOURCE, RejectReason.PARTICIPANT_ID, FollowUpAction.CORRECT_AND_RESEND)
