"""From a pyx12 map to our tables.

pyx12 reads the map once; what it keeps is copied into ``parsers.guide_rules`` and let go. What it reads but drops, the
repeats of simple elements, is taken from the map's XML beside it.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import defusedxml.ElementTree
from pyx12.errors import EngineError
from pyx12.map_if import load_map_file
from pyx12.params import ParamsBase

from parsers.guide_rules import (
    CompositeRule,
    ElementRule,
    Guide,
    LoopRule,
    Rule,
    SegmentRule,
    Selector,
    Usage,
)
from parsers.syntax_notes import note_of

_SET_LOOP = "ST_LOOP"
_FORMAT, _PERIOD = "1250", "1251"
"""Data elements: date time period format qualifier, date time period."""


def parameters() -> ParamsBase:
    """pyx12's settings as they are by default, whatever files lie on this machine."""
    return ParamsBase()


def compile_guide(file: str, folder: Path | None) -> Guide:
    """Compile one map.

    Args:
        file: name of the map file.
        folder: where it and its code lists are; None for pyx12's own.
    """
    map_root: Any = load_map_file(file, parameters(), str(folder) if folder else None)
    xml = _read_xml(file, folder)
    found = _find_set(map_root, xml)
    if found is None:
        raise EngineError(f"{file} has no {_SET_LOOP}")
    return _guide(map_root, *found)


def _read_xml(file: str, folder: Path | None) -> Element:
    source = folder / file if folder else files("pyx12").joinpath("map", file)
    root: Element = defusedxml.ElementTree.fromstring(source.read_bytes())
    return root


def _find_set(loop: Any, xml: Element) -> tuple[Any, Element] | None:
    for child, child_xml in _pairs(loop, xml):
        if child.is_loop():
            found = (child, child_xml) if child.id == _SET_LOOP else _find_set(child, child_xml)
            if found is not None:
                return found
    return None


def _pairs(loop: Any, xml: Element) -> Iterator[tuple[Any, Element]]:
    """Each child loop and segment in pyx12's order with the XML it was made from.

    pyx12 sorts children by position, loops before segments, and keeps the order of the file otherwise.
    """
    children = sorted([*xml.findall("loop"), *xml.findall("segment")], key=_position_of)
    nodes = [node for position in sorted(loop.pos_map) for node in loop.pos_map[position]]
    return zip((node for node in nodes if node.is_loop() or node.is_segment()), children, strict=True)


def _position_of(xml: Element) -> int:
    return int(xml.get("pos") or xml.findtext("pos") or 0)


def _guide(map_root: Any, loop: Any, xml: Element) -> Guide:
    root = _loop_rule(loop, xml, None)
    segments: list[SegmentRule] = []
    counters = _number(root, 0, segments)
    return Guide(
        transaction=map_root.id,
        root=root,
        header=segments[0],
        segments=tuple(segments),
        counters=counters,
        is_5010=map_root.icvn == "00501",
        counts_service_lines=map_root.id == "837",
    )


def _number(loop: LoopRule, index: int, segments: list[SegmentRule]) -> int:
    """Give each loop and segment its counter, depth first; gives the next free one."""
    loop.index = index
    index += 1
    begins = isinstance(loop.first, SegmentRule) and loop.first.identifier == "HL"
    for child in loop.children:
        if isinstance(child, LoopRule):
            child.hierarchy_parent = loop.index if begins else loop.hierarchy_parent
            index = _number(child, index, segments)
        else:
            child.index = index
            segments.append(child)
            index += 1
    loop.index_end = index
    return index


def _loop_rule(loop: Any, xml: Element, parent: LoopRule | None) -> LoopRule:
    rule = LoopRule(
        identifier=loop.id,
        name=loop.name or loop.id,
        usage=Usage(loop.usage),
        repeat_max=loop.get_max_repeat(),
        position=loop.pos,
        parent=parent,
    )
    for child, child_xml in _pairs(loop, xml):
        if child.is_loop():
            rule.children.append(_loop_rule(child, child_xml, rule))
        else:
            rule.children.append(_segment_rule(child, child_xml, rule))
    return rule


def _segment_rule(segment: Any, xml: Element, loop: LoopRule) -> SegmentRule:
    repeats = {int(e.get("seq") or e.findtext("seq") or 0): _repeat(e) for e in xml.findall("element")}
    formats: list[str] = []
    elements: list[Rule] = []
    for child in segment.children:
        if child.is_composite():
            elements.append(_composite_rule(child))
            continue
        if child.data_ele == _FORMAT:
            formats.extend(code for code in child.valid_codes if code)
        is_period = child.data_ele == _PERIOD and segment.id != "DTP"
        elements.append(_element_rule(child, tuple(formats) if is_period else (), repeats.get(child.seq, 1)))
    return SegmentRule(
        identifier=segment.id,
        name=segment.name or segment.id,
        usage=Usage(segment.usage),
        use_max=segment.get_max_repeat(),
        position=segment.pos,
        elements=tuple(elements),
        notes=tuple(note for s in xml.findall("syntax") if (note := note_of(s.text or ""))),
        selector=_selector(segment),
        loop=loop,
    )


def _repeat(xml: Element) -> int:
    text = xml.get("repeat") or xml.findtext("repeat") or xml.get("max_use") or xml.findtext("max_use") or "1"
    return int(text) if text.isdigit() else 2**31 - 1


def _composite_rule(composite: Any) -> CompositeRule:
    return CompositeRule(
        number=composite.seq,
        data_element=composite.data_ele or "",
        name=composite.name or composite.id or "",
        usage=Usage(composite.usage),
        components=tuple(_element_rule(child, (), 1) for child in composite.children),
        repeat_max=composite.repeat,
    )


def _element_rule(element: Any, format_types: tuple[str, ...], repeat_max: int) -> ElementRule:
    try:
        definition = element._resolve_data_ele()
    except EngineError:
        definition = {"data_type": "", "min_len": 0, "max_len": 2**31 - 1}
    return ElementRule(
        number=element.seq,
        data_element=element.data_ele or "",
        name=element.name or element.id or "",
        usage=Usage(element.usage),
        data_type=definition["data_type"] or "",
        length_min=definition["min_len"],
        length_max=definition["max_len"],
        codes=_codes(element),
        pattern=re.compile(element.res, re.DOTALL) if element.res else None,
        format_types=format_types,
        repeat_max=repeat_max,
    )


def _codes(element: Any) -> frozenset[str] | None:
    own = frozenset(code for code in element.valid_codes if code)
    if element.external_codes is None:
        return own or None
    listed = element.root.ext_codes.codes.get(element.external_codes)
    return own | frozenset(code for code in listed["codes"] if code) if listed else None


def _selector(segment: Any) -> Selector | None:
    key = segment._resolve_unique_key_field(segment.id, with_qual=False)
    if key is None:
        return None
    child, element, component = key
    return Selector(element, component or 0, frozenset(code for code in child.valid_codes if code))
