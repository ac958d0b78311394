"""From findings to the TA1 and 999 that tell them (005010X231A1); the gateway uses the pieces, ``Report`` the whole."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from edi.acknowledgment import (
    ElementNote,
    ElementPosition,
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    SegmentNote,
    TransactionAcknowledgment,
    Trigger,
)
from edi.acknowledgment_codes import (
    AcknowledgmentStatus,
    ElementError,
    GroupError,
    InterchangeNote,
    SegmentError,
    TransactionError,
)
from edi.acknowledgment_writing import readable_transaction
from edi.envelope import CONTROL_NUMBER_MAX, Address, InterchangeHeader
from edi.sensitive import is_sensitive
from parsers.business_units import BusinessUnits
from parsers.findings import Finding, Level
from parsers.frames import FunctionalGroup, Interchange, TransactionSet, element_of

UNREADABLE_PARTY = Address("ZZ", "UNKNOWN")
"""Stands for a sender or receiver that the ISA does not tell."""
PARTY_QUALIFIERS = frozenset({"01", "14", "20", "27", "28", "29", "30", "33", "ZZ"})
"""ISA05 and ISA07 in the HIPAA guides."""
ACKNOWLEDGMENT_GROUP = "FA"
"""GS01 of 997 and 999, which are never acknowledged themselves (X12 999, note 1)."""

_ABSENCES = (SegmentError.REQUIRED_MISSING, SegmentError.LOOP_TOO_SELDOM, SegmentError.TOO_SELDOM)


class Parties(NamedTuple):
    """Who answers whom, known from elsewhere than the ISA: from a credential and one's own configuration."""

    sender: Address
    receiver: Address


def answer_header(
    interchange: Interchange, written_at: datetime, control_number: int, known: Parties | None = None
) -> InterchangeHeader:
    """The ISA of an answer: sender and receiver changed round, production or test as received.

    Args:
        interchange: that is answered.
        written_at: in the payer's own time zone.
        control_number: those above the largest begin again at 1.
        known: used instead of what a faulty ISA says, whose elements may be anything; None where nobody else tells,
            then what can be repeated of it is.
    """
    sender, receiver = _parties(interchange) if known is None or _is_header_sound(interchange) else known
    return InterchangeHeader(
        sender=sender,
        receiver=receiver,
        written_at=written_at,
        control_number=(control_number - 1) % CONTROL_NUMBER_MAX + 1,
        test=element_of(interchange.header, 15) == "T",
    )


def acknowledge_interchange(interchange: Interchange, note: InterchangeNote | None = None) -> InterchangeAcknowledgment:
    """The TA1 for an interchange: ``note`` when given, else its first finding, else accepted."""
    if note is None:
        notes = (finding.code for finding in interchange.findings if isinstance(finding.code, InterchangeNote))
        note = next(notes, InterchangeNote.NONE)
    header = interchange.header
    return InterchangeAcknowledgment(element_of(header, 13), element_of(header, 9), element_of(header, 10), note)


def wants_acknowledgment(interchange: Interchange) -> bool:
    """Whether ISA14 asks for a TA1 although nothing is wrong."""
    return element_of(interchange.header, 14) == "1"


def is_acknowledgment(interchange: Interchange) -> bool:
    """Whether it holds nothing but TA1s: these are never answered, lest two partners answer each other for ever."""
    return bool(interchange.acknowledgments) and interchange.group_count == 0


def acknowledge_transaction(transaction: TransactionSet) -> TransactionAcknowledgment:
    """AK2 to IK5 for a transaction set with its findings."""
    findings = transaction.findings
    return TransactionAcknowledgment(
        transaction.identifier,
        transaction.control_number,
        transaction.guide,
        errors=tuple(finding.code for finding in findings if isinstance(finding.code, TransactionError)),
        notes=tuple(_segment_notes(transaction)) if findings else (),
    )


def acknowledge_group(
    group: FunctionalGroup,
    transactions: Iterable[TransactionAcknowledgment],
    *,
    rejected_only: bool = False,
    errors: Sequence[GroupError] = (),
) -> GroupAcknowledgment:
    """The 999 for a functional group.

    A set whose ST01 or ST02 cannot be repeated has no AK2; the group is rejected for it (RFI 55 and 1339). A rejected
    group tells about no set as accepted.

    Args:
        group: as received, with its findings.
        transactions: all of the group's, in order.
        rejected_only: whether the answer leaves the accepted ones out (its counts still count them).
        errors: what else is wrong with the group, such as a GS02 that is not the submitter's (RFI 1759).
    """
    told = [*transactions]
    readable = [one for one in told if readable_transaction(one.identifier, one.control_number)]
    rejected = [one for one in readable if one.status is AcknowledgmentStatus.REJECTED]
    found = [*errors, *(finding.code for finding in group.findings if isinstance(finding.code, GroupError))]
    if len(readable) < len(told):
        found.append(GroupError.TRANSACTION_COUNT)
    return GroupAcknowledgment(
        functional_identifier=group.identifier,
        control_number=group.control_number,
        guide=group.version,
        sender=element_of(group.header, 2),
        receiver=element_of(group.header, 3),
        included=group.transaction_count if group.declared_count is None else group.declared_count,
        received=group.transaction_count,
        accepted=0 if found else len(readable) - len(rejected),
        transactions=rejected if rejected_only or found else readable,
        errors=found,
    )


def acknowledge_whole_group(group: FunctionalGroup, *, rejected_only: bool = False) -> GroupAcknowledgment:
    """The 999 for a functional group that holds its judged transaction sets."""
    return acknowledge_group(group, map(acknowledge_transaction, group.transactions), rejected_only=rejected_only)


def _is_header_sound(interchange: Interchange) -> bool:
    """Whether there is an ISA, and nothing is wrong with it by itself."""
    return bool(interchange.header) and not any(finding.segment_id == "ISA" for finding in interchange.findings)


def _parties(interchange: Interchange) -> Parties:
    """Sender and receiver changed round, as far as they can be repeated."""
    return Parties(_party(interchange, 7), _party(interchange, 5))


def _party(interchange: Interchange, number: int) -> Address:
    """ISA05 and ISA06, or ISA07 and ISA08."""
    return _address(element_of(interchange.header, number), element_of(interchange.header, number + 1))


@lru_cache(maxsize=1024)
def _address(qualifier: str, identifier: str) -> Address:
    identifier = identifier.strip()
    if qualifier not in PARTY_QUALIFIERS:
        qualifier = UNREADABLE_PARTY.qualifier
    if not (identifier and identifier.isascii() and identifier.isprintable()):
        identifier = UNREADABLE_PARTY.identifier
    return Address(qualifier, identifier)


def _segment_notes(transaction: TransactionSet) -> Iterator[SegmentNote]:
    """IK3 loops in the order of the segments; the element errors of a segment are told under one with code 8."""
    units = BusinessUnits(transaction.segments)
    told = [one for one in transaction.findings if one.level in (Level.SEGMENT, Level.ELEMENT)]
    told.sort(key=_position)
    for position, found in groupby(told, key=_position):
        yield from _notes_at(position, [*found], transaction, units)


def _notes_at(
    position: int, findings: list[Finding], transaction: TransactionSet, units: BusinessUnits
) -> Iterator[SegmentNote]:
    elements = [_element_note(one, one.code, transaction) for one in findings if isinstance(one.code, ElementError)]
    # Several segments can be missing at one place, so the identifier and the loop tell notes apart, not the position.
    heads = dict.fromkeys((one.segment_id, one.loop, _segment_code(one)) for one in findings)
    for segment_id, loop, code in heads:
        unit = units.at(position - 1 if code in _ABSENCES else position)
        told = elements if code is SegmentError.ELEMENTS_IN_ERROR else ()
        yield SegmentNote(segment_id, position, code, loop, business_unit=unit, elements=told)


def _segment_code(finding: Finding) -> SegmentError:
    return finding.code if isinstance(finding.code, SegmentError) else SegmentError.ELEMENTS_IN_ERROR


def _element_note(finding: Finding, code: ElementError, transaction: TransactionSet) -> ElementNote:
    entity = element_of(transaction.segments[min(_position(finding), len(transaction.segments)) - 1], 1)
    sensitive = is_sensitive(finding.segment_id, finding.data_element, entity)
    return ElementNote(
        ElementPosition(finding.element or 1, finding.component, finding.repetition),
        code,
        finding.data_element,
        "" if sensitive else finding.value,
        triggers=() if finding.trigger is None else (_trigger(finding, finding.trigger),),
    )


def _trigger(finding: Finding, element: int) -> Trigger:
    return Trigger(finding.segment_id, _position(finding), finding.loop, ElementPosition(element))


def _position(finding: Finding) -> int:
    return finding.segment or 1
