"""Writing the TA1 and the 999 (005010X231A1).

What a partner sent is copied into an acknowledgment only as far as the acknowledgment stays well formed: values are cut
to the length of their data element, a value with characters outside X12's sets is left out (RFI 2293), and a required
element that cannot be copied gets a named placeholder.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from edi.acknowledgment import (
    ERROR_CODES_MAX,
    ElementNote,
    ElementPosition,
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    SegmentNote,
    TransactionAcknowledgment,
    Trigger,
)
from edi.delimiters import STANDARD
from edi.envelope import Group, InterchangeHeader, write_interchange
from edi.writing import composite, segment

GUIDE = "005010X231A1"
SEGMENT_NOTES_MAX = 1_000
"""IK3 loops for one transaction set; our own bound, the guide has none."""
ELEMENT_NOTES_MAX = 99
"""IK4 loops for one segment; our own bound, the guide has none."""
SEGMENT_TRIGGERS_MAX = 8
"""CTX for situational triggers of a segment (loop 2100): the guide's nine less one, for pyx12 counts the business
unit's among them."""
ELEMENT_TRIGGERS_MAX = 10
"""CTX for situational triggers of an element (loop 2110)."""

BAD_VALUE_MAX = 99
CONTEXT_REFERENCE_MAX = 35
GUIDE_REFERENCE_MAX = 35
LOOP_IDENTIFIER_MAX = 4
"""Data element 447 in 005010: loop 2100C is told as 2100, and IK302 says which."""
ELEMENT_POSITION_MAX = 99
REPETITION_MAX = 9999
COUNT_MAX = 999_999
"""AK902 to AK904."""

UNREADABLE_CONTROL_NUMBER = "000000000"
"""TA101 when ISA13 is not nine digits."""
UNREADABLE_SEGMENT_ID = "ZZZ"
"""IK301 when what stands there is no segment identifier; it is not repeated, for it may be any part of the data."""
UNREADABLE_GROUP = ("ZZ", "0", "UNKNOWN")
"""AK101, AK102, AK103 when GS01, GS06 or GS08 cannot be copied."""
UNREADABLE_ADDRESS = "UNKNOWN"
"""GS02 or GS03 of our group when the received group names nobody."""

_BLANKED = str.maketrans(
    dict.fromkeys((STANDARD.element, STANDARD.repetition, STANDARD.component, STANDARD.segment), " ")
)


def write_acknowledgments(
    header: InterchangeHeader,
    interchange: InterchangeAcknowledgment | None,
    groups: Sequence[GroupAcknowledgment] = (),
) -> bytes:
    """One answer interchange: a TA1 when given, and a 999 for each group, those to the same address in one FA group."""
    loose = [] if interchange is None else [interchange_acknowledgment_segment(interchange, header.written_at)]
    return write_interchange(header, [*acknowledgment_groups(groups)], loose_segments=loose)


def control_numbers_needed(groups: Sequence[GroupAcknowledgment]) -> int:
    """How many control numbers an answer interchange with these 999s takes, from the one in its header on."""
    return max(1, sum(1 for _ in acknowledgment_groups(groups)))


def readable_transaction(identifier: str, control_number: str) -> bool:
    """Whether ST01 and ST02 can be copied into an AK2; if not, the group is rejected instead (RFI 55 and 1339)."""
    return _is_code(identifier, 3, 3) and 4 <= len(_copied(control_number, 10)) <= 9


def acknowledgment_groups(groups: Sequence[GroupAcknowledgment]) -> Iterator[Group]:
    """The FA groups of 999s, those to the same address together; for an interchange that holds other answers too."""
    for (sender, receiver), answered in groupby(groups, key=_addresses):
        transactions = [_999(number, group) for number, group in enumerate(answered, start=1)]
        yield Group("FA", sender, receiver, GUIDE, transactions)


def _addresses(group: GroupAcknowledgment) -> tuple[str, str]:
    """Sender and receiver of the answer: the received group's, changed round (data elements 142 and 124, AN 2/15)."""
    return _address(group.receiver), _address(group.sender)


def _address(code: str) -> str:
    copied = _copied(code, 15)
    return copied if len(copied) >= 2 else UNREADABLE_ADDRESS


def interchange_acknowledgment_segment(acknowledgment: InterchangeAcknowledgment, written_at: datetime) -> str:
    """The TA1; a date or time that is none is replaced by that of the answer."""
    return segment(
        "TA1",
        acknowledgment.control_number if _is_digits(acknowledgment.control_number, 9, 9) else UNREADABLE_CONTROL_NUMBER,
        acknowledgment.date if _is_moment(acknowledgment.date, "%y%m%d") else f"{written_at:%y%m%d}",
        acknowledgment.time if _is_moment(acknowledgment.time, "%H%M") else f"{written_at:%H%M}",
        acknowledgment.status,
        acknowledgment.note,
    )


def _999(number: int, group: GroupAcknowledgment) -> list[str]:
    segments = [segment("ST", "999", f"{number:04d}", GUIDE), _ak1(group)]
    for transaction in group.transactions:
        segments.extend(_transaction_segments(transaction))
    segments.append(_ak9(group))
    return segments


def _ak1(group: GroupAcknowledgment) -> str:
    unreadable_identifier, unreadable_number, unreadable_guide = UNREADABLE_GROUP
    return segment(
        "AK1",
        group.functional_identifier if _is_code(group.functional_identifier, 2, 2) else unreadable_identifier,
        group.control_number if _is_digits(group.control_number, 1, 9) else unreadable_number,
        _copied(group.guide, 12) or unreadable_guide,
    )


def _ak9(group: GroupAcknowledgment) -> str:
    counts = (str(min(count, COUNT_MAX)) for count in (group.included, group.received, group.accepted))
    return segment("AK9", group.status, *counts, *tuple(dict.fromkeys(group.errors))[:ERROR_CODES_MAX])


def _transaction_segments(transaction: TransactionAcknowledgment) -> Iterator[str]:
    yield segment(
        "AK2",
        transaction.identifier,
        _copied(transaction.control_number, 9),
        _copied(transaction.guide, GUIDE_REFERENCE_MAX),
    )
    for note in transaction.notes[:SEGMENT_NOTES_MAX]:
        yield from _note_segments(note)
    yield segment("IK5", transaction.status, *transaction.codes)


def _note_segments(note: SegmentNote) -> Iterator[str]:
    # Both kinds of CTX stand at one position of the guide; pyx12 counts them together and wants the single one first.
    yield segment("IK3", _segment_id(note.segment_id), str(note.position), _loop(note.loop), note.code)
    if note.business_unit is not None and (reference := _copied(note.business_unit.reference, CONTEXT_REFERENCE_MAX)):
        yield segment("CTX", composite(note.business_unit.name, reference))
    for trigger in note.triggers[:SEGMENT_TRIGGERS_MAX]:
        yield _trigger_segment(trigger)
    for element in note.elements[:ELEMENT_NOTES_MAX]:
        yield _ik4(element)
        for trigger in element.triggers[:ELEMENT_TRIGGERS_MAX]:
            yield _trigger_segment(trigger)


def _trigger_segment(trigger: Trigger) -> str:
    return segment(
        "CTX",
        "SITUATIONAL TRIGGER",
        _segment_id(trigger.segment_id),
        str(trigger.position),
        _loop(trigger.loop),
        "" if trigger.element is None else _c030(trigger.element),
    )


def _ik4(note: ElementNote) -> str:
    return segment(
        "IK4",
        _c030(note.position),
        note.data_element if _is_digits(note.data_element, 1, 4) else "",
        note.code,
        _copied(note.bad_value, BAD_VALUE_MAX),
    )


def _c030(position: ElementPosition) -> str:
    """C030, each number cut to what its data element can hold."""
    return composite(
        str(min(position.element, ELEMENT_POSITION_MAX)),
        "" if position.component is None else str(min(position.component, ELEMENT_POSITION_MAX)),
        "" if position.repetition is None else str(min(position.repetition, REPETITION_MAX)),
    )


def _segment_id(identifier: str) -> str:
    return identifier if _is_code(identifier, 2, 3) else UNREADABLE_SEGMENT_ID


def _loop(path: str) -> str:
    """IK303: the innermost loop of a path such as ``2000A/2000B/2100B``."""
    return _copied(path.rpartition("/")[2], LOOP_IDENTIFIER_MAX)


def _copied(value: str, longest: int) -> str:
    """A value of the partner's, so that it is well formed in an answer of ours; empty when it cannot be."""
    if not (value.isascii() and value.isprintable()):
        return ""
    return value.translate(_BLANKED)[:longest].rstrip()


def _is_code(value: str, shortest: int, longest: int) -> bool:
    return shortest <= len(value) <= longest and value.isascii() and value.isalnum()


def _is_digits(value: str, shortest: int, longest: int) -> bool:
    return shortest <= len(value) <= longest and value.isascii() and value.isdigit()


def _is_moment(value: str, layout: str) -> bool:
    try:
        return datetime.strptime(value, layout).strftime(layout) == value  # noqa: DTZ007 - only the form is asked for
    except ValueError:
        return False
