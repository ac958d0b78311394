"""The people of a family: who they are, before any coverage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from gateway.book.names import (
    FEMALE_NAMES,
    MALE_NAMES,
    PLACES,
    PLAIN_LAST_NAMES,
    STREETS,
    SUFFIXES,
    UNUSUAL_LAST_NAMES,
)
from rules.facts import Address

SUBSCRIBER, SPOUSE, CHILD = "18", "01", "19"
UNUSUAL_NAME_SHARE = 0.08
OWN_LAST_NAME_SHARE = 0.15
SUFFIX_SHARE = 0.03
TWINS_SHARE = 0.05
NEWBORN_SHARE = 0.04
GENDER_NOT_ON_FILE_SHARE = 0.02
MARRIED_SHARE = 0.6
CHILDREN_WEIGHTS = (45, 20, 20, 10, 5)
"""How many of a hundred families have none, one, two, three and four children."""


@dataclass(frozen=True, slots=True)
class Human:
    """Somebody, as a birth certificate would have it."""

    relationship: str
    last_name: str = field(repr=False)
    first_name: str = field(repr=False)
    birth_date: date = field(repr=False)
    gender: str = field(repr=False)
    middle_name: str = field(default="", repr=False)
    suffix: str = field(default="", repr=False)
    former_last_names: tuple[str, ...] = field(default=(), repr=False)


def household(today: date, senior: bool, random: Random) -> list[Human]:
    """A subscriber and, unless a senior, whoever lives there too."""
    head = subscriber(today, senior, random)
    if senior:
        return [head]
    family = [head]
    if random.random() < MARRIED_SHARE:
        family.append(_spouse(head, random))
    return family + _children(head, today, random)


def subscriber(today: date, senior: bool, random: Random) -> Human:
    """Somebody of working age, or a senior."""
    oldest, youngest = (92, 65) if senior else (64, 24)
    birth_date = today - timedelta(days=random.randint(youngest * 366, oldest * 365))
    return _human(SUBSCRIBER, _last_name(random), birth_date, random)


def _last_name(random: Random) -> str:
    return random.choice(UNUSUAL_LAST_NAMES if random.random() < UNUSUAL_NAME_SHARE else PLAIN_LAST_NAMES)


def _human(relationship: str, last_name: str, birth_date: date, random: Random, former: tuple[str, ...] = ()) -> Human:
    gender = random.choice("FM")
    return Human(
        relationship=relationship,
        last_name=last_name,
        first_name=random.choice(FEMALE_NAMES if gender == "F" else MALE_NAMES),
        birth_date=birth_date,
        gender=random.choice(("", "U")) if random.random() < GENDER_NOT_ON_FILE_SHARE else gender,
        middle_name=random.choice("ABCDEFGHJKLMNPRST") if random.random() < 0.4 else "",
        suffix=random.choice(SUFFIXES) if gender == "M" and random.random() < SUFFIX_SHARE else "",
        former_last_names=former,
    )


def _spouse(head: Human, random: Random) -> Human:
    birth_date = head.birth_date + timedelta(days=random.randint(-2500, 2500))
    maiden_name = random.choice(PLAIN_LAST_NAMES)
    if random.random() < OWN_LAST_NAME_SHARE:
        return _human(SPOUSE, maiden_name, birth_date, random)
    return _human(SPOUSE, head.last_name, birth_date, random, former=(maiden_name,) if random.random() < 0.1 else ())


def _children(head: Human, today: date, random: Random) -> list[Human]:
    eldest = min(today - timedelta(days=30), head.birth_date + timedelta(days=22 * 365))
    days = max(1, (today - eldest).days)
    births = [eldest + timedelta(days=random.randrange(days)) for _ in range(_how_many(random))]
    if births and random.random() < TWINS_SHARE:
        births.append(births[-1])
    if random.random() < NEWBORN_SHARE:
        births.append(today - timedelta(days=random.randint(0, 30)))
    children: list[Human] = []
    for birth_date in sorted(births):
        child = _human(CHILD, head.last_name, birth_date, random)
        while child.first_name in {sibling.first_name for sibling in children}:
            child = _human(CHILD, head.last_name, birth_date, random)
        children.append(child)
    return children


def _how_many(random: Random) -> int:
    return random.choices(range(len(CHILDREN_WEIGHTS)), CHILDREN_WEIGHTS)[0]


def address(random: Random) -> Address:
    """A place that does not exist."""
    city, state, postal_code = random.choice(PLACES)
    line = f"{random.randint(1, 999)} {random.choice(STREETS)}"
    lines = (line, f"APT {random.randint(1, 40)}") if random.random() < 0.15 else (line,)
    return Address(lines, city, state, postal_code)
