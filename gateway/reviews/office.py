"""Reviews for those who come over HTTP: what a submitter may see of its own, what reviewers see and decide."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from gateway.exchange import Closure
from gateway.hours.opening import known_closure
from gateway.reading import Reading
from gateway.reviews.desk import due, verdict_on
from gateway.store.fact import Fact
from gateway.store.facts import FactStore
from gateway.store.limits import REVIEWS_PER_PAGE
from gateway.store.review_desk import TO_BE_WORKED_OUT, NoReview, ReviewRecord, append_decision
from gateway.store.reviewers import Reviewer
from gateway.store.reviews import ReviewRegister
from rules.entitlement import Permitted
from rules.facts import Function, PayerProfile, Submitter
from rules.facts.service_hours import ServiceCalendar
from rules.reviews import DueTimes, Verdict, permit_requester, requester_of

_NUMBER = re.compile(r"[AR][0-9]{9}")


def is_number(text: str) -> bool:
    """Whether this may be a certification number or an administrative reference."""
    return _NUMBER.fullmatch(text) is not None


class PastCaches:
    """Facts as PostgreSQL has them now, for what no audit record will confirm."""

    def __init__(self, facts: FactStore) -> None:
        self._facts = facts

    def cached(self, key: str) -> Fact[Any] | None:
        """Nothing is at hand."""
        del key
        return None

    async def get(self, keys: Sequence[str]) -> Mapping[str, Fact[Any]]:
        """The facts of these keys; raises Outage when PostgreSQL does not answer."""
        return await self._facts.read_past_caches(keys)


Place = tuple[datetime, int]
"""On the list of reviews that wait: when one is due by it, and its id."""
FIRST: Place = (TO_BE_WORKED_OUT, 0)
"""Before all."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A review as it stands, and by when what is due of it."""

    record: ReviewRecord
    due: DueTimes | None
    """None: it does not wait."""


class ReviewOffice:
    """Reviews by number, those that wait, and decisions about them; one for the process.

    Each method raises Outage when PostgreSQL does not answer.
    """

    def __init__(
        self, database_url: str, facts: FactStore, register: ReviewRegister, profile: PayerProfile, zone: tzinfo
    ) -> None:
        self._database_url = database_url
        self._facts = facts
        self._register = register
        self._profile = profile
        self._zone = zone

    async def find(self, number: str) -> Standing | None:
        """The review that has this certification number or administrative reference."""
        held = await self._register.find(number) if is_number(number) else None
        return None if held is None else await self._standing(held)

    async def find_own(self, number: str, submitter: Submitter, reading: Reading, moment: datetime) -> Standing | None:
        """The same for a submitter; None also where it is not its own, or it may not ask about it at ``moment``.

        Args:
            number: as above.
            submitter: who asks.
            reading: takes note of the facts by which it may ask.
            moment: now; aware.
        """
        held = await self._register.find(number) if is_number(number) else None
        return await self._own(held, submitter, reading, moment)

    async def find_asked(self, trace: str, submitter: Submitter, moment: datetime) -> Standing | None:
        """The same by the trace of its request (``rules.reviews.RequestIdentity``), by facts as PostgreSQL has them."""
        return await self._own(await self._register.find_by_trace(trace), submitter, self._reading(), moment)

    async def waiting(self, after: Place, most: int) -> tuple[Standing, ...]:
        """Those that wait, those due first in front.

        Args:
            after: only what follows this place; ``FIRST``: from the first on.
            most: no more than these.
        """
        calendar = await self._reading().calendar(self._profile.identifier)
        if after == FIRST:
            await self._work_out(calendar)
        waiting = await self._register.waiting(after, most)
        return tuple([Standing(held, due(held, calendar)) for held in waiting])

    async def _work_out(self, calendar: ServiceCalendar) -> None:
        """Put those in their places that have come, or been decided about, since anybody looked."""
        first = await self._register.waiting(FIRST, REVIEWS_PER_PAGE)
        found = {held.review_id: due(held, calendar) for held in first if held.listed_at == TO_BE_WORKED_OUT}
        if found:
            await self._register.note_due({number: at.next for number, at in found.items() if at is not None})

    async def decide(
        self, number: str, reviewer: Reviewer, verdict: Verdict, versions: Container[int] | None, moment: datetime
    ) -> Standing:
        """Put a reviewer's decision on record, while the reviewer's key holds.

        Args:
            number: of the certification, or the administrative reference.
            reviewer: who decides.
            verdict: what.
            versions: of the review, one of which the reviewer saw; None: whichever it is.
            moment: of the decision; aware.

        Raises:
            NoReview, KeyRevoked: as ``gateway.store.review_desk.append_decision``.
            VerdictRefused, ReviewChanged: as ``gateway.reviews.desk.verdict_on``.
        """
        if not is_number(number):
            raise NoReview("there is no such review")
        decide = verdict_on(verdict, reviewer.reviewer_id, self._profile, self._zone, moment, versions)
        held = await append_decision(self._database_url, number, reviewer.reviewer_id, decide, reviewer.key_hash)
        return await self._standing(held)

    async def _own(
        self, held: ReviewRecord | None, submitter: Submitter, reading: Reading, moment: datetime
    ) -> Standing | None:
        if held is None or held.submitter_id != submitter.submitter_id:
            return None
        return await self._standing(held) if await may_ask(held, reading, moment) else None

    async def _standing(self, held: ReviewRecord) -> Standing:
        return Standing(held, due(held, await self._reading().calendar(self._profile.identifier)))

    def known_closure(self, moment: datetime) -> Closure | None:
        """Why reviews cannot be asked for, as far as this process knows; None where they can be."""
        return known_closure(self._facts, self._profile.identifier, Function.PRECERTIFICATION, moment)

    def _reading(self) -> Reading:
        return Reading(PastCaches(self._facts))


async def may_ask(held: ReviewRecord, reading: Reading, moment: datetime) -> bool:
    """Whether the submitter of a review may still ask about it: the requester entitles it at ``moment``."""
    request = held.decision.answer.request
    party = requester_of(request)
    provider = await reading.provider(party.identifier_qualifier, party.identifier)
    entitlements = await reading.entitlements(held.submitter_id, () if provider is None else provider.tins)
    return isinstance(permit_requester(request, provider, entitlements, moment), Permitted)
