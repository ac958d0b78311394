"""Which place in the guide a segment takes, given the place that the segment before it took.

The answer depends on nothing but that place and the segment's identifier and qualifier, so each is worked out once
and kept: a ``Step`` says where the walk goes and what must be counted on the way. The search is pyx12's: from the
last segment's position on through its loop, then through each loop around it; the first match is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.frames import Segment, element_of
from parsers.guide_rules import Guide, LoopRule, SegmentRule, Selector, Usage

Need = tuple[int, SegmentRule]
"""Something required that the walk passes: missing if its counter, here by its index, stands at 0; and the segment that
is told as missing then, of a loop its first."""


@dataclass(slots=True, eq=False)
class Step:
    """The walk from one segment to the next."""

    place: "Place"
    """Where it ends."""
    rule: SegmentRule
    """Of that place."""
    index: int
    """Of that rule's counter."""
    use_max: int
    """How often that rule may be used; 0 when it is not used."""
    needs: tuple[Need, ...]
    loop: LoopRule | None
    """The loop that the segment begins; None when it is in a loop that was open."""


@dataclass(slots=True, eq=False)
class Place:
    """Where the walk stands: after a segment of the guide, with the steps known from here."""

    rule: SegmentRule
    steps: dict[tuple[str, ...], Step | None] = field(default_factory=dict)
    """By identifier and qualifiers."""
    ready: dict[str, tuple[int, dict[str, Step]]] = field(default_factory=dict)
    """The same for quick use, by identifier: number of the element with the qualifier (0: none), and steps by it."""
    ready_composites: dict[str, dict[str, Step]] = field(default_factory=dict)
    """The same where the qualifier is the first component of the first element."""


_REFUSALS_KEPT_MAX = 10_000
"""Steps that a guide has no room for and that are remembered all the same. Those it has room for are few."""


class Walker:
    """The steps of one guide, worked out when they are first taken."""

    def __init__(self, guide: Guide) -> None:
        places = [Place(rule) for rule in guide.segments]
        self._by_rule = {id(rule): place for rule, place in zip(guide.segments, places, strict=True)}
        self._selectors = _selectors_by_identifier(guide)
        self._refusals_kept = 0
        self.start = self._by_rule[id(guide.header)]
        """The place after the ST."""

    def step(self, place: Place, segment: Segment, component_separator: str) -> Step | None:
        """The step that ``segment`` takes from ``place``; None when the guide has no room for it from there on."""
        composites = place.ready_composites.get(segment[0])
        if composites is not None:
            ready = composites.get(element_of(segment, 1).partition(component_separator)[0])
            if ready is not None:
                return ready
        selectors = self._selectors.get(segment[0])
        if selectors is None:
            return None
        values = [qualifier_of(segment, selector, component_separator) for selector in selectors]
        known = (value if value in each.codes else "" for value, each in zip(values, selectors, strict=True))
        key = (segment[0], *known)
        if key in place.steps:
            return place.steps[key]
        step = self._search(place, segment, component_separator)
        if step is not None:
            place.steps[key] = step
            self._make_ready(place, selectors, key, step)
        elif self._refusals_kept < _REFUSALS_KEPT_MAX:
            place.steps[key] = None
            self._refusals_kept += 1
        return step

    def _search(self, place: Place, segment: Segment, component_separator: str) -> Step | None:
        search = _Search(place.rule, segment, component_separator)
        found = search.run()
        if found is None:
            return None
        rule, needs, loop = found
        use_max = 0 if rule.usage is Usage.NOT_USED else rule.use_max
        return Step(self._by_rule[id(rule)], rule, rule.index, use_max, needs, loop)

    def _make_ready(self, place: Place, selectors: list[Selector], key: tuple[str, ...], step: Step) -> None:
        """Keep a step for quick use where one simple element, or the identifier alone, decides."""
        if not selectors:
            place.ready[key[0]] = (0, {key[0]: step})
        elif len(selectors) == 1 and key[1] and (selectors[0].element, selectors[0].component) == (1, 1):
            place.ready_composites.setdefault(key[0], {})[key[1]] = step
        elif len(selectors) == 1 and key[1] and not selectors[0].component:
            place.ready.setdefault(key[0], (selectors[0].element, {}))[1][key[1]] = step


def qualifier_of(segment: Segment, selector: Selector, component_separator: str) -> str:
    """The value that tells ``segment`` from its siblings."""
    value = element_of(segment, selector.element)
    if selector.component:
        return value.split(component_separator, selector.component)[selector.component - 1]
    return value.rstrip(component_separator)


def _selectors_by_identifier(guide: Guide) -> dict[str, list[Selector]]:
    """For each segment identifier the qualifiers that some place in the guide asks for, with all codes any asks for."""
    places: dict[str, dict[tuple[int, int], frozenset[str]]] = {}
    for rule in guide.segments:
        codes = places.setdefault(rule.identifier, {})
        if rule.selector is not None:
            where = (rule.selector.element, rule.selector.component)
            codes[where] = codes.get(where, frozenset()) | rule.selector.codes
    return {
        identifier: [Selector(element, component, codes) for (element, component), codes in found.items()]
        for identifier, found in places.items()
    }


_Found = tuple[SegmentRule, tuple[Need, ...], LoopRule | None]
"""Where a segment goes, what is needed before it, and the loop that it begins."""


class _Search:
    """One search through the guide, as pyx12's walker does it."""

    def __init__(self, origin: SegmentRule, segment: Segment, component_separator: str) -> None:
        self._origin = origin
        self._segment = segment
        self._separator = component_separator
        self._needs: list[Need] = []

    def run(self) -> _Found | None:
        loop: LoopRule | None = self._origin.loop
        position = self._origin.position
        while loop is not None:
            found = self._scan(loop, position)
            if found is not None:
                return found
            position, loop = loop.position, loop.parent
        return None

    def _scan(self, loop: LoopRule, position: int) -> _Found | None:
        """The children of ``loop`` from ``position`` on, those at the same position from the first."""
        for child in loop.children:
            if child.position < position:
                continue
            found = self._try_loop(child) if isinstance(child, LoopRule) else self._try_segment(loop, child)
            if found is not None:
                return found
        return None

    def _try_segment(self, loop: LoopRule, rule: SegmentRule) -> _Found | None:
        if not self._is_match(rule):
            if rule.usage is Usage.REQUIRED:
                self._needs.append((rule.index, rule))
            return None
        if self._begins(loop):
            return self._enter(loop)
        pending = (need for need in self._needs if need[1].position != rule.position)
        return rule, tuple(pending), None

    def _try_loop(self, loop: LoopRule) -> _Found | None:
        return self._enter(loop) if self._begins(loop) else None

    def _begins(self, loop: LoopRule) -> bool:
        """Whether the segment begins ``loop``, or a loop in it when it is a wrapper (one that begins with a loop)."""
        first = loop.first
        if first is None:
            return False
        if isinstance(first, LoopRule):
            return any(self._begins(child) for child in loop.children if isinstance(child, LoopRule))
        if self._is_match(first):
            return True
        if loop.usage is Usage.REQUIRED:
            self._needs.append((loop.index, first))
        return False

    def _enter(self, loop: LoopRule) -> _Found | None:
        """Into the first loop, depth first, that the segment begins."""
        for inner in _with_inner(loop):
            first = inner.first
            if isinstance(first, SegmentRule) and self._is_match(first):
                return first, tuple(self._needs), inner
        return None

    def _is_match(self, rule: SegmentRule) -> bool:
        if rule.identifier != self._segment[0]:
            return False
        selector = rule.selector
        return selector is None or qualifier_of(self._segment, selector, self._separator) in selector.codes


def _with_inner(loop: LoopRule) -> Iterator[LoopRule]:
    yield loop
    for child in loop.children:
        if isinstance(child, LoopRule):
            yield from _with_inner(child)
