"""Which claim a number means to a caller, from the facts at hand, and a tag that changes whenever they do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import msgspec

from edi.claim_status import Status
from gateway.configuration import Configuration
from gateway.doors.claims.asking import Question, question_of_claim
from gateway.exchange import local
from gateway.reading import Reading
from gateway.store.facts import Fact, FactStore
from rules.claims.access import entitled_tins
from rules.claims.search import ByClaimNumber, normalize_number
from rules.claims.status import tell_claim
from rules.facts import Provider, Submitter
from rules.facts.claims import Claim
from rules.identifiers import normalize_member_id
from rules.search_keys import ById


@dataclass(frozen=True, slots=True)
class Found:
    """A claim that the caller may see."""

    question: Question = field(repr=False)
    """What asks after it in a 276."""
    tag: bytes
    """Another one whenever a fact that an answer would rest on, or the day, is another."""
    statuses: Sequence[Status]
    """Of the claim."""


class Finder:
    """Finds claims by their numbers."""

    def __init__(self, facts: FactStore, configuration: Configuration) -> None:
        self._facts = facts
        self._configuration = configuration

    async def find(self, number: str, caller: Fact[Submitter], now: datetime) -> tuple[Found | None, dict[str, int]]:
        """The claim with a number, present or former; None where there is none that the caller may see.

        With the versions of all facts by which that is so, the caller's credential among them.
        """
        reading = Reading(self._facts)
        found = await self._find(number, caller, now, reading)
        return found, {**reading.versions, caller.key: caller.version}

    async def _find(self, number: str, caller: Fact[Submitter], now: datetime, reading: Reading) -> Found | None:
        today = local(now, self._configuration.zone).date()
        claims = await reading.claims([ByClaimNumber(normalize_number(number))])
        tins = sorted({tin for claim in claims for tin in claim.tins})
        seen = entitled_tins(await reading.entitlements(caller.value.submitter_id, tins), now)
        for claim in claims:
            told = tell_claim(claim, today, self._configuration.claims)
            question = None if told is None else await self._question(claim, number, seen, reading)
            if question is not None and told is not None:
                tag = _tag(reading, caller.value.submitter_id, number, today.isoformat(), self._configuration.program)
                return Found(question, tag, told.statuses)
        return None

    async def _question(self, claim: Claim, number: str, tins: frozenset[str], reading: Reading) -> Question | None:
        """What asks after a claim; None where the caller may not see it, or member or provider are not here."""
        provider = await self._provider(claim, tins, reading)
        if provider is None:
            return None
        contracts = await reading.contracts([ById(normalize_member_id(claim.subscriber_id))])
        for contract in contracts:
            for person in contract.persons:
                if person.number == claim.patient_number:
                    return question_of_claim(claim, number, contract, person, provider)
        return None

    async def _provider(self, claim: Claim, tins: frozenset[str], reading: Reading) -> Provider | None:
        """Who may ask for the claim, of the provider groups that have entitled the caller."""
        for qualifier, identifier in _identifiers(claim, tins):
            provider = await reading.provider(qualifier, identifier)
            if provider is not None and not tins.isdisjoint(provider.tins):
                return provider
        return None


def _identifiers(claim: Claim, tins: frozenset[str]) -> Iterator[tuple[str, str]]:
    """By what the providers of a claim are known."""
    for tin, npi in ((claim.billing_tin, claim.billing_npi), (claim.rendering_tin, claim.rendering_npi)):
        if tin in tins:
            if npi:
                yield "XX", npi
            yield "FI", tin


def _tag(reading: Reading, *more: str) -> bytes:
    content = msgspec.json.encode((sorted(reading.versions.items()), more))
    return b'"' + sha256(content).hexdigest()[:32].encode() + b'"'
