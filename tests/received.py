"""Files to be judged, made from the sample files, and what is answered to them."""

import re
from datetime import UTC, datetime
from pathlib import Path

from parsers import check
from tests.test_acknowledgments import accepted_by_pyx12

SAMPLES = Path(__file__).parent / "samples"
INTERCHANGE = re.compile(b"ISA.*?~IEA.*?~")
WRITTEN_AT = datetime(2026, 6, 1, 9, 31, tzinfo=UTC)


def sample(name: str) -> str:
    """A sample file without its line breaks."""
    return (SAMPLES / name).read_text().replace("\n", "")


DEPENDENT = sample("270_dependent.edi")
PROCEDURE = sample("270_procedure_with_diagnosis.edi")
ISA, GS = DEPENDENT[:106], DEPENDENT[106 : DEPENDENT.index("ST*")]
SET = DEPENDENT[DEPENDENT.index("ST*") : DEPENDENT.index("GE*")]
TRAILERS = DEPENDENT[DEPENDENT.index("GE*") :]


def told(text: str, *, accepted_too: bool = True) -> list[str]:
    """The segments of the acknowledgment of a file, which pyx12 and we must accept ourselves."""
    data = check(text.encode("latin-1")).acknowledgment(WRITTEN_AT, 7, accepted_too=accepted_too)
    for interchange in INTERCHANGE.findall(data):
        assert accepted_by_pyx12(interchange) is repeats_known_codes(interchange)
    assert check(data).accepted is repeats_known_codes(data) or not data
    return data.decode("ascii").split("~")[:-1]


def repeats_known_codes(data: bytes) -> bool:
    """pyx12's 999 map lists the HIPAA sets and groups only, but what was received has to be told."""
    return not re.search(rb"AK1\*ZZ|AK2\*(850|2A0)", data)


def with_sets(*sets: str) -> str:
    """An interchange with these transaction sets, whose counts and control numbers are put right."""
    numbered = "".join(
        one.replace("*0001*005010X279A1", f"*{number:04d}*005010X279A1", 1).replace("*0001~", f"*{number:04d}~")
        for number, one in enumerate(sets, start=1)
    )
    return ISA + GS + numbered + TRAILERS.replace("GE*1*", f"GE*{len(sets)}*")


def counted(one: str) -> str:
    """A transaction set with its SE01 put right."""
    start = one.rindex("SE*")
    return f"{one[:start]}SE*{one.count('~')}*0001~"


def changed(old: str, new: str, one: str = SET) -> str:
    """An interchange with one set in which something is replaced, its count put right."""
    assert old in one
    return with_sets(counted(one.replace(old, new, 1)))


def is_well_formed(answers: bytes) -> bool:
    """Whether our own check accepts each answer; one with a code that pyx12's map does not list is let pass."""
    foreign = rb"AK1\*(?!(?:BE|HB|HC|HI|HN|HP|HR|HS|RA)\*)|AK2\*(?!27[01678]\*|8\d\d\*)"
    return re.search(foreign, answers) is not None or all(check(one).accepted for one in INTERCHANGE.findall(answers))
