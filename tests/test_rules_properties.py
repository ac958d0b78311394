"""What holds for every inquiry, whoever is on file."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import event, given
from hypothesis import strategies as st

from edi.eligibility import EligibilityInquiry, Party, Patient, ServiceInquiry
from rules.eligibility import decide, plans_needed
from rules.entitlement import Permitted, permit
from rules.facts import (
    Contract,
    Coverage,
    Entitlement,
    Function,
    PayerProfile,
    Person,
    Plan,
    Provider,
    ProviderIdentifier,
    ServiceBenefit,
)
from rules.members import reject
from rules.names import normalize_first_name, normalize_last_name
from rules.search import Identified, identify, searches
from rules.search_keys import filed_under

TODAY = date(2026, 5, 5)
PROFILE = PayerProfile("PAYER", "1", "133333333")
PLAN = Plan("P", "PLAN", "PR", (ServiceBenefit(("1", "98")),))
RECEIVER = Party("1P", "2", "CLINIC", "", "XX", "1234567893")

few_names = st.sampled_from(["ADA", "BEN", "CLEO", "O'HARA", "O HARA", "DIAZ JR", "DIAZ"])
few_days = st.sampled_from([date(1980, 1, 31), date(2004, 2, 29), date(2015, 6, 1)])
few_ids = st.sampled_from(["W1", "W2", "W3", "W-4"])
genders = st.sampled_from(["", "F", "M"])


@st.composite
def persons(draw: st.DrawFn, number: int) -> Person:
    return Person(
        number=f"{number:02}",
        last_name=draw(few_names),
        first_name=draw(few_names),
        birth_date=draw(few_days),
        middle_name=draw(st.sampled_from(["", "LEE", "MAY"])),
        relationship="18" if number == 1 else "19",
        gender=draw(genders),
        own_id=draw(st.sampled_from(["", "", "W8", "W9"])) if number > 1 else "",
        former_last_names=draw(st.sampled_from([(), ("EVANS",)])),
        coverages=(Coverage("P", date(2024, 1, 1), group_number=draw(st.sampled_from(["", "G1", "G2"]))),),
    )


@st.composite
def contracts(draw: st.DrawFn) -> tuple[Contract, ...]:
    count = draw(st.integers(1, 4))
    return tuple(
        Contract(
            f"C-{index}",
            draw(few_ids),
            tuple([draw(persons(number)) for number in range(1, draw(st.integers(1, 4)) + 1)]),
            former_ids=draw(st.sampled_from([(), ("W7",)])),
        )
        for index in range(count)
    )


def inquiry_about(subscriber: Patient, dependent: Patient | None) -> EligibilityInquiry:
    return EligibilityInquiry(
        Party("PR", "2", "PAYER", "", "PI", "1"),
        RECEIVER,
        (),
        subscriber,
        dependent,
        (),
        (ServiceInquiry(("30",)),),
        "R",
    )


@st.composite
def described(draw: st.DrawFn, person: Person) -> Patient:
    """A patient mostly like ``person``, with things left out and things wrong."""

    def told(right: str, others: st.SearchStrategy[str]) -> str:
        return draw(st.one_of(st.just(right), st.just(right), st.just(""), others))

    return Patient(
        last_name=told(person.last_name, st.one_of(few_names, st.just("EVANS"))),
        first_name=told(person.first_name, few_names),
        birth_date=draw(st.one_of(st.just(person.birth_date), st.just(person.birth_date), st.none(), few_days)),
        gender=told(person.gender, genders),
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[EligibilityInquiry, tuple[Contract, ...]]:
    """Some contracts, and an inquiry that is about one of their persons, more or less."""
    on_file = draw(contracts())
    contract = draw(st.sampled_from(on_file))
    person = draw(st.sampled_from(contract.persons))
    patient = draw(described(person))
    right_ids = [
        identifier for identifier in (contract.subscriber_id, person.own_id, *contract.former_ids) if identifier
    ]
    member_id = draw(st.one_of(st.sampled_from(right_ids), st.just(""), few_ids))
    if draw(st.booleans()):
        return inquiry_about(replace(draw(described(contract.subscriber)), member_id=member_id), patient), on_file
    return inquiry_about(replace(patient, member_id=member_id), None), on_file


def found(inquiry: EligibilityInquiry, on_file: tuple[Contract, ...]) -> tuple[Contract, ...]:
    wanted = set(searches(inquiry))
    return tuple(contract for contract in on_file if filed_under(contract) & wanted)


def permitted() -> Permitted:
    provider = Provider("1", "CLINIC", (ProviderIdentifier("XX", RECEIVER.identifier),), ("111111111",))
    entitlement = Entitlement("S", "111111111", Function.ELIGIBILITY, datetime(2020, 1, 1, tzinfo=UTC))
    proof = permit(RECEIVER, provider, [entitlement], Function.ELIGIBILITY, datetime(2026, 5, 5, tzinfo=UTC))
    assert isinstance(proof, Permitted)
    return proof


def fits(patient: Patient, person: Person) -> bool:
    """Whether nothing that was sent of a patient is another's; written apart from the rules."""
    letters = "".join(character for character in patient.last_name.removesuffix(" JR") if character.isalpha())
    known = {
        "".join(character for character in name.removesuffix(" JR") if character.isalpha())
        for name in (person.last_name, *person.former_last_names)
    }
    return (
        (not letters or letters in known)
        and (
            not patient.first_name
            or normalize_first_name(patient.first_name) == normalize_first_name(person.first_name)
        )
        and patient.birth_date in (None, person.birth_date)
        and not (patient.gender and person.gender and patient.gender != person.gender)
    )


@given(situations())
def test_whoever_is_answered_about_is_the_only_one_whom_the_inquiry_fits_or_the_one_a_tie_breaker_names(
    situation: tuple[EligibilityInquiry, tuple[Contract, ...]],
) -> None:
    inquiry, on_file = situation
    who = identify(inquiry, found(inquiry, on_file), TODAY, PROFILE)
    event("identified" if isinstance(who, Identified) else "refused")
    if isinstance(who, Identified):
        assert fits(inquiry.patient, who.person)
        ids = {
            identifier.replace("-", "")
            for identifier in (who.contract.subscriber_id, *who.contract.former_ids, who.person.own_id)
        }
        sent = inquiry.subscriber.member_id.replace("-", "")
        assert not sent or sent in ids


@given(situations())
def test_contracts_that_the_search_did_not_ask_for_are_never_answered_from(
    situation: tuple[EligibilityInquiry, tuple[Contract, ...]],
) -> None:
    """As though the look-up had gone wrong and given everybody."""
    inquiry, on_file = situation
    right = identify(inquiry, found(inquiry, on_file), TODAY, PROFILE)
    wrong = identify(inquiry, on_file, TODAY, PROFILE)
    if isinstance(wrong, Identified):
        assert right == wrong


@given(situations())
def test_a_refused_inquiry_is_answered_with_nothing_that_was_not_submitted(
    situation: tuple[EligibilityInquiry, tuple[Contract, ...]],
) -> None:
    inquiry, on_file = situation
    who = identify(inquiry, found(inquiry, on_file), TODAY, PROFILE)
    if isinstance(who, Identified):
        return
    assert who
    answer = reject(inquiry, who)
    assert not answer.benefits
    for member, patient in ((answer.subscriber, inquiry.subscriber), (answer.dependent, inquiry.dependent)):
        if member is not None and patient is not None:
            assert (member.last_name, member.first_name, member.member_id) == (
                patient.last_name,
                patient.first_name,
                patient.member_id,
            )
            assert (member.birth_date, member.gender, member.address) == (patient.birth_date, patient.gender, ())


@given(situations())
def test_correct_data_added_never_break_a_match(situation: tuple[EligibilityInquiry, tuple[Contract, ...]]) -> None:
    inquiry, on_file = situation
    who = identify(inquiry, found(inquiry, on_file), TODAY, PROFILE)
    if not isinstance(who, Identified):
        return
    person, patient = who.person, inquiry.patient
    for more in (
        replace(patient, last_name=patient.last_name or person.last_name),
        replace(patient, first_name=patient.first_name or person.first_name),
        replace(patient, birth_date=patient.birth_date or person.birth_date),
        replace(patient, gender=patient.gender or person.gender),
        replace(patient, middle_name=patient.middle_name or person.middle_name),
    ):
        fuller = replace(inquiry, subscriber=more) if inquiry.dependent is None else replace(inquiry, dependent=more)
        again = identify(fuller, found(fuller, on_file), TODAY, PROFILE)
        assert isinstance(again, Identified)
        assert again.person is person


@given(situations())
def test_everybody_who_is_identified_gets_an_answer_with_a_status_first_and_a_reason_for_each_line(
    situation: tuple[EligibilityInquiry, tuple[Contract, ...]],
) -> None:
    inquiry, on_file = situation
    who = identify(inquiry, found(inquiry, on_file), TODAY, PROFILE)
    if not isinstance(who, Identified):
        return
    assert plans_needed(who, inquiry, TODAY) == ("P",)
    answer = decide(inquiry, who, {"P": PLAN}, TODAY, PROFILE, permitted())
    assert answer.benefits[0].service_types == ("30",)
    assert all(benefit.reason for benefit in answer.benefits)
    assert (answer.dependent is None) == who.is_subscriber


@given(st.text(max_size=40))
def test_normalizing_a_name_again_changes_nothing(name: str) -> None:
    once = normalize_last_name(name)
    assert normalize_last_name(once) == once
    assert normalize_first_name(normalize_first_name(name)) == normalize_first_name(name)
