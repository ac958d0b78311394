"""A review as its submitter is told of it outside X12: how it stands, never who the patient is."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from edi.services_review_answer import LevelAnswer
from gateway.reading import Reading
from gateway.review_desk import due
from gateway.store.facts import Fact, FactStore
from gateway.store.review_desk import ReviewRecord
from gateway.store.reviews import ReviewRegister
from rules.entitlement import Permitted
from rules.facts import Submitter
from rules.facts.service_hours import ServiceCalendar
from rules.reviews import permit_requester, requester_of

_NUMBER = re.compile(r"[AR][0-9]{9}")


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


class ReviewTeller:
    """Tells submitters of their reviews; one for the process."""

    def __init__(self, facts: FactStore, register: ReviewRegister, payer_id: str) -> None:
        self._facts = facts
        self._register = register
        self._payer_id = payer_id

    async def tell(self, number: str, submitter: Submitter, moment: datetime) -> dict[str, object] | None:
        """A review for JSON; None where there is none that the submitter may still ask about.

        Args:
            number: of the certification, or the administrative reference.
            moment: now, in which the submitter has to be entitled.

        Raises:
            Outage: PostgreSQL does not answer.
        """
        held = await self._register.find(number) if _NUMBER.fullmatch(number) else None
        if held is None or held.submitter_id != submitter.submitter_id:
            return None
        reading = Reading(PastCaches(self._facts))
        if not await _may_ask(held, reading, moment):
            return None
        return _told(held, await reading.calendar(self._payer_id))


async def _may_ask(held: ReviewRecord, reading: Reading, moment: datetime) -> bool:
    request = held.decision.answer.request
    party = requester_of(request)
    provider = await reading.provider(party.identifier_qualifier, party.identifier)
    entitlements = await reading.entitlements(held.submitter_id, () if provider is None else provider.tins)
    return isinstance(permit_requester(request, provider, entitlements, moment), Permitted)


def _told(held: ReviewRecord, calendar: ServiceCalendar) -> dict[str, object]:
    answer = held.decision.answer
    due_at = due(held, calendar)
    services = [{"service": each.service + 1, **_level(each.answer)} for each in answer.services]
    return {
        "reference": held.administrative_reference,
        "state": "cancelled" if held.is_cancelled else _level(answer.event)["decision"],
        "final": held.is_cancelled or answer.is_final,
        **_level(answer.event),
        "services": services,
        "received_at": held.received_at.isoformat(),
        "decided_at": held.decided_at.isoformat(),
        "decision_due_at": None if due_at is None else due_at.next.isoformat(),
        "history": [{"kind": step.kind, "at": step.recorded_at.isoformat()} for step in held.history],
    }


def _level(told: LevelAnswer | None) -> dict[str, object]:
    decision = None if told is None else told.decision
    if told is None or decision is None:
        return {"decision": None, "code": None, "number": None, "reasons": [], "wanted": []}
    return {
        "decision": decision.action.name.lower().replace("_", " "),
        "code": decision.action.value,
        "number": decision.number or None,
        "reasons": list(decision.reasons),
        "wanted": [*(each.report_type for each in told.wanted), *told.wanted_codes],
    }
