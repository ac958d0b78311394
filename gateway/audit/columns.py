"""Entries of the audit as a few texts, which PostgreSQL and we write and read in a fraction of a record's time.

An entry is one text, its fields separated by the unit separator; the entries of a commit are one text, separated by the
record separator. A column of numbers is one text too, an array as PostgreSQL writes it: to send one as an array costs
more than all else that is done with it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from gateway.audit.entry import ENTRY_END, FIELD_END, AuditEntry, Recorded, Stale, Verdict, cleaned
from gateway.store.documents import encode
from gateway.store.limits import AUDIT_ELEMENT_CHARACTERS_MAX

RECORD = """
SELECT audit_ids, control_numbers, stale
FROM edi.record_answers($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
"""With what `in_columns` and `sent_in_columns` give, and the number of the configuration; `verdicts` reads the row."""

_FIELDS = 22
_ELEMENTS = 5
_DIGESTS_BYTES = 64


class Unwritable(ValueError):  # noqa: N818 - names the state of the entry
    """An entry is not as it must be."""


class _Columns:
    """The columns beside the entries' own texts, as they grow."""

    def __init__(self) -> None:
        self.facts: dict[tuple[str, int], int] = {}
        """The place of each fact, by key and version."""
        self.unrecorded: set[int] = set()
        self.partners: dict[tuple[str, str], int] = {}
        """The place of each partner, by qualifier and identifier."""
        self.needs: list[int] = []
        """Of each partner, how many control numbers are needed so far."""
        self.payload_bytes = 0

    def row(self, entry: AuditEntry) -> str:
        """An entry's own text; what it names besides goes into the columns."""
        matter, facts = entry.matter, self.facts
        places = [facts.setdefault(fact, len(facts) + 1) for fact in entry.facts]
        if not entry.facts_recorded:
            self.unrecorded.update(places)
        partner = self.partners.setdefault(matter.partner_fields, len(self.partners) + 1)
        if partner > len(self.needs):
            self.needs.append(0)
        before = self.needs[partner - 1]
        self.needs[partner - 1] = before + matter.control_numbers_needed
        begins = self.payload_bytes + 1
        self.payload_bytes += len(entry.payload)
        return (
            f"{matter.fields}{partner}\x1f{matter.control_numbers_needed}\x1f{before}\x1f"
            f"{_elements(entry)}{entry.answer_trace}\x1f{_microseconds(entry.received_at)}\x1f"
            f"{begins}\x1f{len(entry.payload)}\x1f{encode(entry.stages).decode()}\x1f{_array(places)}"
        )


def in_columns(entries: Sequence[AuditEntry]) -> tuple[str | bytes, ...]:
    """The arguments of ``edi.record_answers`` that tell of the entries, in its order.

    Raises:
        Unwritable: one of the entries cannot be told.
    """
    columns = _Columns()
    rows = [columns.row(entry) for entry in entries]
    text = ENTRY_END.join(rows)
    is_whole = text.count(FIELD_END) == (_FIELDS - 1) * len(rows) and text.count(ENTRY_END) == max(0, len(rows) - 1)
    if not is_whole or "\0" in text:
        raise Unwritable("a field holds a character that no field can hold")
    digests = b"".join([digest for entry in entries for digest in (entry.payload_sha256, entry.answer_sha256)])
    if len(digests) != _DIGESTS_BYTES * len(entries):
        raise Unwritable("a digest is not one of SHA-256")
    return (
        text,
        b"".join([entry.payload for entry in entries]),
        digests,
        FIELD_END.join([key for key, _ in columns.facts]),
        _array([version for _, version in columns.facts]),
        _array(list(columns.unrecorded)),
        _ended([qualifier for qualifier, _ in columns.partners]),
        _ended([identifier for _, identifier in columns.partners]),
        _array(columns.needs),
    )


def sent_in_columns(sent: Sequence[tuple[int, datetime]]) -> tuple[str, str]:
    """The arguments of ``edi.record_answers`` that tell when answers recorded before were sent."""
    return _array([audit_id for audit_id, _ in sent]), _array([_microseconds(moment) for _, moment in sent])


def verdicts(
    audit_ids: Sequence[int | None] | None, control_numbers: Sequence[int | None] | None, stale: str | None
) -> list[Verdict]:
    """What ``edi.record_answers`` says of each entry, in their order."""
    gone = {} if stale is None else msgspec.json.decode(stale, type=dict[int, tuple[str, ...]])
    return [
        Stale(gone[place]) if audit_id is None else Recorded(audit_id, number or 0)
        for place, (audit_id, number) in enumerate(zip(audit_ids or (), control_numbers or (), strict=True), 1)
    ]


def _elements(entry: AuditEntry) -> str:
    """The elements that differ from asking to asking, each ended."""
    told = f"{entry.isa13}\x1f{entry.gs06}\x1f{entry.st02}\x1f{entry.bht03}\x1f{entry.trn02}\x1f"
    is_short = len(told) <= AUDIT_ELEMENT_CHARACTERS_MAX
    if is_short and told.count(FIELD_END) == _ELEMENTS and ENTRY_END not in told and "\0" not in told:
        return told
    elements = (entry.isa13, entry.gs06, entry.st02, entry.bht03, entry.trn02)
    return FIELD_END.join((*map(cleaned, elements), ""))


def _ended(values: Iterable[str]) -> str:
    return FIELD_END.join((*values, ""))


def _array(numbers: list[int]) -> str:
    """Numbers as PostgreSQL reads an array of them; as Python writes a list, but for the brackets."""
    return f"{{{str(numbers)[1:-1]}}}"


def _microseconds(moment: datetime) -> int:
    """Since 1970 began; exact, because a float holds less than half of one too much or too little."""
    return round(moment.timestamp() * 1e6)
