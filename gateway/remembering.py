"""Questions that were asked before: the same submitter asks the same on the same day, and no fact has changed.

Practices ask about the same patient again and again. What was decided and composed for the first time is kept with the
versions of the facts that it rests on, and given again with the new header and traces. The audit confirms the versions
as it does for every answer, so that none leaves when a fact under it has changed.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from edi.prepared import Particulars, PreparedAnswer, prepare
from edi.writing import SEGMENT
from gateway.audit.log import AuditEntry
from gateway.drafting import Draft
from gateway.exchange import Outcome
from gateway.metrics import Mode, Transaction
from gateway.stages import Stages
from gateway.store.facts import Fact
from parsers.acknowledging import answer_header
from parsers.repeatable import Repeatable
from rules.facts import Submitter

QUESTIONS_MAX = 8192
"""Answers kept by one process; one takes about 8 kB."""

Key = tuple[str, str, str, date, tuple[str, ...]]


@dataclass(slots=True)
class Arrival:
    """One request as it came."""

    data: bytes = field(repr=False)
    submitter: Fact[Submitter]
    """Whose credential came with it."""
    received_at: datetime
    moment: datetime
    """As of which it is answered; that of receipt, or of release where it was held."""
    local_moment: datetime
    """The same by the payer's clocks, to the second."""
    stages: Stages
    """The stopwatch of its answer."""
    mode: Mode = Mode.REAL_TIME


def key_of(asked: Repeatable, arrival: Arrival) -> Key:
    """By what a question is known again: who asks, from which address, on which day, and in which words."""
    submitter, today = arrival.submitter.value, arrival.local_moment.date()
    return (submitter.submitter_id, submitter.interchange_qualifier, submitter.interchange_id, today, asked.words)


@dataclass(slots=True)
class Remembered:
    """An answer, and the facts under it."""

    prepared: PreparedAnswer
    holds_until: datetime | None
    transaction: Transaction
    outcome: Outcome
    first: AuditEntry = field(repr=False)
    """What the audit kept of it when it was worked out."""
    facts: tuple[tuple[str, int], ...] = field(repr=False)
    """Key and version of these facts, without the asker's credential."""

    def give_again(self, arrival: Arrival, asked: Repeatable, trace: str) -> tuple[Particulars, AuditEntry]:
        """What differs in the answer to the same question asked again, and what the audit is to keep of it.

        Args:
            arrival: the request.
            asked: the question in it.
            trace: our own number for the answer, if it bears one.
        """
        first, credential = self.first, arrival.submitter
        own_trace = trace if first.answer_trace else ""
        asker = (credential.key, credential.version)
        particulars = Particulars(asked.reference, asked.trace, own_trace, arrival.local_moment)
        entry = AuditEntry(
            first.matter,
            arrival.received_at,
            asked.interchange_number,
            asked.group_number,
            asked.set_number,
            asked.reference,
            asked.trace,
            arrival.data,
            sha256(arrival.data).digest(),
            own_trace,
            sha256(self.prepared.compose(particulars)).digest(),
            arrival.stages.seconds,
            (asker, *self.facts),
            facts_recorded=asker in first.facts,
        )
        return particulars, entry


def remember(
    asked: Repeatable, draft: Draft, entry: AuditEntry, credential: str, transaction: Transaction
) -> Remembered | None:
    """What to remember of an answer worked out just now; None where it has to be worked out each time.

    Args:
        asked: the question.
        draft: the answer.
        entry: what the audit keeps of it.
        credential: the key of the credential that came with the question.
        transaction: what was asked.
    """
    if len(draft.responses) != 1 or len(draft.groups) != 1:
        return None
    response = draft.responses[0]
    if response.again is None:
        return None
    header = answer_header(draft.received.interchange, draft.written_at, 1)
    prepared = prepare(response.again.compose, response.segments, header, draft.groups[0])
    if prepared is None or not _is_answer_to(asked, draft, prepared):
        return None
    facts = tuple(each for each in entry.facts if each[0] != credential)
    return Remembered(prepared, response.again.holds_until, transaction, draft.outcome, entry, facts)


def _is_answer_to(asked: Repeatable, draft: Draft, prepared: PreparedAnswer) -> bool:
    """Whether the references of the question are those that the answer repeats, and no others.

    They are not where the first trace in the text is of another level than the one that is answered, or stands behind
    a line break that is not the usual one; then the answer may repeat another, which is among the words.
    """
    response, separator = draft.responses[0], asked.words[0][3]
    trace = f"TRN{separator}1{separator}{asked.trace}"
    if asked.trace and any(trace in words for words in asked.words):
        return False
    first = Particulars(asked.reference, asked.trace, response.trace, draft.written_at)
    return prepared.compose(first) == SEGMENT.join(response.segments).encode()


class AnswerMemory:
    """The answers of one process, those not asked for longest forgotten first."""

    def __init__(self, questions_max: int = QUESTIONS_MAX) -> None:
        self._answers: OrderedDict[Key, Remembered] = OrderedDict()
        self._questions_max = questions_max

    def recall(self, key: Key, moment: datetime) -> Remembered | None:
        """What was answered, if it still holds by the clock; whether by the facts, the audit says."""
        remembered = self._answers.get(key)
        if remembered is None:
            return None
        if remembered.holds_until is not None and remembered.holds_until <= moment:
            del self._answers[key]
            return None
        self._answers.move_to_end(key)
        return remembered

    def keep(self, key: Key, remembered: Remembered) -> None:
        """Keep an answer that has just been recorded."""
        self._answers[key] = remembered
        self._answers.move_to_end(key)
        if len(self._answers) > self._questions_max:
            self._answers.popitem(last=False)
