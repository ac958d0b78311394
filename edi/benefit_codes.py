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
