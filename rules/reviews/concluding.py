"""What becomes of a pended review: a reviewer decides it, or it is closed for want of documents."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from edi.services_review_answer import REASONS_MAX, LevelAnswer, ReviewAnswer
from edi.services_review_codes import CertificationAction
from rules.facts.reviews import Condition, Outcome, ReviewRule, Ruling
from rules.reviews.deciding import settle, settle_alone
from rules.reviews.settling import Grant, retell

BY_REVIEWER = "reviewer"
"""The name of what a reviewer decides."""


class VerdictFault(StrEnum):
    """Why a reviewer's verdict cannot be taken."""

    NOT_PENDED = "the review is not pended"
    SERVICE_NOT_PENDED = "the service is not there or not pended"
    SERVICE_LEFT_OUT = "a pended service is not decided"
    REASON_MISSING = "not certified needs a coded reason"
    TOO_MANY_REASONS = "more reasons than an answer can tell"
    QUANTITY_MISSING = "modified needs the quantity that is granted"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer decides about a pended review."""

    event: Ruling | None = None
    """About everything that is pended, but for ``services``."""
    services: Mapping[int, Ruling] | None = None
    """About some services, counted from 0."""


def find_verdict_faults(pended: ReviewAnswer, verdict: Verdict) -> tuple[VerdictFault, ...]:
    """Why a verdict about a review cannot be taken; none when it can."""
    return tuple(dict.fromkeys(_faults(pended, verdict)))


def conclude_review(pended: ReviewAnswer, verdict: Verdict, grant: Grant) -> ReviewAnswer:
    """The answer that follows from a verdict in which ``find_verdict_faults`` finds nothing.

    What was decided before stays. The documents that were asked for are asked for no more, unless the verdict does.
    """
    event = pended.request.events[0]
    rulings = {number: ReviewRule(BY_REVIEWER, Condition(), ruling) for number, ruling in _rulings(pended, verdict)}
    alone = rulings.pop(None, None)
    if alone is not None:
        settled = settle_alone(event, alone, grant)
    else:
        kept = [told for told in pended.services if told.service not in rulings]
        settled = settle(event, {n: rule for n, rule in rulings.items() if n is not None}, kept, grant)
    return retell(pended, settled)


def close_review(pended: ReviewAnswer, ruling: Ruling, grant: Grant) -> ReviewAnswer:
    """The answer when nothing has come within the time (CAQH CORE prior authorization infrastructure rule).

    Args:
        ruling: what the payer has it say: not certified, or contact payer, with the coded reason.
    """
    return conclude_review(pended, Verdict(event=ruling), grant)


def _faults(pended: ReviewAnswer, verdict: Verdict) -> Iterator[VerdictFault]:
    services = dict(verdict.services or {})
    waiting = _waiting(pended)
    if not waiting:
        yield VerdictFault.NOT_PENDED
    if any(number not in waiting for number in services):
        yield VerdictFault.SERVICE_NOT_PENDED
    if verdict.event is None and any(number not in services for number in waiting):
        yield VerdictFault.SERVICE_LEFT_OUT
    for ruling in [*services.values(), *([verdict.event] if verdict.event is not None else [])]:
        if ruling.outcome is Outcome.NOT_CERTIFIED and not ruling.reasons:
            yield VerdictFault.REASON_MISSING
        if len(ruling.reasons) > REASONS_MAX:
            yield VerdictFault.TOO_MANY_REASONS
        if ruling.outcome is Outcome.MODIFIED and ruling.quantity_max is None:
            yield VerdictFault.QUANTITY_MISSING


def _waiting(pended: ReviewAnswer) -> list[int | None]:
    """The pended services; None for an event without services that is pended."""
    if pended.services:
        return [told.service for told in pended.services if _is_pended(told.answer)]
    return [None] if pended.event is not None and _is_pended(pended.event) else []


def _is_pended(told: LevelAnswer) -> bool:
    return told.decision is not None and told.decision.action is CertificationAction.PENDED


def _rulings(pended: ReviewAnswer, verdict: Verdict) -> Iterator[tuple[int | None, Ruling]]:
    services = dict(verdict.services or {})
    for number in _waiting(pended):
        ruling = services.get(number, verdict.event) if number is not None else verdict.event
        if ruling is not None:
            yield number, ruling
