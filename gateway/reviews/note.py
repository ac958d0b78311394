"""What the record of a review holds besides requests and decisions: messages, and documents by reference.

The documents themselves are kept elsewhere: a note says where, under what they were asked for, and when they came.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import msgspec

MESSAGE_CHARACTERS_MAX = 4000
REFERENCE_CHARACTERS_MAX = 80
"""As long as PWK06 may be."""
_LOINC = re.compile(r"[0-9]{1,7}-[0-9]")


@dataclass(frozen=True, slots=True)
class Message:
    """What was said between payer and submitter, or within the payer's house."""

    text: str = field(repr=False)
    is_internal: bool = False
    """Whether the submitter is not to see it."""


@dataclass(frozen=True, slots=True)
class DocumentNote:
    """A document that came. One that says neither control number nor LOINC code stands for all that was asked for."""

    reference: str = field(default="", repr=False)
    """Under which it is kept."""
    control_number: str = ""
    """PWK06 under which it was asked for."""
    loinc: str = ""
    """What it is."""
    received_on: date | None = None
    """When it came; None: on the day of the note."""


Note = Message | DocumentNote


class NoteFault(StrEnum):
    """Why a note cannot be put on record."""

    NOTHING_SAID = "a message says something"
    TEXT_TOO_LONG = "a message has at most 4000 characters"
    NOT_PRINTABLE = "characters that cannot be printed are no part of it"
    NOTHING_NAMED = "a document has a reference, a control number or a LOINC code"
    NAME_TOO_LONG = "a reference or control number has at most 80 characters"
    NOT_LOINC = "a LOINC code is digits, a hyphen and a digit"
    NOT_YET = "a document that is to come has not come"


def find_note_faults(note: Note, today: date) -> tuple[NoteFault, ...]:
    """Everything that is wrong with a note; none for one that may be put on record."""
    return tuple(_message_faults(note) if isinstance(note, Message) else _document_faults(note, today))


def encode_note(note: Note) -> bytes:
    """As JSON."""
    return msgspec.json.encode(note)


def decode_note(kind: str, document: bytes | None) -> Note | None:
    """What ``encode_note`` wrote, by the kind of the event; None for events that are no notes."""
    if document is None or kind not in _TYPES:
        return None
    note: Note = msgspec.json.decode(document, type=_TYPES[kind])
    return note


def kind_of_note(note: Note) -> str:
    """The kind of its event."""
    return _MESSAGE if isinstance(note, Message) else _DOCUMENT


_MESSAGE, _DOCUMENT = "message", "document"
_TYPES: dict[str, type[Message | DocumentNote]] = {_MESSAGE: Message, _DOCUMENT: DocumentNote}


def _message_faults(message: Message) -> Iterator[NoteFault]:
    if not message.text.strip():
        yield NoteFault.NOTHING_SAID
    if len(message.text) > MESSAGE_CHARACTERS_MAX:
        yield NoteFault.TEXT_TOO_LONG
    if not message.text.isprintable():
        yield NoteFault.NOT_PRINTABLE


def _document_faults(document: DocumentNote, today: date) -> Iterator[NoteFault]:
    names = (document.reference, document.control_number)
    if not any((*names, document.loinc)):
        yield NoteFault.NOTHING_NAMED
    if any(len(name) > REFERENCE_CHARACTERS_MAX for name in names):
        yield NoteFault.NAME_TOO_LONG
    if not all(name.isprintable() for name in names):
        yield NoteFault.NOT_PRINTABLE
    if document.loinc and not _LOINC.fullmatch(document.loinc):
        yield NoteFault.NOT_LOINC
    if document.received_on is not None and document.received_on > today:
        yield NoteFault.NOT_YET
