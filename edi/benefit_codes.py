"""Codes of the EB segment (005010X279A1 2110C/D)."""

from enum import StrEnum


class BenefitKind(StrEnum):
    """EB01: what a benefit line tells."""

    ACTIVE = "1"
    ACTIVE_FULL_RISK = "2"
    ACTIVE_SERVICES_CAPITATED = "3"
    ACTIVE_CAPITATED_TO_PCP = "4"
    ACTIVE_PENDING = "5"
    INACTIVE = "6"
    INACTIVE_PENDING_UPDATE = "7"
    INACTIVE_PENDING_INVESTIGATION = "8"
    CO_INSURANCE = "A"
    CO_PAYMENT = "B"
    DEDUCTIBLE = "C"
    COVERAGE_BASIS = "CB"
    BENEFIT_DESCRIPTION = "D"
    EXCLUSIONS = "E"
    LIMITATIONS = "F"
    OUT_OF_POCKET = "G"
    UNLIMITED = "H"
    NON_COVERED = "I"
    COST_CONTAINMENT = "J"
    RESERVE = "K"
    PRIMARY_CARE_PROVIDER = "L"
    PRE_EXISTING_CONDITION = "M"
    MANAGED_CARE_COORDINATOR = "MC"
    RESTRICTED_TO_PROVIDER = "N"
    NOT_MEDICALLY_NECESSARY = "O"
    BENEFIT_DISCLAIMER = "P"
    SECOND_OPINION = "Q"
    OTHER_PAYER = "R"
    PRIOR_YEAR_HISTORY = "S"
    CARD_REPORTED_LOST = "T"
    CONTACT_ENTITY = "U"
    CANNOT_PROCESS = "V"
    OTHER_SOURCE_OF_DATA = "W"
    HEALTH_CARE_FACILITY = "X"
    SPEND_DOWN = "Y"


class CoverageLevel(StrEnum):
    """EB02: for whom."""

    CHILDREN_ONLY = "CHD"
    DEPENDENTS_ONLY = "DEP"
    EMPLOYEE_AND_CHILDREN = "ECH"
    EMPLOYEE_ONLY = "EMP"
    EMPLOYEE_AND_SPOUSE = "ESP"
    FAMILY = "FAM"
    INDIVIDUAL = "IND"
    SPOUSE_AND_CHILDREN = "SPC"
    SPOUSE_ONLY = "SPO"


class TimePeriod(StrEnum):
    """EB06: over which time an amount or quantity counts."""

    HOUR = "6"
    DAY = "7"
    HOURS_24 = "13"
    YEARS = "21"
    SERVICE_YEAR = "22"
    CALENDAR_YEAR = "23"
    YEAR_TO_DATE = "24"
    CONTRACT = "25"
    EPISODE = "26"
    VISIT = "27"
    OUTLIER = "28"
    REMAINING = "29"
    EXCEEDED = "30"
    NOT_EXCEEDED = "31"
    LIFETIME = "32"
    LIFETIME_REMAINING = "33"
    MONTH = "34"
    WEEK = "35"
    ADMISSION = "36"


class NetworkIndicator(StrEnum):
    """EB12: whether a benefit is for in-network care."""

    IN = "Y"
    OUT = "N"
    UNKNOWN = "U"
    BOTH = "W"


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


SERVICE_TYPES = _codes(
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 30 32 33 34 35 36 37 38 39 40 41 "
    "42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77 "
    "78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99 A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 AA AB AC AD "
    "AE AF AG AH AI AJ AK AL AM AN AO AQ AR B1 B2 B3 BA BB BC BD BE BF BG BH BI BJ BK BL BM BN BP BQ BR BS BT BU "
    "BV BW BX BY BZ C1 CA CB CC CD CE CF CG CH CI CJ CK CL CM CN CO CP CQ DG DM DS GF GN GY IC MH NI ON PT PU RN "
    "RT TC TN UC"
)
"""EB03 and EQ01: the service type codes that 005010X279A1 refers to."""
SERVICE_TYPES_PER_LINE_MAX = 99
"""Repetitions of EB03 and EQ01."""
INSURANCE_TYPES = _codes(
    "12 13 14 15 16 41 42 43 47 AP C1 CO CP D DB EP FF GP HM HN HS IN IP LC LD LI LT MA MB MC MH MI MP OT PE PL "
    "PP PR PS QM RP SP TF WC WU"
)
"""EB04."""
RELATED_ENTITY_QUALIFIERS = _codes("24 34 46 FA FI II MI NI PI PP SV XV XX")
"""NM108 of loop 2120."""
RELATIONSHIPS = _codes("01 19 20 21 39 40 53 G8")
"""INS02 of a dependent in an answer."""
