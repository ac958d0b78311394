"""Which rule of a plan fits a service, or an event that has none."""

from collections.abc import Iterable
from decimal import Decimal

from edi.services_review import Diagnosis, Review, ReviewEvent, ReviewService
from edi.services_review_codes import CertificationType
from edi.services_review_lines import ServiceLine
from rules.facts.reviews import CodeRange, Condition, ReviewPolicy, ReviewRule

PEOPLE_DECIDE = frozenset(
    {
        CertificationType.APPEAL_IMMEDIATE,
        CertificationType.APPEAL_STANDARD,
        CertificationType.RECONSIDERATION,
    }
)
"""UM02 of requests that go to a reviewer unless a rule names them."""
_BARE_LINE = ServiceLine(("SV2",))
OTHERWISE = "otherwise"
"""The name of a policy's last word."""


def rule_for(policy: ReviewPolicy, event: ReviewEvent, service: ReviewService | None) -> ReviewRule:
    """The first rule that fits; the policy's last word as a rule where none does.

    Args:
        service: one of the event's; None when the event itself is decided.
    """
    for rule in policy.rules:
        if fits(rule.when, event, service):
            return rule
    return ReviewRule(OTHERWISE, Condition(), policy.otherwise)


def fits(condition: Condition, event: ReviewEvent, service: ReviewService | None) -> bool:
    """Whether everything that a condition asks for holds."""
    review = review_of(event, service)
    line = (service.line if service is not None else None) or _BARE_LINE
    return (
        (not condition.categories or review.category in condition.categories)
        and _names_certification(condition, review)
        and (not condition.service_types or review.service_type in condition.service_types)
        and (not condition.places or _place(review, event) in condition.places)
        and (not condition.levels or (review.level or event.review.level) in condition.levels)
        and (not condition.procedures or _any_in(condition.procedures, [_procedure(line)]))
        and (not condition.revenue_codes or _any_in(condition.revenue_codes, [("", line.revenue_code)]))
        and (not condition.diagnoses or _any_in(condition.diagnoses, map(_diagnosis, event.diagnoses)))
        and _exceeds(condition.quantity_over, quantity_asked(event, service))
    )


def review_of(event: ReviewEvent, service: ReviewService | None) -> Review:
    """What is asked for a service: its own UM, else the event's."""
    return event.review if service is None or service.review is None else service.review


def quantity_asked(event: ReviewEvent, service: ReviewService | None) -> Decimal | None:
    """How much is asked for: of a service line, else of its delivery; of an event's delivery. None: it is not said."""
    if service is None:
        return None if event.delivery is None else event.delivery.quantity
    if service.line is not None and service.line.quantity is not None:
        return service.line.quantity
    return None if service.delivery is None else service.delivery.quantity


def _names_certification(condition: Condition, review: Review) -> bool:
    if condition.certifications:
        return review.certification in condition.certifications
    return review.certification not in PEOPLE_DECIDE


def _place(review: Review, event: ReviewEvent) -> str:
    told = review if review.facility else event.review
    return f"{told.facility}:{told.facility_qualifier}"


def _procedure(line: ServiceLine) -> tuple[str, str]:
    return line.procedure_qualifier, line.procedure_code


def _diagnosis(diagnosis: Diagnosis) -> tuple[str, str]:
    return diagnosis.qualifier, diagnosis.code


def _any_in(ranges: Iterable[CodeRange], codes: Iterable[tuple[str, str]]) -> bool:
    known = list(codes)
    return any(is_in(each, qualifier, code) for each in ranges for qualifier, code in known)


def is_in(codes: CodeRange, qualifier: str, code: str) -> bool:
    """Whether a code lies in a range, its dot if any left out as X12 does."""
    if not code or (codes.qualifiers and qualifier not in codes.qualifiers):
        return False
    bare, first, last = (text.replace(".", "").upper() for text in (code, codes.first, codes.last))
    return first <= bare[: len(first)] and bare[: len(last)] <= last


def _exceeds(limit: Decimal | None, quantity: Decimal | None) -> bool:
    return limit is None or quantity is None or quantity > limit
