"""What becomes of the claims of the synthetic book: lives from receipt on, as far as they have got by a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from random import Random

from edi.claim_status_codes import StatusCode, parse_status_code
from rules.facts.claims import StatusEvent

CENT = Decimal("0.01")
PAYMENT_DAYS = 3
"""From the decision to the transfer of funds."""


class Pays(Enum):
    """What a decision pays of the charge."""

    UNDECIDED = None
    NOTHING = Decimal(0)
    PART = Decimal("0.42")
    USUAL = Decimal("0.78")
    MORE = Decimal("0.9")

    def of(self, charge: Decimal) -> Decimal | None:
        """US dollars; None: nothing is decided on."""
        return None if self.value is None else (charge * self.value).quantize(CENT)


@dataclass(frozen=True, slots=True)
class Step:
    """One turn in a claim's life."""

    days_min: int
    """After the step before; of the first, after the last day of service."""
    days_max: int
    codes: tuple[StatusCode, ...]
    pays: Pays = Pays.UNDECIDED


class Division(Enum):
    """What a life means for the claim as a whole."""

    NONE = "none"
    SPLIT = "split"
    """It goes on as two claims with new numbers."""
    RENUMBERED = "renumbered"
    """Its adjustment has a number of its own."""
    ONE_LINE_DENIED = "one line denied"


@dataclass(frozen=True, slots=True)
class Life:
    """How a claim may fare."""

    name: str
    weight: int
    """How many of a hundred claims live so."""
    steps: tuple[Step, ...]
    division: Division = Division.NONE


def _step(days_min: int, days_max: int, codes: str, pays: Pays = Pays.UNDECIDED) -> Step:
    return Step(days_min, days_max, tuple(parse_status_code(code) for code in codes.split()), pays)


RECEIVED = _step(1, 4, "A1:19:40")
ACCEPTED = _step(1, 2, "A2:20")
IN_PROCESS = _step(2, 6, "P1:45")
PAID = _step(4, 12, "F1:65", Pays.USUAL)
DENIED = _step(4, 12, "F2:585", Pays.NOTHING)

LIVES = (
    Life("paid", 42, (RECEIVED, ACCEPTED, IN_PROCESS, PAID)),
    Life("paid in part", 10, (RECEIVED, ACCEPTED, _step(5, 14, "F1:65", Pays.PART)), Division.ONE_LINE_DENIED),
    Life("paid to the deductible", 6, (RECEIVED, ACCEPTED, _step(5, 14, "F4:98", Pays.NOTHING))),
    Life("denied", 12, (RECEIVED, ACCEPTED, IN_PROCESS, DENIED)),
    Life("paid after documents", 8, (RECEIVED, ACCEPTED, _step(3, 8, "R4:294 R4:287"), _step(10, 25, "P1:37"), PAID)),
    Life("waiting for documents", 6, (RECEIVED, ACCEPTED, _step(3, 8, "R4:294 R4:287"))),
    Life("waiting for the patient", 3, (RECEIVED, ACCEPTED, _step(3, 8, "P4:52"))),
    Life(
        "revised",
        4,
        (RECEIVED, ACCEPTED, PAID, _step(15, 40, "F3:101", Pays.MORE)),
        Division.RENUMBERED,
    ),
    Life("reversed", 3, (RECEIVED, ACCEPTED, PAID, _step(15, 40, "F3:686", Pays.NOTHING)), Division.RENUMBERED),
    Life("split", 3, (RECEIVED, _step(1, 3, "A5:20"), IN_PROCESS, PAID), Division.SPLIT),
    Life("forwarded", 3, (RECEIVED, _step(2, 5, "A0:16:PRP"))),
)
"""Every life, a hundred of them in all."""


def a_life(random: Random) -> Life:
    """One of the lives, each as often as its weight says."""
    return random.choices(LIVES, [life.weight for life in LIVES])[0]


def events(life: Life, charge: Decimal, served: date, today: date, random: Random) -> tuple[StatusEvent, ...]:
    """What has become by today of a claim for services that ended on a day."""
    told = []
    day = served
    for step in life.steps:
        day += timedelta(days=random.randint(step.days_min, step.days_max))
        payment = f"EFT{random.randrange(10**9):09d}"
        if day <= today:
            told.append(_event(step, charge, day, payment))
    return tuple(told)


def _event(step: Step, charge: Decimal, day: date, payment: str) -> StatusEvent:
    paid = step.pays.of(charge)
    if not paid:
        return StatusEvent(day, step.codes, paid, None if paid is None else day)
    return StatusEvent(day, step.codes, paid, day, day + timedelta(days=PAYMENT_DAYS), payment)
