"""Why a status of an answer is there: the rule that gave it and the part of the document that it was applied to."""

from enum import StrEnum

from rules import reasons


class ClaimRule(StrEnum):
    """The rules that give a status."""

    CURRENT_STATUS = "current status of the claim"
    LINE_STATUS = "current status of the line"
    LINE_AS_CLAIM = "line as its claim"
    LINE_NOT_FOUND = "no such line in the claim"
    NOT_FOUND = "no claim of this patient and provider fits"
    TOO_MANY = "more claims fit than may be told"
    OTHER_PAYER = "no claim fits and another payer pays first"
    OBSTACLE = "cannot be answered"


def because(rule: ClaimRule, document: str = "", part: str = "") -> str:
    """The reason of a status: a rule over a part of a document, ``current status <- claim 17 events[3]``."""
    return reasons.because(rule, document, part).rstrip() if document else rule.value
