"""The earlier review that a request follows up: as it is on file, as rules see it, and what the request makes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from edi.services_review import ReviewEvent, ReviewRequest
from edi.services_review_answer import ReviewAnswer
from edi.services_review_codes import CertificationAction
from gateway.exchange import Circumstances
from gateway.reviews.decision import encode_decision
from gateway.store.reviews import numbers_of
from rules.facts.review_file import ReviewOnFile
from rules.reviews import EarlierReview, Grant, amend, cancels_event, earlier_named, requester_of


@dataclass(frozen=True, slots=True)
class Earlier:
    """The review that a request names."""

    held: ReviewOnFile
    review: EarlierReview
    """As rules see it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a request makes of an earlier review."""

    review_id: int
    amended: bytes | None = field(repr=False)
    """The decision about it from then on (``encode_decision``); None: it is cancelled as a whole."""


async def find_earlier(request: ReviewRequest, circumstances: Circumstances) -> Earlier | None:
    """The review that a request names; raises Outage."""
    named = earlier_named(request.events[0])
    held = await circumstances.reading.review_by_number(named) if named else None
    return None if held is None else Earlier(held, _as_rules_see_it(held, request, circumstances))


def change_of(
    event: ReviewEvent, earlier: Earlier | None, write: Callable[[ReviewAnswer], Sequence[str]]
) -> Change | None:
    """What a request that was decided makes of the review that it names; None where that stays as it is.

    Args:
        write: composes the segments of what is decided about that review.
    """
    if earlier is None:
        return None
    if cancels_event(event):
        return Change(earlier.held.review_id, None)
    amended, standing = amend(event, earlier.review), earlier.held.decision
    if amended is None or standing is None:
        return None
    if amended.action is CertificationAction.CANCELLED:
        return Change(earlier.held.review_id, None)
    document = encode_decision(amended, write(amended), standing.covered_until, asked_at=standing.asked_at)
    return Change(earlier.held.review_id, document)


def _as_rules_see_it(held: ReviewOnFile, request: ReviewRequest, circumstances: Circumstances) -> EarlierReview:
    numbers, standing = numbers_of(held.review_id), held.decision
    if standing is None:
        return EarlierReview(held.number, held.contract_id, held.person, held.action)
    is_same_submitter = standing.submitter_id == circumstances.submitter.submitter_id
    is_same_requester = _identifier(standing.answer.request) == _identifier(request)
    return EarlierReview(
        held.number,
        held.contract_id,
        held.person,
        held.action,
        is_askers=is_same_submitter or is_same_requester,
        answer=standing.answer,
        grant=Grant(numbers.number, numbers.reference, circumstances.local_moment.date(), standing.covered_until),
    )


def _identifier(request: ReviewRequest) -> tuple[str, str]:
    """Of the requester."""
    party = requester_of(request)
    return party.identifier_qualifier, party.identifier
