"""How the inquiries of one transaction set are answered, whatever they ask: one by one, each with what may go wrong."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from edi.errors import Outage
from gateway.exchange import Circumstances
from gateway.metrics import Mode

PATIENTS_PER_REAL_TIME_REQUEST_MAX = 1
"""Real time is one patient (X12 005010X279A1 1.4.3), one claim (005010X212 1.4) or one patient event (005010X217 1.4);
more are a batch."""

InquiryT = TypeVar("InquiryT")
AnsweredT = TypeVar("AnsweredT")


def asks_too_much(circumstances: Circumstances) -> bool:
    """Whether an interchange asks more than real time takes."""
    return circumstances.mode is Mode.REAL_TIME and circumstances.patients > PATIENTS_PER_REAL_TIME_REQUEST_MAX


async def answer_each(
    inquiries: Sequence[InquiryT],
    circumstances: Circumstances,
    answer: Callable[[InquiryT, Circumstances], Awaitable[AnsweredT]],
    *,
    too_many: Callable[[InquiryT, Circumstances], AnsweredT],
    put_off: Callable[[InquiryT, Circumstances], AnsweredT],
) -> list[AnsweredT]:
    """The answers to the inquiries, in their order.

    Args:
        inquiries: of one transaction set.
        circumstances: under which all of them are answered.
        answer: how one is answered.
        too_many: what is said to each where real time is asked about more than one.
        put_off: what is said to one whose facts cannot be had now.
    """
    if asks_too_much(circumstances):
        return [too_many(inquiry, circumstances) for inquiry in inquiries]
    answered = []
    for inquiry in inquiries:
        try:
            answered.append(await answer(inquiry, circumstances))
        except Outage:
            answered.append(put_off(inquiry, circumstances))
    return answered
