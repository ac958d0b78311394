"""Take submitted claims (837) into the store: new ones, and what replacements and voids make of those that are held."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain

from edi.submitted_claim import SubmittedClaim
from gateway.store import keys
from gateway.store.claim_loading import take_in_claims
from gateway.store.database import Connection
from gateway.store.documents import decode
from gateway.store.filed import Filed, PassedOver, Taken
from gateway.store.keys import Kind
from rules.claims.intake import IntakeObstacle, changes_another, claim_number, patient_inquiry, take_in
from rules.claims.patients import member_searches
from rules.claims.search import ByClaimNumber, normalize_number
from rules.facts import Contract
from rules.facts.claims import Claim, InvalidClaimError

_KNOWN = "SELECT DISTINCT fact_key FROM edi.claim_key WHERE fact_key = ANY ($1)"
_ORIGINALS = """
SELECT json_agg(claim.document) FROM (
    SELECT document FROM edi.claim
    WHERE id IN (SELECT claim_id FROM edi.claim_key WHERE fact_key = ANY ($1)) ORDER BY id FOR NO KEY UPDATE
) AS claim
"""
_CONTRACTS = """
SELECT filed.fact_key, json_agg(jsonb_set(contract.document - 'other_payers', '{persons}', (
    SELECT jsonb_agg(person - ARRAY['coverages', 'address', 'primary_care_provider'] ORDER BY place)
    FROM jsonb_array_elements(contract.document -> 'persons') WITH ORDINALITY AS each (person, place)
)))
FROM edi.search_key AS filed JOIN edi.contract ON contract.id = filed.contract_id
WHERE filed.fact_key = ANY ($1) GROUP BY filed.fact_key
"""
"""Contracts with no more than it takes to tell the persons apart: the rest is most of a document."""


async def take_in_submitted_claims(
    connection: Connection, filed: Sequence[Filed[SubmittedClaim]], today: date
) -> Taken:
    """Take claims in, in their order; those whose number is on file have been taken in before and change nothing."""
    originals = await _read_originals(connection, [each.value for each in filed if changes_another(each.value)])
    by_number: dict[str, Filed[SubmittedClaim]] = {}
    for each in filed:
        by_number.setdefault(claim_number(each.value), each)
    known = await connection.fetch(_KNOWN, [_number_key(number) for number in by_number])
    known_keys = {row["fact_key"] for row in known}
    unknown = {number: each for number, each in by_number.items() if _number_key(number) not in known_keys}
    members = {number: _member_keys(each.value) for number, each in unknown.items()}
    contracts = await _read_contracts(connection, chain.from_iterable(members.values()))
    intake = _Intake(originals, today)
    for number, each in unknown.items():
        intake.take(each, number, [contract for key in members[number] for contract in contracts.get(key, ())])
    await take_in_claims(connection, list(intake.changed.values()))
    return Taken(len(intake.changed), tuple(intake.passed_over))


class _Intake:
    """One batch while its claims are taken in, each on what those before it have left."""

    def __init__(self, originals: Iterable[Claim], today: date) -> None:
        self.changed: dict[str, Claim] = {}
        """New or other than in the store, by their ids."""
        self.passed_over: list[PassedOver] = []
        self._today = today
        self._held: dict[str, Claim] = {}
        self._by_number: dict[str, set[str]] = {}
        """Ids of the held by number, present or former."""
        for claim in originals:
            self._hold(claim)

    def take(self, filed: Filed[SubmittedClaim], number: str, contracts: Iterable[Contract]) -> None:
        """Take one claim in, or note why not; nothing where a claim that was held meanwhile has its number."""
        if number in self._by_number:
            return
        submitted = filed.value
        originals = self._by_number.get(normalize_number(submitted.original_number), ())
        try:
            taken = take_in(submitted, number, contracts, [self._held[claim_id] for claim_id in originals], self._today)
        except InvalidClaimError as error:
            self.passed_over.append(PassedOver(filed.place, str(error)))
            return
        if isinstance(taken, IntakeObstacle):
            self.passed_over.append(PassedOver(filed.place, taken.value))
            return
        self.changed[taken.claim_id] = taken
        self._hold(taken)

    def _hold(self, claim: Claim) -> None:
        self._held[claim.claim_id] = claim
        for number in (claim.claim_number, *claim.former_numbers):
            self._by_number.setdefault(normalize_number(number), set()).add(claim.claim_id)


async def _read_originals(connection: Connection, changing: Sequence[SubmittedClaim]) -> tuple[Claim, ...]:
    """The claims that replacements and voids name, held until the transaction ends."""
    named = {_number_key(normalize_number(each.original_number)) for each in changing if each.original_number}
    if not named:
        return ()
    document = await connection.fetchval(_ORIGINALS, list(named))
    return decode(Kind.CLAIMS, document) if document is not None else ()


async def _read_contracts(connection: Connection, member_keys: Iterable[str]) -> dict[str, tuple[Contract, ...]]:
    """The contracts that member ids belong to, by key."""
    rows = await connection.fetch(_CONTRACTS, list(set(member_keys)))
    return {key: decode(Kind.CONTRACTS, document) for key, document in rows}


def _member_keys(submitted: SubmittedClaim) -> tuple[str, ...]:
    return keys.contracts(member_searches(patient_inquiry(submitted)))


def _number_key(number: str) -> str:
    return keys.claims(ByClaimNumber(number))
