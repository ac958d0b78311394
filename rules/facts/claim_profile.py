"""How one payer answers claim status inquiries: what an operator may switch."""

from dataclasses import dataclass
from enum import StrEnum

from edi.claim_status import PayerContact
from edi.claim_status_codes import StatusCode, check_claim_codes, parse_status_code


class Criterion(StrEnum):
    """What an inquiry can name a claim by, besides provider and patient (005010X212 2200D/E)."""

    CLAIM_NUMBER = "claim number"
    CLEARINGHOUSE_NUMBER = "clearinghouse number"
    PATIENT_ACCOUNT = "patient account"
    PRESCRIPTION = "prescription"
    BILL_TYPE = "bill type"
    GROUP_NUMBER = "group number"
    CHARGE = "charge"
    DATES = "dates"


_NOT_FOUND = parse_status_code("D0:35")
_TOO_MANY = parse_status_code("D0:485")
_LINE_NOT_FOUND = parse_status_code("D0:247")
_OTHER_PAYER = parse_status_code("D0:487:PRP")
ANY_COMBINATION: tuple[tuple[Criterion, ...], ...] = ((),)
"""Provider and patient are enough; whatever else is sent narrows the search."""


@dataclass(frozen=True, slots=True)
class ClaimStatusProfile:
    """What a payer's claim status answers depend on.

    Raises:
        ValueError: bounds that leave nothing to tell, or a status code that no STC of a claim may hold.
    """

    combinations: tuple[tuple[Criterion, ...], ...] = ANY_COMBINATION
    """An inquiry has to send all of at least one of these."""
    claims_in_real_time_max: int = 1
    """When more claims than this fit an inquiry in real time, it is told to narrow its search."""
    claims_in_batch_max: int = 99
    """The same for a batch, and for an inquiry by claim number, which cannot be narrowed."""
    years_back: int = 3
    """How many calendar years before this one are searched; claims may be asked about for that long."""
    matches_names: bool = True
    """Whether a last name that differs from the one on file is refused."""
    tells_other_payer: bool = True
    """Whether a claim that is not here is said to belong to the payer who pays first, where there is one."""

    contact: PayerContact | None = None
    """Whom an answer names for questions; None: nobody."""

    not_found: StatusCode = _NOT_FOUND
    """Or ``A4:35``."""
    too_many: StatusCode = _TOO_MANY
    """Or ``E0:485``."""
    line_not_found: StatusCode = _LINE_NOT_FOUND
    other_payer: StatusCode = _OTHER_PAYER

    def __post_init__(self) -> None:
        if self.claims_in_real_time_max < 1 or self.claims_in_batch_max < 1 or self.years_back < 0:
            raise ValueError("at least one claim is told, of this year at least")
        for code in (self.not_found, self.too_many, self.line_not_found, self.other_payer):
            check_claim_codes((code,))
