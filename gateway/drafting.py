"""From a received interchange to an answer that lacks nothing but its control numbers.

The same for an answer that is about to leave and for one that is computed again to be explained.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from edi.acknowledgment_writing import acknowledgment_groups, interchange_acknowledgment_segment
from edi.envelope import Group, write_interchange
from edi.writing import SEGMENT
from gateway.exchange import Circumstances, Outcome, Response, Service, Services
from gateway.receiving import Question, Received
from parsers.acknowledging import acknowledge_interchange, answer_header

FIRST_CONTROL_NUMBER = "0001"
"""ST02 of the first answer of a group."""

_GRAVITY = {outcome: place for place, outcome in enumerate(Outcome)}


@dataclass(slots=True)
class Draft:
    """An answer that lacks nothing but its control numbers."""

    received: Received
    responses: Sequence[Response]
    groups: Sequence[Group]
    written_at: datetime
    outcome: Outcome = field(init=False)
    """The gravest of what the answer holds."""

    def __post_init__(self) -> None:
        if self.received.note is not None:
            self.outcome = Outcome.INTERCHANGE_REJECTED
        elif self.received.acknowledgments:
            self.outcome = Outcome.TRANSACTION_REJECTED
        elif len(self.responses) == 1:
            self.outcome = self.responses[0].outcome
        else:
            self.outcome = min((response.outcome for response in self.responses), key=_GRAVITY.__getitem__)

    @property
    def trace(self) -> str:
        """Our own number for the answer, empty where none was given; where several sets are answered, the first's."""
        return next((response.trace for response in self.responses if response.trace), "")

    @property
    def segments(self) -> list[str]:
        """All that is told, composed, without the envelope: the same whenever the same is computed again."""
        told = self._loose_segments()
        for group in self.groups:
            for transaction in group.transactions:
                told += transaction
        return told

    def digest(self) -> bytes:
        """SHA-256 of these segments."""
        return sha256(SEGMENT.join(self.segments).encode("utf-8", "replace")).digest()

    def write(self, control_number: int) -> bytes:
        """The bytes, the first control number being ``control_number``."""
        received = self.received
        header = answer_header(received.interchange, self.written_at, control_number, received.parties)
        return write_interchange(header, self.groups, loose_segments=self._loose_segments())

    def _loose_segments(self) -> list[str]:
        """The TA1 of an interchange that is refused as a whole."""
        note = self.received.note
        if note is None:
            return []
        acknowledgment = acknowledge_interchange(self.received.interchange, note)
        return [interchange_acknowledgment_segment(acknowledgment, self.written_at)]


def service_of(question: Question, services: Services) -> Service[Any]:
    """Who answers a question."""
    return services[question.reader.kind]


def count_patients(received: Received, services: Services) -> int:
    """How many patients the whole interchange asks about."""
    return sum(service_of(question, services).patients(question.request) for question in received.questions)


async def draft_answer(received: Received, circumstances: Circumstances, services: Services) -> Draft:
    """999s for what is rejected, then an answer for each set that is not, in the groups in which they came."""
    groups = [*acknowledgment_groups(received.acknowledgments)]
    responses = []
    transactions: dict[int, list[Sequence[str]]] = {}
    for question in received.questions:
        answered = transactions.setdefault(question.group.position, [])
        service = service_of(question, services)
        response = await service.respond(question.request, circumstances, f"{len(answered) + 1:04d}")
        responses.append(response)
        answered.append(response.segments)
    by_position = {question.group.position: question for question in received.questions}
    groups += [_answer_group(by_position[position], services, sets) for position, sets in transactions.items()]
    return Draft(received, responses, groups, circumstances.local_moment)


def _answer_group(question: Question, services: Services, transactions: Sequence[Sequence[str]]) -> Group:
    """The answers to one functional group: GS02 and GS03 changed round."""
    service, header = service_of(question, services), question.group.header
    return Group(service.functional_identifier, header[3], header[2], service.guide, transactions)
