"""A gateway over real servers with one made-up family, and inquiries to ask it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from edi.benefit_codes import CoverageLevel, NetworkIndicator
from gateway.application import Gateway, open_gateway
from gateway.doors.keys import BearerKeys
from gateway.settings import Settings
from gateway.store import administration
from gateway.store.loading import load_contracts, load_plans, load_providers
from rules.facts import (
    Accumulator,
    AmountKind,
    Contract,
    Cost,
    Coverage,
    Entitlement,
    Function,
    Person,
    Plan,
    PlanAmount,
    Provider,
    ProviderIdentifier,
    ServiceBenefit,
    Submitter,
)
from tests.store_support import another_program

NOW = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
"""1:30 p.m. of the same day in New York."""
IN = NetworkIndicator.IN
PLAN = Plan(
    "GOLD",
    "GOLD PPO 500",
    "PR",
    (
        ServiceBenefit(("30",)),
        ServiceBenefit(("98",), costs=(Cost(IN, co_payment=Decimal(25), co_insurance=Decimal("0.2")),)),
    ),
    amounts=(PlanAmount(AmountKind.DEDUCTIBLE, CoverageLevel.INDIVIDUAL, Decimal(500), IN),),
)


def family(used: str = "120.5", plan_id: str = "GOLD", ends: date | None = None) -> Contract:
    """A subscriber with a son; ``used`` is what of her deductible is used up, ``ends`` the last day of coverage."""
    accumulator = Accumulator(
        AmountKind.DEDUCTIBLE, CoverageLevel.INDIVIDUAL, Decimal(used), date(2026, 1, 1), network=IN
    )
    coverages = (Coverage(plan_id, date(2025, 1, 1), ends, accumulators=(accumulator,)),)
    return Contract(
        "C1",
        "W100000001",
        (
            Person("01", "QUILLFEATHER", "ODA", date(1980, 1, 31), gender="F", coverages=coverages),
            Person("02", "QUILLFEATHER", "TAM", date(2015, 3, 1), relationship="19", gender="M", coverages=coverages),
        ),
    )


GROUP = Provider("P1", "RIVERBEND GROUP", (ProviderIdentifier("XX", "1234567893"),), ("990000001",))
SILENT_GROUP = Provider(
    "P2", "MUTE GROUP", (ProviderIdentifier("XX", "1245319599"),), ("990000001",), may_inquire=False
)
FOREIGN_GROUP = Provider("P3", "FAR GROUP", (ProviderIdentifier("XX", "1111111112"),), ("990000009",))
CLINIC = Submitter("clinic", "RIVERBEND CLINIC", "ZZ", "RIVERBEND")


def inquiry(
    *,
    member_id: str = "W100000001",
    name: str = "QUILLFEATHER*ODA",
    born: str = "19800131",
    npi: str = "1234567893",
    asked: str = "EQ*98~",
    below: str = "",
    sender: str = "RIVERBEND",
    reference: str = "REF-1",
) -> bytes:
    """A 270 with the usual envelope. ``below`` is a dependent's level from NM1 on, instead of what ``asked`` has."""
    subscriber = f"NM1*IL*1*{name}****MI*{member_id}~" if member_id else f"NM1*IL*1*{name}~"
    demographics = f"DMG*D8*{born}~" if born else ""
    trace = "TRN*1*T-1*9RIVERBEND~"
    patient = (
        f"HL*3*2*22*1~{subscriber}HL*4*3*23*0~{trace}{below}{asked}"
        if below
        else f"HL*3*2*22*0~{trace}{subscriber}{demographics}{asked}"
    )
    body = (
        f"ST*270*0001*005010X279A1~BHT*0022*13*{reference}*20261121*1330~HL*1**20*1~"
        f"NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*99999~HL*2*1*21*1~NM1*1P*2*RIVERBEND GROUP*****XX*{npi}~{patient}"
    )
    return envelope(f"{body}SE*{body.count('~') + 1}*0001~", sender)


def envelope(transactions: str, sender: str = "RIVERBEND", guide: str = "005010X279A1", kind: str = "HS") -> bytes:
    """Transaction sets in the usual interchange and group."""
    return (
        f"ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*EDIGATEWAY     *261121*1330*^*00501*000000907*0*T*:~"
        f"GS*{kind}*{sender}*99999*20261121*1330*907*X*{guide}~{transactions}"
        f"GE*{transactions.count('~SE*') + transactions.startswith('SE*')}*907~IEA*1*000000907~"
    ).encode()


@dataclass
class Desk:
    """A gateway, and a submitter who asks it."""

    gateway: Gateway
    key: str
    database_url: str
    now: datetime = NOW

    async def ask(self, data: bytes) -> "Answered":
        """Authenticate and ask, as the door does."""
        credential = await BearerKeys(self.gateway.facts).authenticate(f"Bearer {self.key}".encode())
        reply = await self.gateway.pipeline.answer(data, credential, self.now)
        return Answered(reply.outcome, reply.body.decode())


@dataclass
class Answered:
    """An answer as text."""

    outcome: str
    text: str

    @property
    def segments(self) -> list[str]:
        """Without terminators."""
        return self.text.split("~")[:-1]

    def of(self, *identifiers: str) -> list[str]:
        """The segments with these identifiers, in order."""
        return [segment for segment in self.segments if segment.split("*")[0] in identifiers]

    @property
    def control_number(self) -> int:
        """ISA13."""
        return int(self.segments[0].split("*")[13])


Preparation = Callable[[str], Awaitable[None]]
"""What is put into a database beside the desk's own facts; the same object each time."""

_keys: dict[tuple[str, Preparation | None], tuple[object, str]] = {}
"""Of the submitters in prepared databases, with the versions that the facts had then."""


@asynccontextmanager
async def open_desk(database_url: str, redis_url: str, beside: Preparation | None = None) -> AsyncIterator[Desk]:
    """A gateway whose store holds the family, its plan, three provider groups and an entitled submitter."""
    key = await _prepared(database_url, beside)
    async with open_gateway(Settings(database_url=database_url, redis_url=redis_url)) as gateway:
        yield Desk(gateway, key, database_url)


async def _prepared(database_url: str, beside: Preparation | None) -> str:
    """Put the facts there, unless no fact has changed since that was done; gives the submitter's key."""
    versions, key = _keys.get((database_url, beside), (None, ""))
    if versions is None or versions != await _versions(database_url):
        key = await _prepare(database_url)
        if beside is not None:
            await beside(database_url)
        _keys[database_url, beside] = await _versions(database_url), key
    return key


async def _versions(database_url: str) -> object:
    """Of all facts but those that asking changes."""
    async with another_program(database_url) as connection:
        return await connection.fetchrow(
            """SELECT count(*), sum(version) FROM edi.fact_version
            WHERE NOT starts_with(key, 'claim/') AND NOT starts_with(key, 'review/')"""
        )


async def _prepare(database_url: str) -> str:
    await load_plans(database_url, [PLAN])
    await load_contracts(database_url, [family()])
    await load_providers(database_url, [GROUP, SILENT_GROUP, FOREIGN_GROUP])
    await administration.save_submitter(database_url, CLINIC)
    await administration.revoke(database_url, "clinic", "990000001", Function.ELIGIBILITY, "test")
    await entitle(database_url)
    return await administration.create_api_key(database_url, "clinic")


async def entitle(database_url: str, until: datetime | None = None) -> None:
    """Let the submitter ask for the first provider group."""
    valid_from = datetime(2026, 1, 1, tzinfo=UTC)
    await administration.grant(
        database_url, Entitlement("clinic", "990000001", Function.ELIGIBILITY, valid_from, until, "access manager")
    )
