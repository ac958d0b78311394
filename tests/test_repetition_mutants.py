"""What looks like a question that was asked before: its answer, and what the audit keeps, are as without a memory."""

import random
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest

from gateway.doors.keys import BearerKeys
from gateway.pipeline import Reply
from gateway.store.database import connect
from tests.claims_desk import claim, open_claims_desk, status_inquiry
from tests.real_time import Desk, inquiry
from tests.test_repetition import SON, without_numbers

pytestmark = pytest.mark.store

FIRSTS = {
    "explicit": inquiry(),
    "generic": inquiry(asked="EQ*30~"),
    "dependent": inquiry(below=SON),
    "line breaks": inquiry().replace(b"~", b"~\r\n"),
    "no trace": inquiry().replace(b"TRN*1*T-1*9RIVERBEND~", b"").replace(b"SE*12", b"SE*11"),
    "not entitled": inquiry(npi="1111111112"),
    "claim": status_inquiry(),
    "no claim": status_inquiry("REF*1K*NOBODYS~"),
}
CHANGES = (
    *(("*0*T*", "*1*T*"), ("*0*T*", "*0*P*"), ("005010X279A1", "005010X279"), ("005010X212", "005010X214")),
    *(("*261121*1330*", "*261321*1330*"), ("*261121*1330*", "*261121*2560*"), ("*261121*1330*", "*251231*2359*")),
    *(("20261121*1330*907", "20261121*133099*907"), ("20261121*1330*907", "20260229*1330*907")),
    *(("20261121*1330~HL", "20261121*13305960~HL"), ("20261121*1330~HL", "20261121*1330*ZZ~HL")),
    *(("*13*REF-1", "*01*REF-1"), ("REF-1", ""), ("REF-1", "ref-1"), ("REF-1", " REF-1"), ("REF-1", "REF-1 ")),
    *(("REF-1", "A" * 30), ("REF-1", "A" * 50), ("REF-1", "A" * 51), ("REF-1", "T-1"), ("REF-1", "REF:1")),
    *(("T-1", "A" * 50), ("T-1", "A" * 51), ("T-1", "t-1"), ("T-1", "T-1 "), ("T-1", ""), ("T-1", "REF-1")),
    *(("T-1", "1330"), ("T-1", "QUILLFEATHER"), ("9RIVERBEND", "9riverbend"), ("9RIVERBEND", "9REF-1")),
    *(("TRN*1*T-1", "TRN*2*T-1"), ("TRN*1*T-1", "TRN*1*T-2*9OTHERGROUP~TRN*1*T-1"), ("TRN*1*T-1~", "TRN*1*T-1*~")),
    *(("000000907", "000000001"), ("000000907", "0000009O7"), ("IEA*1*000000907", "IEA*1*000000908")),
    *(("*907", "*1"), ("*907*X", "*0907*X"), ("GE*1*907", "GE*1*908"), ("GE*1*", "GE*01*"), ("IEA*1*", "IEA*01*")),
    *(("*0001", "*000000009"), ("*0001", "*abcd"), ("*0001", "*1"), ("*0001~GE", "*0002~GE"), ("SE*1", "SE*01")),
    *(("SE*1", "SE*2"), ("RIVERBEND ", "riverbend "), ("RIVERBEND ", "ANOTHER   "), ("GS*HS*RIVERBEND", "GS*HS*X")),
    *(("*99999*2026", "*99998*2026"), ("*X*00", "*T*00"), ("*^*", "*!*"), ("~EQ", "~\nEQ"), ("~NM1", "~\r\nNM1")),
    *(("IEA*1*000000907~", "IEA*1*000000907~\n\r\n"), ("IEA*1*000000907~", "IEA*1*000000907~ \0")),
    *(("IEA*1*000000907~", "IEA*1*000000907"), ("IEA*1*000000907~", "IEA*1*000000907~~"), ("ISA", "\xef\xbb\xbfISA")),
    *(("QUILLFEATHER", "quillfeather"), ("QUILLFEATHER", "QUILLFEATHER "), ("W100000001", "w100000001")),
    *(("19800131", "19800130"), ("EQ*98", "EQ*98*"), ("EQ*98", "EQ*30"), ("00*          *ZZ", "01*PASSWORD12*ZZ")),
)
"""What one sender or another may write differently, and what is damage."""
MARKS = "*~:^\n\r |Aa19-._\0\xff"
DAMAGED = 60
"""Mutants of each question with one character changed."""
_SAME = """
SELECT isa06, isa08, isa13, gs02, gs03, gs06, st02, bht03, trn02, payload_bytes, payload_sha256, mode, transaction,
    outcome, answer_trace = '' AS has_no_trace, facts, partner_qualifier, partner_id, control_numbers
FROM edi.audit ORDER BY audit_id DESC LIMIT 1
"""


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_claims_desk(database_url, redis_url, claim("CN-1")) as opened:
        yield opened


def mutants(first: bytes) -> Iterator[bytes]:
    text, draw = first.decode(), random.Random(first)
    for told, instead in CHANGES:
        if told in text:
            yield text.replace(told, instead).encode("latin-1")
            yield text.replace(told, instead, 1).encode("latin-1")
    for _ in range(DAMAGED):
        at = draw.randrange(len(text))
        yield (text[:at] + draw.choice(MARKS) + text[at + draw.choice((0, 1, 1)) :]).encode("latin-1")
    yield from (text.replace(mark, other).encode("latin-1") for mark in "*~:" for other in "|\n\x1c\xffA ")
    yield first + first


class Audited:
    """Asks, and tells what was answered and recorded."""

    def __init__(self, desk: Desk, credential: Any, connection: Any) -> None:
        self._desk, self._credential, self._connection = desk, credential, connection

    async def ask(self, data: bytes, *, anew: bool) -> tuple[str, str, dict[str, object]]:
        reply: Reply = await self._desk.gateway.pipeline.answer(data, self._credential, self._desk.now, typed=anew)
        record = dict(await self._connection.fetchrow(_SAME))
        record["facts"] = sorted(map(str, msgspec.json.decode(record["facts"])))
        return reply.outcome, without_numbers(reply.body.decode()), record


@pytest.mark.parametrize("first", FIRSTS.values(), ids=FIRSTS)
async def test_a_mutant_of_a_remembered_question_is_answered_as_without_a_memory(desk: Desk, first: bytes) -> None:
    credential = await BearerKeys(desk.gateway.facts).authenticate(f"Bearer {desk.key}".encode())
    connection = await connect(desk.database_url)
    try:
        audited = Audited(desk, credential, connection)
        await audited.ask(first, anew=False)
        for mutant in mutants(first):
            assert await audited.ask(mutant, anew=False) == await audited.ask(mutant, anew=True), mutant
    finally:
        connection.terminate()
