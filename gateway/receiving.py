"""From an interchange's bytes to what can be answered of it and what has to be refused."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

from edi.acknowledgment import GroupAcknowledgment, TransactionAcknowledgment
from edi.acknowledgment_codes import InterchangeNote, TransactionError
from edi.delimiters import Delimiters
from edi.envelope import Address
from gateway.metrics import Stage
from gateway.stages import Stages
from parsers import limits
from parsers.acknowledging import (
    ACKNOWLEDGMENT_GROUP,
    Parties,
    acknowledge_group,
    acknowledge_interchange,
    acknowledge_transaction,
)
from parsers.checking import check_interchange
from parsers.frames import FunctionalGroup, Interchange, TransactionSet, element_of
from parsers.framing import read
from parsers.inquiries import Reader, Request, find_reader
from rules.facts import Submitter

CONTROL_VERSION = "00501"
"""ISA12 of the guides that we answer to."""

_WRONG_ADDRESS = (
    InterchangeNote.SENDER_QUALIFIER,
    InterchangeNote.SENDER_ID,
    InterchangeNote.RECEIVER_QUALIFIER,
    InterchangeNote.RECEIVER_ID,
    InterchangeNote.VERSION_NOT_SUPPORTED,
)
"""Why an interchange is refused whose ISA05 to ISA08 or ISA12 is not as it has to be."""


@dataclass(slots=True)
class Question:
    """A transaction set that can be answered."""

    group: FunctionalGroup
    transaction: TransactionSet
    delimiters: Delimiters
    reader: Reader
    _request: Request | None = None

    @property
    def request(self) -> Request:
        """What is asked, typed; read when it is first wanted."""
        if self._request is None:
            self._request = self.reader.read(self.transaction, self.delimiters)
        return self._request

    @property
    def reference(self) -> str:
        """BHT03."""
        return element_of(self.transaction.segments[1], 3)

    @property
    def trace(self) -> str:
        """TRN02 of the first TRN; empty where there is none."""
        return next((element_of(segment, 2) for segment in self.transaction.segments if segment[0] == "TRN"), "")


@dataclass(slots=True)
class Received:
    """An interchange that has been read: refused as a whole, or with sets to answer and groups to acknowledge."""

    interchange: Interchange
    parties: Parties
    """Who answers whom by our own address and the credential that came."""
    note: InterchangeNote | None = None
    """Why the whole is refused."""
    questions: Sequence[Question] = ()
    acknowledgments: Sequence[GroupAcknowledgment] = ()
    """Of the groups with something rejected; in real time an accepted set is acknowledged by its answer."""


def receive(
    data: bytes, submitter: Submitter, payer: Address, answered: Container[type[Request]], stages: Stages
) -> Received:
    """Read and judge one real-time request.

    Args:
        data: the body as it came.
        submitter: whose credential came with it.
        payer: our own address.
        answered: the kinds of requests that there is a service for.
        stages: the stopwatch of this answer.
    """
    parties = Parties(payer, Address(submitter.interchange_qualifier, submitter.interchange_id))
    interchanges = read(data, limits.ENVELOPES_PER_REQUEST_MAX)
    interchange = interchanges[0]
    note = _refusal(interchange, submitter, payer)
    if note is None and len(interchanges) > 1:
        note = InterchangeNote.CONTENT  # real time is one interchange a request
    stages.mark(Stage.FRAME)
    if note is not None:
        return Received(interchange, parties, note)
    check_interchange(interchange, limits.FINDINGS_PER_REQUEST_MAX)
    stages.mark(Stage.CHECK)
    received = _sort_out(interchange, parties, answered)
    stages.mark(Stage.PARSE)
    return received


def _refusal(interchange: Interchange, submitter: Submitter, payer: Address) -> InterchangeNote | None:
    """Why the interchange is refused as a whole, if it is: its envelope, or a sender or receiver who is not right.

    A sender who is not the submitter is TA1 006 (RFI 1759).
    """
    if interchange.findings:
        return acknowledge_interchange(interchange).note
    header = interchange.header
    addresses = (header[5], header[6].rstrip(), header[7], header[8].rstrip(), header[12])
    expected = (
        submitter.interchange_qualifier,
        submitter.interchange_id,
        payer.qualifier,
        payer.identifier,
        CONTROL_VERSION,
    )
    if addresses == expected:
        return None
    pairs = zip(addresses, expected, _WRONG_ADDRESS, strict=True)
    return next(note for told, right, note in pairs if told != right)


def _sort_out(interchange: Interchange, parties: Parties, answered: Container[type[Request]]) -> Received:
    """Typed requests of the sets that are accepted, 999s of the groups with a set that is not.

    Acknowledgments are never acknowledged; an interchange that holds nothing else has nothing in it to answer.
    """
    questions: list[Question] = []
    acknowledgments: list[GroupAcknowledgment] = []
    for group in interchange.groups:
        if group.identifier == ACKNOWLEDGMENT_GROUP:
            continue
        asked = [] if group.findings else _questions(group, interchange, answered)
        questions += asked
        if len(asked) < len(group.transactions) or group.findings:
            sound = {id(question.transaction) for question in asked}
            told = [_acknowledge(each, is_answered=id(each) in sound) for each in group.transactions]
            acknowledgments.append(acknowledge_group(group, told, rejected_only=True))
    if not questions and not acknowledgments:
        return Received(interchange, parties, InterchangeNote.CONTENT)
    return Received(interchange, parties, None, questions, acknowledgments)


def _questions(group: FunctionalGroup, interchange: Interchange, answered: Container[type[Request]]) -> list[Question]:
    """The sets of a sound group that can be answered."""
    sound = [transaction for transaction in group.transactions if not transaction.findings]
    return [
        Question(group, transaction, interchange.delimiters, reader)
        for transaction in sound
        if (reader := find_reader(transaction)) is not None and reader.kind in answered
    ]


def _acknowledge(transaction: TransactionSet, *, is_answered: bool) -> TransactionAcknowledgment:
    """AK2 to IK5; a set without fault that asks nothing which we answer is not supported."""
    if is_answered or transaction.findings:
        return acknowledge_transaction(transaction)
    return TransactionAcknowledgment(
        transaction.identifier, transaction.control_number, transaction.guide, (TransactionError.NOT_SUPPORTED,)
    )
