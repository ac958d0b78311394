"""Transaction sets of a shape that comes often, tested whole by one regular expression.

A shape is the sequence of segments with their qualifiers and own numbers (HL01, HL02, LX01). All that the guide asks
of order, repeats, requirements and hierarchy depends on the shape alone, so it need not be asked again; what is left
are the elements. An expression matches only what is clean, and what it does not match takes the walk.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from edi.delimiters import Delimiters
from parsers.frames import Segment, TransactionSet
from parsers.guide_rules import Guide, SegmentRule
from parsers.middles import KNOWN, Middle
from parsers.patterns import Match, compile_shape
from parsers.walking import Walker

_SEEN_BEFORE_LEARNT = 100
"""Clean transaction sets of a shape before an expression, which costs about a millisecond a segment, is made."""
_SHAPES_MAX = 64
"""Expressions kept for one guide."""
_SHAPES_PER_OUTLINE_MAX = 4
_OUTLINES_COUNTED_MAX = 1_024
_SEGMENTS_MAX = 32
"""Longer transaction sets seldom have the same shape."""

_NUMBER_ELEMENTS = {"HL": 2, "LX": 1}
"""How many elements a segment begins with that number it."""

_Outline = tuple[Delimiters, tuple[str, ...]]
"""The identifiers of the segments: quick to take, and shared by few shapes."""


class _Shape(NamedTuple):
    """Tests of transaction sets of one shape."""

    test: Match
    """Of the whole text."""
    test_varying: Match
    """Of what differs each time: ST, the segment after it, the first TRN after that, SE (`parsers.middles`)."""
    trace_index: int | None
    """Of that TRN."""


class Shapes:
    """The shapes of one guide that have been learnt."""

    def __init__(self, rules: Guide, walker: Walker) -> None:
        self._rules = rules
        self._walker = walker
        self._shapes: dict[_Outline, list[_Shape]] = {}
        self._seen: Counter[_Outline] = Counter()
        self._learnt = 0

    def is_clean(self, transaction: TransactionSet, delimiters: Delimiters) -> bool:
        """Whether the transaction set is known to have nothing wrong; false says nothing."""
        if self._is_familiar(transaction, delimiters):
            return True
        shapes = self._shapes.get(_outline(transaction, delimiters))
        if shapes is None:
            return False
        text = delimiters.segment.join(transaction.raw)
        shape = next((each for each in shapes if each.test(text)), None)
        if shape is not None and transaction.middle is not None:
            self._keep_middle(transaction.middle, shape)
        return shape is not None

    def learn(self, transaction: TransactionSet, delimiters: Delimiters) -> None:
        """Take note of a clean transaction set; when its like has come often enough, its shape is learnt."""
        if len(transaction.raw) > _SEGMENTS_MAX or self._learnt >= _SHAPES_MAX:
            return
        outline = _outline(transaction, delimiters)
        self._seen[outline] += 1
        if self._seen[outline] >= _SEEN_BEFORE_LEARNT:
            del self._seen[outline]
            self._keep(outline, transaction, delimiters)
        elif len(self._seen) > _OUTLINES_COUNTED_MAX:
            self._seen.clear()

    def _keep(self, outline: _Outline, transaction: TransactionSet, delimiters: Delimiters) -> None:
        shapes = self._shapes.setdefault(outline, [])
        rules = self._rules_of(transaction, delimiters)
        if len(shapes) >= _SHAPES_PER_OUTLINE_MAX or len(rules) != len(transaction.segments):
            return
        beginnings = [
            _beginning(segment, rule, delimiters) for segment, rule in zip(transaction.segments, rules, strict=True)
        ]
        last = len(rules) - 1
        trace = next((index for index in range(3, last) if rules[index].identifier == "TRN"), None)
        varying = sorted({0, min(1, last), last if trace is None else trace, last})
        shapes.append(
            _Shape(
                self._compile(rules, beginnings, delimiters, range(len(rules))),
                self._compile(rules, beginnings, delimiters, varying),
                trace,
            )
        )
        self._learnt += 1

    def _compile(
        self, rules: Sequence[SegmentRule], beginnings: Sequence[str], delimiters: Delimiters, indices: Iterable[int]
    ) -> Match:
        chosen = [*indices]
        return compile_shape(
            [rules[index] for index in chosen],
            [beginnings[index] for index in chosen],
            delimiters,
            is_5010=self._rules.is_5010,
        )

    def _is_familiar(self, transaction: TransactionSet, delimiters: Delimiters) -> bool:
        """Whether the middle is known to fit a shape here, and what stands around it fits that shape too."""
        middle = transaction.middle
        if middle is None or middle.test is None or middle.shapes is not self:
            return False
        raw, trace = transaction.raw, middle.trace_index
        varying = [*raw[:2], raw[-1]] if trace is None else [*raw[:2], raw[trace], raw[-1]]
        return middle.test(delimiters.segment.join(varying)) is not None

    def _keep_middle(self, middle: Middle, shape: _Shape) -> None:
        """A shape tests each segment by itself, so that a middle which has fitted it once always will."""
        if middle.trace_index == shape.trace_index:
            middle.shapes, middle.test = self, shape.test_varying
            KNOWN.keep(middle)

    def _rules_of(self, transaction: TransactionSet, delimiters: Delimiters) -> list[SegmentRule]:
        place = self._walker.start
        rules = [place.rule]
        for segment in transaction.segments[1:]:
            step = self._walker.step(place, segment, delimiters.component)
            if step is None:
                break
            place = step.place
            rules.append(step.rule)
        return rules


def _outline(transaction: TransactionSet, delimiters: Delimiters) -> _Outline:
    return delimiters, tuple([segment[0] for segment in transaction.segments])


def _beginning(segment: Segment, rule: SegmentRule, delimiters: Delimiters) -> str:
    """The text that decides where the segment goes and how it is counted: identifier, own numbers, qualifier."""
    selector = rule.selector
    if selector is not None and selector.component:
        components = segment[selector.element].split(delimiters.component)[: selector.component]
        return delimiters.element.join([*segment[: selector.element], delimiters.component.join(components)])
    last = max(selector.element if selector else 0, _NUMBER_ELEMENTS.get(segment[0], 0))
    return delimiters.element.join(segment[: last + 1])
