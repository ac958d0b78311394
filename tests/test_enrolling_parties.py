"""What an 834 tells of other payers and of primary care providers, in the contract."""

from dataclasses import replace
from datetime import date

import pytest

from rules.enrolling.members import enroll
from rules.facts import Contact, Contract, OtherPayer, PrimaryCareProvider, Priority
from tests.enrollment_support import enrollment_file, enrollment_set, read_members
from tests.real_time import family

SON = (
    "INS*N*19*001*22*A~REF*0F*W100000001~NM1*IL*1*QUILLFEATHER*TAM~DMG*D8*20150301*M~"
    "HD*001**HLT*GOLD*FAM~DTP*348*D8*20250101~"
)
MOTHER = "INS*Y*18*001*22*A***FT~REF*0F*W100000001~NM1*IL*1*QUILLFEATHER*ODA~HD*001**HLT*GOLD*FAM~DTP*348*D8*20250101~"
MUTUAL = "COB*P*M-1*1~REF*6P*G-OTHER~DTP*344*D8*20240101~NM1*IN*2*SAMPLE MUTUAL*****FI*999888776~PER*CN**TE*8005550122~"
DOCTOR = "LX*1~NM1*P3*1*KINDLY*ANN****XX*1234567893*25~PER*IC**TE*8005550111~"
HELD = OtherPayer(
    Contact("SAMPLE MUTUAL", identifier_qualifier="FI", identifier="999888776", phone="8005550122"),
    Priority.PRIMARY,
    date(2024, 1, 1),
    member_id="M-1",
    group_number="G-OTHER",
    persons=("02",),
)


def enrolled(*members: str, held: Contract | None = None) -> Contract:
    """The desk's family after some enrollments, all of which must succeed."""
    contract = held or family()
    for member in read_members(enrollment_file(enrollment_set("".join(members)))):
        outcome = enroll(contract, member, {"GOLD"})
        assert isinstance(outcome, Contract), outcome
        contract = outcome
    return contract


def test_another_payer_is_of_the_person_who_is_named() -> None:
    contract = enrolled(SON + MUTUAL)
    assert contract.other_payers == (HELD,)
    assert [person.coverages[0].priority for person in contract.persons] == [Priority.PRIMARY, Priority.SECONDARY]


def test_two_persons_share_another_payer() -> None:
    contract = enrolled(SON + MUTUAL, MOTHER + MUTUAL)
    assert contract.other_payers == (replace(HELD, persons=("01", "02")),)
    assert enrolled(SON + MUTUAL, held=contract) == contract


def test_what_changes_for_one_of_them_stays_for_the_other() -> None:
    contract = enrolled(SON + MUTUAL, MOTHER + MUTUAL, SON + MUTUAL.replace("M-1", "M-2"))
    assert contract.other_payers == (replace(HELD, persons=("01",)), replace(HELD, member_id="M-2"))


def test_what_only_the_payer_knows_of_another_payer_stays() -> None:
    held = replace(family(), other_payers=(replace(HELD, insurance_type="C1", member_id=""),))
    contract = enrolled(SON + MUTUAL, held=held)
    assert contract.other_payers == (replace(HELD, insurance_type="C1"),)


@pytest.mark.parametrize(
    "told",
    [MUTUAL.replace("COB*P", "COB*U"), MUTUAL.replace("M-1*1", "M-1*6"), "COB*P*M-1*1~"],
    ids=["place unknown", "not coordinated", "no name"],
)
def test_another_payer_of_whom_too_little_is_known_is_not_told(told: str) -> None:
    assert enrolled(SON + told).other_payers == ()


def test_a_payer_that_is_not_coordinated_with_leaves_ours_the_first() -> None:
    contract = enrolled(SON + MUTUAL, SON + MUTUAL.replace("M-1*1", "M-1*6"))
    assert contract.persons[1].coverages[0].priority is Priority.PRIMARY


def test_a_third_place_is_ours_after_two_others() -> None:
    second = "COB*S*N-1*1~NM1*IN*2*FIXTURE INSURANCE~"
    assert enrolled(SON + MUTUAL + second).persons[1].coverages[0].priority is Priority.TERTIARY


def test_a_primary_care_provider_begins_with_the_coverage_or_the_change() -> None:
    kindly = Contact("KINDLY", "ANN", "XX", "1234567893", "8005550111")
    contract = enrolled(SON + DOCTOR)
    assert contract.persons[1].primary_care_provider == PrimaryCareProvider(kindly, date(2025, 1, 1))
    other = "LX*1~NM1*P3*1*WISE*TOM****SV*77001*25~PLA*2*1P*20260401**14~"
    changed = enrolled(SON + other, held=contract)
    assert changed.persons[1].primary_care_provider == PrimaryCareProvider(
        Contact("WISE", "TOM", "SV", "77001"), date(2026, 4, 1)
    )


def test_a_dentist_or_a_social_security_number_is_not_told() -> None:
    dentist = "LX*1~NM1*3D*1*MOLAR*MAX****XX*1234567893*25~"
    assert enrolled(SON + dentist).persons[1].primary_care_provider is None
    doctor = enrolled(SON + DOCTOR.replace("XX*1234567893", "34*999887777")).persons[1].primary_care_provider
    assert doctor is not None
    assert (doctor.contact.identifier_qualifier, doctor.contact.identifier) == ("", "")
