"""What stands in the way of a claim status: each obstacle with its loop and its codes.

Source: X12 005010X212, lists 507 and 508.
"""

from datetime import date
from enum import Enum

from edi.claim_status import ClaimInquiry, ClaimStatus, ClaimStatusAnswer, Level, Refusal, Status
from edi.claim_status_codes import StatusCode, parse_status_code
from edi.eligibility import Reference
from rules.claims.reasons import ClaimRule, because


class Obstacle(Enum):
    """Why an inquiry is not answered from a claim. Those without a level stand in the claim's own loop (2200D/E)."""

    SYSTEM_DOWN = Level.RECEIVER, "E1:484:PR"
    """Our own system cannot answer now."""
    HOLDER_SILENT = Level.RECEIVER, "E2:689:PR"
    """The payer that holds the claims did not answer in time."""
    TOO_MANY_INQUIRIES = Level.RECEIVER, "E4:691"
    """Real time takes one claim; more are a batch."""
    ANOTHER_PAYER = Level.RECEIVER, "E0:153:PR"
    """The inquiry names a payer that we are not."""

    PROVIDER_NPI = Level.PROVIDER, "E0:562:1P"
    """Check digit or form of the NPI."""
    PROVIDER_TAX_ID = Level.PROVIDER, "E0:128:1P"
    PROVIDER_OWN_ID = Level.PROVIDER, "E0:153:1P"
    """The payer's own identifier of the provider."""
    PROVIDER_NOT_RECOGNIZED = Level.PROVIDER, "E0:24:1P"
    NOT_ENTITLED = Level.PROVIDER, "E4:496:1P"
    """The provider group has not let this submitter ask: an agreement is missing, the data are right."""
    MAY_NOT_INQUIRE = Level.PROVIDER, "E4:25:1P"
    """The payer does not let the provider ask."""

    CLAIM_PUT_OFF = None, "E1:484"
    """Our own system could not answer about this claim of a batch."""
    CLAIM_HOLDER_SILENT = None, "E2:484"
    """The holder did not answer about this claim of a batch."""

    SUBSCRIBER_NOT_FOUND = None, "E0:33:IL"
    SUBSCRIBER_NAME = None, "E0:30:IL"
    """The member id is somebody else's."""
    SUBSCRIBER_BIRTH_DATE = None, "E0:158:IL"
    PATIENT_NOT_UNDER_SUBSCRIBER = None, "D0:97:IL"
    """The subscriber is here, the dependent is not."""
    SERVICE_DATES = None, "E3:187"
    """The last day lies before the first."""
    CRITERIA_MISSING = None, "E0:187", "E0:464", "E0:478"
    """Too little to search by: days of service, claim number or patient account would do."""

    def __init__(self, level: Level | None, *codes: str) -> None:
        self.level = level
        """The loop that it ends the answer in; None: the claim's."""
        self.codes: tuple[StatusCode, ...] = tuple([parse_status_code(code) for code in codes])

    @property
    def reason(self) -> str:
        """For explaining."""
        return because(ClaimRule.OBSTACLE, self.name.lower().replace("_", " "))


def stop(inquiry: ClaimInquiry, obstacle: Obstacle, today: date) -> ClaimStatusAnswer:
    """The answer to an inquiry that meets an obstacle; nothing on file is told."""
    status = Status(obstacle.codes, today, reason=obstacle.reason)
    if obstacle.level is not None:
        return ClaimStatusAnswer(inquiry, Refusal(obstacle.level, status))
    return tell_nothing(inquiry, status)


def tell_nothing(inquiry: ClaimInquiry, status: Status) -> ClaimStatusAnswer:
    """An answer in the claim's loop with no claim: what was asked comes back, no payer's number, no charge.

    Source: X12 RFI 1909, RFI 1614.
    """
    sent = (
        ("BLT", inquiry.bill_type),
        ("EJ", inquiry.patient_account),
        ("XZ", inquiry.prescription),
        ("D9", inquiry.clearinghouse_number),
    )
    references = tuple([Reference(qualifier, value) for qualifier, value in sent if value])
    return ClaimStatusAnswer(inquiry, claims=(ClaimStatus((status,), references, inquiry.dates),))
