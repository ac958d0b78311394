"""What the audit keeps of an answer, and the facts as they were when it was given."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from edi.errors import Outage
from gateway.reviews.decision import KeptDecision, decode_decision
from gateway.reviews.note import Note, decode_note
from gateway.store.database import outage_when_down, pool
from gateway.store.fact import Fact, Stored
from gateway.store.keys import Kind, kind_of
from gateway.store.limits import DATABASE_LOOKUP_SECONDS, DATABASE_SLOT_SECONDS
from rules.facts import Submitter

_FIND = """
SELECT audit.*, kept.payload, kept.answer_sha256, configuration.document AS configuration, audit_sent.sent_at
FROM edi.kept_inquiry AS kept
JOIN edi.audit USING (audit_id)
JOIN edi.configuration USING (configuration_id)
LEFT JOIN edi.audit_sent USING (audit_id)
WHERE {known_by} = $1 AND ($2::text IS NULL OR kept.submitter_id = $2)
ORDER BY audit_id DESC LIMIT 1
"""
_FIND_BY_TRACE = _FIND.format(known_by="trace <> '' AND trace")
_FIND_BY_CONTROL_NUMBER = _FIND.format(known_by="kept.control_number")

# A key that the record does not name has no version here: it was not read, or there was nothing yet.
_FACTS = """
SELECT asked.key, held.version, held.document
FROM unnest($1::text[]) AS asked (key)
LEFT JOIN (
    edi.fact_version AS fact
    JOIN unnest($2::bigint[], $3::bigint[]) AS named (fact_id, version) USING (fact_id)
    JOIN edi.fact_document AS held USING (fact_id)
) ON fact.key = asked.key AND held.version = named.version
"""
_DOCUMENT = "SELECT document FROM edi.fact_document WHERE (fact_id, version) = ($1, $2)"
_KNOWN = """
SELECT asked.key, coalesce(found.document, 'null') AS document
FROM unnest($1::text[]) AS asked (key) CROSS JOIN LATERAL edi.{kind}_document(asked.key, $2) AS found
"""
_KNOWN_BY_KIND = {kind: _KNOWN.format(kind=kind) for kind in Kind}
_REVIEW_EVENTS = """
SELECT kind, made_by, recorded_at, document FROM edi.review_event
WHERE review_id = $1 AND recorded_at <= $2 ORDER BY event_id
"""
# The record is written after the release of its attempt, and before that of the next one.
_RELEASED = """
SELECT released_at FROM edi.held_release JOIN edi.held_request USING (held_id)
WHERE (submitter_id, payload_sha256, received_at) = ($1, $2, $3) AND held_release.recorded_at <= $4
ORDER BY release_id DESC LIMIT 1
"""
_SUBMITTER = """
SELECT row_to_json(submitter) FROM edi.submitter WHERE (interchange_qualifier, interchange_id) = ($1, $2)
"""

_NOTHING = {Kind.CONTRACTS: b"[]", Kind.ENTITLEMENTS: b"[]", Kind.CLAIMS: b"[]"}
"""What a look-up of a kind gave where there was nothing; null for the others."""

_NamedFact = tuple[Kind, int | None, int]
"""Kind, fact_id and version; no id, at version 0, where there had never been anything."""
_NAMED_FACTS = msgspec.json.Decoder(list[_NamedFact])
_STAGES = msgspec.json.Decoder(dict[str, float])
_SUBMITTERS = msgspec.json.Decoder(Submitter)


class InquiryForgotten(Exception):  # noqa: N818 - names the state of the record
    """An answer is on record, but what was asked is not kept any more (`gateway.store.forgetting`)."""

    def __init__(self, outcome: str, received_at: datetime) -> None:
        super().__init__(
            f"this answer ({outcome}, to what came at {received_at:%Y-%m-%d %H:%M:%S} UTC) is on record, but the "
            "inquiry is not kept any more: it cannot be explained"
        )


@dataclass(frozen=True, slots=True)
class Record:
    """One answer as the audit has it; names as in `gateway.audit.log`."""

    submitter_id: str
    received_at: datetime
    recorded_at: datetime
    sent_at: datetime | None
    """None: it never left."""
    isa13: str
    gs06: str
    st02: str
    bht03: str
    trn02: str
    mode: str
    transaction: str
    outcome: str
    answer_trace: str
    control_number: int | None
    """ISA13 of the answer."""
    stages: Mapping[str, float]
    payload: bytes = field(repr=False)
    answer_sha256: bytes = field(repr=False)
    configuration: bytes = field(repr=False)
    facts: Sequence[_NamedFact] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event of a review's history."""

    kind: str
    made_by: str
    recorded_at: datetime
    decision: KeptDecision | None = field(repr=False)
    """What was decided, where something was."""
    note: Note | None = field(repr=False)
    """The message or the document, where it is one."""


class RecordedFacts:
    """The facts at the versions that one record names; a source for `gateway.reading`.

    Attributes:
        served: those that were asked for, by key.
    """

    def __init__(self, connections: Any, named: Sequence[_NamedFact]) -> None:
        self._connections = connections
        self._ids = [fact_id for _, fact_id, _ in named if fact_id is not None]
        self._versions = [version for _, fact_id, version in named if fact_id is not None]
        self._absent = Counter(kind for kind, fact_id, _ in named if fact_id is None)
        self.served: dict[str, Fact[Any]] = {}

    def cached(self, key: str) -> Fact[Any] | None:
        """The fact if it was asked for before."""
        return self.served.get(key)

    async def get(self, keys: Sequence[str]) -> Mapping[str, Fact[Any]]:
        """The facts as they were.

        Raises:
            Outage: one is not in the record, because it could not be read at the time, or PostgreSQL does not answer.
        """
        rows = await _fetch(self._connections, _FACTS, keys, self._ids, self._versions)
        facts = {row["key"]: self._stored(row).fact() for row in rows}
        self.served.update(facts)
        return facts

    def _stored(self, row: Any) -> Stored:
        key, kind = row["key"], kind_of(row["key"])
        if row["version"] is not None:
            return Stored(key, row["version"], row["document"])
        if not self._absent[kind]:
            raise Outage(f"a fact of kind {kind} is not in the record")
        return Stored(key, 0, _NOTHING.get(kind, b"null"))


class FactsAsOf:
    """The facts as the payer knew them at an earlier moment; a source for `gateway.reading`. Their versions are 0."""

    def __init__(self, connections: Any, known_at: datetime) -> None:
        self._connections = connections
        self._known_at = known_at

    def cached(self, key: str) -> Fact[Any] | None:  # noqa: ARG002 - nothing is kept
        """None."""
        return None

    async def get(self, keys: Sequence[str]) -> Mapping[str, Fact[Any]]:
        """The facts as they were.

        Raises:
            Outage: PostgreSQL does not answer.
        """
        facts: dict[str, Fact[Any]] = {}
        for kind in {kind_of(key): None for key in keys}:
            asked = [key for key in keys if kind_of(key) is kind]
            rows = await _fetch(self._connections, _KNOWN_BY_KIND[kind], asked, self._known_at)
            facts.update((row["key"], Stored(row["key"], 0, row["document"]).fact()) for row in rows)
        return facts


class Records:
    """Looks up answers that were given; made by `open_records`."""

    def __init__(self, connections: Any) -> None:
        self._connections = connections

    async def by_trace(self, trace: str, submitter_id: str | None = None) -> Record | None:
        """The answer with this trace number, if it went to the submitter, or to anybody.

        Raises:
            InquiryForgotten: what was asked is not kept any more.
            Outage: PostgreSQL does not answer.
        """
        return _record(await _fetch(self._connections, _FIND_BY_TRACE, trace, submitter_id))

    async def by_control_number(self, control_number: int, submitter_id: str) -> Record | None:
        """The submitter's last answer with this interchange control number.

        Raises:
            InquiryForgotten: what was asked is not kept any more.
            Outage: PostgreSQL does not answer.
        """
        return _record(await _fetch(self._connections, _FIND_BY_CONTROL_NUMBER, control_number, submitter_id))

    def facts(self, record: Record) -> RecordedFacts:
        """What the answer rests on."""
        return RecordedFacts(self._connections, record.facts)

    async def released_at(self, record: Record) -> datetime | None:
        """As of which moment a request that was held has been answered; None: it was not held.

        Raises:
            Outage: PostgreSQL does not answer.
        """
        asked = (record.submitter_id, sha256(record.payload).digest(), record.received_at)
        rows = await _fetch(self._connections, _RELEASED, *asked, record.recorded_at)
        return rows[0]["released_at"] if rows else None

    async def review_events(self, review_id: int, until: datetime) -> tuple[RecordedEvent, ...]:
        """What had happened to a review by a moment.

        Raises:
            Outage: PostgreSQL does not answer.
        """
        return tuple(map(_event, await _fetch(self._connections, _REVIEW_EVENTS, review_id, until)))

    def facts_as_of(self, known_at: datetime) -> FactsAsOf:
        """All that the payer knew at a moment."""
        return FactsAsOf(self._connections, known_at)

    async def asker(self, record: Record) -> Submitter:
        """Who asked, as registered at the time.

        Raises:
            Outage: PostgreSQL does not answer, or no longer holds it.
        """
        fact_id, version = next((id_, version) for kind, id_, version in record.facts if kind is Kind.CREDENTIAL)
        submitter = _submitter(await _fetch(self._connections, _DOCUMENT, fact_id, version))
        if submitter is None:
            raise Outage("who asked is no longer on record")
        return submitter

    async def submitter(self, interchange_qualifier: str, interchange_id: str) -> Submitter | None:
        """Whose interchange address this is now.

        Raises:
            Outage: PostgreSQL does not answer.
        """
        if not f"{interchange_qualifier}{interchange_id}".isprintable():
            return None
        return _submitter(await _fetch(self._connections, _SUBMITTER, interchange_qualifier, interchange_id))


@asynccontextmanager
async def open_records(database_url: str) -> AsyncIterator[Records]:
    """The records of one database, for as long as the block lasts. It connects with the first look-up."""
    async with pool(database_url) as connections:
        try:
            yield Records(connections)
        finally:
            connections.terminate()


async def _fetch(connections: Any, statement: str, *arguments: object) -> Sequence[Any]:
    with outage_when_down("look up a record"):
        async with connections.acquire(timeout=DATABASE_SLOT_SECONDS) as connection:
            rows: Sequence[Any] = await connection.fetch(statement, *arguments, timeout=DATABASE_LOOKUP_SECONDS)
            return rows


def _record(rows: Sequence[Any]) -> Record | None:
    if not rows:
        return None
    row = dict(rows[0])
    if row["payload"] is None:
        raise InquiryForgotten(row["outcome"], row["received_at"])
    row |= {"stages": _STAGES.decode(row["stages"]), "facts": _NAMED_FACTS.decode(row["facts"])}
    return Record(**{name: row[name] for name in Record.__slots__})


def _event(row: Any) -> RecordedEvent:
    decision = decode_decision(row["document"]) if row["kind"] == "decision" else None
    note = decode_note(row["kind"], row["document"])
    return RecordedEvent(row["kind"], row["made_by"], row["recorded_at"], decision, note)


def _submitter(rows: Sequence[Any]) -> Submitter | None:
    return _SUBMITTERS.decode(rows[0][0]) if rows else None
