"""The verdict on a file of any size, fed piece by piece: memory is bounded by its largest transaction set.

Only counts and a bounded number of findings are kept. With acknowledgments asked for, one small value for each
transaction set of the open interchange is kept besides.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from edi.acknowledgment import GroupAcknowledgment, TransactionAcknowledgment
from parsers.acknowledging import acknowledge_group, acknowledge_transaction, answer_header
from parsers.conformance import check_group, check_transaction
from parsers.findings import Finding
from parsers.frames import FunctionalGroup, Interchange, TransactionSet
from parsers.framing import Event, Framer, GroupClosed, InterchangeClosed, TransactionRead
from parsers.report import Answer

FINDINGS_KEPT_MAX = 1_000
"""Findings kept for one file of each of the interchange's, groups' and transaction sets' own; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding and the envelopes it lies in: ISA13, GS06 and ST02, empty where it is outside of one."""

    finding: Finding
    interchange: str
    group: str = ""
    transaction: str = ""


class StreamCheck:
    """Judges one file: ``feed`` it, ``close`` it, then read the attributes."""

    def __init__(self, acknowledged_at: datetime | None = None, *, findings_max: int = FINDINGS_KEPT_MAX) -> None:
        """Start a file.

        Args:
            acknowledged_at: write acknowledgments as of this moment; None leaves them out.
            findings_max: findings to keep on transaction sets, on groups and on interchanges, each.
        """
        self.interchanges = 0
        self.transactions = 0
        self.transactions_rejected = 0
        self.findings_total = 0
        self.is_x12 = False
        """Whether the file has an ISA at all."""
        self.acknowledgments: list[bytes] = []
        self._found: dict[type, list[Found]] = {Interchange: [], FunctionalGroup: [], TransactionSet: []}
        self._findings_max = findings_max
        self._framer = Framer()
        self._acknowledged_at = acknowledged_at
        self._control_number = 1
        self._told: list[TransactionAcknowledgment] = []
        self._told_groups: list[GroupAcknowledgment] = []

    @property
    def accepted(self) -> bool:
        """Whether nothing has been found."""
        return self.findings_total == 0

    @property
    def findings(self) -> list[Found]:
        """What is kept of the findings, in the order of the file."""
        return sorted(chain(*self._found.values()), key=lambda found: found.finding.offset or 0)

    def feed(self, data: bytes) -> None:
        """Judge the next bytes of the file."""
        self._take(self._framer.feed(data))

    def close(self) -> None:
        """Judge the end of the file."""
        self._take(self._framer.close())

    def _take(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, TransactionRead):
                self._take_transaction(event.transaction, event.group, event.interchange)
            elif isinstance(event, GroupClosed):
                self._take_group(event.group, event.interchange)
            elif isinstance(event, InterchangeClosed):
                self._take_interchange(event.interchange)

    def _take_transaction(self, transaction: TransactionSet, group: FunctionalGroup, interchange: Interchange) -> None:
        transaction.findings.extend(check_transaction(transaction, group, interchange))
        self.transactions += 1
        if transaction.findings:
            self.transactions_rejected += 1
            self._keep(transaction, interchange.control_number, group.control_number, transaction.control_number)
        if self._acknowledged_at is not None:
            self._told.append(acknowledge_transaction(transaction))

    def _take_group(self, group: FunctionalGroup, interchange: Interchange) -> None:
        group.findings.extend(check_group(group, interchange))
        self._keep(group, interchange.control_number, group.control_number)
        if self._acknowledged_at is not None:
            self._told_groups.append(acknowledge_group(group, self._told))
            self._told = []

    def _take_interchange(self, interchange: Interchange) -> None:
        self.is_x12 = self.is_x12 or bool(interchange.header)
        self.interchanges += 1
        self._keep(interchange, interchange.control_number)
        if self._acknowledged_at is not None:
            answer = Answer.to(interchange, self._told_groups, accepted_too=True)
            header = answer_header(interchange, self._acknowledged_at, self._control_number)
            self.acknowledgments.append(answer.write(header))
            self._control_number += answer.control_numbers_needed
            self._told_groups = []

    def _keep(self, envelope: Interchange | FunctionalGroup | TransactionSet, *numbers: str) -> None:
        kept = self._found[type(envelope)]
        self.findings_total += len(envelope.findings)
        room = self._findings_max - len(kept)
        kept.extend(Found(finding, *numbers) for finding in envelope.findings[:room])
