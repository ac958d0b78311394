"""A synthetic book of business: plans, providers, claims and families that nobody has ever met.

Everything is made up and relative to a day, so that a demonstration is always current; the same number of members,
seed and day give the same book.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from gateway.book.claims import claims
from gateway.book.families import Families
from gateway.book.plans import plans
from gateway.book.policies import review_policies
from gateway.book.providers import group_count, providers, tin
from rules.facts import Contract, Plan, Provider
from rules.facts.claims import Claim
from rules.facts.reviews import ReviewPolicy


@dataclass(frozen=True, slots=True)
class Book:
    """How large a book is and what it is drawn from. Each call goes through it anew and gives the same."""

    members: int
    """Subscribers and dependents together."""
    seed: int
    today: date

    def plans(self) -> tuple[Plan, ...]:
        """The benefit plans."""
        return plans()

    def review_policies(self) -> tuple[ReviewPolicy, ...]:
        """How the plans review services."""
        return review_policies()

    def providers(self) -> Iterator[Provider]:
        """The providers; some of them may not inquire."""
        return providers(self.members, Random(f"{self.seed} providers"))  # noqa: S311 - no secrets are drawn

    def tins(self) -> tuple[str, ...]:
        """The tax ids of all provider groups."""
        return tuple(tin(number) for number in range(1, group_count(self.members) + 1))

    def contracts(self) -> Iterator[Contract]:
        """The families."""
        by_id = {plan.plan_id: plan for plan in self.plans()}
        random = Random(f"{self.seed} contracts")  # noqa: S311 - no secrets are drawn
        return Families(by_id, self.today, random).contracts(self.members)

    def claims(self) -> Iterator[Claim]:
        """What the families' providers have charged, and what became of it."""
        return claims(self.contracts(), tuple(self.providers()), self.seed, self.today)


def book(members: int, seed: int, today: date) -> Book:
    """A book of so many members as it stands on a day."""
    return Book(members, seed, today)
