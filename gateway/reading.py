"""The facts that one answer rests on: each that is read is remembered with its version, for the audit to confirm."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from edi.eligibility import Party
from gateway.store import keys
from gateway.store.fact import Fact
from rules.claims.search import ClaimSearch
from rules.facts import Contract, Entitlement, Plan, Provider
from rules.facts.claims import Claim
from rules.facts.review_file import ReviewOnFile
from rules.facts.reviews import ReviewPolicy
from rules.facts.service_hours import DEFAULT_CALENDAR, ServiceCalendar
from rules.search_keys import ById, ByName

T = TypeVar("T")


class FactSource(Protocol):
    """Where facts come from: the store, a record of earlier answers, or the store's history."""

    def cached(self, key: str) -> Fact[Any] | None:
        """The fact if it is at hand."""

    async def get(self, keys: Sequence[str]) -> Mapping[str, Fact[Any]]:
        """The facts of these keys; raises Outage when one cannot be told."""


class Reading:
    """Reads facts for one answer; ``versions`` is its read set."""

    __slots__ = ("_facts", "versions")

    def __init__(self, facts: FactSource) -> None:
        self._facts = facts
        self.versions: dict[str, int] = {}

    def note(self, fact: Fact[T]) -> T:
        """The value of a fact that was read elsewhere, and now counts for this answer too."""
        self.versions[fact.key] = fact.version
        return fact.value

    async def contracts(self, searches: Iterable[ById | ByName]) -> tuple[Contract, ...]:
        """The contracts that any of the searches finds."""
        found: list[tuple[Contract, ...]] = await self._values(keys.contracts(searches))
        return tuple({contract.contract_id: contract for each in found for contract in each}.values())

    async def provider(self, qualifier: str, identifier: str) -> Provider | None:
        """The provider whom loop 2100B names."""
        values: list[Provider | None] = await self._values([keys.provider(qualifier, identifier)])
        return values[0]

    async def entitlements(self, submitter_id: str, tins: Sequence[str]) -> tuple[Entitlement, ...]:
        """What the provider groups with these tax ids let the submitter do."""
        found: list[tuple[Entitlement, ...]] = await self._values(
            [keys.entitlements(submitter_id, tin) for tin in tins]
        )
        return tuple(entitlement for each in found for entitlement in each)

    async def asker(self, party: Party, submitter_id: str) -> tuple[Provider | None, tuple[Entitlement, ...]]:
        """The provider for whom it is asked, and what its groups let the submitter do."""
        provider = await self.provider(party.identifier_qualifier, party.identifier)
        if provider is None:
            return None, ()
        return provider, await self.entitlements(submitter_id, provider.tins)

    async def plans(self, plan_ids: Sequence[str]) -> dict[str, Plan]:
        """The plans with these ids; one that is not there is left out."""
        found: list[Plan | None] = await self._values([keys.plan(plan_id) for plan_id in plan_ids])
        return {plan.plan_id: plan for plan in found if plan is not None}

    async def claims(self, searches: Iterable[ClaimSearch]) -> tuple[Claim, ...]:
        """The claims that any of the searches finds."""
        found: list[tuple[Claim, ...]] = await self._values([keys.claims(search) for search in searches])
        return tuple({claim.claim_id: claim for each in found for claim in each}.values())

    async def calendar(self, payer_id: str) -> ServiceCalendar:
        """When the payer's functions can be used; the same object as long as it is the same version."""
        values: list[ServiceCalendar | None] = await self._values([keys.calendar(payer_id)])
        return values[0] or DEFAULT_CALENDAR

    async def review_policy(self, plan_id: str) -> ReviewPolicy | None:
        """How a plan reviews."""
        values: list[ReviewPolicy | None] = await self._values([keys.review_policy(plan_id)])
        return values[0]

    async def review_by_trace(self, trace: str) -> ReviewOnFile | None:
        """The review of a request's trace."""
        values: list[ReviewOnFile | None] = await self._values([keys.review_by_trace(trace)])
        return values[0]

    async def review_by_number(self, number: str) -> ReviewOnFile | None:
        """The review that has a certification number or administrative reference."""
        values: list[ReviewOnFile | None] = await self._values([keys.review_by_number(number)])
        return values[0]

    async def _values(self, wanted: Sequence[str]) -> list[T]:
        """The values of facts, in order; without a pause where the process knows them all."""
        facts = [self._facts.cached(key) for key in wanted]
        if None in facts:
            found = await self._facts.get(wanted)
            facts = [found[key] for key in wanted]
        return [self.note(fact) for fact in facts if fact is not None]
