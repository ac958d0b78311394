"""Answers JSON requests for review as X12 ones: written as a 278, given to the pipeline, told from the record."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from edi.envelope import CONTROL_NUMBER_MAX, Address
from edi.errors import Outage
from edi.services_review import ReviewRequest as Request278
from edi.services_review_answer import ReviewAnswer
from gateway.configuration import Configuration
from gateway.doors.closing import closure_headers, closure_of, opens_at, refused_while_closed
from gateway.doors.eligibility.faults import refused_fields
from gateway.doors.eligibility.response import Meaning
from gateway.doors.refusals import Headers, Refusal, Refused
from gateway.doors.reviews.inquiry import inquiry_of, read_request, write_278
from gateway.doors.reviews.origins import fault_of
from gateway.doors.reviews.response import ReviewError, ReviewReply
from gateway.doors.reviews.telling import tell_errors, tell_standing
from gateway.exchange import Outcome, Response, local
from gateway.pipeline import Pipeline, Reply
from gateway.reviews.office import ReviewOffice, Standing
from gateway.store.facts import Fact
from parsers import check
from rules.facts import Submitter
from rules.reviews import identity_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sent back, and whom to tell when it is."""

    told: ReviewReply = field(repr=False)
    standing: Standing | None
    """Of the review that the request has become."""
    headers: Headers
    sent: Callable[[datetime], None] = field(repr=False)


class ReviewAsker:
    """Answers the bodies of ``POST /v1/reviews``; one for the process."""

    def __init__(self, pipeline: Pipeline, office: ReviewOffice, configuration: Configuration) -> None:
        self._pipeline = pipeline
        self._office = office
        self._configuration = configuration
        self._numbers = itertools.cycle(range(1, CONTROL_NUMBER_MAX + 1))

    async def ask(self, data: bytes, submitter: Fact[Submitter], received_at: datetime) -> Asked:
        """The answer to one request.

        Raises:
            Refused: the request is not of the schema, its guide refuses what it holds, or nothing can be answered
                while precertification is closed anyway.
            Outage: as the pipeline.
            CredentialWithdrawn: as the pipeline.
        """
        try:
            return await self._ask(data, submitter, received_at)
        except Outage as outage:
            raise refused_while_closed(outage, self._office.known_closure(received_at), received_at) from None

    async def _ask(self, data: bytes, submitter: Fact[Submitter], received_at: datetime) -> Asked:
        request = read_request(data)
        asker, own = submitter.value, self._configuration
        sender = Address(asker.interchange_qualifier, asker.interchange_id)
        inquiry = inquiry_of(request, sender, own.profile)
        moment = local(received_at, own.zone)
        asked = write_278(inquiry, next(self._numbers), sender, own.payer, own.profile, moment)
        reply = await self._pipeline.answer(asked, submitter, received_at, typed=True)
        if reply.outcome is Outcome.TRANSACTION_REJECTED:
            raise _refused_by_guide(asked)
        standing = await self._standing(reply, inquiry, asker, received_at)
        closure = closure_of(reply.responses)
        told = ReviewReply(
            meta=Meaning(reply.outcome, reply.responses[0].trace),
            trace_number=request.trace_number,
            review=None if standing is None else tell_standing(standing),
            errors=_errors(reply.responses[0]),
            reason="" if closure is None else closure.reason.value,
            opens_at=opens_at(closure),
            x12=reply.body.decode("ascii") if request.include_x12 else "",
        )
        return Asked(told, standing, closure_headers(closure, received_at), reply.sent)

    async def _standing(
        self, reply: Reply, inquiry: Request278, asker: Submitter, received_at: datetime
    ) -> Standing | None:
        """The review on record, as it is now: what a repeated request is told is told from it too."""
        if reply.outcome is not Outcome.SERVICES_REVIEW:
            return None
        trace = identity_of(asker.submitter_id, inquiry).trace
        return await self._office.find_asked(trace, asker, received_at)


def _errors(response: Response) -> tuple[ReviewError, ...]:
    """Why a request was refused as a whole; what is refused of a review is told with it."""
    if response.outcome is Outcome.SERVICES_REVIEW:
        return ()
    return tuple([error for each in response.answers if isinstance(each, ReviewAnswer) for error in tell_errors(each)])


def _refused_by_guide(asked: bytes) -> Refused:
    """The refusal of what the 999 refuses, told by field."""
    faults = [fault_of(finding, one) for one in check(asked).transactions for finding in one.findings]
    return refused_fields(Refusal.GUIDE, HTTPStatus.BAD_REQUEST, faults)
