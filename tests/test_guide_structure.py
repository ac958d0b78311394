"""Every map in ``parsers.guides`` hangs together, whichever guide it is."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from pyx12 import dataele
from pyx12.codes import ExternalCodes
from pyx12.map_if import load_map_file
from pyx12.map_index import map_index
from pyx12.params import ParamsBase
from pyx12.validation import IsValidDataType

from parsers.guides import FOLDER
from tests.guide_specimen import children, codes_of, notes, parts, specimens
from tests.guide_support import judge

INDEX = ET.parse(FOLDER / "maps.xml").getroot()  # noqa: S314 our own file
ENTRIES = [entry for entry in INDEX.iter("map") if entry.get("fic")]
ELEMENTS = dataele.DataElements(str(FOLDER)).dataele
CODES = ExternalCodes(str(FOLDER)).codes


def _name(entry: ET.Element) -> str:
    return entry.text or ""


def _root(file_name: str) -> ET.Element:
    return ET.parse(FOLDER / file_name).getroot()  # noqa: S314 our own file


every_guide = pytest.mark.parametrize("entry", ENTRIES, ids=_name)
every_map = pytest.mark.parametrize("file_name", [entry.text for entry in INDEX.iter("map")])


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """For each guide a map folder in which it is the only one: pyx12 does not look at BHT02 in a 5010 file."""
    folders = {}
    for entry in ENTRIES:
        folder = folders[_name(entry)] = tmp_path_factory.mktemp("guide")
        for file in FOLDER.glob("*.xml"):
            (folder / file.name).symlink_to(file)
        (folder / "maps.xml").unlink()
        index = ET.Element("maps")
        ET.SubElement(index, "version", icvn="00501").append(entry)
        ET.ElementTree(index).write(folder / "maps.xml")
    return folders


@every_guide
def test_pyx12_finds_and_loads_the_guide_through_its_map_path(entry: ET.Element) -> None:
    name = map_index(str(FOLDER)).get_filename("00501", entry.get("vriic"), entry.get("fic"), entry.get("tspc"))
    assert name == entry.text
    assert load_map_file(name, ParamsBase(), str(FOLDER)).id == _root(name).get("xid")


@every_guide
def test_pyx12_reaches_each_loop_and_segment_and_accepts_a_transaction_with_all_of_them(
    entry: ET.Element, alone: dict[str, Path]
) -> None:
    guide, reached = _root(_name(entry)), set()
    for made in specimens(guide):
        verdict = judge(made.text, alone[_name(entry)])
        assert verdict.faults == ()
        assert verdict.accepted
        assert list(verdict.nodes) == made.nodes
        reached |= set(made.nodes)
    assert reached == set(_all_nodes(guide, ""))


def _all_nodes(loop: ET.Element, path: str) -> Iterator[tuple[str, str]]:
    for child in children(loop):
        if child.tag == "loop":
            yield from _all_nodes(child, f"{path}/{child.get('xid')}")
        elif child.findtext("usage") != "N" and child.get("xid") != "TA1":
            yield f"{path}/{child.get('xid')}", child.findtext("name", "")


@every_guide
def test_a_guide_names_its_own_group_and_version(entry: ET.Element) -> None:
    codes = {element.get("xid"): codes_of(element) for element in _root(_name(entry)).iter("element")}
    assert codes["ISA12"] == ["00501"]
    assert codes["GS01"] == [entry.get("fic")]
    assert codes["GS08"] == codes["ST03"] == [entry.get("vriic")]
    assert codes["ST01"] == [_name(entry).split(".")[0]]
    assert entry.get("tspc") in (None, *codes["BHT02"])


@every_map
def test_positions_rise_and_each_loop_begins_with_a_segment_that_must_be_there(file_name: str) -> None:
    for loop in _root(file_name).iter("loop"):
        nodes = children(loop)
        positions = [int(node.findtext("pos", "")) for node in nodes]
        assert positions == sorted(positions), loop.get("xid")
        if loop.get("type") != "wrapper":
            assert nodes[0].tag == "segment", loop.get("xid")
            assert (nodes[0].findtext("usage"), nodes[0].findtext("max_use")) == ("R", "1"), loop.get("xid")


@every_map
def test_usage_and_repeats_are_ones_that_exist(file_name: str) -> None:
    for node in _root(file_name).iter():
        if node.tag in ("loop", "segment", "element", "composite"):
            assert node.findtext("usage") in ("R", "S", "N"), node.get("xid")
            assert (node.findtext("name") or "").strip(), node.get("xid")
        if node.tag in ("loop", "segment"):
            count = node.findtext("repeat" if node.tag == "loop" else "max_use", "")
            assert re.fullmatch(r">1|[1-9]\d*", count), node.get("xid")


@every_map
def test_siblings_that_begin_alike_have_different_qualifiers(file_name: str) -> None:
    for loop in _root(file_name).iter("loop"):
        first = [(node, first_segment(node)) for node in children(loop)]
        for (a, begin_a), (b, begin_b) in combinations(first, 2):
            if begin_a.get("xid") == begin_b.get("xid"):
                qualifiers_a, qualifiers_b = qualifiers(begin_a), qualifiers(begin_b)
                where = loop.get("xid"), a.findtext("name"), b.findtext("name")
                assert qualifiers_a, where
                assert qualifiers_b, where
                assert not qualifiers_a & qualifiers_b, where


def first_segment(node: ET.Element) -> ET.Element:
    """The segment by which pyx12's walker knows a loop."""
    return node if node.tag == "segment" else first_segment(children(node)[0])


def qualifiers(segment: ET.Element) -> set[str]:
    """The codes by which pyx12 tells a segment from others of its kind: element 1, its first component, or HL03."""
    deciding = parts(segment)[2 if segment.get("xid") == "HL" else 0]
    if deciding.tag == "composite":
        deciding = parts(deciding)[0]
    if deciding.findtext("usage") != "R" or ELEMENTS[deciding.findtext("data_ele")]["data_type"] != "ID":
        return set()
    return set(codes_of(deciding))


@every_map
def test_elements_are_numbered_without_a_gap_or_a_double(file_name: str) -> None:
    for holder in _root(file_name).iter():
        if holder.tag in ("segment", "composite"):
            reference = f"{holder.get('xid')}{'-' if holder.tag == 'composite' else ''}"
            for number, part in enumerate(parts(holder), 1):
                assert int(part.findtext("seq", "")) == number, holder.get("xid")
                assert part.get("xid") == f"{reference}{number:02}"


@every_map
def test_a_composite_that_is_used_has_components(file_name: str) -> None:
    for composite in _root(file_name).iter("composite"):
        assert re.fullmatch(r"C\d{3}", composite.findtext("data_ele", ""))
        assert bool(parts(composite)) or composite.findtext("usage") == "N", composite.get("xid")


@every_map
def test_syntax_notes_speak_of_elements_that_exist(file_name: str) -> None:
    for segment in _root(file_name).iter("segment"):
        for kind, numbers in notes(segment):
            assert kind in "PRECL"
            assert 2 <= len(set(numbers)) == len(numbers), segment.get("xid")
            assert max(numbers) <= len(parts(segment)), segment.get("xid")


@every_map
def test_codes_are_of_the_type_and_length_of_their_data_element(file_name: str) -> None:
    for element, definition in defined_elements(file_name):
        valid = element.find("valid_codes")
        codes = [] if valid is None else [code.text or "" for code in valid]
        assert max(Counter(codes).values(), default=1) == 1, element.get("xid")
        assert not codes or element.findtext("usage") != "N", element.get("xid")
        for code in codes:
            assert definition["min_len"] <= len(code) <= definition["max_len"], (element.get("xid"), code)
            assert IsValidDataType(code, definition["data_type"], "E", "00501"), (element.get("xid"), code)
        if valid is not None and (external := valid.get("external")):
            assert CODES[external]["dataele"] == element.findtext("data_ele"), element.get("xid")


def defined_elements(file_name: str) -> Iterator[tuple[ET.Element, dict[str, Any]]]:
    """Each element with its entry in the dictionary; one without an entry fails the test."""
    for element in _root(file_name).iter("element"):
        yield element, ELEMENTS[element.findtext("data_ele")]


def test_external_codes_are_distinct_and_of_the_length_of_their_data_element() -> None:
    for code_set in _root("codes.xml").iter("codeset"):
        definition = ELEMENTS[code_set.findtext("data_ele")]
        codes = [code.text or "" for code in code_set.iter("code")]
        assert len(set(codes)) == len(codes), code_set.findtext("id")
        assert all(definition["min_len"] <= len(code) <= definition["max_len"] for code in codes)


def test_the_dictionary_has_the_types_and_lengths_of_pyx12() -> None:
    reference = dataele.DataElements().dataele
    for number, definition in ELEMENTS.items():
        assert {**definition, "name": ""} == {**reference[number], "name": ""}, number


def test_every_file_of_the_folder_is_named_in_the_index() -> None:
    listed = {entry.text for entry in INDEX.iter("map")} | {"maps.xml", "codes.xml", "dataele.xml"}
    assert {file.name for file in FOLDER.glob("*.xml")} == listed
