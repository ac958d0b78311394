"""A gateway whose submitter may ask for reviews, a policy of the family's plan, and requests for review."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from gateway.store import administration
from gateway.store.policy_loading import load_review_policies
from rules.facts import Entitlement, Function
from rules.facts.reviews import (
    CodeRange,
    Condition,
    Outcome,
    ReviewDesk,
    ReviewPolicy,
    ReviewRule,
    Ruling,
    WantedDocument,
)
from tests.real_time import Desk, envelope, open_desk

TIN = "990000001"
PAYER_ID = "99999"


def _about(code: str) -> Condition:
    return Condition(procedures=(CodeRange(code, code),))


POLICY = ReviewPolicy(
    "GOLD",
    rules=(
        ReviewRule("therapy", _about("97110"), Ruling(Outcome.CERTIFIED, days_valid=90)),
        ReviewRule("cosmetic", _about("15780"), Ruling(Outcome.NOT_CERTIFIED, reasons=("0V",))),
        ReviewRule(
            "imaging", _about("72148"), Ruling(Outcome.PENDED, reasons=("0U",), documents=(WantedDocument("OB"),))
        ),
        ReviewRule("visits", _about("99213"), Ruling(Outcome.NOT_REQUIRED)),
    ),
    desk=ReviewDesk("REVIEW DESK", phone="5550100500"),
)


def request(
    *,
    code: str = "97110",
    trace: str = "REV-1",
    npi: str = "1234567893",
    member_id: str = "W100000001",
    asked: str = "HS*I",
    earlier: str = "",
    reference: str = "REF-1",
    control_number: str = "000000907",
) -> bytes:
    """A 278 request for one service, or for what ``asked`` and ``earlier`` (REF) say when ``code`` is empty."""
    service = f"HL*5*4*SS*0~DTP*472*D8*20261201~SV1*HC:{code}*100*UN*4~" if code else ""
    body = (
        f"ST*278*0001*005010X217~BHT*0007*13*{reference}*20261121*1330~HL*1**20*1~"
        "NM1*X3*2*EXAMPLE HEALTH PLAN*****PI*99999~HL*2*1*21*1~"
        f"NM1*1P*2*RIVERBEND GROUP*****XX*{npi}~HL*3*2*22*1~"
        f"NM1*IL*1*QUILLFEATHER*ODA****MI*{member_id}~DMG*D8*19800131*F~HL*4*3*EV*{int(bool(code))}~"
        f"TRN*1*{trace}*9RIVERBEND~UM*{asked}~{earlier}"
        f"{'HI*ABK:M5450~' if code else ''}{service}"
    )
    whole = envelope(f"{body}SE*{body.count('~') + 1}*0001~", guide="005010X217", kind="HI")
    return whole.replace(b"000000907", control_number.encode())


@asynccontextmanager
async def open_review_desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    """A desk whose submitter may ask for the first provider group's reviews."""
    async with open_desk(database_url, redis_url) as desk:
        await load_review_policies(database_url, [POLICY])
        await administration.revoke(database_url, "clinic", TIN, Function.PRECERTIFICATION, "test")
        await entitle_for_reviews(database_url)
        yield desk


async def entitle_for_reviews(database_url: str) -> None:
    """Let the submitter ask for precertification for the first provider group."""
    valid_from = datetime(2026, 1, 1, tzinfo=UTC)
    await administration.grant(
        database_url, Entitlement("clinic", TIN, Function.PRECERTIFICATION, valid_from, None, "access manager")
    )
