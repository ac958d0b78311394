"""The process that changes claims while others follow them: ``python -m benchmarks.change_writer DATABASE_URL``.

Takes orders as JSON, one a line, from standard input, carries each out and answers it with one line. Moments are of the
machine's monotonic clock, which all its processes share.
"""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import msgspec

from edi.claim_status_codes import parse_status_code
from edi.eligibility import DateRange
from gateway.store.claim_loading import take_in_claims
from gateway.store.database import Connection, connect
from rules.facts.claims import Claim, ServiceLine, StatusEvent

FIRST_DAY = date(2026, 1, 1)
_CODES = ("A1:19", "A2:20", "P1:45", "P3:256", "F1:65")
CLAIMS_PER_TRANSACTION = 50
HELD_SECONDS_MAX = 0.03
"""How long a transaction of a stream is kept open, so that others that began later commit before it."""


class Change(msgspec.Struct, frozen=True):
    """What a claim comes to."""

    number: str
    tins: tuple[str, str]
    """Of the billing and, or else empty, of the rendering provider."""
    turn: int
    """How many events it has then; each is a day later than the one before."""

    def claim(self) -> Claim:
        """The whole claim."""
        billing, rendering = self.tins
        lines = (ServiceLine("HC:99213", Decimal(125)), ServiceLine("HC:36415", Decimal("18.5")))
        return Claim(
            claim_id=self.number,
            claim_number=self.number,
            charge=Decimal("143.5"),
            dates=DateRange(FIRST_DAY, FIRST_DAY),
            billing_tin=billing,
            rendering_tin=rendering,
            subscriber_id=f"W{self.number}",
            patient_number="01",
            events=tuple([_event(turn) for turn in range(1, self.turn + 1)]),
            lines=lines,
        )


class Burst(msgspec.Struct, frozen=True, tag=True):
    """Make these changes in one transaction."""

    changes: tuple[Change, ...]


class Stream(msgspec.Struct, frozen=True, tag=True):
    """Make these changes over so many connections at once."""

    claims: int
    turns: int
    tins: tuple[str, ...]
    connections: int

    def change(self, claim: int, turn: int) -> Change:
        """The change that brings a claim to a turn; every third claim has two provider groups."""
        billing = self.tins[claim % len(self.tins)]
        rendering = self.tins[(claim + 1) % len(self.tins)] if claim % 3 == 0 else ""
        return Change(f"S{claim:06d}", (billing, rendering), turn)

    def changes(self) -> Iterator[Change]:
        """All of them."""
        return (self.change(claim, turn) for claim in range(self.claims) for turn in range(1, self.turns + 1))


class Done(msgspec.Struct, frozen=True):
    """An order is carried out."""

    begun: float
    """Just before the last commit was asked for."""
    ended: float


Order = Burst | Stream


def turn_of(effective: date) -> int:
    """Which change left a claim with this day of its status."""
    return (effective - FIRST_DAY).days


def _event(turn: int) -> StatusEvent:
    return StatusEvent(FIRST_DAY + timedelta(days=turn), (parse_status_code(_CODES[(turn - 1) % len(_CODES)]),))


async def _burst(database_url: str, changes: Sequence[Change], held_s: float = 0.0) -> Done:
    connection = await connect(database_url)
    try:
        return await _commit(connection, changes, held_s)
    finally:
        connection.terminate()


async def _commit(connection: Connection, changes: Sequence[Change], held_s: float) -> Done:
    transaction = connection.transaction()
    await transaction.start()
    await take_in_claims(connection, [change.claim() for change in changes])
    await asyncio.sleep(held_s)
    begun = time.monotonic()
    await transaction.commit()
    return Done(begun, time.monotonic())


async def _stream(database_url: str, order: Stream) -> Done:
    ends = await asyncio.gather(*(_write_share(database_url, order, share) for share in range(order.connections)))
    return max(ends, key=lambda done: done.ended)


async def _write_share(database_url: str, order: Stream, share: int) -> Done:
    """Every so many-th claim, turn by turn; a claim's changes come one after the other."""
    dice, done = Random(share), Done(0, 0)
    numbers = range(share, order.claims, order.connections)
    connection = await connect(database_url)
    try:
        for start in range(0, len(numbers), CLAIMS_PER_TRANSACTION):
            for turn in range(1, order.turns + 1):
                changes = [order.change(claim, turn) for claim in numbers[start : start + CLAIMS_PER_TRANSACTION]]
                done = await _commit(connection, changes, dice.random() * HELD_SECONDS_MAX)
    finally:
        connection.terminate()
    return done


def main() -> None:
    """Carry out orders until standard input ends."""
    database_url = sys.argv[1]
    decoder = msgspec.json.Decoder(Order)
    for line in sys.stdin.buffer:
        order = decoder.decode(line)
        work = _burst(database_url, order.changes) if isinstance(order, Burst) else _stream(database_url, order)
        sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(work)) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
