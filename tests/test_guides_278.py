"""The two 278 guides, 005010X217 request and response, as pyx12 itself reads them.

pyx12 takes a map by ISA12, GS01 and GS08 when it meets the GS, and looks at BHT02 afterwards for the 4010 278 only. Of
two entries that differ in ``tspc`` alone it uses the first, so each direction is checked here through a folder of its
own whose ``maps.xml`` names just that guide.

No complete definition of X217 is public. Where the sources differ, the guides hold what follows.

* Loops, segments and order: the 4010 maps of pyx12, other open implementations of X217 and the 005010 base standard
  agree; one open list puts the transport loop at 2010EB and the other UMO at 2010EC in both directions, the rest have
  the response's 2010EB for the contact and 2010EC for transport, and no other UMO there. The majority is followed.
* NM101 of 2010A and 2010B: 4010 had X3 and 1P, FA only; 5010 implementations also take 2B, 36, PR.
* AAA01 below 2000A: Y and N in 4010, N alone in 5010.
* AAA03 and AAA04: the 4010 sets (5010's are not public). The event, which took over the checks of the 4010 patient
  levels, adds the codes of the base list for its dates, diagnosis, procedure and authorization number.
* INS02 of a dependent: 01, 19, G8 in one source, 01, 19, 20, 21, 39, 40, 53, G8 in another; the wider is held.
* HSD05 29 is in a published example of the response only, CR607 W in one of the request.
* CRC03 to CRC07, SV120, SV210 and SV304 have no public list for each use: any code of the right length passes.
* BHT06 of the response: situational in 4010, present in all examples; situational is held.
* That a 2000E in a response has AAA or HCR, and that a subscriber or a dependent has the event, is beyond the format.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pyx12.map_if
from pyx12.errors import EngineError
from pyx12.map_if import load_map_file, map_if, segment_if
from pyx12.map_index import map_index
from pyx12.params import params

from parsers.guides import FOLDER
from tests.guide_support import REAL_SAMPLES, SAMPLES, Verdict, judge, without_qualifiers

SHARED_TABLES = ("x12.control.00501.xml", "dataele.xml", "codes.xml")
DIRECTIONS = ("request", "response")

Error = tuple[int, str, str]
"""Position of the segment in its ST (0 for the set itself), element, component (``4-2``) or ``""``, 999 code."""


@pytest.fixture(scope="module", autouse=True)
def _maps_are_read_once() -> Iterator[None]:
    """pyx12 parses a guide again for each document; the parsed guide keeps no state, so one will do for all."""
    read: dict[tuple[str, str | None], map_if] = {}

    def remembered(map_file: str, param: params, map_path: str | None = None) -> map_if:
        key = (map_file, map_path)
        if key not in read:
            read[key] = load_map_file(map_file, param, map_path)
        return read[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyx12.map_if, "load_map_file", remembered)
        yield


@pytest.fixture(scope="module")
def map_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A ``map_path`` for each direction, with the shared tables and the one guide."""
    return {direction: _map_folder(tmp_path_factory.mktemp(direction), direction) for direction in DIRECTIONS}


def _map_folder(folder: Path, direction: str) -> Path:
    guide = f"278.5010.X217.{direction}.xml"
    for name in (*SHARED_TABLES, guide):
        shutil.copyfile(FOLDER / name, folder / name)
    entry = f'<map vriic="005010X217" fic="HI" abbr="278">{guide}</map>'
    (folder / "maps.xml").write_text(f'<maps><version icvn="00501">{entry}</version></maps>', encoding="utf-8")
    return folder


def _errors(verdict: Verdict) -> set[Error]:
    assert verdict.accepted == (not verdict.faults)
    return {(fault.position, fault.element, fault.code) for fault in verdict.faults}


def _samples(direction: str) -> list[Path]:
    return sorted(SAMPLES.glob(f"278_{direction}_*.edi"))


def _name(path: Path) -> str:
    return path.name


def test_the_index_tells_the_two_directions_apart_by_bht02() -> None:
    index = map_index(str(FOLDER))
    names = [index.get_filename("00501", "005010X217", "HI", purpose) for purpose in ("13", "11")]
    assert names == ["278.5010.X217.request.xml", "278.5010.X217.response.xml"]


def test_pyx12_by_itself_takes_the_request_for_any_278() -> None:
    assert map_index(str(FOLDER)).get_filename("00501", "005010X217", "HI") == "278.5010.X217.request.xml"
    assert _errors(judge((SAMPLES / "278_request_admission.edi").read_text())) == set()
    assert (2, "2", "7") in _errors(judge((SAMPLES / "278_response_certified.edi").read_text()))


@pytest.mark.parametrize("path", _samples("request"), ids=_name)
def test_a_valid_request_is_accepted(path: Path, map_folders: dict[str, Path]) -> None:
    assert _errors(judge(path.read_text(), map_folders["request"])) == set()


@pytest.mark.parametrize("path", _samples("response"), ids=_name)
def test_a_valid_response_is_accepted(path: Path, map_folders: dict[str, Path]) -> None:
    assert _errors(judge(path.read_text(), map_folders["response"])) == set()


@pytest.mark.parametrize("path", [*_samples("request"), *_samples("response")], ids=_name)
def test_one_direction_is_not_the_other(path: Path, map_folders: dict[str, Path]) -> None:
    other = "response" if "_request_" in path.name else "request"
    assert (2, "2", "7") in _errors(judge(path.read_text(), map_folders[other]))


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_every_segment_of_the_guide_is_in_a_sample(direction: str, map_folders: dict[str, Path]) -> None:
    """What hangs below the dependent hangs below the subscriber too; one of the two places is enough."""
    guide = load_map_file(f"278.5010.X217.{direction}.xml", params(), str(map_folders[direction]))
    defined = {
        (_last_loop(without_qualifiers(node.get_path())), node.name)
        for node in guide.loop_segment_iterator()
        if isinstance(node, segment_if)
    }
    verdicts = [judge(path.read_text(), map_folders[direction]) for path in _samples(direction)]
    seen = {(_last_loop(path), name) for verdict in verdicts for path, name in verdict.nodes}
    assert {path for path, _ in defined - seen} == {"ISA_LOOP/TA1"}


def _last_loop(path: str) -> str:
    return "/".join(path.split("/")[-2:])


@dataclass(frozen=True)
class Spoiled:
    """A sample with one thing changed, and all that pyx12 then finds."""

    sample: str
    old: str
    new: str
    errors: tuple[Error, ...]

    def __str__(self) -> str:
        return f"{self.sample}: {self.old} to {self.new}"


SPOILED = (
    # header
    Spoiled("request_admission", "BHT*0007", "BHT*0078", ((2, "", "1"), (3, "", "3"))),
    Spoiled("request_admission", "*13*REV-1001*", "*13**", ((2, "3", "1"),)),
    Spoiled("request_admission", "*20260601*0930~\nHL*1*", "*20261301*0930~\nHL*1*", ((2, "4", "8"),)),
    Spoiled("response_certified", "*0931*18", "*0931*20", ((2, "6", "7"),)),
    # levels and names
    Spoiled("request_admission", "HL*3*2*22*1", "HL*3*2*22*0", ((8, "4", "7"),)),
    Spoiled("request_admission", "NM1*X3*2", "NM1*QQ*2", ((4, "", "1"), (5, "", "3"))),
    Spoiled("request_admission", "*PI*PAYER01~", "*PI~", ((4, "", "8"), (4, "9", "1"))),
    Spoiled("request_referral", "*MI*HHP000000101~", "*MI~", ((8, "", "8"), (8, "9", "1"))),
    Spoiled("request_dependent", "INS*N*19", "INS*N*18", ((13, "2", "7"),)),
    Spoiled("request_dependent", "INS*N*19", "INS*N*19*001", ((13, "3", "10"),)),
    Spoiled("request_dependent", "*20150909*M", "*20150909*X", ((12, "3", "7"),)),
    Spoiled("request_admission", "NM1*71*1", "NM1*85*1", ((22, "", "1"),)),
    Spoiled("request_admission", "NM1*71*1", "NM1*71*3", ((22, "2", "7"),)),
    Spoiled("request_admission", "ME*04101", "ME*04101***7", ((21, "", "8"), (21, "6", "10"))),
    Spoiled("request_admission", "*PXC*207RC0000X", "*PXC", ((23, "", "8"), (23, "3", "1"))),
    Spoiled("request_transport", "NM1*PW*2", "NM1*PW*1", ((14, "2", "7"),)),
    Spoiled("response_pended", "NM1*L5*2", "NM1*X3*2", tuple((segment, "", "1") for segment in range(16, 20))),
    # the event
    Spoiled("request_admission", "UM*AR*I*2*21:B**E***Y~\n", "", ((13, "", "3"),)),
    Spoiled("request_admission", "UM*AR*I*2", "UM*ZZ*I*2", ((13, "", "1"), (14, "", "3"))),
    Spoiled("request_admission", "UM*AR*I*2", "UM*AR*Q*2", ((13, "2", "7"),)),
    Spoiled("request_admission", "UM*AR*I*2", "UM*AR*I*ZZ", ((13, "3", "7"),)),
    Spoiled("request_admission", "*21:B**E", "*21:Q**E", ((13, "4-2", "7"),)),
    Spoiled("request_admission", "*21:B**E", "*21:B**X", ((13, "6", "7"),)),
    Spoiled("request_admission", "*EVENT-1001*9SUBMITTER", "*EVENT-1001", ((12, "3", "1"),)),
    Spoiled("request_admission", "*EVENT-1001*9SUBMITTER", "*EVENT-1001*9SUB", ((12, "3", "4"),)),
    Spoiled("request_admission", "DTP*435*D8*20260615", "DTP*435*D8*20260631", ((14, "3", "8"),)),
    Spoiled("request_admission", "DTP*435*D8", "DTP*472*D8", ((14, "", "1"),)),
    Spoiled("request_admission", "DTP*435*D8", "DTP*435*TM", ((14, "2", "7"),)),
    Spoiled("request_admission", "HI*ABK", "DTP*435*D8*20260616~\nHI*ABK", ((16, "", "5"),)),
    Spoiled("request_admission", "HI*ABK", "HI*ZZZ", ((16, "", "1"),)),
    Spoiled("request_admission", "*ABF:E119", "*ABK:E119", ((16, "2-1", "7"),)),
    Spoiled("request_admission", "HSD*DY*4", "HSD*DY", ((17, "", "8"),)),
    Spoiled("request_admission", "HSD*DY*4", "HSD*QQ*4", ((17, "1", "7"),)),
    Spoiled("request_admission", "HI*ABK", "HCR*A1*AUTH1~\nHI*ABK", ((16, "", "1"),)),
    Spoiled("request_extension", "HSD*DY", "REF*BB*AUTH0001002~\nHSD*DY", ((15, "", "1"),)),
    Spoiled("request_extension", "DTP*435", "REF*BB*AUTH0001002~\nDTP*435", ((13, "", "5"),)),
    Spoiled("request_outpatient_service", "*AC*ATTACH-1003", "*AC", ((14, "", "8"),)),
    Spoiled("request_outpatient_service", "PWK*P4*EL", "PWK*P4*FT", ((14, "2", "7"),)),
    Spoiled("request_outpatient_service", "NM1*SJ", "MSG*AND MORE~\nNM1*SJ", ((16, "", "5"),)),
    Spoiled("request_home_health", "CRC*75", "CRC*99", ((13, "", "1"),)),
    Spoiled("request_home_health", "*RD8*20260608-20260806", "*RD8*", ((16, "", "8"),)),
    Spoiled("request_home_health", "*RD8*20260608-20260806", "*RD8*20260608", ((16, "4", "8"),)),
    Spoiled("request_transport", "CR1*LB*180*X", "CR1*LB**X", ((13, "", "8"),)),
    Spoiled("request_transport", "CR1*LB*180*X", "CR1*LB*180*", ((13, "3", "1"),)),
    Spoiled("response_certified", "*HHP-77001*", "*A*9HARBORHP1~\nTRN*1*B*9HARBORHP1~\nTRN*1*C*", ((13, "", "5"),)),
    Spoiled("response_certified", "TRN*2*EVENT", "TRN*3*EVENT", ((10, "", "1"),)),
    Spoiled("response_certified", "HCR*A1*AUTH0001001~", "HCR*A9*AUTH0001001~", ((13, "", "1"),)),
    Spoiled("response_certified", "HCR*A1*AUTH0001001~", "HCR*A1*AUTH0001001**X~", ((13, "4", "7"),)),
    Spoiled("response_certified", "*RD8*20260615-20260619", "*RD8*20260615", ((17, "3", "8"),)),
    # the services
    Spoiled("request_admission", "SV2**HC:33510", "SV2***120", ((28, "", "8"),)),
    Spoiled("request_admission", "SV2**HC:33510", "SV2**QQ:33510", ((28, "2-1", "7"),)),
    Spoiled("request_outpatient_service", ":26**UN*1", ":26**UN*", ((20, "", "8"),)),
    Spoiled("request_outpatient_service", ":26**UN*1", ":2**UN*1", ((20, "1-3", "4"),)),
    Spoiled("request_dental", "*M:O", "*M:Q", ((14, "3-2", "7"),)),
    Spoiled("request_dental", "**10*I*1", "**10*I", ((13, "6", "1"),)),
    Spoiled("response_certified", "HCR*A1*AUTH0001001-1", "HCR*A2*AUTH0001001-1", ((23, "", "1"),)),
    Spoiled("response_pended", "HI*LOI:11504-8", "HI*ABK:I2510", ((23, "", "1"),)),
    # request validation
    Spoiled("response_aaa", "AAA*N**33", "AAA*Y**33", ((11, "", "1"),)),
    Spoiled("response_aaa", "AAA*N**33", "AAA*N*AA*33", ((11, "2", "10"),)),
    Spoiled("response_aaa", "AAA*N**33*C", "AAA*N**75*C", ((11, "3", "7"),)),
    Spoiled("response_aaa", "AAA*N**33*C", "AAA*N**33*Y", ((11, "4", "7"),)),
    Spoiled("response_aaa", "AAA*N**33*C", "AAA*N**33", ((11, "4", "1"),)),
    Spoiled("response_outside_service_hours", "**42*P", "**42*C", ((5, "4", "7"),)),
    Spoiled("response_subscriber_not_found", "AAA*N**75*C~", "AAA*N**75*C~\nHCR*A1~", ((10, "", "1"),)),
)


@pytest.mark.parametrize("spoiled", SPOILED, ids=str)
def test_a_fault_is_found_where_it_is(spoiled: Spoiled, map_folders: dict[str, Path]) -> None:
    text = (SAMPLES / f"278_{spoiled.sample}.edi").read_text()
    assert spoiled.old in text
    direction = spoiled.sample.partition("_")[0]
    changed = _recounted(text.replace(spoiled.old, spoiled.new, 1))
    assert _errors(judge(changed, map_folders[direction])) == set(spoiled.errors)


def _recounted(text: str) -> str:
    """The same with SE01 right again, so that a segment more or less is the only fault."""
    segments = text[text.index("ST*278") : text.index("SE*")].count("~") + 1
    return re.sub(r"SE\*\d+\*", f"SE*{segments}*", text)


UNNAMED_MEMBER = ((8, "8", "1"), (8, "9", "1"))
"""NM108 and NM109 of the subscriber are not there."""
SERVICE_DATE_AT_EVENT = (11, "", "1")
"""DTP 472 belongs to a service; an event has AAH, 435, 096."""
REF_ZZ_AFTER_HI = ((13, "", "1"), (14, "", "1"))
SECOND_MSG = (16, "", "5")
WRONG_SE01 = (0, "", "4")

SIMPLIFIED = {*UNNAMED_MEMBER, SERVICE_DATE_AT_EVENT, *REF_ZZ_AFTER_HI}
BHT_OF_THE_NOTIFICATION = {(2, "", "1"), (3, "", "3"), (13, "", "1")}
"""BHT01 0078 is not of this guide, so that no header is found; then DTP 472 at the event."""

REAL_ERRORS = {
    "copilot__requestinfo_migraine_case039.278": SIMPLIFIED,
    "copilot__submit_migraine_case037.278": {*SIMPLIFIED, SECOND_MSG},
    "copilot__submit_ra_case001.278": {*SIMPLIFIED, SECOND_MSG},
    "copilot__submit_t2d_case017.278": {*SIMPLIFIED, SECOND_MSG},
    "cosyte-x12__278-request.edi": BHT_OF_THE_NOTIFICATION,
    "cosyte-x12__278-request~2.edi": BHT_OF_THE_NOTIFICATION,
    "stupidedi__admission-request-for-review.edi": {WRONG_SE01},
    "stupidedi__request-for-home-health-care.edi": {WRONG_SE01},
}
"""What is really wrong in a published file; a file not named here is right."""

OTHER_GUIDE = {
    "aurelianware__x215-inquiry-by-member-request.edi": "fic=HI, vriic=005010X215",
    "aurelianware__x215-error-response.edi": "fic=HI, vriic=005010X215",
    "aurelianware__x217-outpatient-request.edi": "fic=HS, vriic=005010X217",
    "aurelianware__x217-revision-request.edi": "fic=HS, vriic=005010X217",
    "aurelianware__x217-error-response.edi": "fic=HS, vriic=005010X217",
    "aurelianware__x217-referral-response.edi": "fic=HS, vriic=005010X217",
    "cosyte-x12__278-response.edi": "fic=HI, vriic=005010X216",
    "cosyte-x12__278-response~2.edi": "fic=HI, vriic=005010X216",
    "cosyte-x12__278-response~3.edi": "fic=HI, vriic=005010X216",
}
"""GS01 and GS08 of files that are of no guide here: inquiry, notification, or GS01 of the eligibility inquiry."""


def _real_samples() -> list[Path]:
    return sorted(path for direction in DIRECTIONS for path in (REAL_SAMPLES / f"278_{direction}").glob("*"))


@pytest.mark.parametrize("path", _real_samples(), ids=_name)
def test_a_published_file_is_accepted_or_rejected_for_its_own_fault(path: Path, map_folders: dict[str, Path]) -> None:
    direction = path.parent.name.removeprefix("278_")
    text = path.read_text(encoding="latin-1")
    if path.name in OTHER_GUIDE:
        with pytest.raises(EngineError, match=OTHER_GUIDE[path.name]):
            judge(text, map_folders[direction])
        return
    assert _errors(judge(text, map_folders[direction])) == REAL_ERRORS.get(path.name, set())
