"""The audit of what is told outside an interchange: pages of changes, and what is said of a claim by its number alone.

The records share the commits of all others (`gateway.audit.log`) and name the versions of the facts by which something
was told. With what was asked is kept what was told: a number, a subject and a version for each change of a page.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec

from edi.envelope import Address
from edi.errors import Outage
from gateway.audit.log import AuditEntry, AuditLog, Matter, Recorded, Stale
from gateway.logs import log
from gateway.metrics import Metrics, Mode
from gateway.store.changes import Change
from gateway.store.facts import FactStore
from gateway.store.limits import LATE_RECORDS_MAX, LATE_RECORDS_SECONDS, NAMED_FACTS_MAX
from gateway.store.observing import Dependency
from rules.facts import Submitter

logger = logging.getLogger(__name__)


class Feed(StrEnum):
    """Which changes were asked for, where an interchange has its kind of inquiry."""

    CLAIMS = "claim_changes"
    REVIEWS = "review_changes"


class Said(StrEnum):
    """What was told: an outcome beside those of interchanges (`gateway.exchange.Outcome`)."""

    CHANGES = "changes"
    NO_CHANGES = "no_changes"
    REVIEW = "review"
    """How a review stands."""
    REVIEW_FILE = "review_file"
    """All of a review, to a reviewer."""
    NOT_FOUND = "404"
    UNCHANGED = "304"
    UNCHANGED_UNTIL_NOW = "304_outdated"
    """That nothing had changed, which did not hold any more when it was recorded."""


@dataclass(slots=True)
class Disclosure:
    """Something about to be told. Nobody changes it; not frozen, as nothing that is made for every answer."""

    submitter: Submitter
    received_at: datetime
    """Aware."""
    target: bytes = field(repr=False)
    """Path and query of the request."""
    asked: StrEnum
    """The kind of inquiry, or the feed."""
    said: Said
    answer: bytes = field(repr=False)
    """What is sent, or stands for it."""
    versions: Mapping[str, int] = field(repr=False)
    """Of the facts by which it is told."""
    are_facts_kept: bool = False
    """Whether these facts are kept already; else the record keeps those that no record has named."""
    changes: Sequence[Change[Any]] = ()
    method: bytes = b"GET"
    """Of the request."""


class Disclosures:
    """Records what is told; made by `open_disclosures`, one for the process."""

    def __init__(self, audit: AuditLog, facts: FactStore, metrics: Metrics) -> None:
        self._audit = audit
        self._facts = facts
        self._metrics = metrics
        self._named: set[tuple[str, int]] = set()
        self._late: deque[tuple[Disclosure, datetime]] = deque()
        self._recording: asyncio.Task[None] | None = None

    async def record(self, disclosure: Disclosure) -> Recorded | None:
        """Record what is about to be told; returns when that is durable.

        Returns:
            For ``sent``; None: a fact by which it may be told has changed, it must not leave. The facts at hand are
            fresh then.

        Raises:
            Outage: PostgreSQL does not answer; it must not leave.
        """
        try:
            verdict = await self._audit.record(self._entry(disclosure))
        except Outage:
            self._metrics.failed(Dependency.DATABASE)
            raise
        if isinstance(verdict, Stale):
            await self._facts.drop(verdict.keys)
            return None
        self._note_named(disclosure)
        self.count(disclosure.asked, disclosure.said)
        return verdict

    def sent(self, recorded: Recorded, moment: datetime) -> None:
        """Note when it was sent."""
        self._audit.sent(recorded, moment)

    def count(self, asked: StrEnum, said: Said) -> None:
        """Count an answer for the metrics."""
        self._metrics.requests(asked, Mode.REAL_TIME, said).inc()

    @property
    def has_room(self) -> bool:
        """Whether one more may be told before it is recorded."""
        return len(self._late) < LATE_RECORDS_MAX

    def record_late(self, disclosure: Disclosure, sent_at: datetime) -> None:
        """Record what has just been sent. Only for what tells its reader nothing that it was not told before.

        At most ``LATE_RECORDS_MAX`` wait to be recorded, ``LATE_RECORDS_SECONDS`` and one commit long while PostgreSQL
        answers: so many at the most are missing from the audit after a crash. While it does not answer they are kept,
        and who finds no room (``has_room``) records first. One whose commit was never confirmed may be there twice.
        """
        self._late.append((disclosure, sent_at))
        self.count(disclosure.asked, disclosure.said)
        if self._recording is None:
            self._recording = asyncio.get_running_loop().create_task(self._record_late())

    async def close(self) -> None:
        """Record what waits, as far as PostgreSQL answers."""
        if self._recording is not None:
            self._recording.cancel()
            await asyncio.wait([self._recording])
        await self._record_group()

    async def _record_late(self) -> None:
        try:
            while self._late:
                await asyncio.sleep(LATE_RECORDS_SECONDS)
                await self._record_group()
        finally:
            self._recording = None

    async def _record_group(self) -> None:
        """Record all that wait; those that PostgreSQL does not take wait on.

        Nothing is awaited between the verdicts, so that no failure among them loses or repeats a record.
        """
        group = list(self._late)
        verdicts = await asyncio.gather(
            *(self._audit.record(self._entry(disclosure)) for disclosure, _ in group), return_exceptions=True
        )
        stale: list[str] = []
        for (disclosure, sent_at), verdict in zip(group, verdicts, strict=True):
            self._late.popleft()
            if isinstance(verdict, Recorded):
                self._note_named(disclosure)
                self._audit.sent(verdict, sent_at)
            elif isinstance(verdict, Stale):
                stale += verdict.keys
                self._late.append((_outdated(disclosure), sent_at))
            elif isinstance(verdict, Outage):
                self._metrics.failed(Dependency.DATABASE)
                self._late.append((disclosure, sent_at))
            else:
                log(logger, logging.ERROR, "what was told could not be recorded", verdict)
        if stale:
            await self._facts.drop(stale)

    def _entry(self, disclosure: Disclosure) -> AuditEntry:
        submitter, facts = disclosure.submitter, tuple(disclosure.versions.items())
        asked = disclosure.method + b" " + disclosure.target
        told = [(change.change_id, change.subject, change.recorded_at) for change in disclosure.changes]
        kept = asked + b"\n" + msgspec.json.encode(told) if told else asked
        partner = (submitter.interchange_qualifier, submitter.interchange_id)
        return AuditEntry(
            matter=_matter(submitter.submitter_id, *partner, disclosure.asked, disclosure.said),
            received_at=disclosure.received_at,
            isa13="",
            gs06="",
            st02="",
            bht03="",
            trn02="",
            payload=kept,
            payload_sha256=sha256(kept).digest(),
            answer_trace="",
            answer_sha256=sha256(disclosure.answer).digest(),
            stages={},
            facts=facts,
            facts_recorded=disclosure.are_facts_kept or self._named.issuperset(facts),
        )

    def _note_named(self, disclosure: Disclosure) -> None:
        """Remember by which facts something was recorded, so that they are not looked for again each time."""
        if len(self._named) >= NAMED_FACTS_MAX:
            self._named.clear()
        self._named.update(disclosure.versions.items())


@asynccontextmanager
async def open_disclosures(audit: AuditLog, facts: FactStore, metrics: Metrics) -> AsyncIterator[Disclosures]:
    """The records of what is told, for as long as the block lasts."""
    disclosures = Disclosures(audit, facts, metrics)
    try:
        yield disclosures
    finally:
        await disclosures.close()


@lru_cache(maxsize=1024)
def _matter(submitter_id: str, qualifier: str, identifier: str, asked: str, said: str) -> Matter:
    """What all are told alike who ask the same and get the same kind of answer."""
    return Matter(
        submitter_id=submitter_id,
        isa06="",
        isa08="",
        gs02="",
        gs03="",
        mode=Mode.REAL_TIME,
        transaction=asked,
        outcome=said,
        partner=Address(qualifier, identifier),
        control_numbers_needed=0,
    )


def _outdated(disclosure: Disclosure) -> Disclosure:
    """What was said when it did not hold any more, by no facts that could be confirmed."""
    return replace(disclosure, said=Said.UNCHANGED_UNTIL_NOW, versions={})
