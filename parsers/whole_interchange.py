"""The usual real-time file in one go: one interchange of one group with one transaction set, nothing unusual in it.

What is taken here is taken by ``parsers.framing.Framer`` in the same way, only slower; what is not, the framer judges.
"""

from edi.delimiters import Delimiters
from parsers import limits
from parsers.envelope_findings import Place, judge_group_header, judge_transaction_header
from parsers.frames import FunctionalGroup, Interchange, Segment, TransactionSet
from parsers.interchange_header import ISA_CHARACTERS, read_header

_ENVELOPE = frozenset({"ISA", "IEA", "GS", "GE", "ST", "SE"})
_SEGMENTS_MIN = len(("GS", "ST", "SE", "GE", "IEA"))


def read_whole_interchange(text: str) -> Interchange | None:
    """The interchange when ``text`` is one with clean envelopes and nothing around it, else None."""
    if len(text) > limits.WHOLE_TRANSACTION_CHARACTERS_MAX or not text.startswith("ISA"):
        return None
    elements, delimiters, findings, readable = read_header(text[:ISA_CHARACTERS], 0)
    if findings or not readable:
        return None
    joint = line_joint(text, ISA_CHARACTERS, delimiters.segment)
    raw = text[ISA_CHARACTERS + len(joint) - 1 :].split(joint)
    last = raw.pop().rstrip("\r\n")
    if last:
        raw.append(last.removesuffix(delimiters.segment))
    if len(raw) < _SEGMENTS_MIN:
        return None
    segments = [each.split(delimiters.element) for each in raw]
    if not _are_envelopes_clean(segments, elements[13], delimiters):
        return None
    if (last or len(joint) > 1) and text.count(delimiters.segment) != len(raw) + 1:
        return None
    offset = ISA_CHARACTERS + 2 * len(joint) - 1 + len(raw[0])
    transaction = TransactionSet(segments[1:-2], raw[1:-2], 3, offset, [], [], len(joint))
    group = FunctionalGroup(segments[0], 2, [transaction], [], ISA_CHARACTERS + len(joint) - 1, 1, 1)
    return Interchange(elements, delimiters, [group], findings, 0, [], 1)


def line_joint(text: str, start: int, terminator: str) -> str:
    """The segment terminator with the line break that stands at ``start``."""
    for line_break in ("\r\n", "\n", "\r"):
        if text.startswith(line_break, start):
            return terminator + line_break
    return terminator


def _are_envelopes_clean(segments: list[Segment], control_number: str, delimiters: Delimiters) -> bool:
    """Whether GS, ST, SE, GE and IEA are where they must be, and right, and no other envelope segment is between."""
    group, transaction = segments[0], segments[1]
    if group[0] != "GS" or transaction[0] != "ST" or segments[-1] != ["IEA", "1", control_number]:
        return False
    if segments[-2] != ["GE", "1", *group[6:7]]:
        return False
    if segments[-3] != ["SE", str(len(segments) - 3), *transaction[2:3]]:
        return False
    inner = {segment[0] for segment in segments[2:-3]}
    if not inner.isdisjoint(_ENVELOPE) or min(inner, default="ST") < "0":
        return False
    component = delimiters.component
    return not judge_group_header(group, Place(2, 0), component) and not judge_transaction_header(
        transaction, 0, component
    )
