"""The quick tests of segments and shapes never pass what the exact judgment would not."""

import random
import re
from collections.abc import Iterator

import pytest

from benchmarks.mutants import mutate
from benchmarks.verdicts import sample_files
from edi.delimiters import STANDARD, Delimiters
from parsers.conformance import check_transaction
from parsers.elements import judge_segment
from parsers.frames import FunctionalGroup, Interchange, Segment, TransactionSet
from parsers.framing import read
from parsers.guide_library import ReadyGuide, find_guide
from parsers.guide_rules import CompositeRule, ElementRule, Rule, SegmentRule
from parsers.shapes import Shapes
from parsers.values import DATE6, DATE8, TIME
from tests.timing import assert_takes_at_most

OTHER = Delimiters(element="|", repetition="!", component=">", segment="\n")


def framed() -> Iterator[tuple[TransactionSet, FunctionalGroup, Interchange, ReadyGuide]]:
    """Every transaction set of the samples that has a guide."""
    for path in sample_files():
        for interchange in read(path.read_bytes()):
            for group in interchange.groups:
                for transaction in group.transactions:
                    guide = find_guide(transaction, group, interchange)
                    if guide is not None:
                        yield transaction, group, interchange, guide


def guides() -> list[ReadyGuide]:
    """Made anew, because those in use take only so many sets of delimiters, and other tests use some."""
    return [ReadyGuide(guide.rules) for guide in {id(guide): guide for *_, guide in framed()}.values()]


def value_for(rule: Rule, draw: random.Random, marks: Delimiters) -> str:
    """Something that may or may not suit an element."""
    if isinstance(rule, CompositeRule):
        count = draw.randrange(len(rule.components) + 2)
        return marks.component.join(value_for(component, draw, marks) for component in rule.components[:count])
    choices = ["", "A", "1", "-1.5", "20240229", "20230229", "1230", "D8", "A ", "a" * rule.length_max, "X" * 3]
    if rule.codes:
        choices += draw.sample(sorted(rule.codes), min(8, len(rule.codes))) * 2
    if rule.length_min < 40:
        choices += ["7" * rule.length_min, "B" * rule.length_min, "C" * (rule.length_max + 1)]
    return draw.choice(choices)


def segment_for(rule: SegmentRule, draw: random.Random, marks: Delimiters) -> Segment:
    values = [value_for(element, draw, marks) for element in rule.elements]
    if draw.random() < 0.5:
        values = values[: draw.randrange(len(values) + 1)]
    repeated = [value + marks.repetition + value if draw.random() < 0.03 else value for value in values]
    return [rule.identifier, *repeated]


@pytest.mark.parametrize("marks", [STANDARD, OTHER], ids=["standard", "other"])
def test_a_segment_that_passes_the_quick_test_has_no_fault(marks: Delimiters) -> None:
    draw = random.Random(1)
    passed = 0
    for guide in guides():
        for rule in guide.rules.segments:
            test = guide.test(rule.index, marks)
            assert test is not None
            for _ in range(20):
                segment = segment_for(rule, draw, marks)
                if test(marks.element.join(segment)):
                    passed += 1
                    assert not judge_segment(rule, segment, marks, is_5010=guide.rules.is_5010), segment
                    assert any(value.strip(marks.component) for value in segment[1:])
    assert passed > 100


def test_no_quick_test_takes_long_on_hostile_segments() -> None:
    endings = [
        "*" * 20_000,
        "*1" * 10_000,
        "*" + "A" * 20_000,
        "*" + "1^" * 10_000,
        "*" + "1:" * 10_000,
        "*1.1" * 5_000,
    ]
    for guide in guides():
        for rule in guide.rules.segments:
            test = guide.test(rule.index, STANDARD)
            assert test is not None
            codes = sorted(rule.selector.codes)[0] if rule.selector else ""
            hostile = [f"{rule.identifier}*{codes}{ending}" for ending in endings]
            assert_takes_at_most(0.1, lambda judge=test, segments=hostile: [judge(each) for each in segments])


def test_nearly_all_clean_segments_of_the_samples_pass_the_quick_test() -> None:
    clean = passed = 0
    for transaction, _, interchange, guide in framed():
        place = guide.walker.start
        for segment, raw in zip(transaction.segments[1:], transaction.raw[1:], strict=True):
            step = guide.walker.step(place, segment, interchange.delimiters.component)
            if step is None:
                break
            place = step.place
            if not judge_segment(step.rule, segment, interchange.delimiters, is_5010=guide.rules.is_5010):
                clean += 1
                test = guide.test(step.index, interchange.delimiters)
                passed += test is not None and bool(test(raw))
    assert passed > 0.98 * clean


def test_a_shape_passes_only_what_the_walk_finds_clean() -> None:
    """Mutants of a sample against the shape of the sample itself."""
    passed = 0
    for number, path in enumerate(sample_files()):
        data = path.read_bytes()
        interchanges = read(data)
        if not interchanges[0].groups or not interchanges[0].groups[0].transactions:
            continue
        interchange, group = interchanges[0], interchanges[0].groups[0]
        transaction = group.transactions[0]
        guide = find_guide(transaction, group, interchange)
        if guide is None or len(transaction.raw) > 30 or check_transaction(transaction, group, interchange):
            continue
        shapes = Shapes(guide.rules, guide.walker)
        for _ in range(100):
            shapes.learn(transaction, interchange.delimiters)
        assert shapes.is_clean(transaction, interchange.delimiters), path.name
        for seed in range(40):
            for mutated in read(mutate(data, 1000 * number + seed).data):
                for mutated_group in mutated.groups[:1]:
                    for each in mutated_group.transactions:
                        if shapes.is_clean(each, mutated.delimiters):
                            passed += 1
                            assert not check_transaction(each, group, interchange)
    assert passed


def test_learning_has_an_end() -> None:
    transaction, _, interchange, guide = next(framed())
    shapes = Shapes(guide.rules, guide.walker)
    for count in range(3_000):
        copy = TransactionSet(transaction.segments[:1] + [["XX"]] * (count % 1_500), ["ST"], 1, 0)
        shapes.learn(copy, interchange.delimiters)
    assert len(shapes._seen) <= 1_100


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (DATE8, ["20240229", "18000101", "20001231", "20000229"], ["20230229", "17991231", "20241301", "19000229"]),
        (DATE6, ["240229", "000229", "991231"], ["230229", "241301", "240431"]),
        (TIME, ["0000", "2359", "235959", "2359599", "23595999"], ["2400", "1260", "12345", "235960", "123"]),
    ],
)
def test_dates_and_times_are_those_of_the_calendar(pattern: str, good: list[str], bad: list[str]) -> None:
    assert all(re.fullmatch(pattern, value) for value in good)
    assert not any(re.fullmatch(pattern, value) for value in bad)


def test_every_guide_element_is_of_a_known_type() -> None:
    known = {"AN", "ID", "DT", "TM", "R", "N", "B", ""}
    for guide in guides():
        for segment in guide.rules.segments:
            for element in segment.elements:
                parts = element.components if isinstance(element, CompositeRule) else (element,)
                assert all(isinstance(part, ElementRule) for part in parts)
                assert all(re.sub("[0-9]", "", part.data_type) in known for part in parts)
