"""Answers JSON inquiries as X12 ones are answered: written as a 270, given to the pipeline, the 271 told in JSON."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from msgspec.json import Encoder
from msgspec.structs import replace

from edi.eligibility import EligibilityAnswer
from edi.envelope import CONTROL_NUMBER_MAX, Address
from edi.errors import CallerError, Outage
from gateway.configuration import Configuration
from gateway.doors.closing import closure_of, opens_at, refused_while_closed
from gateway.doors.eligibility.faults import refused_fields
from gateway.doors.eligibility.inquiry import read_request, write_270
from gateway.doors.eligibility.origins import fault_of
from gateway.doors.eligibility.telling import tell
from gateway.doors.real_time import Medium
from gateway.doors.refusals import Document, Refusal, Refused
from gateway.exchange import Closure, Outcome, local
from gateway.pipeline import Pipeline, Reply
from gateway.store.facts import Fact
from parsers import check
from rules.facts import Submitter

ELIGIBILITY_PATH = "/v1/eligibility"
JSON = Medium(
    b"application/json",
    Document(
        Refusal.MEDIA_TYPE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "Send JSON with the header field 'Content-Type: application/json'.",
        (b"accept", b"application/json"),
    ),
)
KnownClosure = Callable[[datetime], Closure | None]
_encoder = Encoder()


@dataclass(frozen=True, slots=True)
class JsonReply:
    """What the door sends back."""

    body: bytes = field(repr=False)
    outcome: Outcome
    sent: Callable[[datetime], None] = field(repr=False)
    closure: Closure | None = None
    """Why it says that eligibility is closed; None where it does not."""


class EligibilityAnswerer:
    """Answers the bodies of ``POST /v1/eligibility``; one for the process."""

    def __init__(
        self, pipeline: Pipeline, configuration: Configuration, known_closure: KnownClosure = lambda _: None
    ) -> None:
        """Make one.

        Args:
            pipeline: answers the 270.
            configuration: of the payer.
            known_closure: why nothing is answered at a moment, as far as that can be told without the store.
        """
        self._pipeline = pipeline
        self._known_closure = known_closure
        self._configuration = configuration
        self._numbers = itertools.cycle(range(1, CONTROL_NUMBER_MAX + 1))
        """For requests without a number of their own."""

    async def answer(self, data: bytes, submitter: Fact[Submitter], received_at: datetime) -> JsonReply:
        """The answer to one request.

        Raises:
            Refused: the request is not of the schema, its guide refuses what it holds, or nothing can be answered
                during maintenance.
            Outage: as the pipeline.
            CredentialWithdrawn: as the pipeline.
        """
        try:
            return await self._answer(data, submitter, received_at)
        except Outage as outage:
            raise refused_while_closed(outage, self._known_closure(received_at), received_at) from None

    async def _answer(self, data: bytes, submitter: Fact[Submitter], received_at: datetime) -> JsonReply:
        request = read_request(data)
        control_number = int(request.control_number or next(self._numbers))
        asker, own = submitter.value, self._configuration
        sender = Address(asker.interchange_qualifier, asker.interchange_id)
        moment = local(received_at, own.zone)
        asked = write_270(request, control_number, sender, own.payer, own.profile, moment)
        reply = await self._pipeline.answer(asked, submitter, received_at, typed=True)
        if reply.outcome is Outcome.TRANSACTION_REJECTED:
            raise _refused_by_guide(asked)
        x12 = reply.body if request.include_x12 else None
        told = tell(_only_answer(reply), reply.outcome, request.control_number or str(control_number), x12)
        closure = closure_of(reply.responses)
        if closure is not None:
            told = replace(told, reason=closure.reason.value, opens_at=opens_at(closure))
        return JsonReply(_encoder.encode(told), reply.outcome, reply.sent, closure)


def _only_answer(reply: Reply) -> EligibilityAnswer:
    """The answer to the one patient of a request."""
    for response in reply.responses:
        for answer in response.answers:
            if isinstance(answer, EligibilityAnswer):
                return answer
    raise CallerError(f"a 270 of ours was answered with {reply.outcome}")


def _refused_by_guide(asked: bytes) -> Refused:
    """The refusal of what the 999 refuses, told by field."""
    transactions = check(asked).transactions
    faults = [fault_of(finding, one) for one in transactions for finding in one.findings]
    return refused_fields(Refusal.GUIDE, HTTPStatus.BAD_REQUEST, faults)
