"""What is wrong with a plan's review policy: everything, so that it can be mended in one go."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from edi.services_review_answer import REASONS_MAX
from edi.services_review_codes import REPORT_TYPES, TRANSMISSIONS
from edi.texts import mark
from rules.facts.reviews import CodeRange, Condition, Outcome, ReviewPolicy, Ruling

MESSAGE_MAX = 264
"""Characters of MSG01."""
DESCRIPTION_MAX = 80
"""Characters of PWK07."""
DOCUMENTS_MAX = 10
"""Repetitions of PWK."""
_REASON_MAX = 30
"""Characters of HCR03."""


_QUANTITY_DIGITS_MAX = 15
"""Of X12 data element 380."""
DAYS_MAX = 36_500
"""A hundred years."""
_LOINC = re.compile(r"[0-9]{1,7}-[0-9]")


class PolicyFault(StrEnum):
    """What can be wrong with a policy."""

    RULE_TWICE = "another rule before it has the same name"
    RANGE_BACKWARDS = "a range of codes ends before it begins"
    REASON_MISSING = "not certified needs a coded reason"
    REASON_NOT_VALID = "a reason is empty, longer than 30 characters, or has characters that X12 cannot hold"
    TOO_MANY_REASONS = "more than five reasons"
    QUANTITY_MISSING = "modified needs the most that is granted"
    QUANTITY_NOT_VALID = "a quantity is not above zero, or has more than 15 digits"
    MESSAGE_TOO_LONG = "the message is longer than 264 characters"
    DOCUMENT_UNKNOWN = "no such kind of document, or way to send one"
    DESCRIPTION_TOO_LONG = "a document's description is longer than 80 characters"
    LOINC_NOT_VALID = "a LOINC code is not digits, a hyphen and a digit"
    TOO_MANY_DOCUMENTS = "more than ten documents"
    DAYS_NOT_VALID = "a number of days is negative, or more than a hundred years"


@dataclass(frozen=True, slots=True)
class PolicyProblem:
    """One fault and where in the document it is, ``rules[1]``."""

    where: str
    fault: PolicyFault

    def __str__(self) -> str:
        return f"{self.where}: {self.fault}"


def find_policy_problems(policy: ReviewPolicy) -> tuple[PolicyProblem, ...]:
    """Every problem of a policy; none for one that may be used."""
    found = [] if _are_days(policy.days_back) else [("days_back", PolicyFault.DAYS_NOT_VALID)]
    for number, rule in enumerate(policy.rules):
        where = f"rules[{number}]"
        if any(earlier.name == rule.name for earlier in policy.rules[:number]):
            found.append((where, PolicyFault.RULE_TWICE))
        found += [(where, fault) for fault in (*_condition_faults(rule.when), *_ruling_faults(rule.then))]
    found += [("otherwise", fault) for fault in _ruling_faults(policy.otherwise)]
    return tuple([PolicyProblem(where, fault) for where, fault in found])


def _condition_faults(condition: Condition) -> Iterator[PolicyFault]:
    ranges = (*condition.procedures, *condition.revenue_codes, *condition.diagnoses)
    if any(_is_backwards(each) for each in ranges):
        yield PolicyFault.RANGE_BACKWARDS


def _is_backwards(codes: CodeRange) -> bool:
    return codes.last[: len(codes.first)] < codes.first[: len(codes.last)]


def _ruling_faults(ruling: Ruling) -> Iterator[PolicyFault]:
    if ruling.outcome is Outcome.NOT_CERTIFIED and not ruling.reasons:
        yield PolicyFault.REASON_MISSING
    if not all(0 < len(reason) <= _REASON_MAX and mark(reason) == reason for reason in ruling.reasons):
        yield PolicyFault.REASON_NOT_VALID
    if len(ruling.reasons) > REASONS_MAX:
        yield PolicyFault.TOO_MANY_REASONS
    if ruling.outcome is Outcome.MODIFIED and ruling.quantity_max is None:
        yield PolicyFault.QUANTITY_MISSING
    if ruling.quantity_max is not None and not _is_quantity(ruling.quantity_max):
        yield PolicyFault.QUANTITY_NOT_VALID
    if len(ruling.message) > MESSAGE_MAX:
        yield PolicyFault.MESSAGE_TOO_LONG
    if any(each.report_type not in REPORT_TYPES or each.transmission not in TRANSMISSIONS for each in ruling.documents):
        yield PolicyFault.DOCUMENT_UNKNOWN
    if any(len(each.description) > DESCRIPTION_MAX for each in ruling.documents):
        yield PolicyFault.DESCRIPTION_TOO_LONG
    if any(each.loinc and not _LOINC.fullmatch(each.loinc) for each in ruling.documents):
        yield PolicyFault.LOINC_NOT_VALID
    if len(ruling.documents) > DOCUMENTS_MAX:
        yield PolicyFault.TOO_MANY_DOCUMENTS
    if not _are_days(ruling.days_valid):
        yield PolicyFault.DAYS_NOT_VALID


def _is_quantity(quantity: Decimal) -> bool:
    """Whether an element can hold it, and it is one."""
    if not quantity.is_finite() or quantity <= 0:
        return False
    return len(f"{quantity.normalize():f}".replace(".", "")) <= _QUANTITY_DIGITS_MAX


def _are_days(days: int | None) -> bool:
    return days is None or 0 <= days <= DAYS_MAX
