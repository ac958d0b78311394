"""pyx12 with our guides accepts what they allow, and rejects what they don't at the right place with the right code.

Where the public definitions of a guide differ, the maps take, and the rows below hold them to:

* 270 DMG03: F and M, not U (pyx12's map-restructure branch; stupidedi adds U, but for the subscriber only);
* 270 and 271 service types: one list for EQ01 and EB03, subscriber and dependent (the lists differ by slips only);
* 271 2100C and 2100D PRV02: PXC (pyx12, stupidedi; x12sdk repeats the 270's seven);
* 271 EB09: with VS and YY (pyx12; stupidedi has them for the dependent only); EB02 of a dependent: not EMP (both);
* 271 MPI: once (x12sdk; stupidedi for the dependent, but nine times for the subscriber);
* 276 and 277 SVC07: required (x12sdk, pyx12; stupidedi's 276 leaves it open);
* 277: pyx12 and x12sdk; stupidedi's is that of 005010X214, with STC03, STC12 and other entity codes;
* 277 STC01-2 of a claim or line: no list, since it is a code of NCPDP where STC01-4 is RX.
"""

import csv
from pathlib import Path

import pytest

from tests.guide_support import REAL_SAMPLES, SAMPLES, Fault, first_repetitions, judge

SEGMENT_UNKNOWN, SEGMENT_MISSING, SEGMENT_TOO_OFTEN, SEGMENT_HAS_ERRORS = "1", "3", "5", "8"
MISSING, TOO_SHORT, TOO_LONG, BAD_CODE, BAD_DATE, NOT_USED = "1", "4", "5", "7", "8", "10"

GUIDES = ("270", "271", "276", "277")

CHANGES = [
    # sample, what it says, what is said instead, the faults that makes
    ("270_subscriber_generic", "0022*13*", "0022*11*", [Fault("BHT", 2, "2", BAD_CODE)]),
    ("270_dependent", "NM1*PR*2*HARBOR HEALTH PLAN*****PI*PAYER01~\n", "", [Fault("NM1", 4, "", SEGMENT_MISSING)]),
    ("270_subscriber_generic", "LAKESIDE CLINIC", "", [Fault("NM1", 6, "3", MISSING)]),
    ("270_subscriber_generic", "TRN*1*", "TRN*2*", [Fault("TRN", 8, "", SEGMENT_UNKNOWN)]),
    ("270_subscriber_generic", "9SUBMITTER", "SHORT", [Fault("TRN", 8, "3", TOO_SHORT)]),
    ("270_subscriber_generic", "*MI*HHP000000101", "*MI", [Fault("NM1", 9, "", SEGMENT_HAS_ERRORS)]),
    ("270_subscriber_generic", "*MI*HHP", "*SY*HHP", [Fault("NM1", 9, "8", BAD_CODE)]),
    ("270_subscriber_generic", "19840317", "19840230", [Fault("DMG", 10, "2", BAD_DATE)]),
    ("270_subscriber_generic", "*F~", "*U~", [Fault("DMG", 10, "3", BAD_CODE)]),
    ("270_subscriber_generic", "DTP*291", "DTP*472", [Fault("DTP", 11, "", SEGMENT_UNKNOWN)]),
    ("270_subscriber_generic", "291*D8", "291*RD8", [Fault("DTP", 11, "3", BAD_DATE)]),
    ("270_subscriber_generic", "EQ*30", "EQ*31", [Fault("EQ", 12, "1", BAD_CODE)]),
    ("270_subscriber_generic", "EQ*30", "EQ*30**IND", [Fault("EQ", 12, "3", BAD_CODE)]),
    ("270_dependent", "23*0", "23*1", [Fault("HL", 9, "4", BAD_CODE)]),
    ("270_dependent", "*BEN", "*BEN****MI*1", [Fault("NM1", 11, "8", NOT_USED), Fault("NM1", 11, "9", NOT_USED)]),
    ("270_dependent", "INS*N*19", "INS*N*20", [Fault("INS", 13, "2", BAD_CODE)]),
    ("270_dependent", "EQ*98~\n", "", [Fault("EQ", 14, "", SEGMENT_MISSING)]),
    ("270_procedure_with_diagnosis", "*OH*43215~\nPRV*PC", "*OX*43215~\nPRV*PC", [Fault("N4", 18, "2", BAD_CODE)]),
    ("270_procedure_with_diagnosis", "ABF:R509", "ABK:R509", [Fault("HI", 22, "2-1", BAD_CODE)]),
    ("270_procedure_with_diagnosis", "HC:99213", "XX:99213", [Fault("EQ", 25, "2-1", BAD_CODE)]),
    ("270_procedure_with_diagnosis", "AMT*PB", "AMT*R*1~\nAMT*PB", [Fault("AMT", 27, "", SEGMENT_TOO_OFTEN)]),
    ("270_procedure_with_diagnosis", "III*ZZ*11", "III*ZZ*28", [Fault("III", 28, "2", BAD_CODE)]),
    ("270_procedure_with_diagnosis", "REF*G1", "REF*9F*1~\nREF*G1", [Fault("REF", 30, "", SEGMENT_TOO_OFTEN)]),
    ("271_active_with_benefits", "DTP*348", "DTP*102", [Fault("DTP", 19, "", SEGMENT_UNKNOWN)]),
    ("271_active_with_benefits", "*23*1500", "*99*1500", [Fault("EB", 20, "6", BAD_CODE)]),
    ("271_active_with_benefits", "*VS*20*Y*Y", "*VS**Y*Y", [Fault("EB", 26, "", SEGMENT_HAS_ERRORS)]),
    ("271_active_with_benefits", "LE*2120", "LE*2110", [Fault("LE", 35, "1", BAD_CODE)]),
    ("271_dependent_active", "PRV*PC*PXC", "PRV*PC*HPI", [Fault("PRV", 13, "2", BAD_CODE)]),
    ("271_dependent_active", "EB*1*CHD", "MPI*C*AE*B~\nEB*1*CHD", [Fault("MPI", 18, "", SEGMENT_TOO_OFTEN)]),
    ("271_dependent_active", "EB*1*CHD", "EB*1*EMP", [Fault("EB", 18, "2", BAD_CODE)]),
    ("271_subscriber_not_found", "**75*C", "**67*C", [Fault("AAA", 11, "3", BAD_CODE)]),
    ("271_subscriber_not_found", "**75*C", "**75*P", [Fault("AAA", 11, "4", BAD_CODE)]),
    ("271_service_type_not_answered", "**70*N", "**75*N", [Fault("AAA", 12, "3", BAD_CODE)]),
    ("271_payer_system_down", "**42*R", "**50*R", [Fault("AAA", 5, "3", BAD_CODE)]),
    ("271_switch_down", "**42*P", "**80*P", [Fault("AAA", 4, "3", BAD_CODE)]),
    ("271_switch_down", "**42*P", "**42*W", [Fault("AAA", 4, "4", BAD_CODE)]),
    ("271_provider_not_eligible", "**50*N", "**50*P", [Fault("AAA", 8, "4", BAD_CODE)]),
    ("276_dependent_claim", "20150909*M", "20150909*U", [Fault("DMG", 12, "3", BAD_CODE)]),
    ("276_subscriber_claim", "REF*1K", "REF*G1", [Fault("REF", 13, "", SEGMENT_UNKNOWN)]),
    ("276_subscriber_claim", "REF*XZ", "REF*EJ*1~\nREF*XZ", [Fault("REF", 18, "", SEGMENT_TOO_OFTEN)]),
    ("276_subscriber_claim", "**0510***1", "**0510", [Fault("SVC", 22, "7", MISSING)]),
    ("276_subscriber_claim", "DTP*472*D8*20260501~\n", "", [Fault("DTP", 23, "", SEGMENT_MISSING)]),
    ("276_dependent_claim", "DMG*D8*20150909*M~\n", "", [Fault("DMG", 12, "", SEGMENT_MISSING)]),
    ("276_dependent_claim", "CLAIM-TRACE-2", "CLAIM-TRACE-2*9SUBMITTER", [Fault("TRN", 14, "3", NOT_USED)]),
    ("277_claim_not_found", "*DG~", "*TH~", [Fault("BHT", 2, "6", BAD_CODE)]),
    ("277_claim_not_found", "STC*D0:35*20260601~\n", "", [Fault("STC", 13, "", SEGMENT_MISSING)]),
    ("277_claim_not_found", "STC*D0:35*", "STC*D0*", [Fault("STC", 13, "1-2", MISSING)]),
    ("277_claim_not_found", "D0:35*20260601", "D0:35", [Fault("STC", 13, "2", MISSING)]),
    ("277_claim_not_found", "D0:35*20260601", "D0:35*20260601*WQ", [Fault("STC", 13, "3", NOT_USED)]),
    ("277_claim_not_found", "D0:35*20260601", "D0:35*20260601**********TEXT", [Fault("STC", 13, "12", NOT_USED)]),
    ("277_claim_paid", "STC*F1:65*20260520**240", "STC*F9:65*20260520**240", [Fault("STC", 13, "1-1", BAD_CODE)]),
    ("277_claim_paid", "*0510***1", "*0510", [Fault("SVC", 22, "7", MISSING)]),
    ("277_payer_system_down", "E1:484:PR", "E1:9999:PR", [Fault("STC", 9, "1-2", BAD_CODE)]),
    ("277_payer_system_down", "E1:484:PR", "E1:484:1P", [Fault("STC", 9, "1-3", BAD_CODE)]),
]  # fmt: skip

FAULTY_REAL_SAMPLES = {
    "270/cosyte-x12__270-quirk-delimiters.edi": [Fault("EQ", 14, "3", BAD_CODE)],
    # EQ03 asks for IND, but an inquiry may name no coverage level but FAM
    "271/cosyte-x12__271-aaa-with-benefits.edi": [Fault("AAA", 11, "3", BAD_CODE)],
    # 42 (unable to respond) belongs to the levels above the benefit, 2000A to 2100D
    "271/xiaoerge__BenefitResponseTest_3.x12": [Fault("DMG", 14, "2", BAD_DATE)],
    # born in the year 1001; pyx12 takes no date before 1800
    "271/westerly__x271_subscriber.txt": [
        Fault("EB", at, "3", code) for at in (19, 20, 21) for code in (TOO_LONG, BAD_CODE)
    ],
    # EB03 repeats with ^, while ISA11 is U
}  # fmt: skip
"""Called valid by those who published them, and yet against the guide."""

FOREIGN_VERSIONS = ("DEMOSUBSET", "004010X092A1", "005010X279/")
"""GS08 that names no guide of ours; 005010X279 without its addendum is not 005010X279A1."""


def _read(path: Path) -> str:
    return path.read_bytes().decode("latin-1")


def _recounted(data: str) -> str:
    """With an SE01 that fits."""
    segments = data.split("~\n")
    last = next(at for at, segment in enumerate(segments) if segment.startswith("SE*"))
    segments[last] = f"SE*{last - 1}*0001"
    return "~\n".join(segments)


def _published_as_valid() -> list[str]:
    manifest = REAL_SAMPLES / "MANIFEST.tsv"
    if not manifest.exists():
        return []
    with manifest.open(encoding="utf-8") as lines:
        return [
            row["path"]
            for row in csv.DictReader(lines, delimiter="\t")
            if row["path"].startswith(GUIDES)
            and row["expected_by_origin"] == "valid"
            and row["envelope"] == "clean"
            and not row["gs08/st03"].startswith(FOREIGN_VERSIONS)
        ]


@pytest.mark.parametrize("sample", sorted(path.name for guide in GUIDES for path in SAMPLES.glob(f"{guide}_*.edi")))
def test_a_sample_is_accepted(sample: str) -> None:
    verdict = judge(first_repetitions(_read(SAMPLES / sample)))
    assert verdict.faults == ()
    assert verdict.accepted


@pytest.mark.parametrize(("sample", "said", "instead", "faults"), CHANGES, ids=lambda value: str(value)[:40].strip())
def test_a_change_is_rejected_where_it_was_made(sample: str, said: str, instead: str, faults: list[Fault]) -> None:
    data = _read(SAMPLES / f"{sample}.edi")
    assert said in data
    verdict = judge(_recounted(data.replace(said, instead, 1)))
    assert not verdict.accepted
    assert list(verdict.faults) == faults


def test_st03_of_another_version_is_rejected() -> None:
    data = _read(SAMPLES / "270_subscriber_generic.edi")
    assert not judge(data.replace("0001*005010X279A1", "0001*005010X279")).accepted


@pytest.mark.parametrize(
    ("sample", "element"), [("270_several_service_types", "EQ*30^35^88"), ("271_several_service_types", "EB*B**98^UC")]
)
def test_pyx12_takes_repeated_service_types_for_one_bad_code(sample: str, element: str) -> None:
    data = _read(SAMPLES / f"{sample}.edi")
    assert element in data
    assert {fault.code for fault in judge(data).faults} == {TOO_LONG, BAD_CODE}


@pytest.mark.parametrize("path", _published_as_valid())
def test_a_real_file_is_accepted_or_its_fault_is_known(path: str) -> None:
    verdict = judge(first_repetitions(_read(REAL_SAMPLES / path)))
    assert list(verdict.faults) == FAULTY_REAL_SAMPLES.get(path, [])
    assert verdict.accepted == (path not in FAULTY_REAL_SAMPLES)
