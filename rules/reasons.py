"""Why a line of an answer is there: the rule that gave it and the part of the document that it was applied to."""

from enum import StrEnum

_FROM = " <- "


class Rule(StrEnum):
    """The rules that give benefit lines."""

    COVERAGE_STATUS = "coverage status"
    INACTIVE_COVERAGE = "inactive coverage"
    DATES_REFUSED = "dates refused"
    SERVICE_STATUS = "service status"
    NOT_COVERED = "service not covered"
    NOT_LISTED = "service not in the plan"
    FOLDED = "service paid within another"
    CARVE_OUT = "service with a vendor"
    TELEHEALTH = "service at a distance"
    CO_PAYMENT = "co-payment"
    CO_INSURANCE = "co-insurance"
    DEDUCTIBLE = "deductible"
    DEDUCTIBLE_WAIVED = "deductible waived"
    DEDUCTIBLE_REMAINING = "deductible remaining"
    OUT_OF_POCKET = "out-of-pocket maximum"
    OUT_OF_POCKET_REMAINING = "out-of-pocket maximum remaining"
    LIMIT = "benefit limit"
    LIMIT_REMAINING = "benefit limit remaining"
    PRIMARY_CARE_PROVIDER = "primary care provider"
    OTHER_PAYER = "other payer"


def because(rule: StrEnum, document: str, part: str) -> str:
    """The reason of a line: a rule over a part of a document, ``co-payment <- plan GOLD benefits[3].costs[0]``."""
    return f"{rule}{_FROM}{document} {part}"


def told_apart(reason: str) -> tuple[str, str]:
    """The rule of a line's reason, and the part of the document that it was applied to."""
    rule, _, source = reason.partition(_FROM)
    return rule, source
