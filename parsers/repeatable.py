"""Interchanges that can come again: the same question in the same words, but for what its sender changes each time.

Practices ask about the same patient again and again. What differs then are dates and times of the envelopes, control
numbers, BHT03 and the number of the first trace. Where all other words are those of an interchange that was judged
clean, and what differs is as it should be, the whole is clean again and asks the same.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from parsers.interchange_header import ISA_CHARACTERS
from parsers.values import DATE6, DATE8, TIME, TIME4
from parsers.whole_interchange import line_joint

REPEATABLE_CHARACTERS_MAX = 4_096
"""Longer interchanges come again too seldom."""

_BESIDES_LETTERS = "-._"
"""What may stand in a reference or trace number, unless it is a delimiter; one with anything else is read in full."""


class Repeatable(NamedTuple):
    """One interchange of one group and one transaction set that begins with BHT, taken apart."""

    words: tuple[str, ...]
    """All that is the same when it comes again."""
    interchange_number: str
    """ISA13."""
    group_number: str
    """GS06."""
    set_number: str
    """ST02."""
    reference: str
    """BHT03."""
    trace: str
    """TRN02 of the first TRN, empty where there is none."""

    def __repr__(self) -> str:
        """Nothing of the words: they name the patient."""
        return f"Repeatable({self.interchange_number}/{self.group_number}/{self.set_number})"


class _Patterns(NamedTuple):
    head: re.Pattern[str]
    """ISA to BHT05."""
    trace: re.Pattern[str]
    """The first TRN up to its number."""
    tail: re.Pattern[str]
    """SE, GE and IEA."""


def read_repeatable(data: bytes) -> Repeatable | None:
    """Take an interchange apart; None for one that is long, holds more, or differs in more than is usual.

    Nothing is judged but what differs each time: whether the rest is clean knows only who has read it in full.
    """
    if not ISA_CHARACTERS < len(data) <= REPEATABLE_CHARACTERS_MAX:
        return None
    text = data.decode("latin-1")
    element, joint = text[3], line_joint(text, ISA_CHARACTERS, text[105])
    head_pattern, trace_pattern, tail_pattern = _patterns(element, joint, text[82] + text[104])
    head = head_pattern.match(text)
    tail = tail_pattern.fullmatch(text, max(0, text.rfind(f"{joint}SE{element}")))
    if head is None or tail is None:
        return None
    sender, repetition, number, receiver, group_number, guide, set_number, purpose, reference = head.groups()
    count, *trailers = tail.groups()
    if trailers != [set_number, group_number, number]:
        return None
    begin, end = head.end(), tail.start()
    trace_at = text.find(f"{joint}TRN{element}", begin, end)
    if trace_at < 0:
        words: tuple[str, ...] = (sender, repetition, receiver, guide, purpose, text[begin:end], count)
        return Repeatable(words, number, group_number, set_number, reference, "")
    trace = trace_pattern.match(text, trace_at, end)
    if trace is None:
        return None
    words = (sender, repetition, receiver, guide, purpose, text[begin:trace_at], text[trace.end() : end], count)
    return Repeatable(words, number, group_number, set_number, reference, trace[1])


@lru_cache(maxsize=64)
def _patterns(element: str, joint: str, other_marks: str) -> _Patterns:
    """How the parts look between which an interchange is cut.

    Args:
        element: the element separator.
        joint: the segment terminator with the line break after it, if any.
        other_marks: repetition and component separator.
    """
    e, j, within = re.escape(element), re.escape(joint), f"[^{re.escape(element + joint)}]*"
    besides = "".join(each for each in _BESIDES_LETTERS if each not in element + joint + other_marks)
    mark = f"([A-Za-z0-9{re.escape(besides)}]{{1,50}})"
    head = (
        f"(ISA.{{67}}){DATE6}{e}{TIME4}({e}.{e}00501{e})([0-9]{{9}})({e}.{e}.{e}.{j}GS{e}{within}{e}{within}{e}{within}{e})"
        f"{DATE8}{e}{TIME}{e}([0-9]{{1,9}})({e}{within}{e}{within}{j}ST{e}{within}{e})([A-Za-z0-9]{{4,9}})"
        f"({e}{within}{j}BHT{e}{within}{e}{within}{e}){mark}{e}{DATE8}{e}{TIME}(?=[{e}{j}])"
    )
    tail = f"{j}SE{e}([0-9]+){e}([A-Za-z0-9]+){j}GE{e}1{e}([0-9]+){j}IEA{e}1{e}([0-9]+){re.escape(joint[0])}[\r\n]*"
    trace = f"{j}TRN{e}1{e}{mark}(?:(?=[{e}{j}])|$)"
    return _Patterns(re.compile(head, re.DOTALL), re.compile(trace), re.compile(tail))
