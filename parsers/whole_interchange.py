"""The usual real-time file in one go: one interchange of one group with one transaction set, nothing unusual in it.

What is taken here is taken by ``parsers.framing.Framer`` in the same way, only slower; what is not, the framer judges.
"""

from typing import NamedTuple

from edi.delimiters import Delimiters
from parsers import limits
from parsers.envelope_findings import Place, judge_group_header, judge_transaction_header
from parsers.frames import FunctionalGroup, Interchange, Segment, TransactionSet
from parsers.interchange_header import ISA_CHARACTERS, Header, read_header
from parsers.middles import KNOWN, Key, Middle

_ENVELOPE = frozenset({"ISA", "IEA", "GS", "GE", "ST", "SE"})
_ENDS = len(("GS", "ST", "BHT", "SE", "GE", "IEA"))


class _Cut(NamedTuple):
    """The text of an interchange in the pieces that differ each time, and the key of the rest."""

    head: list[str]
    """GS, ST and the segment after it."""
    trace: list[str]
    """The first TRN, if there is one after that."""
    tail: list[str]
    """SE, GE and IEA."""
    key: Key


def read_whole_interchange(text: str) -> Interchange | None:
    """The interchange when ``text`` is one with clean envelopes and nothing around it, else None."""
    if len(text) > limits.WHOLE_TRANSACTION_CHARACTERS_MAX or not text.startswith("ISA"):
        return None
    header = read_header(text[:ISA_CHARACTERS], 0)
    delimiters = header.delimiters
    if header.findings or not header.readable:
        return None
    joint = line_joint(text, ISA_CHARACTERS, delimiters.segment)
    cut = _cut(text[ISA_CHARACTERS + len(joint) - 1 :], joint, delimiters)
    if cut is None:
        return None
    middle = KNOWN.find(cut.key) or _split_middle(cut.key, joint, delimiters.element)
    if middle is None:
        return None
    if len(joint) > 1:
        segments = _ENDS + len(cut.trace) + len(middle.before) + len(middle.after)
        if text.count(delimiters.segment) != segments + 1:
            return None
    return _assemble(header, cut, middle, len(joint))


def line_joint(text: str, start: int, terminator: str) -> str:
    """The segment terminator with the line break that stands at ``start``."""
    behind = text[start : start + 2]
    if behind == "\r\n":
        return terminator + behind
    return terminator + behind[:1] if behind[:1] in ("\r", "\n") else terminator


def _cut(text: str, joint: str, delimiters: Delimiters) -> _Cut | None:
    """Take the text from the GS on apart; None when it is too short, or unusual at its end."""
    *head, rest = _without_end(text, joint, delimiters.segment).split(joint, 3)
    middle, *tail = rest.rsplit(joint, 3)
    if len(head) < 3 or len(tail) < 3:
        return None
    before, found, after = middle.partition(f"{joint}TRN{delimiters.element}")
    marks = delimiters.element + delimiters.repetition + delimiters.component + joint
    if not found:
        return _Cut(head, [], tail, (marks, before, None))
    trace, goes_on, after = after.partition(joint)
    if goes_on and not after:
        return None
    return _Cut(head, [f"TRN{delimiters.element}{trace}"], tail, (marks, before, after))


def _without_end(text: str, joint: str, terminator: str) -> str:
    """The text without what ends its last segment; empty when that is not ended."""
    if text.endswith(joint):
        return text[: -len(joint)]
    bare = text.rstrip("\r\n")
    return bare[:-1] if bare.endswith(terminator) else ""


def _split_middle(key: Key, joint: str, separator: str) -> Middle | None:
    """The middle in its segments; None when one of them belongs to an envelope or is none."""
    _, before, after = key
    raw_before = before.split(joint)
    raw_after = after.split(joint) if after else []
    segments = [each.split(separator) for each in raw_before + raw_after]
    identifiers = {segment[0] for segment in segments}
    if not identifiers.isdisjoint(_ENVELOPE) or min(identifiers) < "0":
        return None
    count = len(raw_before)
    return Middle(key, segments[:count], segments[count:], raw_before, raw_after)


def _assemble(header: Header, cut: _Cut, middle: Middle, stride: int) -> Interchange | None:
    """The interchange, None when its envelopes are not clean."""
    separator = header.delimiters.element
    group_header, opening, second = [each.split(separator) for each in cut.head]
    closing, group_trailer, trailer = [each.split(separator) for each in cut.tail]
    trace = [each.split(separator) for each in cut.trace]
    segments = [opening, second, *middle.before, *trace, *middle.after, closing]
    if not (
        trailer == ["IEA", "1", header.elements[13]]
        and group_trailer == ["GE", "1", *group_header[6:7]]
        and closing == ["SE", str(len(segments)), *opening[2:3]]
        and _is_inner(second)
        and _are_headers_clean(group_header, opening, header.delimiters.component)
    ):
        return None
    raw = [*cut.head[1:], *middle.raw_before, *cut.trace, *middle.raw_after, cut.tail[0]]
    gs_offset = ISA_CHARACTERS + stride - 1
    st_offset = gs_offset + len(cut.head[0]) + stride
    transaction = TransactionSet(segments, raw, 3, st_offset, [], [], stride, middle)
    group = FunctionalGroup(group_header, 2, [transaction], [], gs_offset, 1, 1)
    return Interchange(header.elements, header.delimiters, [group], header.findings, 0, [], 1)


def _is_inner(segment: Segment) -> bool:
    """Whether a segment is one, and none of an envelope's."""
    return segment[0] >= "0" and segment[0] not in _ENVELOPE


def _are_headers_clean(group: Segment, transaction: Segment, component: str) -> bool:
    """Whether GS and ST are what they must be and where they must be."""
    return (
        group[0] == "GS"
        and transaction[0] == "ST"
        and not judge_group_header(group, Place(2, 0), component)
        and not judge_transaction_header(transaction, 0, component)
    )
