"""Claims of the desk's family (tests.real_time), inquiries about them, and a gateway that knows both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from edi.claim_status_codes import parse_status_code
from edi.eligibility import DateRange
from gateway.store import administration
from gateway.store.claim_loading import load_claims
from rules.facts import Entitlement, Function
from rules.facts.claims import Claim, StatusEvent
from tests.real_time import Desk, envelope, open_desk

TIN = "990000001"
FAR_TIN = "990000009"
RECEIVED = StatusEvent(date(2026, 9, 4), (parse_status_code("A1:19"),))
PENDED = StatusEvent(date(2026, 9, 9), (parse_status_code("P1:20"),))
PAID = StatusEvent(
    date(2026, 9, 18),
    (parse_status_code("F1:65"),),
    Decimal("180.4"),
    date(2026, 9, 17),
    date(2026, 9, 21),
    "EFT0009",
)


def claim(number: str = "CN-1", *events: StatusEvent, **changes: object) -> Claim:
    """A claim of the family's subscriber by the first provider group, paid unless told otherwise."""
    made = Claim(
        claim_id=f"K-{number}",
        claim_number=number,
        charge=Decimal(250),
        dates=DateRange(date(2026, 9, 1), date(2026, 9, 1)),
        billing_tin=TIN,
        billing_npi="1234567893",
        subscriber_id="W100000001",
        patient_number="01",
        events=events or (RECEIVED, PAID),
        patient_account=f"ACC-{number}",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def asked(below: str = "REF*1K*CN-1~", *, npi: str = "1234567893", member_id: str = "W100000001") -> str:
    """The transaction set of a 276 about the family's subscriber; ``below`` is what stands below the claim's TRN."""
    body = (
        "ST*276*0001*005010X212~BHT*0010*13*REF-1*20261121*1330~HL*1**20*1~"
        "NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*99999~HL*2*1*21*1~NM1*41*2*RIVERBEND CLINIC*****46*RIVERBEND~"
        f"HL*3*2*19*1~NM1*1P*2*RIVERBEND GROUP*****XX*{npi}~HL*4*3*22*0~DMG*D8*19800131*F~"
        f"NM1*IL*1*QUILLFEATHER*ODA****MI*{member_id}~TRN*1*T-1~{below}"
    )
    if "DTP*" not in below:
        body += "DTP*472*D8*20260901~"
    return f"{body}SE*{body.count('~') + 1}*0001~"


def status_inquiry(below: str = "REF*1K*CN-1~", *, npi: str = "1234567893", member_id: str = "W100000001") -> bytes:
    """A 276 with the usual envelope."""
    return envelope(asked(below, npi=npi, member_id=member_id), guide="005010X212", kind="HR")


@asynccontextmanager
async def open_claims_desk(database_url: str, redis_url: str, *claims: Claim) -> AsyncIterator[Desk]:
    """A desk whose submitter may ask after the first provider group's claims, and some claims."""
    async with open_desk(database_url, redis_url, beside=_let_ask_after_claims) as desk:
        await load_claims(database_url, claims)
        yield desk


async def _let_ask_after_claims(database_url: str) -> None:
    await administration.revoke(database_url, "clinic", TIN, Function.CLAIM_STATUS, "test")
    await entitle_for_claims(database_url)


async def entitle_for_claims(database_url: str, tin: str = TIN, submitter_id: str = "clinic") -> None:
    """Let a submitter ask after a provider group's claims."""
    valid_from = datetime(2026, 1, 1, tzinfo=UTC)
    await administration.grant(
        database_url, Entitlement(submitter_id, tin, Function.CLAIM_STATUS, valid_from, None, "access manager")
    )
