"""A regular expression for each segment of a guide that matches only segments with nothing wrong in them.

It need not match all of those: what it does not match is judged element by element (``parsers.elements``). No
expression can take more than linear time: every part is bounded by the separator after it.
"""

import re
from collections.abc import Callable, Sequence

from edi.delimiters import Delimiters
from parsers.guide_rules import CompositeRule, ElementRule, Rule, SegmentRule, Usage
from parsers.values import DATE6, DATE8, TIME, TIME4

Match = Callable[[str], object]

_FORMATS = {
    "RD8": f"{DATE8}-{DATE8}",
    "DT": f"(?:{DATE8}{TIME4}|{DATE8}|{DATE6})",
    "D8": DATE8,
    "D6": DATE6,
    "TM": TIME,
}
_CHARACTERS_5010 = [chr(code) for code in range(ord(" "), ord("~") + 1)]
_CHARACTERS_4010 = [character for character in _CHARACTERS_5010 if character not in "^`"]
_NEVER = "(?!)"


def compile_segment(rule: SegmentRule, delimiters: Delimiters, *, is_5010: bool) -> Match:
    """The test of a segment's text, without terminator: true only if nothing in it is wrong."""
    return re.compile(_Writer(delimiters, is_5010).segment(rule)).fullmatch


def compile_shape(
    rules: Sequence[SegmentRule], beginnings: Sequence[str], delimiters: Delimiters, *, is_5010: bool
) -> Match:
    """The test of a whole transaction set's text: these segments in this order, each with this beginning.

    Args:
        rules: of each segment.
        beginnings: of each segment's text, as far as it decides where the segment goes and how it is counted.
        delimiters: of the interchange; the text has segment terminators between segments only.
        is_5010: as the guide says.
    """
    writer = _Writer(delimiters, is_5010)
    marks = re.escape(delimiters.element + delimiters.component + delimiters.segment)
    segments = (
        rf"(?={re.escape(begin)}(?:[{marks}]|\Z)){writer.segment(rule, ordinal)}"
        for ordinal, (rule, begin) in enumerate(zip(rules, beginnings, strict=True))
    )
    return re.compile(re.escape(delimiters.segment).join(segments)).fullmatch


class _Presence:
    """Conditions on which elements are there: each has a group that is set when it is."""

    def __init__(self, rule: SegmentRule, ordinal: int) -> None:
        used = {element.number for element in rule.elements if element.usage is not Usage.NOT_USED}
        asked = {number for note in rule.notes for number in note.elements}
        self._groups = {number: f"s{ordinal}e{number}" for number in used & asked}
        self._notes = rule.notes

    def mark(self, number: int, expression: str) -> str:
        """The expression of an element that is there, in its group when a note asks for it."""
        group = self._groups.get(number)
        return f"(?P<{group}>{expression})" if group else expression

    def conditions(self) -> str:
        """All notes, for the end of the segment: matches nothing at all, or fails."""
        return "".join(self._note(note.kind, list(note.elements)) for note in self._notes)

    def _note(self, kind: str, numbers: list[int]) -> str:
        first, others = numbers[0], numbers[1:]
        match kind:
            case "P":
                return self._if(first, self._all(others), self._at_most(0, others))
            case "R":
                return self._any(numbers)
            case "E":
                return self._at_most(1, numbers)
            case "C":
                return self._if(first, self._all(others), "")
            case _:
                return self._if(first, self._any(others), "")

    def _if(self, number: int, then: str, otherwise: str) -> str:
        group = self._groups.get(number)
        if group is None or then == otherwise:
            return otherwise
        return f"(?({group}){then}|{otherwise})"

    def _all(self, numbers: list[int]) -> str:
        return self._if(numbers[0], self._all(numbers[1:]), _NEVER) if numbers else ""

    def _any(self, numbers: list[int]) -> str:
        return self._if(numbers[0], "", self._any(numbers[1:])) if numbers else _NEVER

    def _at_most(self, count: int, numbers: list[int]) -> str:
        if not numbers:
            return ""
        one_more = self._at_most(count - 1, numbers[1:]) if count else _NEVER
        return self._if(numbers[0], one_more, self._at_most(count, numbers[1:]))


class _Writer:
    """Writes the expressions of one guide for one set of delimiters."""

    def __init__(self, delimiters: Delimiters, is_5010: bool) -> None:
        self._element = re.escape(delimiters.element)
        self._component = re.escape(delimiters.component)
        self._repetition = re.escape(delimiters.repetition)
        self._segment = re.escape(delimiters.segment)
        marks = (delimiters.element, delimiters.component, delimiters.repetition, delimiters.segment)
        characters = _CHARACTERS_5010 if is_5010 else _CHARACTERS_4010
        self._character = f"[{''.join(re.escape(c) for c in characters if c not in marks)}]"

    def segment(self, rule: SegmentRule, ordinal: int = 0) -> str:
        """Identifier and elements; what may be left out at the end is nested, so that one way only leads through it."""
        needed, tail = "", ""
        presence = _Presence(rule, ordinal)
        dated = rule.identifier == "DTP" and len(rule.elements) == len(("qualifier", "format", "period"))
        for element in reversed(rule.elements):
            if dated and element is rule.elements[2]:
                continue
            together = dated and element is rule.elements[1]
            part = self._element + (self._dated(rule) if together else self.element(element, presence))
            if needed or element.usage is Usage.REQUIRED:
                needed, tail = part + needed + tail, ""
            else:
                tail = f"(?:{part}{tail})?"
        not_empty = "" if needed else f"(?={rule.identifier}[{self._element}{self._component}]*+[^{self._segment}])"
        return f"{not_empty}{rule.identifier}{needed}{tail}{presence.conditions()}{self._element}*+"

    def _dated(self, rule: SegmentRule) -> str:
        """DTP02 and DTP03 together: the format and a value that has it."""
        formats, value = rule.elements[1], rule.elements[2]
        if not isinstance(formats, ElementRule) or not isinstance(value, ElementRule) or not formats.codes:
            return _NEVER
        pairs = [code + self._element + _FORMATS[code] for code in sorted(formats.codes) if code in _FORMATS]
        return f"(?:{'|'.join(pairs)})" if pairs else _NEVER

    def element(self, rule: Rule, presence: _Presence) -> str:
        """One element; empty as well where it may be missing."""
        if rule.usage is Usage.NOT_USED:
            return ""
        one = self._composite(rule) if isinstance(rule, CompositeRule) else self._value(rule)
        if rule.repeat_max > 1:
            one = f"{one}(?:{self._repetition}{one}){{0,{min(rule.repeat_max, 1000) - 1}}}"
        one = presence.mark(rule.number, one)
        return one if rule.usage is Usage.REQUIRED else f"(?:{one})?"

    def _composite(self, rule: CompositeRule) -> str:
        if rule.components[0].usage is Usage.NOT_USED:
            return _NEVER
        needed, tail = "", ""
        for component in reversed(rule.components):
            value = "" if component.usage is Usage.NOT_USED else self._value(component)
            optional = component.usage is not Usage.REQUIRED and component.number != 1
            part = (self._component if component.number > 1 else "") + (f"(?:{value})?" if optional else value)
            if needed or not optional:
                needed, tail = part + needed + tail, ""
            else:
                tail = f"(?:{part}{tail})?"
        return needed + tail

    def _value(self, rule: ElementRule) -> str:
        """One value that is there."""
        if rule.pattern is not None:
            return _NEVER
        if rule.codes is not None:
            codes = sorted(code for code in rule.codes if self._is_writable(rule, code))
            return f"(?:{'|'.join(_trie(codes))})" if codes and not rule.format_types else _NEVER
        if rule.format_types:
            formats = [_FORMATS[each] for each in _FORMATS if each in rule.format_types]
            return f"(?:{'|'.join(formats)})" if formats and rule.data_type == "AN" else _NEVER
        return self._of_type(rule)

    def _is_writable(self, rule: ElementRule, code: str) -> bool:
        if rule.data_type[:1] == "N":
            return code.isdigit() and code.isascii() and rule.length_min <= len(code) <= rule.length_max
        return (
            rule.data_type in ("ID", "AN")
            and rule.length_min <= len(code) <= rule.length_max
            and not code.endswith(" ")
            and re.fullmatch(f"{self._character}+", code) is not None
        )

    def _of_type(self, rule: ElementRule) -> str:
        low, high = max(rule.length_min, 1), rule.length_max
        if rule.data_type in ("ID", "AN"):
            return f"{self._character}{{{low},{high}}}+(?<! )"
        if rule.data_type == "R":
            return rf"(?=-?(?:\.?[0-9]){{{low},{high}}}(?![0-9.]))-?[0-9]*+(?:\.[0-9]++)?+"
        if rule.data_type[:1] == "N":
            return f"-?[0-9]{{{low},{high}}}+"
        if rule.data_type == "TM" and (low, high) == (4, 8):
            return TIME
        if rule.data_type == "DT":
            return _of_length(_FORMATS_BY_LENGTH, low, high)
        return _NEVER


_FORMATS_BY_LENGTH = {12: DATE8 + TIME4, 8: DATE8, 6: DATE6}


def _of_length(formats: dict[int, str], low: int, high: int) -> str:
    fitting = [pattern for length, pattern in formats.items() if low <= length <= high]
    return f"(?:{'|'.join(fitting)})" if fitting else _NEVER


def _trie(codes: list[str]) -> list[str]:
    """Alternatives for sorted ``codes``, longest first, with common beginnings written once."""
    branches: dict[str, list[str]] = {}
    for code in codes:
        if code:
            branches.setdefault(code[0], []).append(code[1:])
    parts = []
    for first, rests in branches.items():
        inner = _trie(rests)
        optional = "?" if "" in rests else ""
        parts.append(re.escape(first) + (f"(?:{'|'.join(inner)}){optional}" if inner else ""))
    return parts
