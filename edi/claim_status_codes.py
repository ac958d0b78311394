"""The codes of an STC segment: categories (X12 list 507), entities (data element 98) and status codes (X12 list 508).

Categories and entities belong to the guide and are fixed here; what the status codes mean is in a list with a version
(``edi.claim_status_list``).
"""

from dataclasses import dataclass
from enum import StrEnum

from edi.errors import CallerError
from edi.writing import COMPONENT


class InvalidStatusError(CallerError, ValueError):
    """A status that no STC may hold. A ValueError too, so that a stored document that has one counts as unreadable."""


class Category(StrEnum):
    """STC01-1: how far a claim, or the search for it, has got."""

    FORWARDED = "A0"
    RECEIVED = "A1"
    ACCEPTED = "A2"
    RETURNED = "A3"
    NOT_FOUND = "A4"
    SPLIT = "A5"
    REJECTED_MISSING = "A6"
    REJECTED_INVALID = "A7"
    REJECTED_RELATED = "A8"
    PENDING = "P0"
    IN_PROCESS = "P1"
    PAYER_REVIEW = "P2"
    PROVIDER_REQUEST = "P3"
    PATIENT_REQUEST = "P4"
    ADMINISTRATIVE_HOLD = "P5"
    FINALIZED = "F0"
    PAID = "F1"
    DENIED = "F2"
    REVISED = "F3"
    REVISED_FORWARDED = "F3F"
    REVISED_NOT_FORWARDED = "F3N"
    NO_PAYMENT = "F4"
    FINALIZED_UNPROCESSABLE = "F5"
    MORE_DATA = "R0"
    DATA_ON_ENTITY = "R1"
    DATA_ON_CLAIM = "R3"
    DOCUMENTS = "R4"
    MORE_DETAIL = "R5"
    REGULATORY = "R6"
    PLAN_POLICY = "R7"
    COVERAGE = "R8"
    MEDICAL_NEED = "R9"
    GRIEVANCE = "R10"
    PRE_PAYMENT_REVIEW = "R11"
    PROCEDURE_SUPPORT = "R12"
    DOCUMENTS_UNREADABLE = "R13"
    WRONG_DOCUMENTS = "R14"
    WORKERS_COMPENSATION = "R15"
    ELIGIBILITY = "R16"
    REPLACEMENT_CLAIM = "R17"
    MORE_DATA_GENERAL = "RQ"
    SEARCH_FAILED = "D0"
    DATA_ERROR = "E0"
    SYSTEM_STATUS = "E1"
    HOLDER_SILENT = "E2"
    CORRECTION_NEEDED = "E3"
    AGREEMENT_NEEDED = "E4"
    PREDETERMINATION = "X0"

    @property
    def meaning(self) -> str:
        """A few words for people."""
        return _MEANINGS[self]

    @property
    def is_finalized(self) -> bool:
        """Whether the claim has been adjudicated, whatever came of it."""
        return self.value[0] == "F"


_MEANINGS = {
    Category.FORWARDED: "forwarded to another entity",
    Category.RECEIVED: "received",
    Category.ACCEPTED: "accepted into adjudication",
    Category.RETURNED: "returned as unprocessable",
    Category.NOT_FOUND: "not found",
    Category.SPLIT: "split for processing",
    Category.REJECTED_MISSING: "rejected, data missing",
    Category.REJECTED_INVALID: "rejected, data invalid",
    Category.REJECTED_RELATED: "rejected, related fields disagree",
    Category.PENDING: "pending",
    Category.IN_PROCESS: "in process",
    Category.PAYER_REVIEW: "under review by the payer",
    Category.PROVIDER_REQUEST: "waiting for data from the provider",
    Category.PATIENT_REQUEST: "waiting for data from the patient",
    Category.ADMINISTRATIVE_HOLD: "on hold for administration by the payer",
    Category.FINALIZED: "adjudication complete",
    Category.PAID: "paid",
    Category.DENIED: "denied",
    Category.REVISED: "adjudication revised",
    Category.REVISED_FORWARDED: "adjudication revised, forwarded",
    Category.REVISED_NOT_FORWARDED: "adjudication revised, not forwarded",
    Category.NO_PAYMENT: "complete, no payment due",
    Category.FINALIZED_UNPROCESSABLE: "cannot be processed (closed code)",
    Category.MORE_DATA: "more data requested",
    Category.DATA_ON_ENTITY: "data on an entity requested",
    Category.DATA_ON_CLAIM: "data on the claim or line requested",
    Category.DOCUMENTS: "documents requested",
    Category.MORE_DETAIL: "more detail requested on what was sent",
    Category.REGULATORY: "data requested for a regulation",
    Category.PLAN_POLICY: "data requested for the plan's policy",
    Category.COVERAGE: "data requested on coverage",
    Category.MEDICAL_NEED: "data requested on medical need",
    Category.GRIEVANCE: "data requested for a grievance or appeal",
    Category.PRE_PAYMENT_REVIEW: "data requested for a review before payment",
    Category.PROCEDURE_SUPPORT: "support of a procedure code requested",
    Category.DOCUMENTS_UNREADABLE: "documents sent cannot be read",
    Category.WRONG_DOCUMENTS: "documents sent are not those requested",
    Category.WORKERS_COMPENSATION: "data requested on workers' compensation",
    Category.ELIGIBILITY: "data requested on eligibility",
    Category.REPLACEMENT_CLAIM: "replacement claim requested",
    Category.MORE_DATA_GENERAL: "more data requested (closed code)",
    Category.SEARCH_FAILED: "search found nothing",
    Category.DATA_ERROR: "error in the request's data",
    Category.SYSTEM_STATUS: "system not available",
    Category.HOLDER_SILENT: "information holder does not respond",
    Category.CORRECTION_NEEDED: "data do not fit each other, correction needed",
    Category.AGREEMENT_NEEDED: "against the trading partner agreement",
    Category.PREDETERMINATION: "supporting documents (closed code)",
}
CLOSED_CATEGORIES = frozenset({Category.FINALIZED_UNPROCESSABLE, Category.MORE_DATA_GENERAL, Category.PREDETERMINATION})
"""Still in the list for old files, not to be sent any more."""

_CLAIM_ENTITIES = """
03 13 17 1E 1G 1H 1I 1O 1P 1Q 1R 1S 1T 1U 1V 1W 1X 1Y 1Z 28 2A 2B 2D 2E 2I 2K 2P 2Q 2S 2Z 30 36 3A 3C 3D 3E 3F
3G 3H 3I 3J 3K 3L 3M 3N 3O 3P 3Q 3R 3S 3T 3U 3V 3W 3X 3Y 3Z 40 43 44 4A 4B 4C 4D 4E 4F 4G 4H 4I 4J 4L 4M 4N 4O
4P 4Q 4R 4S 4U 4V 4W 4X 4Y 4Z 5A 5B 5C 5D 5E 5F 5G 5H 5I 5J 5K 5L 5M 5N 5O 5P 5Q 5R 5S 5T 5U 5V 5W 5X 5Y 5Z 61
6A 6B 6C 6D 6E 6F 6G 6H 6I 6J 6K 6L 6M 6N 6O 6P 6Q 6R 6S 6U 6V 6W 6X 6Y 71 72 73 74 77 7C 80 82 84 85 87 95 CK
CZ D2 DD DJ DK DN DO DQ E1 E2 E7 E9 FA FD FE G0 G3 GB GD GI GJ GK GM GY HF HH I3 IJ IL IN LI LR MR MSC OB OD
OX P0 P2 P3 P4 P6 P7 PRP PT PV PW QA QB QC QD QE QH QK QL QN QO QS QV QY RC RW S4 SEP SJ SU T4 TL TQ TT TTP TU
UH X3 X4 X5 ZZ
"""
ENTITIES = frozenset(_CLAIM_ENTITIES.split())
"""STC01-3 of a claim or service line (005010X212 2200D/E, 2220D/E)."""

RECEIVER_ENTITIES = frozenset({"41", "AY", "PR"})
"""STC01-3 of the receiver's level (005010X212 2200B): submitter, clearinghouse, payer. None of them is a claim's."""

CODES_PER_SEGMENT_MAX = 3
"""STC01, STC10 and STC11."""

_CODE_LENGTH_MAX = 30
"""X12 data element 1271."""


@dataclass(frozen=True, slots=True)
class StatusCode:
    """One composite of an STC (STC01, STC10, STC11). Cannot be made with a category or entity that may not be sent.

    Raises:
        InvalidStatusError: a closed category, no status code, or an entity that the guide does not know.
    """

    category: Category
    status: str
    """List 508, or a reject code of NCPDP where ``pharmacy``."""
    entity: str = ""
    """Whom the status code speaks about; many of the list say nothing without."""
    pharmacy: bool = False
    """STC01-4 RX: the status code is one of NCPDP's."""

    def __post_init__(self) -> None:
        if self.category in CLOSED_CATEGORIES:
            raise InvalidStatusError(f"category {self.category} is closed")
        if not (0 < len(self.status) <= _CODE_LENGTH_MAX and self.status.isascii() and self.status.isalnum()):
            raise InvalidStatusError("a status code is one to thirty letters or digits")
        if self.entity and self.entity not in ENTITIES and self.entity not in RECEIVER_ENTITIES:
            raise InvalidStatusError(f"entity {self.entity!r} is not in the guide")

    @property
    def written(self) -> str:
        """The composed composite."""
        parts = (self.category.value, self.status, self.entity, "RX" if self.pharmacy else "")
        return COMPONENT.join(parts).rstrip(COMPONENT)

    def __str__(self) -> str:
        return self.written.replace(COMPONENT, ":")


def parse_status_code(text: str) -> StatusCode:
    """A composite from ``D0:35``, ``E0:33:IL`` or ``F2:79::RX``.

    Raises:
        InvalidStatusError: it is none.
    """
    category, status, entity, pharmacy = [*text.split(":"), "", "", ""][:4]
    try:
        return StatusCode(Category(category), status, entity, pharmacy == "RX")
    except ValueError:
        raise InvalidStatusError(f"{text!r} is no composite of an STC") from None


def check_claim_codes(codes: tuple[StatusCode, ...]) -> None:
    """Refuse codes that cannot stand together in an STC of a claim or service line.

    Raises:
        InvalidStatusError: none, more than three, or an entity of another level.
    """
    if not 0 < len(codes) <= CODES_PER_SEGMENT_MAX:
        raise InvalidStatusError("a status segment has one to three codes")
    for code in codes:
        if code.entity in RECEIVER_ENTITIES:
            raise InvalidStatusError(f"{code} is not allowed of a claim")
