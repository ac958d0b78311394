"""Claims of the synthetic book: visits, stays and prescriptions of its members, at its providers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from edi.claim_status_codes import parse_status_code
from edi.eligibility import DateRange
from gateway.book.claim_lives import LIVES, Division, Life, a_life, events
from rules.facts import Contract, Person, Provider
from rules.facts.claims import Claim, ServiceLine, StatusEvent

CLAIMS_WEIGHTS = (25, 40, 25, 10)
"""How many of a hundred members have none, one, two and three claims."""
LOOK_BACK_DAYS = 400
FIRST_CLAIM_DAYS = 60
"""How old the very first claim is, which is paid by then: whoever shows the book asks about it."""
_DENIED_LINE = (parse_status_code("F2:596"),)


@dataclass(frozen=True, slots=True)
class Encounter:
    """What was done at one time: procedures with their charges in US dollars."""

    weight: int
    procedures: tuple[tuple[str, int], ...]
    bill_type: str = ""
    revenue_code: str = ""
    days_max: int = 1
    is_prescription: bool = False


ENCOUNTERS = (
    Encounter(40, (("HC:99213", 145), ("HC:85025", 32), ("HC:80053", 48))),
    Encounter(15, (("HC:99214:25", 210), ("HC:93000", 65))),
    Encounter(10, (("HC:99396", 260), ("HC:90471", 30), ("HC:90658", 25))),
    Encounter(10, (("HC:97110:GP", 70), ("HC:97140:GP", 65))),
    Encounter(8, (("HC:70450", 850), ("HC:99284", 920)), bill_type="131", revenue_code="0450"),
    Encounter(3, (("HC:99223", 640), ("HC:99232", 310)), bill_type="111", revenue_code="0120", days_max=5),
    Encounter(14, (("N4:00093015001", 38),), is_prescription=True),
)


def claims(contracts: Iterable[Contract], providers: Sequence[Provider], seed: int, today: date) -> Iterator[Claim]:
    """The claims of these contracts; the first contract's subscriber has one that is paid, with the first provider."""
    serial = 0
    for position, contract in enumerate(contracts):
        random = Random(f"{seed} claims {contract.contract_id}")  # noqa: S311 - no secrets are drawn
        for person in contract.persons:
            for number in range(random.choices(range(len(CLAIMS_WEIGHTS)), CLAIMS_WEIGHTS)[0]):
                serial += 1
                draw = _Draw(serial, contract, person, random, today)
                is_first = (position, person.number, number) == (0, contract.subscriber.number, 0)
                yield from draw.first(providers[0]) if is_first else draw.any(random.choice(providers))


@dataclass(frozen=True, slots=True)
class _Draw:
    """Makes one claim, or the parts of one."""

    serial: int
    contract: Contract
    person: Person
    random: Random
    today: date

    def first(self, provider: Provider) -> Iterator[Claim]:
        day = self.today - timedelta(days=FIRST_CLAIM_DAYS)
        return self._made(provider, LIVES[0], ENCOUNTERS[0], day)

    def any(self, provider: Provider) -> Iterator[Claim]:
        day = self.today - timedelta(days=self.random.randint(1, LOOK_BACK_DAYS))
        encounter = self.random.choices(ENCOUNTERS, [each.weight for each in ENCOUNTERS])[0]
        return self._made(provider, a_life(self.random), encounter, day)

    def _made(self, provider: Provider, life: Life, encounter: Encounter, begin: date) -> Iterator[Claim]:
        """The claim; nothing where the person was not covered or nothing has been received yet."""
        days = DateRange(begin, begin + timedelta(days=self.random.randint(1, encounter.days_max) - 1))
        lines = tuple(
            ServiceLine(procedure, Decimal(charge), None, Decimal(1), encounter.revenue_code, f"L{place}")
            for place, (procedure, charge) in enumerate(encounter.procedures, start=1)
        )
        charge = sum((line.charge for line in lines), Decimal(0))
        told = events(life, charge, days.last, self.today, self.random)
        if not told or not self._is_covered(days):
            return
        claim = Claim(
            claim_id=f"K{self.serial:08d}",
            claim_number=self._number(begin),
            charge=charge,
            dates=days,
            billing_tin=provider.tins[0],
            subscriber_id=self.contract.subscriber_id,
            patient_number=self.person.number,
            events=told,
            billing_npi=next(each.identifier for each in provider.identifiers if each.qualifier == "XX"),
            patient_account="" if encounter.is_prescription else f"PA{self.serial:06d}",
            bill_type=encounter.bill_type,
            group_number=self.person.coverages[-1].group_number,
            clearinghouse_number=f"CH{self.serial * 7919 % 10**9:09d}",
            prescription=f"RX{self.serial:07d}" if encounter.is_prescription else "",
            lines=lines,
        )
        yield from _divided(claim, life)

    def _number(self, day: date) -> str:
        return f"{day:%y%j}{self.serial:07d}"

    def _is_covered(self, days: DateRange) -> bool:
        return any(
            coverage.begin <= days.first and (coverage.end is None or days.last <= coverage.end)
            for coverage in self.person.coverages
        )


def _divided(claim: Claim, life: Life) -> Iterator[Claim]:
    """The claim as its life has left it."""
    has_ended = len(claim.events) == len(life.steps)
    if life.division is Division.RENUMBERED and has_ended:
        yield replace(claim, claim_number=f"{claim.claim_number}A", former_numbers=(claim.claim_number,))
    elif life.division is Division.SPLIT and len(claim.events) > 1 and len(claim.lines) > 1:
        yield _part(claim, "1", claim.lines[:1])
        yield _part(claim, "2", claim.lines[1:])
    elif life.division is Division.ONE_LINE_DENIED and has_ended and len(claim.lines) > 1:
        yield replace(claim, lines=_with_one_denied(claim.lines, claim.events[-1]))
    else:
        yield claim


def _part(claim: Claim, mark: str, lines: tuple[ServiceLine, ...]) -> Claim:
    """One of the claims that a split claim goes on as."""
    charge = sum((line.charge for line in lines), Decimal(0))
    share = charge / claim.charge
    told = tuple(
        event if event.paid is None else replace(event, paid=(event.paid * share).quantize(Decimal("0.01")))
        for event in claim.events
    )
    return replace(
        claim,
        claim_id=f"{claim.claim_id}-{mark}",
        claim_number=f"{claim.claim_number}S{mark}",
        former_numbers=(claim.claim_number,),
        charge=charge,
        lines=lines,
        events=told,
    )


def _with_one_denied(lines: tuple[ServiceLine, ...], decision: StatusEvent) -> tuple[ServiceLine, ...]:
    """The last line denied, and what is paid spread over the others by their charges."""
    *others, last = lines
    paid = decision.paid or Decimal(0)
    charge = sum((line.charge for line in others), Decimal(0))
    shares = [(paid * line.charge / charge).quantize(Decimal("0.01")) for line in others]
    shares[0] += paid - sum(shares, Decimal(0))
    told = [
        replace(line, events=(StatusEvent(decision.effective, decision.codes, share, decision.adjudicated),))
        for line, share in zip(others, shares, strict=True)
    ]
    denied = StatusEvent(decision.effective, _DENIED_LINE, Decimal(0), decision.adjudicated)
    return (*told, replace(last, events=(denied,)))
