"""A gateway whose submitter may ask for reviews, a policy of the family's plan, and requests for review."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from gateway.server_process import build_application
from gateway.store import administration
from gateway.store.policy_loading import load_review_policies
from gateway.store.reviewers import add_reviewer_key
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
from tests.patience import PATIENT
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
    async with open_desk(database_url, redis_url, beside=_let_ask_for_reviews) as desk:
        yield desk


async def _let_ask_for_reviews(database_url: str) -> None:
    await load_review_policies(database_url, [POLICY])
    await administration.revoke(database_url, "clinic", TIN, Function.PRECERTIFICATION, "test")
    await entitle_for_reviews(database_url)


async def entitle_for_reviews(database_url: str) -> None:
    """Let the submitter ask for precertification for the first provider group."""
    valid_from = datetime(2026, 1, 1, tzinfo=UTC)
    await administration.grant(
        database_url, Entitlement("clinic", TIN, Function.PRECERTIFICATION, valid_from, None, "access manager")
    )


@dataclass
class ReviewHttp:
    """All doors of a gateway, a submitter and a reviewer who come to them."""

    desk: Desk
    reviewer_key: str
    client: httpx.AsyncClient

    async def pended(self, trace: str) -> str:
        """The administrative reference of a review that waits."""
        answer = await self.desk.ask(request(trace=trace, code="72148"))
        return next(line for line in answer.of("REF") if line.startswith("REF*NT*")).removeprefix("REF*NT*")

    async def get(self, number: str, key: str | None = None) -> httpx.Response:
        """One review; the list where it is empty or begins with a question mark."""
        path = f"/v1/reviews{number}" if number[:1] in ("", "?") else f"/v1/reviews/{number}"
        return await self.send("GET", path, b"", key or self.desk.key)

    async def decide(
        self,
        number: str,
        body: dict[str, Any] | None = None,
        *,
        key: str | None = None,
        if_match: str | None = None,
        content: bytes | None = None,
        content_type: str = "application/json",
    ) -> httpx.Response:
        """A decision, or what ``content`` says is one."""
        fields = {"content-type": content_type} | ({} if if_match is None else {"if-match": if_match})
        data = orjson.dumps(body) if content is None else content
        return await self.send("POST", f"/v1/reviews/{number}/decision", data, key or self.reviewer_key, fields)

    async def send(
        self, method: str, path: str, body: bytes, key: str, fields: dict[str, str] | None = None
    ) -> httpx.Response:
        """Any request under a key."""
        headers = {"authorization": f"Bearer {key}"} | (fields or {})
        return await self.client.request(method, path, content=body, headers=headers)


@asynccontextmanager
async def open_review_http(database_url: str, redis_url: str) -> AsyncIterator[ReviewHttp]:
    """The doors of a gateway that reviews, at the usual moment."""
    async with open_review_desk(database_url, redis_url) as desk:
        key = await add_reviewer_key(database_url, "NURSE 7", "A NURSE")
        application = build_application(desk.gateway, PATIENT, lambda: desk.now)
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield ReviewHttp(desk, key, client)
