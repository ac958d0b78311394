"""Seeded damage to X12 files: each mutant is a good or bad file with one to three things done to it."""

import random
from collections.abc import Callable
from dataclasses import dataclass

ISA_CHARACTERS = 106

_WRONG_VALUES = (
    "ZZZ", "Q", "0", "-1", "1.5", "20241345", "20230229", "2024", "19000101-20240101", "2560", "A" * 100, " ", "X ",
    "abc", "\x07", "\xe9", "12", "D8", "RD8", "N", "Y", "00", "99", "18", "1", "2", "HL", "~", "^", ":", "20240101",
)  # fmt: skip
_TRAILERS = {"SE": (1, 2), "GE": (1, 2), "IEA": (1, 2)}
_HEADERS = {"ST": (2, 3), "GS": (1, 6, 8), "ISA": (13,)}

Segments = list[list[str]]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged file and what was done to it."""

    operations: tuple[str, ...]
    data: bytes


def mutate(data: bytes, seed: int) -> Mutant:
    """Damage a file; the same for the same seed."""
    draw = random.Random(seed)
    text = data.decode("latin-1").lstrip("\r\n \t\xef\xbb\xbf")
    element, component, terminator = text[3], text[104], text[105]
    segments = [piece.lstrip("\r\n \t").split(element) for piece in text.split(terminator)]
    segments = [segment for segment in segments if segment != [""]]
    names = []
    for _ in range(draw.choice((1, 1, 1, 1, 2, 3))):
        name = draw.choice(tuple(_OPERATIONS))
        _OPERATIONS[name](segments, draw, component)
        names.append(name)
    written = "".join(element.join(segment) + terminator for segment in segments)
    return Mutant(tuple(names), written.encode("latin-1"))


def _at(segments: Segments, draw: random.Random) -> int:
    """A segment, the ISA left alone: without it nothing is read."""
    return draw.randrange(1, len(segments)) if len(segments) > 1 else 0


def _drop(segments: Segments, draw: random.Random, _component: str) -> None:
    if len(segments) > 2:
        del segments[_at(segments, draw)]


def _double(segments: Segments, draw: random.Random, _component: str) -> None:
    at = _at(segments, draw)
    segments.insert(at, list(segments[at]))


def _swap(segments: Segments, draw: random.Random, _component: str) -> None:
    at = _at(segments, draw)
    if at + 1 < len(segments):
        segments[at], segments[at + 1] = segments[at + 1], segments[at]


def _move(segments: Segments, draw: random.Random, _component: str) -> None:
    segment = segments.pop(_at(segments, draw))
    segments.insert(max(_at(segments, draw), 1), segment)


def _pick(segments: Segments, draw: random.Random) -> tuple[list[str], int] | None:
    segment = segments[_at(segments, draw)]
    return (segment, draw.randrange(1, len(segment))) if len(segment) > 1 else None


def _empty(segments: Segments, draw: random.Random, _component: str) -> None:
    picked = _pick(segments, draw)
    if picked:
        picked[0][picked[1]] = ""


def _lengthen(segments: Segments, draw: random.Random, _component: str) -> None:
    picked = _pick(segments, draw)
    if picked:
        segment, at = picked
        segment[at] += draw.choice("A1 ") * draw.choice((1, 2, 10, 80))


def _shorten(segments: Segments, draw: random.Random, _component: str) -> None:
    picked = _pick(segments, draw)
    if picked:
        segment, at = picked
        segment[at] = segment[at][: len(segment[at]) // 2]


def _replace(segments: Segments, draw: random.Random, _component: str) -> None:
    picked = _pick(segments, draw)
    if picked:
        picked[0][picked[1]] = draw.choice(_WRONG_VALUES)


def _borrow(segments: Segments, draw: random.Random, _component: str) -> None:
    """A value from elsewhere in the file: often of the right kind, in the wrong place."""
    here, there = _pick(segments, draw), _pick(segments, draw)
    if here and there:
        here[0][here[1]] = there[0][there[1]]


def _one_character(segments: Segments, draw: random.Random, _component: str) -> None:
    picked = _pick(segments, draw)
    if picked and picked[0][picked[1]]:
        segment, at = picked
        place = draw.randrange(len(segment[at]))
        segment[at] = segment[at][:place] + draw.choice("a1Z -.\x01\xff") + segment[at][place + 1 :]


def _insert_element(segments: Segments, draw: random.Random, _component: str) -> None:
    segment = segments[_at(segments, draw)]
    segment.insert(draw.randrange(1, len(segment) + 1), draw.choice(("", "1", "A")))


def _add_elements(segments: Segments, draw: random.Random, _component: str) -> None:
    segments[_at(segments, draw)].extend(["", "1", "X"][: draw.randrange(1, 4)])


def _drop_element(segments: Segments, draw: random.Random, _component: str) -> None:
    picked = _pick(segments, draw)
    if picked:
        del picked[0][picked[1]]


def _add_component(segments: Segments, draw: random.Random, component: str) -> None:
    picked = _pick(segments, draw)
    if picked:
        picked[0][picked[1]] += component + draw.choice(("", "1", "AB"))


def _rename(segments: Segments, draw: random.Random, _component: str) -> None:
    segments[_at(segments, draw)][0] = draw.choice(
        ("XX", "NM1", "REF", "HL", "DTP", "N", "ABCD", "hl", "SE", "LX", "TA1")
    )


def _envelope_number(segments: Segments, draw: random.Random, _component: str) -> None:
    places = {**_TRAILERS, **_HEADERS}
    found = [segment for segment in segments[1:] if segment[0] in places]
    if found:
        segment = draw.choice(found)
        at = draw.choice(places[segment[0]])
        if at < len(segment):
            segment[at] = draw.choice(("0", "1", "2", "17", "000000002", "0009", "A", "", "005010X279A1", "HC"))


def _hierarchy(segments: Segments, draw: random.Random, _component: str) -> None:
    found = [segment for segment in segments if segment[0] == "HL" and len(segment) > 3]
    if found:
        draw.choice(found)[draw.choice((1, 2, 3))] = draw.choice(("", "0", "1", "2", "3", "4", "20", "22", "23", "A"))


_OPERATIONS: dict[str, Callable[[Segments, random.Random, str], None]] = {
    "segment dropped": _drop,
    "segment doubled": _double,
    "segments swapped": _swap,
    "segment moved": _move,
    "segment renamed": _rename,
    "element emptied": _empty,
    "element lengthened": _lengthen,
    "element shortened": _shorten,
    "element replaced": _replace,
    "element borrowed": _borrow,
    "character replaced": _one_character,
    "element inserted": _insert_element,
    "element dropped": _drop_element,
    "elements added": _add_elements,
    "component added": _add_component,
    "count or control number changed": _envelope_number,
    "hierarchy changed": _hierarchy,
}
