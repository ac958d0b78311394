"""The answer to a request for review, looked at from the inside: who asked, for whom, which rule decided what."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from edi.eligibility import EligibilityInquiry
from edi.errors import CallerError
from edi.review_meanings import review_meaning_of
from edi.services_review import ReviewRequest
from edi.services_review_answer import LevelAnswer, ReviewAnswer, ReviewRejection
from edi.services_review_codes import CertificationAction, ReviewLoop
from edi.writing import ELEMENT, delimited
from gateway.exchange import Grounds, Response
from gateway.explaining.explanation import Line, PatientExplained, Refusal, ReviewStep, ReviewStory
from gateway.explaining.masking import Mask
from gateway.explaining.patients import explain_asker, explain_match, explain_members
from gateway.reviews.note import Message
from gateway.store import keys
from gateway.store.fact import Fact
from gateway.store.keys import Kind
from gateway.store.records import RecordedEvent
from gateway.store.reviews import numbers_of
from rules.facts.review_file import ReviewOnFile
from rules.facts.reviews import ReviewPolicy
from rules.reviews import BY_REVIEWER, OTHERWISE, as_inquiry, identity_of

_SHOWN = frozenset({"HCR", "REF", "PWK", "MSG", "AAA"})
"""Segments of an event or a service that are shown; others may tell of the patient."""
_FREE_TEXT = "MSG"
_BELOW = {
    ReviewLoop.EVENT: ReviewLoop.EVENT,
    ReviewLoop.EVENT_PROVIDER: ReviewLoop.EVENT,
    ReviewLoop.TRANSPORT: ReviewLoop.EVENT,
    ReviewLoop.SERVICE: ReviewLoop.SERVICE,
    ReviewLoop.SERVICE_PROVIDER: ReviewLoop.SERVICE,
}
"""With which line the AAAs of these loops are told; those of all others are the patient's."""
_NOT_PEOPLE = ("rules", "clock")
_SOMEBODY = "reviewer"

Facts = Mapping[str, Fact[Any]]


def review_on_file(facts: Facts, submitter_id: str, request: ReviewRequest) -> ReviewOnFile | None:
    """The review that the answer to a request filed, or told; None where there is none under its trace."""
    if not request.events:
        return None
    found = facts.get(keys.review_by_trace(identity_of(submitter_id, request).trace))
    held: ReviewOnFile | None = None if found is None else found.value
    return held


def explain_review(
    request: ReviewRequest, response: Response, told: ReviewAnswer, facts: Facts, today: date, mask: Mask
) -> PatientExplained:
    """Who asked for whom, and the reason of each level that is decided.

    Args:
        response: what was sent.
        told: the same as typed values.
        facts: those that the answer rests on, by key.
    """
    grounds = response.grounds[0] if response.grounds else Grounds()
    inquiry: EligibilityInquiry = as_inquiry(request, today)
    return PatientExplained(
        asker=explain_asker(inquiry.receiver, grounds, facts),
        members=tuple(explain_members(inquiry, mask, (ReviewLoop.SUBSCRIBER, ReviewLoop.DEPENDENT))),
        match=None if grounds.identified is None else explain_match(inquiry, grounds.identified, mask),
        refusals=tuple([_refusal(each) for each in told.rejections if each.loop not in _BELOW]),
        lines=tuple(_lines(response.segments, told, _policy(facts), mask)),
    )


def tell_story(
    held: ReviewOnFile, events: Sequence[RecordedEvent], mask: Mask, submitter_id: str, *, is_told_from_file: bool
) -> ReviewStory:
    """The review as its record stood.

    Args:
        events: those of the review up to its answer, in their order.
    """
    decision = decision_told(held, events)
    names = (*_NOT_PEOPLE, submitter_id)

    def who(made_by: str) -> str:
        return made_by if mask.is_clear or made_by in names else _SOMEBODY

    return ReviewStory(
        administrative_reference=numbers_of(held.review_id).reference,
        certification_number=held.number,
        is_told_from_file=is_told_from_file,
        decided_by=who(decision.made_by),
        decided_at=decision.recorded_at,
        history=tuple([_step(each, who(each.made_by)) for each in events if mask.is_clear or not _is_internal(each)]),
    )


def _is_internal(event: RecordedEvent) -> bool:
    return isinstance(event.note, Message) and event.note.is_internal


def _step(event: RecordedEvent, made_by: str) -> ReviewStep:
    return ReviewStep(event.kind, made_by, event.recorded_at)


def decision_told(held: ReviewOnFile, events: Sequence[RecordedEvent]) -> RecordedEvent:
    """The event by which the answer on file was decided: the last that says just this."""
    found = (each for each in reversed(events) if each.decision is not None and each.decision.segments == held.segments)
    try:
        return next(found)
    except StopIteration:
        raise CallerError("a review on file has a decision that its record does not know") from None


def _lines(segments: Sequence[str], told: ReviewAnswer, policy: ReviewPolicy | None, mask: Mask) -> Iterator[Line]:
    """One for the event and one for each service that something is said to."""
    levels = [(told.event, ReviewLoop.EVENT, -1)]
    levels += [(each.answer, ReviewLoop.SERVICE, each.service) for each in told.services]
    for (level, loop, number), written in zip(levels, _levels(segments), strict=False):
        rule, source = _because(level, policy)
        refusals = [
            _refusal(each)
            for each in told.rejections
            if _BELOW.get(each.loop) is loop and (loop is ReviewLoop.EVENT or each.which[0] == number)
        ]
        yield Line(_shown(written, level, mask), rule, source, tuple(refusals))


def _levels(segments: Sequence[str]) -> Iterator[list[str]]:
    """The segments of the event, then those of each service."""
    level: list[str] | None = None
    for text in segments:
        elements = text.split(ELEMENT)
        if elements[0] == "HL":
            if level is not None:
                yield level
            level = [] if elements[3] in ("EV", "SS") else None
        elif level is not None:
            level.append(text)
    if level is not None:
        yield level


def _shown(written: Sequence[str], level: LevelAnswer | None, mask: Mask) -> tuple[str, ...]:
    """A reviewer's own words may name the patient, those of a policy name nobody."""
    hidden = set() if mask.is_clear or level is None or level.rule != BY_REVIEWER else {_FREE_TEXT}
    shown = [text for text in written if text.split(ELEMENT, 1)[0] in _SHOWN - hidden]
    return tuple([delimited([text]).decode("ascii") for text in shown])


def _because(level: LevelAnswer | None, policy: ReviewPolicy | None) -> tuple[str, str]:
    """The rule that decided a level, and where it stands."""
    if level is None or (level.decision is None and not level.rule):
        return "refused", "what is wrong with the request"
    if level.rule == BY_REVIEWER:
        return BY_REVIEWER, "the review's record"
    if level.rule:
        return level.rule, _source(level.rule, policy)
    if level.decision is not None and level.decision.action is CertificationAction.CANCELLED:
        return "cancellation", "the review that the request names"
    return "services", "what is decided about each of them"


def _source(rule: str, policy: ReviewPolicy | None) -> str:
    """``policy GOLD rules[2]``; the decision on file knows the rule's name alone."""
    if policy is None:
        return "the policy when it was decided"
    if rule == OTHERWISE:
        return f"policy {policy.plan_id} otherwise"
    number = next(number for number, each in enumerate(policy.rules) if each.name == rule)
    return f"policy {policy.plan_id} rules[{number}]"


def _policy(facts: Facts) -> ReviewPolicy | None:
    """The policy that was looked up; without one people decide everything. None: none was looked up."""
    for key, fact in facts.items():
        if fact.kind is Kind.POLICY:
            policy: ReviewPolicy = fact.value or ReviewPolicy(key.partition("/")[2])
            return policy
    return None


def _refusal(rejection: ReviewRejection) -> Refusal:
    meaning = review_meaning_of(rejection.loop, rejection.reason, rejection.action)
    return Refusal(rejection.loop, rejection.reason, rejection.action, meaning.meaning, meaning.element, meaning.mend)
