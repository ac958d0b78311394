"""Questions that were asked before: the same submitter asks the same on the same day, and no fact has changed.

Practices ask about the same patient again and again. What was decided and composed for the first time is kept with the
versions of the facts that it rests on, and given again with the new header and traces. The audit confirms the versions
as it does for every answer, so that an answer remembered wrongly cannot leave.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from gateway.exchange import Again, Circumstances, Response
from gateway.receiving import Question, Received
from parsers.frames import TransactionSet, element_of

QUESTIONS_MAX = 8192
"""Answers kept by one process; one takes about 5 kB."""

_HEAD_SEGMENTS = 2
"""ST and BHT, which differ each time."""

Key = tuple[str, date, str, str, str, tuple[str, ...]]


def key_of(received: Received, submitter_id: str, today: date) -> Key | None:
    """By what a question is known again; None for an interchange that asks more than one thing, or nothing."""
    if len(received.questions) != 1 or received.acknowledgments:
        return None
    question = received.questions[0]
    transaction, marks = question.transaction, question.delimiters
    delimiters = marks.element + marks.repetition + marks.component + marks.segment
    purpose = element_of(transaction.segments[1], 2)
    return submitter_id, today, delimiters, transaction.identifier, purpose, _asked(transaction)


def _asked(transaction: TransactionSet) -> tuple[str, ...]:
    """The texts of all segments but those that differ each time."""
    if transaction.middle is not None:
        return transaction.middle.asked
    return tuple([text for text in transaction.raw[_HEAD_SEGMENTS:-1] if not text.startswith("TRN")])


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer, and the facts under it."""

    again: Again
    versions: Mapping[str, int]

    def respond(self, question: Question, circumstances: Circumstances, control_number: str) -> Response:
        """The answer to the question asked again, resting on the same facts."""
        circumstances.reading.versions.update(self.versions)
        return self.again.respond(question.transaction, circumstances, control_number)


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
        if remembered.again.holds_until is not None and remembered.again.holds_until <= moment:
            del self._answers[key]
            return None
        self._answers.move_to_end(key)
        return remembered

    def remember(self, key: Key, again: Again, versions: Mapping[str, int]) -> None:
        """Keep an answer that has just been recorded."""
        self._answers[key] = Remembered(again, versions)
        self._answers.move_to_end(key)
        if len(self._answers) > self._questions_max:
            self._answers.popitem(last=False)
