"""The providers of the synthetic book: groups with a tax id, and the people who work in one or two of them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from gateway.book.names import FEMALE_NAMES, MALE_NAMES, PLAIN_LAST_NAMES, PRACTICES
from rules.facts import Provider, ProviderIdentifier
from rules.identifiers import is_npi

MEMBERS_PER_GROUP = 250
GROUPS_MIN = 10
INDIVIDUALS_PER_GROUP_MAX = 6
BARRED_SHARE = 0.03
SECOND_GROUP_SHARE = 0.15


def npi(number: int) -> str:
    """The `number`-th made-up NPI: all begin with 2, and no number in use does."""
    body = f"2{number:08d}"
    return next(body + digit for digit in "0123456789" if is_npi(body + digit))


def tin(number: int) -> str:
    """The `number`-th made-up tax id; 89 is a prefix that is not given out."""
    return f"89{number * 104_729 % 10_000_000:07d}"


def providers(members: int, random: Random) -> Iterator[Provider]:
    """Groups and individuals, enough for a book of so many members."""
    tins = [tin(number) for number in range(1, group_count(members) + 1)]
    serial = 0
    for number, own_tin in enumerate(tins, start=1):
        serial += 1
        yield _group(serial, own_tin, number)
        for _ in range(random.randint(1, INDIVIDUALS_PER_GROUP_MAX)):
            serial += 1
            second = (random.choice(tins),) if random.random() < SECOND_GROUP_SHARE else ()
            yield _individual(serial, tuple(dict.fromkeys((own_tin, *second))), random)


def group_count(members: int) -> int:
    """How many provider groups serve so many members."""
    return max(GROUPS_MIN, members // MEMBERS_PER_GROUP)


def _group(serial: int, own_tin: str, number: int) -> Provider:
    place = PLAIN_LAST_NAMES[number % len(PLAIN_LAST_NAMES)]
    return Provider(
        provider_id=f"P{serial:06d}",
        name=f"{place} {PRACTICES[number % len(PRACTICES)]}",
        identifiers=(*_identifiers(serial), ProviderIdentifier("FI", own_tin)),
        tins=(own_tin,),
    )


def _individual(serial: int, tins: tuple[str, ...], random: Random) -> Provider:
    first = random.choice(random.choice((FEMALE_NAMES, MALE_NAMES)))
    return Provider(
        provider_id=f"P{serial:06d}",
        name=f"{random.choice(PLAIN_LAST_NAMES)} {first}",
        identifiers=_identifiers(serial),
        tins=tins,
        may_inquire=random.random() >= BARRED_SHARE,
    )


def _identifiers(serial: int) -> tuple[ProviderIdentifier, ...]:
    return ProviderIdentifier("XX", npi(serial)), ProviderIdentifier("SV", f"P{serial:06d}")
