"""Apply remittance advice (835) and claim acknowledgments (277CA) to the claims that are held.

A batch is looked up, worked out and written in a handful of statements, however many claims it tells of. Claims that
are told of stay locked until the transaction ends, so that of two loads at once neither loses what the other wrote.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from gateway.store import keys
from gateway.store.claim_loading import take_in_claims
from gateway.store.database import Connection
from gateway.store.documents import decode, encode
from gateway.store.filed import Filed, PassedOver, Taken
from gateway.store.keys import Kind
from rules.claims.search import ClaimSearch, filed_under
from rules.claims.settlement import settle
from rules.claims.settlement_codes import SETTLEMENT_CODES
from rules.claims.settlement_search import (
    Named,
    SettlementObstacle,
    Telling,
    find_settled,
    named,
    settlement_searches,
)
from rules.facts.claims import Claim

_TINS = """
SELECT identifier, array_agg(tin) AS tins
FROM edi.provider_identifier JOIN edi.provider_tin USING (provider_id)
WHERE qualifier = 'XX' AND identifier = ANY ($1) GROUP BY identifier
"""
# Each key is looked up by itself (OFFSET 0 keeps it so): right after a large load the planner, who knows nothing of the
# new rows yet, would rather read all keys there are.
_HELD = """
SELECT json_agg(claim.document) FROM (
    SELECT document FROM edi.claim WHERE id = ANY (ARRAY(
        SELECT filed.claim_id FROM unnest($1::text[]) AS wanted (fact_key),
        LATERAL (SELECT claim_id FROM edi.claim_key WHERE fact_key = wanted.fact_key OFFSET 0) AS filed
    )) ORDER BY id FOR NO KEY UPDATE
) AS claim
"""
# What a claim is found by stays as it is, so that its keys need not be looked at.
_CHANGE = """
UPDATE edi.claim AS held SET document = changed.document
FROM unnest($1::text[], $2::jsonb[]) AS changed (id, document) WHERE held.id = changed.id
"""


async def settle_claims(connection: Connection, filed: Sequence[Filed[Telling]], today: date) -> Taken:
    """Apply what is told, in its order; what the claims' histories have already changes nothing."""
    names = [named(each.value) for each in filed]
    tins = await _read_tins(connection, {name.npi for name in names if name.npi and not name.tin})
    searches = [settlement_searches(name, [name.tin] if name.tin else tins.get(name.npi, ())) for name in names]
    wanted = {search for each in searches for search in each}
    settling = _Settling(await _read_held(connection, wanted), wanted, today)
    for each, name, own in zip(filed, names, searches, strict=True):
        settling.settle(each, name, own)
    await _write(connection, settling)
    return Taken(len(settling.changed), tuple(settling.passed_over))


class _Settling:
    """One batch while it is applied, each claim on what those before it have left."""

    def __init__(self, held: Iterable[Claim], wanted: Iterable[ClaimSearch], today: date) -> None:
        self.changed: dict[str, Claim] = {}
        """By their ids."""
        self.has_renumbered = False
        """Whether one is found by another number too from now on."""
        self.passed_over: list[PassedOver] = []
        self._today = today
        self._codes = SETTLEMENT_CODES.current()
        self._held: dict[str, Claim] = {}
        self._by_search: dict[ClaimSearch, list[str]] = {search: [] for search in wanted}
        """Ids of the held."""
        for claim in held:
            self._hold(claim)

    def settle(self, filed: Filed[Telling], name: Named, searches: Iterable[ClaimSearch]) -> None:
        """Apply what is told of one claim, or note why not."""
        found = {claim_id for search in searches for claim_id in self._by_search[search]}
        candidates = [self._held[claim_id] for claim_id in sorted(found)]
        claim = find_settled(name, candidates, lambda each: self._settled(each, filed) is each)
        if isinstance(claim, SettlementObstacle):
            self.passed_over.append(PassedOver(filed.place, claim.value))
            return
        settled = self._settled(claim, filed)
        if isinstance(settled, SettlementObstacle):
            self.passed_over.append(PassedOver(filed.place, settled.value))
        elif settled is not claim:
            self._change(claim, settled)

    def _settled(self, claim: Claim, filed: Filed[Telling]) -> Claim | SettlementObstacle:
        return settle(claim, filed.value, self._codes, self._today)

    def _change(self, claim: Claim, settled: Claim) -> None:
        self.changed[claim.claim_id] = settled
        if (settled.claim_number, settled.former_numbers) != (claim.claim_number, claim.former_numbers):
            self.has_renumbered = True
            self._hold(settled)
        self._held[claim.claim_id] = settled

    def _hold(self, claim: Claim) -> None:
        self._held[claim.claim_id] = claim
        for search in self._by_search.keys() & filed_under(claim):
            self._by_search[search].append(claim.claim_id)


async def _read_tins(connection: Connection, npis: set[str]) -> dict[str, Sequence[str]]:
    """The tax ids of the providers that are named by NPI alone."""
    if not npis:
        return {}
    return {row["identifier"]: row["tins"] for row in await connection.fetch(_TINS, list(npis))}


async def _read_held(connection: Connection, wanted: Iterable[ClaimSearch]) -> tuple[Claim, ...]:
    """What the searches find, locked until the transaction ends."""
    document = await connection.fetchval(_HELD, [keys.claims(search) for search in wanted])
    return decode(Kind.CLAIMS, document) if document is not None else ()


async def _write(connection: Connection, settling: _Settling) -> None:
    """Put what has changed into the store, all in one statement: two loads wait for each other and never in a ring."""
    changed = list(settling.changed.values())
    if settling.has_renumbered:
        await take_in_claims(connection, changed)
    elif changed:
        await connection.execute(_CHANGE, [claim.claim_id for claim in changed], [encode(claim) for claim in changed])
