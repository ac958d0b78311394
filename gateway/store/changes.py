"""What has changed, read in the order in which it could be seen: none missed and none twice.

A reader says in which snapshot it last read; what it gets is what was committed since. So nothing depends on the order
in which numbers were drawn or on clocks, and any number of programs may write at once. What is told of claims and of
reviews differs only in its `Feed`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

ValueT = TypeVar("ValueT")
ValueT_co = TypeVar("ValueT_co", covariant=True)

_ASK = """
WITH look AS MATERIALIZED (
    SELECT asked.*, pg_snapshot_xmin(asked.since::pg_snapshot) > horizon.transaction AS is_kept
    FROM unnest($4::text[], $5::text[], $6::bigint[], $7::timestamptz[])
        WITH ORDINALITY AS asked (since, until, after, moment, look)
    JOIN edi.change_horizon AS horizon ON horizon.feed = $8
), ask AS MATERIALIZED (
    SELECT asked.*, look.since, look.until, look.after, look.moment, look.is_kept,
        EXISTS (
            SELECT FROM edi.api_key JOIN edi.submitter USING (submitter_id)
            WHERE api_key.fact_key = asked.credential AND api_key.revoked_at IS NULL
                AND submitter.submitter_id = asked.submitter_id AND submitter.status = 'active'
        ) AS is_admitted
    FROM unnest($1::text[], string_to_array($2::text, ','), string_to_array($3::text, ',')::integer[])
        WITH ORDINALITY AS asked (submitter_id, credential, look, place)
    JOIN look USING (look)
)
"""
"""Who asks, with what credential, for which of the looks.

Credentials and entitlements are those of this very moment. All of a statement's parts see one snapshot, the one that
its first row gives back. $9 is how many changes there are to a page.
"""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader has got."""

    since: str
    """Everything that this snapshot shows has been read (``pg_snapshot`` as text)."""
    until: str | None = None
    """Of what came later, only what this one shows is being read at present, page by page; None: all there is."""
    after: int = 0
    """And of that everything up to this change; 0 where there is no ``until``."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Change(Generic[ValueT_co]):
    """One change. Everybody who is told of it by the same statement gets the same object."""

    change_id: int
    subject: str = field(repr=False)
    """Our own name for what has changed."""
    recorded_at: datetime
    value: ValueT_co = field(repr=False)
    """As the change has left it."""


@dataclass(slots=True)
class Page(Generic[ValueT]):
    """What there was to read. Nobody changes it; it is not frozen because a thousand may be made at once."""

    changes: Sequence[Change[ValueT]]
    next: Position
    has_more: bool
    """Whether reading on would bring more at once."""
    topics: frozenset[str]
    """Of which channel's messages may bring more; only told where there are no changes."""
    versions: Mapping[str, int] = field(repr=False)
    """Of the facts by which these changes may be told, the credential among them."""
    is_admitted: bool
    """Whether the credential holds still."""
    is_kept: bool
    """Whether everything behind the position is there to be read."""

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to tell, and nothing against it."""
        return not (self.changes or self.has_more) and self.is_admitted and self.is_kept


@dataclass(frozen=True, slots=True)
class Origin:
    """What cursors are made with."""

    secret: bytes = field(repr=False)
    database: str
    """Snapshots mean nothing in another one, nor on another timeline of the same: it may have lost transactions."""
    snapshot: str
    """Of now."""


@dataclass(frozen=True, slots=True)
class Feed(Generic[ValueT]):
    """One kind of changes."""

    name: str
    """In ``edi.change_horizon`` and in cursors."""
    channel: str
    """On which PostgreSQL tells the topics of changes, one a line."""
    statement: str
    """Gives a row for each change of each asker, and one for who has none, in order; ``reading_statement`` makes it."""
    decode: Callable[[Any], ValueT]
    """From the row that has what the change left."""
    fact_key: Callable[[str, str], str] | None = None
    """Of the fact by which a submitter may be told of a topic; where there is one."""


def behind_position(columns: str, table: str, condition: str) -> str:
    """The query for the changes behind the position of one row of ``ask``, not in order; who uses it orders and limits.

    A first page is found by the transactions that were not seen, and the further ones of what could be seen then in the
    order in which they are told: neither who waits goes through what is long past, nor who is far behind through all
    that is to come. The first has no limit: to sort for it would take longer than all else for the many who wait.

    Args:
        columns: of the table, ``change``, that are wanted.
        table: has the columns transaction and change_id.
        condition: whose changes they are.
    """
    unread = "NOT pg_visible_in_snapshot(change.transaction, ask.since::pg_snapshot)"
    return f"""(
    SELECT {columns} FROM {table} AS change
    WHERE {condition} AND ask.until IS NULL
        AND change.transaction >= pg_snapshot_xmin(ask.since::pg_snapshot) AND {unread}
) UNION ALL (
    SELECT * FROM (
        SELECT {columns} FROM {table} AS change
        WHERE {condition} AND change.change_id > ask.after AND {unread}
            AND pg_visible_in_snapshot(change.transaction, ask.until::pg_snapshot)
        ORDER BY change.change_id LIMIT $9
    ) AS further
    WHERE ask.until IS NOT NULL -- here, so that for a first page nothing of it is begun
)"""  # noqa: S608 - of constants


def reading_statement(told: str, select: str, joins: str) -> str:
    """The statement that reads for many askers at once.

    Args:
        told: query for the changes of one row of ``ask``: change_id, subject, recorded_at and what the others use; in
            order, as many as a page has and one more.
        select: further columns; ``topics``, ``fact_key`` (by which the change may be told) and what is decoded.
        joins: what they need; what is decoded is only wanted where ``told.is_first`` holds.
    """
    return f"""{_ASK}, told AS MATERIALIZED (
    SELECT ask.place, change.*, row_number() OVER (PARTITION BY change_id ORDER BY ask.place) = 1 AS is_first
    FROM ask CROSS JOIN LATERAL ({told}) AS change
    WHERE ask.is_admitted AND ask.is_kept
)
SELECT ask.place, CASE WHEN ask.place = 1 THEN pg_current_snapshot()::text END AS snapshot,
    ask.is_admitted, ask.is_kept, told.change_id, told.is_first,
    CASE WHEN told.is_first THEN told.subject END AS subject,
    CASE WHEN told.is_first THEN told.recorded_at END AS recorded_at,
    (SELECT version FROM edi.fact_version WHERE key = ask.credential) AS credential_version,
    {select}
FROM ask LEFT JOIN told USING (place)
{joins}
ORDER BY ask.place, told.change_id
"""  # noqa: S608 - of constants
