"""The verdict on a file: what was found, what it means, and the acknowledgments that would be sent for it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from edi.acknowledgment import GroupAcknowledgment, InterchangeAcknowledgment
from edi.acknowledgment_codes import AcknowledgmentStatus
from edi.acknowledgment_writing import control_numbers_needed, write_acknowledgments
from edi.envelope import InterchangeHeader
from parsers.acknowledging import (
    ACKNOWLEDGMENT_GROUP,
    acknowledge_interchange,
    acknowledge_whole_group,
    answer_header,
    is_acknowledgment,
    wants_acknowledgment,
)
from parsers.findings import Finding
from parsers.frames import Interchange, TransactionSet, element_of


@dataclass(frozen=True, slots=True)
class Report:
    """What ``parsers.check`` found in a file."""

    interchanges: Sequence[Interchange]

    @property
    def accepted(self) -> bool:
        """Whether nothing at all was found: no TA1, AK9, IK5, IK3 or IK4 would say anything but A."""
        return next(self._findings(), None) is None

    @property
    def findings(self) -> list[Finding]:
        """All findings, outer envelope before inner, in the order of the file."""
        return [*self._findings()]

    @property
    def transactions(self) -> list[TransactionSet]:
        """All transaction sets of the file, in order."""
        return [one for interchange in self.interchanges for group in interchange.groups for one in group.transactions]

    def acknowledgment(
        self, written_at: datetime | None = None, control_number: int = 1, *, accepted_too: bool = True
    ) -> bytes:
        """The TA1s and 999s that would be sent: one answer interchange for each received one that gets any.

        Args:
            written_at: ISA09, ISA10, GS04 and GS05 of the answers; each received interchange's own when left out.
            control_number: ISA13 and GS06 of the first answer; the others count on from it.
            accepted_too: whether accepted groups get a 999, as in batch; in real time the 271 is their answer.

        Returns:
            The bytes of the interchanges, one after the other; empty when there is nothing to say.
        """
        if self.accepted and not accepted_too:
            return b""
        answers = []
        for interchange in self.interchanges:
            header = answer_header(interchange, written_at or received_at(interchange), control_number)
            groups = (acknowledge_whole_group(group, rejected_only=not accepted_too) for group in interchange.groups)
            answer = Answer.to(interchange, groups, accepted_too=accepted_too)
            answers.append(answer.write(header))
            control_number += answer.control_numbers_needed
        return b"".join(answers)

    def _findings(self) -> Iterator[Finding]:
        for interchange in self.interchanges:
            yield from interchange.findings
            for group in interchange.groups:
                yield from group.findings
                for transaction in group.transactions:
                    yield from transaction.findings


@dataclass(frozen=True, slots=True)
class Answer:
    """What one received interchange is told: a TA1, 999s, both, or nothing."""

    interchange: InterchangeAcknowledgment | None
    groups: Sequence[GroupAcknowledgment]

    @classmethod
    def to(cls, interchange: Interchange, groups: Iterable[GroupAcknowledgment], *, accepted_too: bool) -> "Answer":
        """The answer to an interchange, given what its groups would be told.

        A rejected interchange gets a TA1 and nothing else. An accepted one gets a TA1 only when its ISA14 asks for it
        and ``accepted_too``.
        """
        if is_acknowledgment(interchange):
            return cls(None, ())
        if interchange.findings:
            return cls(acknowledge_interchange(interchange), ())
        asked = accepted_too and wants_acknowledgment(interchange)
        return cls(
            acknowledge_interchange(interchange) if asked else None,
            tuple(
                group
                for group in groups
                if group.functional_identifier != ACKNOWLEDGMENT_GROUP
                and (accepted_too or group.status is not AcknowledgmentStatus.ACCEPTED)
            ),
        )

    @property
    def control_numbers_needed(self) -> int:
        """How many control numbers writing takes; none when there is nothing to say."""
        return control_numbers_needed(self.groups) if self.interchange or self.groups else 0

    def write(self, header: InterchangeHeader) -> bytes:
        """The bytes of the answer interchange, empty when there is nothing to say."""
        if self.interchange is None and not self.groups:
            return b""
        return write_acknowledgments(header, self.interchange, self.groups)


def received_at(interchange: Interchange) -> datetime:
    """ISA09 and ISA10 as a moment in the sender's own zone, told as UTC; the first of 1970 when they are none."""
    told = element_of(interchange.header, 9) + element_of(interchange.header, 10)
    try:
        return datetime.strptime(f"{told}+0000", "%y%m%d%H%M%z")
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)
