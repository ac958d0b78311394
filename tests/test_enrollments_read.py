"""An 834, from text to typed enrollments."""

from datetime import date

import pytest

from edi.eligibility import Reference
from edi.enrollment import EnrollmentDate, FileAction, Maintenance, MemberEnrollment, find_day
from edi.services_review import PostalAddress
from parsers.enrollments import GUIDES, OUTLINE, EnrollmentReader
from parsers.filing import Filing, Part
from tests.enrollment_support import GUIDE, enrollment_file, enrollment_set, read_members
from tests.guide_support import REAL_SAMPLES

FULL = """
INS*Y*18*030*XN*A*E**FT*F*N*D8*20260310
REF*0F*W900000001
REF*1L*G-9
REF*23*D200000001
REF*Q4*W000000009
DTP*303*D8*20260401
DTP*336*D8*20200101
DTP*356*D8*20260315
NM1*74*1*Farthingale*Bo*Q**Jr*34*999887777
PER*IP**HP*8005550100*EM*BO@EXAMPLE.COM
N3*7 Test Lane*Apt 2
N4*Troy*NY*12180
DMG*D8*19910704*F
EC*01
ICM*7*50000
AMT*C1*100
HLH*N
LUI*LE*SPA
NM1*70*1*FARTHINGALLE*BEAU
DMG*D8*19910407*M
NM1*31*1
N3*PO BOX 7
N4*UTICA*NY*13501
NM1*36*2*ACME*****24*999888777
N3*1 WORKS ROAD
N4*TROY*NY*12180
NM1*M8*2*TEST SCHOOL
NM1*S3*1*PARENT*PAT
DSB*4
DTP*360*D8*20250101
HD*030**HLT*GOLD*FAM
DTP*348*D8*20260401
DTP*349*RD8*20261201-20261231
AMT*P3*45.34
REF*1L*G-10
IDC*CARD*H
LX*1
NM1*P3*1*KINDLY*ANN****XX*1234567893*25
N3*2 CLINIC ROAD
N4*TROY*NY*12180
PER*IC**EM*ANN@EXAMPLE.COM*TE*8005550111
PLA*2*1P*20260401**14
COB*P*M0000001*1
REF*6P*G-OTHER
REF*SY*999887777
DTP*344*D8*20240101
NM1*36*2*ACME
NM1*IN*2*SAMPLE MUTUAL*****FI*999888776
N3*3 PAYER ROAD
N4*TROY*NY*12180
PER*CN**TE*8005550122
HD*021**DEN*DENTAL*EMP
DTP*348*D8*20260501
LS*2700
LX*1
N1*75*CLASS
REF*17*A
DTP*007*D8*20200101
LE*2700
"""


@pytest.fixture(scope="module")
def member() -> MemberEnrollment:
    (member,) = read_members(enrollment_file(enrollment_set(FULL, "RX", "REF*38*MASTER~DTP*007*D8*20260401~")))
    return member


def test_the_header_goes_with_each_member(member: MemberEnrollment) -> None:
    assert member.header.action is FileAction.REPLACE
    assert member.header.policy_number == "MASTER"
    assert find_day(member.header.dates, "303", "007") == date(2026, 4, 1)
    assert member.position == 7


def test_who_the_member_is(member: MemberEnrollment) -> None:
    assert (member.is_subscriber, member.relationship, member.subscriber_id) == (True, "18", "W900000001")
    name = member.name
    assert (name.last_name, name.first_name, name.middle_name, name.suffix) == ("FARTHINGALE", "BO", "Q", "JR")
    assert (name.birth_date, name.gender) == (date(1991, 7, 4), "F")
    assert member.death_date == date(2026, 3, 10)
    assert member.references == (Reference("1L", "G-9"), Reference("23", "D200000001"), Reference("Q4", "W000000009"))


def test_a_correction_has_what_was_wrong(member: MemberEnrollment) -> None:
    assert member.is_correction
    assert member.former is not None
    assert (member.former.last_name, member.former.birth_date) == ("FARTHINGALLE", date(1991, 4, 7))


def test_the_address_is_of_residence_and_nobody_elses(member: MemberEnrollment) -> None:
    assert member.address == PostalAddress(("7 TEST LANE", "APT 2"), ("TROY", "NY", "12180"))


def test_the_members_days_are_not_those_of_other_loops(member: MemberEnrollment) -> None:
    assert [each.qualifier for each in member.dates] == ["303", "336", "356"]


def test_each_coverage_has_its_own(member: MemberEnrollment) -> None:
    health, dental = member.coverages
    assert (health.maintenance, health.insurance_line, health.plan_code, health.level) == (
        Maintenance.AUDIT,
        "HLT",
        "GOLD",
        "FAM",
    )
    assert health.dates == (
        EnrollmentDate("348", date(2026, 4, 1)),
        EnrollmentDate("349", date(2026, 12, 31)),
    )
    assert health.references == (Reference("1L", "G-10"),)
    assert (dental.plan_code, dental.dates) == ("DENTAL", (EnrollmentDate("348", date(2026, 5, 1)),))
    assert dental.position - health.position == 21


def test_a_day_that_stands_for_no_end_is_none() -> None:
    says = "INS*Y*18*021*20*A~REF*0F*W1~NM1*IL*1*VANE*BO~HD*021**HLT*GOLD~DTP*348*D8*20260401~DTP*349*D8*99991231~"
    (member,) = read_members(enrollment_file(enrollment_set(says)))
    assert member.coverages[0].dates == (EnrollmentDate("348", date(2026, 4, 1)),)


def test_the_primary_care_provider(member: MemberEnrollment) -> None:
    (provider,) = member.coverages[0].providers
    assert (provider.entity_code, provider.name, provider.first_name) == ("P3", "KINDLY", "ANN")
    assert (provider.identifier_qualifier, provider.identifier) == ("XX", "1234567893")
    assert (provider.phone, provider.changed) == ("8005550111", date(2026, 4, 1))


def test_another_insurance_is_named_by_its_insurer(member: MemberEnrollment) -> None:
    (other,) = member.coverages[0].other_insurances
    assert (other.responsibility, other.policy_number, other.name) == ("P", "M0000001", "SAMPLE MUTUAL")
    assert (other.identifier_qualifier, other.identifier, other.phone) == ("FI", "999888776", "8005550122")
    assert find_day(other.dates, "344") == date(2024, 1, 1)


def test_nothing_that_identifies_a_member_is_in_the_representation(member: MemberEnrollment) -> None:
    told = repr(member)
    for secret in ("FARTHING", "W900000001", "D200000001", "1991", "TEST LANE", "M0000001", "999887777", "KINDLY"):
        assert secret not in told


@pytest.mark.skipif(not REAL_SAMPLES.is_dir(), reason="the sample files are not here")
def test_every_sound_member_of_the_samples_can_be_read() -> None:
    read = 0
    for path in sorted((REAL_SAMPLES / "834").iterdir()):
        filing, reader = Filing(dict.fromkeys([("834", guide) for guide in GUIDES], OUTLINE)), EnrollmentReader()
        for filed in [*filing.feed(path.read_bytes()), *filing.close()]:
            if isinstance(filed, Part) and filed.is_sound:
                read += len([*reader.read(filed)])
    assert read >= 6


def test_a_set_whose_header_is_cut_off_by_a_member_holds_none() -> None:
    file = enrollment_file(enrollment_set("INS*Y*18*021*20*A***FT~REF*0F*W900000001~NM1*IL*1*VANE*ODA"))
    header = file[file.index(b"BGN") : file.index(b"INS")]
    filing, reader = Filing({("834", GUIDE): OUTLINE}), EnrollmentReader()
    broken = file.replace(header, b"").replace(b"REF*0F", header + b"REF*0F").replace(b"INS*Y", b"INS*9")
    parts = [filed for filed in [*filing.feed(broken), *filing.close()] if isinstance(filed, Part)]
    assert [part.is_sound for part in parts] == [True, False, True]
    assert [member for part in parts for member in reader.read(part)] == []


def test_there_is_one_guide() -> None:
    assert GUIDE == "005010X220A1"
