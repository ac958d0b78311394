"""Contracts of the synthetic book: households with their coverage, usage, ids and other payers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from gateway.book import histories, usage
from gateway.book.coverage import FamilyCoverage
from gateway.book.people import SPOUSE, Human, address, household
from rules.facts import Contact, Contract, OtherPayer, Person, Plan, Priority

SENIOR_SHARE = 0.12
OWN_ID_SHARE = 0.05
FORMER_ID_SHARE = 0.04
OTHER_PAYER_SHARE = 0.08
NAMESAKE_SHARE = 0.01
SAME_DAY_SHARE = 0.01

OTHER_PAYERS = tuple(
    Contact(name, identifier_qualifier="PI", identifier=identifier, phone=phone)
    for name, identifier, phone in (
        ("SAMPLE MUTUAL", "99701", "8005550131"),
        ("FIXTURE INSURANCE COMPANY", "99702", "8005550132"),
        ("MEDICARE OF EXAMPLETON", "99703", "8005550133"),
    )
)


@dataclass(slots=True)
class Families:
    """Makes one family after the other; the same seed and day make the same ones."""

    plans: Mapping[str, Plan]
    today: date
    random: Random

    def contracts(self, members: int) -> Iterator[Contract]:
        """So many members, subscribers and dependents counted alike; the first family is an active one."""
        figures = {plan_id: usage.PlanFigures.of(plan) for plan_id, plan in self.plans.items()}
        earlier: list[Human] = []
        serial = 0
        while members > 0:
            senior = serial > 0 and self.random.random() < SENIOR_SHARE
            people = household(self.today, senior, self.random)
            people[0] = self._like_an_earlier_one(people[0], earlier)
            earlier = [*earlier[-20:], people[0]]
            spans = histories.continuous if serial == 0 else histories.history
            serial += 1
            people = people[:members]
            members -= len(people)
            yield self._contract(serial, people, spans(self.today, self.random), figures, senior)

    def _like_an_earlier_one(self, head: Human, earlier: Sequence[Human]) -> Human:
        """Sometimes a stranger has the same name, or only the same last name, and was born on the same day."""
        dice = self.random.random()
        if not earlier or dice > NAMESAKE_SHARE + SAME_DAY_SHARE:
            return head
        other = self.random.choice(earlier)
        twin = replace(head, last_name=other.last_name, birth_date=other.birth_date)
        if dice < NAMESAKE_SHARE:
            return replace(twin, first_name=other.first_name, gender=other.gender)
        return twin

    def _contract(
        self,
        serial: int,
        people: list[Human],
        spans: histories.History,
        figures: Mapping[str, usage.PlanFigures],
        senior: bool,
    ) -> Contract:
        random = self.random
        other = self._other_payer(people)
        covering = FamilyCoverage(self.today, random, figures, spans, len(people), senior, other)
        home = address(random)
        persons = tuple(
            Person(
                number=f"{number:02d}",
                last_name=human.last_name,
                first_name=human.first_name,
                birth_date=human.birth_date,
                middle_name=human.middle_name,
                suffix=human.suffix,
                relationship=human.relationship,
                gender=human.gender,
                death_date=covering.death_date,
                address=home,
                own_id=_member_id("D", serial * 16 + number) if number > 1 and random.random() < OWN_ID_SHARE else "",
                former_last_names=human.former_last_names,
                coverages=covering.coverages(number, human),
                primary_care_provider=covering.primary_care_provider(),
            )
            for number, human in enumerate(people, start=1)
        )
        return Contract(
            contract_id=f"C{serial:08d}",
            subscriber_id=_member_id("W", serial),
            persons=persons,
            former_ids=(_member_id("X", serial),) if random.random() < FORMER_ID_SHARE else (),
            other_payers=() if other is None else (other,),
        )

    def _other_payer(self, people: Sequence[Human]) -> OtherPayer | None:
        """Some spouses are insured where they work, which pays first for them and second for the children."""
        random = self.random
        if len(people) < 2 or random.random() > OTHER_PAYER_SHARE:
            return None
        first_for_spouse = people[1].relationship == SPOUSE
        return OtherPayer(
            payer=random.choice(OTHER_PAYERS),
            priority=Priority.PRIMARY if first_for_spouse else Priority.SECONDARY,
            begin=date(self.today.year - random.randint(1, 5), 1, 1),
            end=histories.month_end(self.today, -random.randint(1, 6)) if random.random() < 0.2 else None,
            insurance_type="C1",
            member_id=f"M{random.randrange(10**8):08d}",
            group_number=f"G{random.randrange(10**5):05d}",
            persons=("02",),
        )


def _member_id(letter: str, serial: int) -> str:
    """An id that does not give away its neighbours': 899999963 is a prime, so no two serials share one."""
    return f"{letter}{100_000_000 + serial * 736_878_787 % 899_999_963}"
