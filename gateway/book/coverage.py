"""What one family of the synthetic book is covered by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

from gateway.book import histories, usage
from gateway.book.designs import EMPLOYER_PLANS, SENIOR_PLANS
from gateway.book.names import GROUP_NUMBERS, MALE_NAMES, PLAIN_LAST_NAMES
from gateway.book.people import CHILD, SPOUSE, Human
from gateway.book.providers import npi
from rules.facts import Accumulator, Contact, Coverage, OtherPayer, PrimaryCareProvider, Priority, UsedLimit

DIVORCED_SHARE = 0.02
DIED_SHARE = 0.01
COVERED_UP_TO_YEARS = 26
"""A child's coverage ends with the month of this birthday."""


class FamilyCoverage:
    """The coverage of one family's persons: they share the history, the plans, the group and the family's usage."""

    def __init__(
        self,
        today: date,
        random: Random,
        figures: Mapping[str, usage.PlanFigures],
        spans: histories.History,
        persons: int,
        senior: bool,
        other: OtherPayer | None,
    ) -> None:
        self.today, self.random, self.spans, self.other = today, random, spans, other
        self.death_date: date | None = None
        if senior and random.random() < DIED_SHARE:
            self.death_date = today - timedelta(days=random.randint(5, 300))
            self.spans = histories.until(spans, self.death_date)
        catalog = SENIOR_PLANS if senior else EMPLOYER_PLANS
        self.plans = {span: figures[random.choice(catalog)] for span in spans}
        self.by_begin = {span.begin: self.plans[span] for span in spans}
        self.group = random.choice(GROUP_NUMBERS)
        self.current = self.plans[spans[-1]]
        self.used = [usage.used_by_person(self.current, random) for _ in range(persons)]

    def coverages(self, number: int, human: Human) -> tuple[Coverage, ...]:
        """Those of one person, the earliest first."""
        return tuple(self._coverage(number, span) for span in self._own_spans(human))

    def _own_spans(self, human: Human) -> histories.History:
        spans = histories.since(self.spans, human.birth_date)
        if human.relationship == CHILD:
            birthday = histories.month_end(human.birth_date, COVERED_UP_TO_YEARS * 12)
            spans = histories.until(spans, birthday)
        if human.relationship == SPOUSE and self.random.random() < DIVORCED_SHARE:
            spans = histories.until(spans, histories.month_end(self.today, -self.random.randint(1, 9)))
        return spans

    def _coverage(self, number: int, span: histories.Span) -> Coverage:
        figures = self._plan_of(span)
        accumulators: tuple[Accumulator, ...] = ()
        limits: tuple[UsedLimit, ...] = ()
        if figures is self.current and span.begin <= self.today:
            year = figures.year_begin(span.begin, self.today)
            accumulators = usage.accumulators(figures, self.used[number - 1], self.used, year)
            limits = usage.used_limits(figures, year, self.random)
        return Coverage(
            plan_id=figures.plan.plan_id,
            begin=span.begin,
            end=span.end,
            group_number=self.group,
            priority=self._priority(number),
            standing=span.standing,
            accumulators=accumulators,
            used_limits=limits,
        )

    def _plan_of(self, span: histories.Span) -> usage.PlanFigures:
        """The plan of the family's span in which a person's own span lies."""
        begin = max(each for each in self.by_begin if each <= span.begin)
        return self.by_begin[begin]

    def _priority(self, number: int) -> Priority:
        other = self.other
        second = other is not None and other.priority is Priority.PRIMARY and f"{number:02d}" in other.persons
        return Priority.SECONDARY if second else Priority.PRIMARY

    def primary_care_provider(self) -> PrimaryCareProvider | None:
        """The doctor whom members of an HMO choose."""
        if self.current.plan.insurance_type not in ("HM", "HN"):
            return None
        random = self.random
        contact = Contact(
            name=random.choice(PLAIN_LAST_NAMES),
            first_name=random.choice(MALE_NAMES),
            identifier_qualifier="XX",
            identifier=npi(random.randint(1, 100)),
            phone=f"800555{random.randint(140, 199):04d}",
        )
        return PrimaryCareProvider(contact, self.spans[-1].begin)
