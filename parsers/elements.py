"""Elements of one segment against its rule in the guide (X12.6 data types; IK403 codes of 005010X231A1).

This is the exact judgment; ``parsers.patterns`` is the fast one that only knows "nothing is wrong".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from edi.acknowledgment_codes import ElementError
from edi.delimiters import Delimiters
from parsers.frames import Segment
from parsers.guide_rules import CompositeRule, ElementRule, Rule, SegmentRule, Usage
from parsers.values import DATE6, DATE8, TIME, TIME4


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a segment."""

    code: ElementError
    element: int
    component: int | None = None
    repetition: int | None = None
    """From 1, None where the element does not repeat."""
    rule: Rule | None = None
    """None for an element beyond the last of the guide."""
    value: str = ""
    trigger: int | None = None
    """The element whose presence asks for this one or forbids it."""


_CONTROL = re.compile("[\x01-\x07\x09-\x0d\x11-\x17\x1c-\x1f]")
_CHARACTERS_5010 = re.compile("[ -~]*")
_CHARACTERS_4010 = re.compile("[ -\\]_a-~]*")
_INTEGER = re.compile("-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]*(?:\.[0-9]+)?")
_TIME = re.compile(f"{TIME}|(?:[01][0-9]|2[0-3])[0-5]?|[0-2]?")
"""With the rests of a time that pyx12 lets pass; that they are too short is another finding."""
_FORMATS = {
    "D8": re.compile(DATE8),
    "D6": re.compile(DATE6),
    "DT": re.compile(f"{DATE6}|{DATE8}{TIME4}?"),
    "TM": _TIME,
    "RD8": re.compile(f"{DATE8}-{DATE8}"),
}
_DATE_FORMATS = frozenset({"RD8", "DT", "D8", "D6"})
_DTP_FORMATS = frozenset({"RD8", "D8", "D6", "DT", "TM"})
_TEXT_TYPES = frozenset({"AN", "ID"})


def judge_segment(rule: SegmentRule, segment: Segment, delimiters: Delimiters, *, is_5010: bool) -> list[Fault]:
    """All that is wrong in ``segment`` as ``rule`` sees it; trailing separators are nothing."""
    judge = _Judge(delimiters, is_5010)
    return list(judge.faults(rule, segment))


@dataclass(frozen=True, slots=True)
class _Judge:
    delimiters: Delimiters
    is_5010: bool

    def faults(self, rule: SegmentRule, segment: Segment) -> Iterator[Fault]:
        last = len(segment) - 1
        while last > len(rule.elements) and not segment[last]:
            last -= 1
        if last > len(rule.elements):
            number = len(rule.elements) + 1
            yield Fault(ElementError.TOO_MANY_ELEMENTS, number, value=segment[number])
        for element in rule.elements:
            value = segment[element.number] if element.number < len(segment) else ""
            yield from self._element(_for_date(rule, element, segment, self.delimiters.component), value)
        for note in rule.notes:
            number_at_fault = note.breach(segment, self.delimiters.component)
            if number_at_fault is not None:
                trigger = note.trigger(segment, self.delimiters.component)
                yield Fault(note.code, number_at_fault, rule=_rule_of(rule, number_at_fault), trigger=trigger)

    def _element(self, rule: Rule, value: str) -> Iterator[Fault]:
        """One element with its repetitions."""
        if self.delimiters.repetition not in value or rule.usage is Usage.NOT_USED:
            yield from self._repetition(rule, value, None)
            return
        repetitions = value.split(self.delimiters.repetition)
        if len(repetitions) > rule.repeat_max:
            number = rule.repeat_max + 1
            excess = repetitions[rule.repeat_max]
            yield Fault(ElementError.TOO_MANY_REPETITIONS, rule.number, None, number, rule, excess)
        for number, repetition in enumerate(repetitions[: rule.repeat_max], 1):
            yield from self._repetition(rule, repetition, number)

    def _repetition(self, rule: Rule, value: str, repetition: int | None) -> Iterator[Fault]:
        if isinstance(rule, CompositeRule):
            yield from self._composite(rule, value, repetition)
            return
        if self.delimiters.component in value:
            yield Fault(ElementError.CHARACTER, rule.number, None, repetition, rule, value)
            return
        for code in self._codes(rule, value, required=rule.usage is Usage.REQUIRED):
            yield Fault(code, rule.number, None, repetition, rule, value)

    def _composite(self, rule: CompositeRule, value: str, repetition: int | None) -> Iterator[Fault]:
        components = value.split(self.delimiters.component)
        if not any(components):
            if rule.usage is Usage.REQUIRED:
                yield Fault(ElementError.REQUIRED_MISSING, rule.number, None, repetition, rule)
            return
        if rule.usage is Usage.NOT_USED:
            yield Fault(ElementError.NOT_USED, rule.number, None, repetition, rule, value)
            return
        if len(components) > len(rule.components):
            excess = components[len(rule.components)]
            yield Fault(
                ElementError.TOO_MANY_COMPONENTS, rule.number, len(rule.components) + 1, repetition, rule, excess
            )
        for component in rule.components:
            part = components[component.number - 1] if component.number <= len(components) else ""
            required = component.usage is Usage.REQUIRED and (component.number != 1 or rule.usage is Usage.REQUIRED)
            for code in self._codes(component, part, required=required):
                yield Fault(code, rule.number, component.number, repetition, component, part)

    def _codes(self, rule: ElementRule, value: str, *, required: bool) -> Iterator[ElementError]:
        """What is wrong with one value."""
        if not value:
            if required:
                yield ElementError.REQUIRED_MISSING
            return
        if rule.usage is Usage.NOT_USED:
            yield ElementError.NOT_USED
            return
        length = measured_length(rule, value)
        if length < rule.length_min:
            yield ElementError.TOO_SHORT
        elif length > rule.length_max:
            yield ElementError.TOO_LONG
        if _CONTROL.search(value):
            yield ElementError.CHARACTER
            return
        yield from self._contents(rule, value)

    def _contents(self, rule: ElementRule, value: str) -> Iterator[ElementError]:
        if rule.data_type in _TEXT_TYPES and value[-1] == " " and len(value.rstrip()) >= rule.length_min:
            yield ElementError.CHARACTER
        if rule.codes is not None and value not in rule.codes:
            yield ElementError.CODE
        misfit = self._type_misfit(rule.data_type, value)
        if misfit is not None:
            yield misfit
        if rule.format_types and not any(_has_format(value, each) for each in rule.format_types):
            if "TM" in rule.format_types:
                yield ElementError.TIME
            elif not _DATE_FORMATS.isdisjoint(rule.format_types):
                yield ElementError.DATE
        if rule.pattern is not None and not rule.pattern.search(value):
            yield ElementError.CODE

    def _type_misfit(self, data_type: str, value: str) -> ElementError | None:
        if data_type in _TEXT_TYPES:
            characters = _CHARACTERS_5010 if self.is_5010 else _CHARACTERS_4010
            return None if characters.fullmatch(value) else ElementError.CHARACTER
        if data_type == "R":
            return None if _DECIMAL.fullmatch(value) else ElementError.CHARACTER
        if data_type[:1] == "N":
            return None if _INTEGER.fullmatch(value) else ElementError.CHARACTER
        if data_type in ("", "B"):
            return None
        if _has_format(value, data_type):
            return None
        if data_type == "TM":
            return ElementError.TIME
        return ElementError.DATE if data_type in _DATE_FORMATS else ElementError.CHARACTER


def measured_length(rule: ElementRule, value: str) -> int:
    """Length as X12.6 counts it: sign and decimal point of a number do not count."""
    if rule.data_type == "R" or rule.data_type[:1] == "N":
        return len(value) - value.count("-") - value.count(".")
    return len(value)


def _has_format(value: str, data_type: str) -> bool:
    pattern = _FORMATS.get(data_type)
    return pattern is not None and pattern.fullmatch(value) is not None


def _rule_of(rule: SegmentRule, number: int) -> Rule | None:
    return next((element for element in rule.elements if element.number == number), None)


def _for_date(rule: SegmentRule, element: Rule, segment: Segment, component_separator: str) -> Rule:
    """DTP03 must have the format that DTP02 names, where it is a format of dates or times that is known here."""
    if rule.identifier == "DTP" and element.number == 3 and isinstance(element, ElementRule):
        named = segment[2].rstrip(component_separator) if len(segment) > 2 else ""
        return _with_format(element, named) if named in _DTP_FORMATS else element
    return element


@lru_cache(maxsize=1024)
def _with_format(rule: ElementRule, format_type: str) -> ElementRule:
    return replace(rule, format_types=(format_type,))
