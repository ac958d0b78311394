"""Entries of the audit as columns, which PostgreSQL and we write and read in a fraction of a record's time.

A column of text is one text: its values one after the other, each ended by the unit separator. A column of numbers is
one text too, an array as PostgreSQL writes it: to send one as an array costs more than all else that is done with it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from operator import attrgetter

import msgspec

from gateway.audit.entry import AuditEntry, Recorded, Stale, Verdict
from gateway.store.documents import encode
from gateway.store.limits import AUDIT_ELEMENT_CHARACTERS_MAX

RECORD = """
SELECT audit_ids, control_numbers, stale
FROM edi.record_answers($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
"""With what `in_columns` and `sent_in_columns` give, and the number of the configuration; `verdicts` reads the row."""

_END = "\x1f"
_NONE = "{}"
_NOTHING: tuple[object, ...] = ([], [], b"", b"", "", _NONE, _NONE, "", "", _NONE)
_DIGESTS_BYTES = 64

_elements = attrgetter("isa06", "isa08", "isa13", "gs02", "gs03", "gs06", "st02", "bht03", "trn02")
"""What partners sent, and so may be anything."""
_marks = attrgetter("mode", "transaction", "outcome", "answer_trace")
"""What is ours, and so holds nothing that a text cannot hold."""


class Unwritable(ValueError):  # noqa: N818 - names the state of the entry
    """An entry is not as it must be."""


def in_columns(entries: Sequence[AuditEntry]) -> tuple[object, ...]:
    """The arguments of ``edi.record_answers`` that tell of the entries, in its order.

    Raises:
        Unwritable: one of the entries cannot be told.
    """
    if not entries:
        return _NOTHING
    facts: dict[tuple[str, int], int] = {}
    places = [",".join([str(facts.setdefault(fact, len(facts) + 1)) for fact in each.facts]) for each in entries]
    unrecorded = {facts[fact] for each in entries if not each.facts_recorded for fact in each.facts}
    entry_numbers, partners = _control_numbers(entries)
    digests = b"".join([digest for each in entries for digest in (each.payload_sha256, each.answer_sha256)])
    if len(digests) != _DIGESTS_BYTES * len(entries):
        raise Unwritable("a digest is not one of SHA-256")
    lengths = [len(each.payload) for each in entries]
    texts = [
        _ended([each.submitter_id for each in entries]),
        *[_ended_and_clean(column) for column in zip(*map(_elements, entries), strict=True)],
        *[_ended(column) for column in zip(*map(_marks, entries), strict=True)],
        _ended([encode(each.stages).decode() for each in entries]),
        _ended([f"{{{each}}}" for each in places]),
    ]
    return (
        texts,
        [
            _array([_microseconds(each.received_at) for each in entries]),
            _array(accumulate(lengths[:-1], initial=1)),
            _array(lengths),
            *entry_numbers,
        ],
        b"".join([each.payload for each in entries]),
        digests,
        _ended([key for key, _ in facts]),
        _array([version for _, version in facts]),
        _array(unrecorded),
        *partners,
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


def _control_numbers(entries: Sequence[AuditEntry]) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Of each entry its partner's place, its needs and those before it; the partners' qualifiers, ids and needs."""
    places: dict[tuple[str, str], int] = {}
    needs: list[int] = []
    entry_places, before = [], []
    for entry in entries:
        place = places.setdefault((_clean(entry.partner.qualifier), _clean(entry.partner.identifier)), len(needs) + 1)
        if place > len(needs):
            needs.append(0)
        entry_places.append(place)
        before.append(needs[place - 1])
        needs[place - 1] += entry.control_numbers_needed
    told = (_array(entry_places), _array([entry.control_numbers_needed for entry in entries]), _array(before))
    qualifiers, ids = zip(*places, strict=True)
    return told, (_ended(qualifiers), _ended(ids), _array(needs))


def _array(numbers: Iterable[int]) -> str:
    """Numbers as PostgreSQL writes an array of them."""
    return f"{{{','.join(map(str, numbers))}}}"


def _microseconds(moment: datetime) -> int:
    """Since 1970 began; exact, because a float holds less than half of one too much or too little."""
    return round(moment.timestamp() * 1e6)


def _ended(values: Sequence[str]) -> str:
    column = _END.join((*values, ""))
    if column.count(_END) != len(values):
        raise Unwritable("a value holds the character that ends one")
    return column


def _ended_and_clean(values: Sequence[str]) -> str:
    column = _END.join(values) + _END
    is_long = max(map(len, values)) > AUDIT_ELEMENT_CHARACTERS_MAX
    if is_long or column.count(_END) != len(values) or "\0" in column:
        return _END.join(map(_clean, values)) + _END
    return column


def _clean(text: str) -> str:
    """What a partner sent as an element, in a form that PostgreSQL holds and that fills nobody's disk."""
    if text.isprintable() and len(text) <= AUDIT_ELEMENT_CHARACTERS_MAX:
        return text
    short = text[:AUDIT_ELEMENT_CHARACTERS_MAX]
    return short.replace("\0", "\N{REPLACEMENT CHARACTER}").replace(_END, "\N{REPLACEMENT CHARACTER}")
