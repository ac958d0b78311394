"""What each reject reason of a 278 response means: as in a 271, but for what the two transactions call differently."""

from collections.abc import Mapping

from edi.aaa import FollowUpAction, RejectReason
from edi.aaa_meanings import Meaning, meaning_of
from edi.services_review_codes import ReviewLoop

_PROVIDER = "Correct what this loop says of the provider."
_EVENT = "Correct the event, and send it under a trace number of its own."
_DAYS = "Correct the dates of the event."
_NUMBER = "Send the number that the payer gave to the review which this one follows."

_MEANINGS: Mapping[RejectReason, Meaning] = {
    RejectReason.QUANTITY_EXCEEDED: Meaning(
        "more than one patient event is asked about at once", "HL", "Send one event a request, or a batch."
    ),
    RejectReason.INPUT_ERROR: Meaning("the request contradicts itself, or one that came before", "TRN02", _EVENT),
    RejectReason.PROVIDER_ID: Meaning("the provider's identifier cannot be one of its kind", "NM108, NM109", _PROVIDER),
    RejectReason.PROVIDER_NOT_ON_FILE: Meaning("nobody on file has this identifier", "NM108, NM109", _PROVIDER),
    RejectReason.PARTICIPANT_ID: Meaning("nobody on file has this identifier", "NM108, NM109", _PROVIDER),
    RejectReason.DATES_NOT_IN_ENROLLMENT: Meaning("the service begins after the coverage has ended", "DTP03", _DAYS),
    RejectReason.DATE: Meaning("the event ends before it begins", "DTP03", _DAYS),
    RejectReason.SERVICE_DATE: Meaning("the service ends before it begins", "DTP03", _DAYS),
    RejectReason.SERVICE_DATE_OUT_OF_RANGE: Meaning("the event is too long ago for the plan", "DTP03", _DAYS),
    RejectReason.ADMISSION_DATE: Meaning("the date of admission is missing", "DTP03", _DAYS),
    RejectReason.DISCHARGE_DATE: Meaning("the patient is discharged before being admitted", "DTP03", _DAYS),
    RejectReason.DIAGNOSIS: Meaning("the diagnosis is missing or of a code list of former times", "HI", _EVENT),
    RejectReason.PROCEDURE: Meaning("the procedure is missing", "SV101, SV202, SV301", _EVENT),
    RejectReason.AUTHORIZATION_MISSING: Meaning("it is not said which review this one follows", "REF02", _NUMBER),
    RejectReason.AUTHORIZATION_NOT_FOUND: Meaning(
        "the review which this one follows is not on file, or was cancelled", "REF02", _NUMBER
    ),
    RejectReason.CERTIFICATION_MISMATCH: Meaning(
        "the review which this one follows is another patient's", "REF02", _NUMBER
    ),
}
_NOT_DONE = Meaning("this payer does no such review", "UM01, UM03", "Do not send it again: nothing has to be reviewed.")
"""X12 RFI 2477."""
_NOT_BY_ITSELF = Meaning(
    "a service is not cancelled by itself", "UM02", "Cancel the event, or send a revised one without the service."
)


def review_meaning_of(loop: ReviewLoop, reason: RejectReason, action: FollowUpAction) -> Meaning:
    """The meaning of one AAA."""
    if reason is RejectReason.INPUT_ERROR and loop in (ReviewLoop.EVENT, ReviewLoop.SERVICE):
        if action is FollowUpAction.DO_NOT_RESEND:
            return _NOT_DONE
        if loop is ReviewLoop.SERVICE:
            return _NOT_BY_ITSELF
    return _MEANINGS.get(reason) or meaning_of(reason)
