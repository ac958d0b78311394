"""Made-up facts and helpers for the tests of the store and the audit."""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any

import asyncpg

from edi.envelope import Address
from gateway.audit.log import AuditEntry, Matter
from gateway.store.keys import Kind
from gateway.store.observing import Dependency, Tier
from rules.facts import Contract, Coverage, Entitlement, Function, Person, Plan, Provider, ProviderIdentifier, Submitter

CLINIC = Submitter("clinic", "RIVERBEND CLINIC", "ZZ", "RIVERBEND")
GOLD = Plan("GOLD", "GOLD PPO", "PR", ())
GROUP = Provider(
    "P1",
    "RIVERBEND GROUP",
    (ProviderIdentifier("SV", "77001"), ProviderIdentifier("XX", "1234567893")),
    ("990000001", "990000002"),
)
ENTITLEMENT = Entitlement(
    "clinic", "990000001", Function.ELIGIBILITY, datetime(2026, 1, 1, tzinfo=UTC), None, "access manager"
)


def contract(number: int, last_name: str = "QUILLFEATHER", plan_id: str = "GOLD") -> Contract:
    """A contract of one person, whose member id is ``W`` and the number in nine digits."""
    person = Person("01", last_name, "ODA", date(1980, 1, 31), coverages=(Coverage(plan_id, date(2026, 1, 1)),))
    return Contract(f"C{number}", f"W{number:09d}", (person,))


@dataclass
class Counted:
    """An observer that remembers what it was told."""

    by_tier: Counter[tuple[Kind, Tier]] = field(default_factory=Counter)
    failures: Counter[Dependency] = field(default_factory=Counter)

    def found(self, kind: Kind, tier: Tier, facts: int) -> None:
        self.by_tier[kind, tier] += facts

    def failed(self, dependency: Dependency) -> None:
        self.failures[dependency] += 1


@asynccontextmanager
async def another_program(database_url: str) -> AsyncIterator[Any]:
    """A plain connection, as psql's would be."""
    connection = await asyncpg.connect(database_url, timeout=60)
    try:
        yield connection
    finally:
        await connection.close()


async def until(holds: Callable[[], bool] | Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while True:
        outcome = holds()
        if outcome if isinstance(outcome, bool) else await outcome:
            return
        assert time.monotonic() < deadline, "it did not come to hold in time"
        await asyncio.sleep(0.01)


def audit_entry(**changes: Any) -> AuditEntry:
    """An answer to be recorded."""
    values: dict[str, Any] = {
        "submitter_id": "clinic",
        "received_at": datetime(2026, 3, 2, 14, 30, 0, 123456, tzinfo=UTC),
        "isa06": "RIVERBEND",
        "isa08": "PAYER",
        "isa13": "000000907",
        "gs02": "RIVERBEND",
        "gs03": "PAYER",
        "gs06": "907",
        "st02": "0001",
        "bht03": "REF-1",
        "trn02": "TRACE-1",
        "payload_sha256": hashlib.sha256(b"ISA").digest(),
        "mode": "real_time",
        "transaction": "270",
        "outcome": "271",
        "answer_trace": "A1",
        "stages": {"frame": 0.00001, "decide": 0.0001},
        "facts": (),
        "partner": Address("ZZ", "RIVERBEND"),
        "payload": b"ISA",
        "answer_sha256": hashlib.sha256(b"ST").digest(),
        "control_numbers_needed": 1,
    }
    values |= changes
    matter = Matter(**{each.name: values.pop(each.name) for each in fields(Matter)})
    return AuditEntry(matter, **values)
