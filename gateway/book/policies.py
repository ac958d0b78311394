"""How the book's plans review services: a rule for each kind of answer that a 278 can get."""

from __future__ import annotations

from decimal import Decimal

from gateway.book.plans import plans
from rules.facts.reviews import (
    CodeRange,
    Condition,
    Outcome,
    ReviewDesk,
    ReviewPolicy,
    ReviewRule,
    Ruling,
    WantedDocument,
)

CERTIFIED_PROCEDURE = "97110"
"""Therapeutic exercise: certified at once."""
PENDED_PROCEDURE = "72148"
"""Imaging of the lower back: a reviewer decides."""

_DESK = ReviewDesk(
    "EXAMPLE REVIEW DESK",
    phone="8005550103",
    fax="8005550104",
    address=("1 SAMPLE PLAZA", "ALBANY", "NY", "12207"),
)


def _procedures(*ranges: tuple[str, str]) -> Condition:
    return Condition(procedures=tuple(CodeRange(first, last) for first, last in ranges))


_RULES = (
    ReviewRule("office visits", _procedures(("99202", "99215")), Ruling(Outcome.NOT_REQUIRED)),
    ReviewRule(
        "long courses of therapy",
        Condition(procedures=(CodeRange(CERTIFIED_PROCEDURE, CERTIFIED_PROCEDURE),), quantity_over=Decimal(12)),
        Ruling(Outcome.MODIFIED, days_valid=90, quantity_max=Decimal(12)),
    ),
    ReviewRule("therapy", _procedures(("97110", "97530")), Ruling(Outcome.CERTIFIED, days_valid=90)),
    ReviewRule("cosmetic surgery", _procedures(("15780", "15839")), Ruling(Outcome.NOT_CERTIFIED, reasons=("0V",))),
    ReviewRule(
        "imaging",
        _procedures(("70336", "70559"), ("72125", "72159")),
        Ruling(
            Outcome.PENDED,
            reasons=("0U",),
            message="SEND THE NOTES OF THE LAST SIX WEEKS",
            documents=(WantedDocument("OB", loinc="18842-5"),),
        ),
    ),
)


def review_policies() -> tuple[ReviewPolicy, ...]:
    """A policy for each plan."""
    return tuple(ReviewPolicy(plan.plan_id, _RULES, desk=_DESK) for plan in plans())
