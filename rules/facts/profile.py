"""How one payer answers: its identity and what an operator may switch."""

from dataclasses import dataclass
from enum import StrEnum

from rules.facts.plans import ProcedureCategory


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GENERIC_SERVICE_TYPES = _codes("1 33 35 47 48 50 86 88 98 AL MH UC")
"""What a generic inquiry (EQ01 30) is answered with, besides 30 itself (CAQH CORE 154)."""

EXPLICIT_SERVICE_TYPES = _codes(
    "1 2 4 5 6 7 8 12 13 18 20 33 35 40 42 45 47 48 50 51 52 53 62 65 68 73 76 78 80 81 82 86 88 93 98 99 "
    "A0 A3 A6 A7 A8 AD AE AF AG AI AL BG BH MH UC"
)
"""What can be asked for by itself (CAQH CORE 260)."""

DISCRETIONARY_SERVICE_TYPES = _codes("35 88 AL MH A4 A5 A6 A7 A8 AI AJ AK CE CF CG CH CI CJ")
"""For which a payer may keep back what the patient pays (CAQH CORE 260, vEB.2.0)."""


@dataclass(frozen=True, slots=True)
class ProcedureRange:
    """Procedure codes of one category, both ends included."""

    category: ProcedureCategory
    first: str
    last: str
    qualifiers: tuple[str, ...] = ("CJ", "HC")
    """Code lists of EQ02-1 to which the codes belong: CPT and HCPCS."""


PROCEDURE_RANGES = (
    ProcedureRange(ProcedureCategory.SURGERY, "10004", "69990"),
    ProcedureRange(ProcedureCategory.IMAGING, "70010", "76499"),
    ProcedureRange(ProcedureCategory.IMAGING, "76506", "76999"),
    ProcedureRange(ProcedureCategory.IMAGING, "77046", "77067"),
    ProcedureRange(ProcedureCategory.IMAGING, "78012", "78999"),
    ProcedureRange(ProcedureCategory.OCCUPATIONAL_THERAPY, "97165", "97168"),
    ProcedureRange(ProcedureCategory.OCCUPATIONAL_THERAPY, "97533", "97537"),
    ProcedureRange(ProcedureCategory.PHYSICAL_THERAPY, "97010", "97164"),
    ProcedureRange(ProcedureCategory.PHYSICAL_THERAPY, "97530", "97530"),
    ProcedureRange(ProcedureCategory.PHYSICAL_THERAPY, "97750", "97755"),
)
"""First match counts."""


class FutureBirthDate(StrEnum):
    """Which reject reason a birth date in the future gets."""

    NOT_VALID = "58"
    AFTER_SERVICE = "60"


@dataclass(frozen=True, slots=True)
class PayerProfile:
    """A payer. The defaults meet the mandated operating rules (CAQH CORE 154, 258, 259, 260)."""

    name: str
    identifier: str
    """NM109 of loop 2100A."""
    tax_id: str
    """TRN03 of our own trace, after a leading 1."""
    identifier_qualifier: str = "PI"

    generic_service_types: tuple[str, ...] = GENERIC_SERVICE_TYPES
    explicit_service_types: tuple[str, ...] = EXPLICIT_SERVICE_TYPES
    """Any other is answered as though 30 had been asked."""
    discretionary_service_types: tuple[str, ...] = ()
    """Those for which only status, plan name and dates are told, whatever the plan says."""
    procedure_ranges: tuple[ProcedureRange, ...] = PROCEDURE_RANGES

    months_back: int = 12
    """How far back a date of service may lie."""
    months_forward: int = 0
    """How far beyond the end of the current month."""

    matches_names: bool = True
    """Whether a name that differs from the one on file is refused (CAQH CORE 258)."""
    checks_gender: bool = True
    checks_group: bool = False
    """Whether a group number that the patient does not belong to is refused."""
    elements_needed: int = 3
    """How many of member id, last name, first name and birth date have to be sent: 3 are the required alternate
    searches, 4 the primary search, 2 is more lenient than either (X12 005010X279A1 1.4.8)."""
    searches_by_name: bool = True
    """Whether last name, first name and birth date without a member id can find somebody."""
    member_id_pattern: str = ""
    """Regular expression that every member id of this payer matches whole; empty: any id."""
    future_birth_date: FutureBirthDate = FutureBirthDate.AFTER_SERVICE

    tells_remaining: bool = True
    """Whether what remains of deductibles, maxima and limits is told."""
    tells_out_of_pocket: bool = True
    tells_other_payers: bool = True
    tells_primary_care_provider: bool = True
    disclaimer: str = ""
    """A message with the plan of every answer; empty: none."""
