"""What the guide would take where a value is wrong, in a few words."""

from edi.acknowledgment_codes import ElementError
from parsers.guide_rules import ElementRule, Rule

CODES_SHOWN_MAX = 30
"""Longer lists, mostly external ones, are not told."""


def expected(rule: Rule | None, code: ElementError) -> str:
    """``20, 21, 22 or 23``, ``2 to 80 characters``; empty when there is nothing short to say."""
    if not isinstance(rule, ElementRule):
        return ""
    if code in (ElementError.TOO_SHORT, ElementError.TOO_LONG):
        return _lengths(rule)
    if code in (ElementError.CODE, ElementError.REQUIRED_MISSING) and rule.codes:
        return _alternatives(sorted(rule.codes)) if len(rule.codes) <= CODES_SHOWN_MAX else ""
    return ""


def _alternatives(codes: list[str]) -> str:
    *others, last = codes
    return f"{', '.join(others)} or {last}" if others else last


def _lengths(rule: ElementRule) -> str:
    unit = "digits" if rule.data_type[:1] in ("N", "R") else "characters"
    if rule.length_min == rule.length_max:
        return f"{rule.length_max} {unit}"
    return f"{rule.length_min} to {rule.length_max} {unit}"
