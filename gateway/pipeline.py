"""What happens to an interchange, from its bytes to the bytes of its answer; read it from top to bottom.

An answer leaves only when its audit record is durable, and the record is written only while every fact that the answer
rests on is still current; where one has changed meanwhile, the answer is computed again.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import partial
from hashlib import sha256
from typing import Protocol
from uuid import uuid4

from edi.envelope import Address
from edi.errors import Outage
from gateway.audit.log import AuditEntry, AuditLog, Matter, Recorded, Stale
from gateway.drafting import Draft, count_patients, draft_answer, service_of
from gateway.exchange import Circumstances, Closure, CredentialWithdrawn, LocalClock, Outcome, Response, Services
from gateway.metrics import Metrics, Mode, Stage, Transaction
from gateway.reading import Reading
from gateway.receiving import receive
from gateway.remembering import AnswerMemory, Arrival, Remembered, key_of, remember
from gateway.stages import Stages
from gateway.store.facts import Fact, FactStore
from gateway.store.observing import Dependency
from parsers.frames import Interchange, element_of
from parsers.repeatable import Repeatable, read_repeatable
from rules.facts import Submitter, SubmitterStatus

COMPUTATIONS_MAX = 8
"""How often an answer is computed, facts having changed under it, before the partner is told to come back."""


@dataclass(slots=True)
class Reply:
    """What the door sends back."""

    body: bytes = field(repr=False)
    outcome: Outcome
    responses: Sequence[Response] = field(repr=False)
    """The answers that the body holds."""
    sent: Callable[[datetime], None] = field(repr=False)
    """To be told when the body has been handed to the client's connection."""
    closure: Closure | None = None
    """Why an answer in the body says that a function is closed; None where none does."""


class Replies(Protocol):
    """What was sent."""

    async def first_reply(self, submitter_id: str, payload_sha256: bytes, answer_sha256: bytes, body: bytes) -> bytes:
        """The reply that was first written to these very bytes, if it says the same; else ``body``."""


class Pipeline:
    """Answers real-time interchanges; one for the process."""

    def __init__(
        self,
        facts: FactStore,
        audit: AuditLog,
        services: Services,
        payer: Address,
        zone: tzinfo,
        metrics: Metrics,
        replies: Replies,
    ) -> None:
        self._facts = facts
        self._audit = audit
        self._services = services
        self._payer = payer
        self._clock = LocalClock(zone)
        self._metrics = metrics
        self._replies = replies
        self._new_trace = trace_numbers()
        self._memory = AnswerMemory()

    async def answer(
        self, data: bytes, submitter: Fact[Submitter], received_at: datetime, *, typed: bool = False
    ) -> Reply:
        """The answer to one real-time request.

        Args:
            data: the body as it came.
            submitter: whose credential came with it.
            received_at: when its head came; aware.
            typed: whether the reply's typed answers are wanted, with the references of this very request in them.

        Raises:
            Outage: the answer cannot be made durable, or facts change faster than they can be read.
            CredentialWithdrawn: the submitter's credential does not hold any more.
        """
        arrival = Arrival(data, submitter, received_at, received_at, self._clock.tell(received_at), Stages())
        asked = None if typed else read_repeatable(data)
        if asked is None:
            return await self._answer_anew(arrival, None)
        remembered = self._memory.recall(key_of(asked, arrival), received_at)
        arrival.stages.mark(Stage.FRAME)
        if remembered is not None:
            reply = await self._answer_again(arrival, asked, remembered)
            if reply is not None:
                return reply
        return await self._answer_anew(arrival, asked)

    async def answer_batched(
        self, data: bytes, submitter: Fact[Submitter], received_at: datetime, moment: datetime | None = None
    ) -> Reply:
        """The answer to one request of a batch.

        Args:
            data: an interchange.
            submitter: whose credential came with the batch.
            received_at: when the batch came; aware.
            moment: as of which it is answered; None: that of receipt.

        Raises:
            Outage: the answer cannot be made durable, or facts change faster than they can be read.
            CredentialWithdrawn: the submitter's credential does not hold any more.
        """
        as_of = moment or received_at
        local_moment = self._clock.tell(as_of)
        return await self._answer_anew(
            Arrival(data, submitter, received_at, as_of, local_moment, Stages(), Mode.BATCH), None
        )

    async def _answer_again(self, arrival: Arrival, asked: Repeatable, remembered: Remembered) -> Reply | None:
        """The answer to a question that was answered before; None where a fact under it has changed."""
        particulars, entry = remembered.give_again(arrival, asked, self._new_trace())
        arrival.stages.mark(Stage.WRITE)
        verdict = await self._record(entry)
        arrival.stages.mark(Stage.AUDIT)
        if isinstance(verdict, Stale):
            await self._facts.drop(verdict.keys)
            return None
        self._count(remembered.transaction, remembered.outcome, arrival.stages)
        body = remembered.prepared.write(particulars, verdict.control_number)
        return Reply(body, remembered.outcome, (), partial(self._audit.sent, verdict))

    async def _answer_anew(self, arrival: Arrival, asked: Repeatable | None) -> Reply:
        """The answer worked out from the facts, and remembered where the question is one that can come again."""
        submitter, stages = arrival.submitter, arrival.stages
        received = receive(arrival.data, submitter.value, self._payer, self._services, stages)
        patients = count_patients(received, self._services)
        for _ in range(COMPUTATIONS_MAX):
            reading = Reading(self._facts)
            asker = reading.note(submitter)
            circumstances = Circumstances(
                asker,
                arrival.moment,
                arrival.local_moment,
                patients,
                reading,
                stages,
                self._new_trace,
                arrival.mode,
                arrival.received_at,
            )
            draft = await draft_answer(received, circumstances, self._services)
            entry = self._entry(arrival.data, draft, circumstances)
            verdict = await self._record(entry)
            stages.mark(Stage.AUDIT)
            if isinstance(verdict, Recorded):
                transaction = self._transaction(draft)
                if (
                    asked is not None
                    and (kept := remember(asked, draft, entry, submitter.key, transaction)) is not None
                ):
                    self._memory.keep(key_of(asked, arrival), kept)
                self._count(transaction, draft.outcome, stages, arrival.mode)
                sent = partial(self._audit.sent, verdict)
                body = await self._write(draft, entry, verdict.control_number)
                closure = next((each.closure for each in draft.responses if each.closure is not None), None)
                return Reply(body, draft.outcome, draft.responses, sent, closure)
            await self._facts.drop(verdict.keys)
            if submitter.key in verdict.keys:
                submitter = await self._confirm(submitter.key)
        raise Outage("facts change faster than an answer can be computed")

    async def _write(self, draft: Draft, entry: AuditEntry, control_number: int) -> bytes:
        """The bytes; those of a review as they first left in answer to the same bytes, its envelope included."""
        body = draft.write(control_number)
        if draft.outcome is not Outcome.SERVICES_REVIEW:
            return body
        return await self._replies.first_reply(
            entry.matter.submitter_id, entry.payload_sha256, entry.answer_sha256, body
        )

    async def _record(self, entry: AuditEntry) -> Recorded | Stale:
        try:
            return await self._audit.record(entry)
        except Outage:
            self._metrics.failed(Dependency.DATABASE)
            raise

    async def _confirm(self, key: str) -> Fact[Submitter]:
        """The credential as it is now."""
        fact: Fact[Submitter | None] = (await self._facts.get([key]))[key]
        if fact.value is None or fact.value.status is not SubmitterStatus.ACTIVE:
            raise CredentialWithdrawn
        return Fact(fact.key, fact.version, fact.value, fact.kind)

    def _count(self, transaction: Transaction, outcome: Outcome, stages: Stages, mode: Mode = Mode.REAL_TIME) -> None:
        self._metrics.requests(transaction, mode, outcome).inc()
        stages.observe(self._metrics)

    def _transaction(self, draft: Draft) -> Transaction:
        """What was asked; where several sets came at once, the first stands for all, preferably one to answer."""
        received = draft.received
        if received.questions:
            return service_of(received.questions[0], self._services).transaction
        return Transaction.UNREADABLE if received.note is not None else _said_to_be(received.interchange)

    def _entry(self, data: bytes, draft: Draft, circumstances: Circumstances) -> AuditEntry:
        """What the audit keeps of an answer; where several sets came at once, the first stands for all."""
        interchange = draft.received.interchange
        header = interchange.header
        group = interchange.groups[0] if interchange.groups else None
        question = draft.received.questions[0] if draft.received.questions else None
        submitter = circumstances.submitter
        matter = Matter(
            submitter_id=submitter.submitter_id,
            isa06=element_of(header, 6).rstrip(),
            isa08=element_of(header, 8).rstrip(),
            gs02="" if group is None else element_of(group.header, 2),
            gs03="" if group is None else element_of(group.header, 3),
            mode=circumstances.mode,
            transaction=self._transaction(draft),
            outcome=draft.outcome,
            partner=Address(submitter.interchange_qualifier, submitter.interchange_id),
            control_numbers_needed=max(1, len(draft.groups)),
        )
        return AuditEntry(
            matter=matter,
            received_at=circumstances.received_at,
            isa13=element_of(header, 13),
            gs06="" if group is None else group.control_number,
            st02="" if question is None else question.transaction.control_number,
            bht03="" if question is None else question.reference,
            trn02="" if question is None else question.trace,
            payload=data,
            payload_sha256=sha256(data).digest(),
            answer_trace=draft.trace,
            answer_sha256=draft.digest(),
            stages=circumstances.stages.seconds,
            facts=tuple(circumstances.reading.versions.items()),
        )


def _said_to_be(interchange: Interchange) -> Transaction:
    """What the first set that cannot be answered says it is (ST01)."""
    identifiers = (transaction.identifier for group in interchange.groups for transaction in group.transactions)
    try:
        return Transaction(next(identifiers, ""))
    except ValueError:
        return Transaction.UNREADABLE


def trace_numbers() -> Callable[[], str]:
    """A source of trace numbers that nobody else gives: 80 random bits of this source, and a count."""
    prefix = uuid4().hex[:20].upper()
    counter = itertools.count(1)
    return lambda: f"{prefix}{next(counter):012X}"
