"""What a body is taken for, and that no body, however bad, keeps the others waiting for long."""

from collections.abc import Callable
from functools import partial

import pytest

from edi.acknowledgment_codes import InterchangeNote
from edi.eligibility import EligibilityRequest
from edi.envelope import Address
from edi.services_review import ReviewRequest
from gateway.limits import Limits
from gateway.receiving import Received, receive
from gateway.stages import Stages
from parsers import limits
from tests.real_time import CLINIC, envelope, inquiry
from tests.timing import assert_takes_at_most

BYTES_MAX = Limits().interchange_bytes_max
PAYER = Address("ZZ", "EDIGATEWAY")
SOUND = f"ST*{inquiry().decode().split('ST*')[1].split('GE*')[0]}"
ENOUGH_CPU_S = 0.6
"""Four times what the worst of these bodies takes on a common machine; some would take ten times this unbounded."""


def received(data: bytes) -> Received:
    return receive(data, CLINIC, PAYER, {EligibilityRequest, ReviewRequest}, Stages())


def numbered(number: int, body: str) -> str:
    """A set of this number with this body."""
    return f"ST*270*{number:04d}*005010X279A1~{body}SE*{body.count('~') + 2}*{number:04d}~"


def findings_of(answer: Received) -> list[int]:
    """How many are kept of each set."""
    return [len(each.findings) for group in answer.interchange.groups for each in group.transactions]


def one_set(unit: str) -> bytes:
    """A 270 that is sound up to its EQ, and filled with ``unit`` from there on."""
    start = SOUND[: SOUND.index("EQ*")]
    return envelope(start + unit * ((BYTES_MAX - 1_000) // len(unit)) + "SE*1*0001~")


def review_of(unit: str) -> bytes:
    start = "ST*278*0001*005010X217~BHT*0007*13*R-1*20261121*1330~HL*1**20*1~NM1*X3*2*PLAN*****PI*99999~"
    filled = start + unit * ((BYTES_MAX - 1_000) // len(unit)) + "SE*1*0001~"
    return envelope(filled, guide="005010X217", kind="HI")


def many_sets(unit: str) -> bytes:
    count = limits.ENVELOPES_PER_REQUEST_MAX - 1
    body = unit * ((BYTES_MAX - 1_000 - count * 45) // count // len(unit))
    return envelope("".join(numbered(number, body) for number in range(count)))


def headers(unit: str) -> bytes:
    """After the ISA nothing but ``unit``."""
    data = inquiry()
    return data[:106] + unit.encode() * ((BYTES_MAX - 106) // len(unit))


@pytest.mark.parametrize(
    "body",
    [
        *(partial(one_set, unit) for unit in ("A~", " A~", "\x07~", "~", "TRN~", "EQ~", "REF*6P*~", "NM1*IL~", "HL~")),
        partial(one_set, f"EQ*{'^'.join(['Z'] * 99)}~"),
        partial(one_set, f"NM1*IL*ZZ*{'*'.join(chr(7) * 20)}~"),
        *(partial(review_of, unit) for unit in ("XX*1~", "HL~", "HI*~")),
        *(partial(many_sets, unit) for unit in ("A~", "EQ~")),
        *(partial(headers, unit) for unit in ("GS~", "GS~GE~", "GS~ST~", "ST~", "A~", "TA1~", "~")),
    ],
)
def test_no_body_within_the_bytes_allowed_keeps_the_others_waiting_for_long(body: Callable[[], bytes]) -> None:
    data = body()
    assert len(data) <= BYTES_MAX
    assert_takes_at_most(ENOUGH_CPU_S, partial(received, data))


def test_as_many_groups_and_sets_as_a_request_may_have_are_judged_each() -> None:
    sets = [SOUND.replace("0001", f"{number:04d}") for number in range(limits.ENVELOPES_PER_REQUEST_MAX - 1)]
    assert len(received(envelope("".join(sets))).questions) == len(sets)
    assert received(envelope("".join([*sets, numbered(1_000, "")]))).note is InterchangeNote.CONTENT


def test_when_enough_has_been_found_each_further_set_is_still_rejected_or_answered() -> None:
    bad = "XX*1~" * (2 * limits.FINDINGS_PER_REQUEST_MAX)
    sound = SOUND.replace("*0001", "*0004")
    answer = received(envelope(numbered(1, bad) + numbered(2, bad) + numbered(3, "") + sound))
    assert findings_of(answer) == [limits.FINDINGS_PER_REQUEST_MAX, 1, 1, 0]
    (acknowledgment,) = answer.acknowledgments
    assert [each.control_number for each in acknowledgment.transactions] == ["0001", "0002", "0003"]
    assert (acknowledgment.received, acknowledgment.accepted) == (4, 1)
    assert [question.transaction.control_number for question in answer.questions] == ["0004"]


def test_what_little_is_wrong_with_each_of_several_sets_is_told_in_full() -> None:
    answer = received(envelope("".join(numbered(number, "XX*1~" * 20) for number in range(1, 11))))
    assert min(findings_of(answer)) > 20
