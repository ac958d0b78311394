"""What happens to a 278 between the guide check and the audit: who may ask, for whom, what is decided and put on file.

A decision is filed before its answer goes to the audit, in one transaction that finds every fact under it current and
no review of the same trace. Whoever asks again gets what is on file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Protocol

import msgspec

from edi.aaa import FollowUpAction, RejectReason
from edi.errors import Outage
from edi.services_review import ReviewParty, ReviewRequest
from edi.services_review_answer import ReviewAnswer, ReviewRejection
from edi.services_review_codes import CertificationAction, ReviewLoop
from edi.writing import ELEMENT, segment
from edi.writing_278 import FUNCTIONAL_IDENTIFIER, GUIDE
from edi.writing_278_response import write_review_response
from gateway.answering import asks_too_much
from gateway.drafting import FIRST_CONTROL_NUMBER
from gateway.exchange import Circumstances, Grounds, Outcome, Response
from gateway.metrics import Stage, Transaction
from gateway.reviews.decision import encode_decision
from gateway.reviews.earlier import Earlier, change_of, find_earlier
from gateway.store.reviews import Allotted, Filing
from rules.entitlement import Permitted
from rules.facts import Function, PayerProfile
from rules.facts.review_file import ReviewOnFile
from rules.facts.reviews import ReviewPolicy
from rules.reviews import (
    Grant,
    RequestIdentity,
    as_inquiry,
    coverage_for,
    decide_review,
    identify_patient,
    identity_of,
    only_cancels,
    permit_requester,
    refuse,
    refuse_closed,
    refuse_form,
    refuse_reused_trace,
    requester_of,
    tell_cancelled,
)
from rules.search import Identified, searches

_TOO_MANY = ReviewRejection(ReviewLoop.SOURCE_LEVEL, RejectReason.QUANTITY_EXCEEDED, FollowUpAction.CORRECT_AND_RESEND)
_BHT_REFERENCE, _BHT_TYPE = 3, 6
_NO_MORE_TO_COME = "18"


class Register(Protocol):
    """Where reviews get their numbers and are put on record."""

    async def allot(self) -> Allotted:
        """Numbers for one review; raises Outage when there are none to be had."""

    async def file(self, filing: Filing, versions: Mapping[str, int]) -> dict[str, int] | None:
        """Put a review on record, if these facts are current; None where one has changed."""


@dataclass(frozen=True, slots=True)
class _Decided:
    """An answer, and what puts it on file; None where there is nothing to keep."""

    answer: ReviewAnswer
    grounds: Grounds
    filing: "_Particulars | None" = None


@dataclass(frozen=True, slots=True)
class _Particulars:
    """What the record tells of a review besides request and decision."""

    review_id: int
    contract_id: str
    person: str
    covered_until: date | None
    earlier: Earlier | None


class ReviewService:
    """Answers requests for review from facts and files; one for all requests."""

    transaction = Transaction.SERVICES_REVIEW
    function = Function.PRECERTIFICATION
    functional_identifier = FUNCTIONAL_IDENTIFIER
    guide = GUIDE

    def __init__(self, profile: PayerProfile, register: Register) -> None:
        self._profile = profile
        self._register = register

    def patients(self, request: ReviewRequest) -> int:
        """One: the guide has a patient for each transaction set."""
        del request
        return 1

    def closed(self, request: ReviewRequest, circumstances: Circumstances, control_number: str) -> Response:
        """The 278 outside service hours: AAA 42 at the payer's loop."""
        return self._respond(refuse_closed(request), circumstances, control_number)

    async def respond(self, request: ReviewRequest, circumstances: Circumstances, control_number: str) -> Response:
        """The 278 response for a request that its guide accepts.

        Args:
            request: what is asked.
            circumstances: who asks, when, and where the facts that are used are noted.
            control_number: ST02 of the answer.
        """
        refused = refuse_form(request)
        if refused is None and asks_too_much(circumstances):
            refused = refuse(request, (_TOO_MANY,))
        if refused is not None:
            return self._respond(refused, circumstances, control_number)
        try:
            return await self._answer(request, circumstances, control_number)
        except Outage:
            return self.closed(request, circumstances, control_number)

    async def _answer(self, request: ReviewRequest, circumstances: Circumstances, control_number: str) -> Response:
        """Authorization first: neither member nor review is looked up for who may not ask."""
        permitted = await self._permit(request, circumstances)
        circumstances.stages.mark(Stage.PERMIT)
        if isinstance(permitted, ReviewRejection):
            return self._respond(refuse(request, (permitted,)), circumstances, control_number)
        identity = identity_of(circumstances.submitter.submitter_id, request)
        held = await circumstances.reading.review_by_trace(identity.trace)
        circumstances.stages.mark(Stage.LOOK_UP)
        if held is not None and held.content == identity.content:
            return self._again(held, request, circumstances, control_number, Grounds(permitted))
        if held is not None:
            return self._respond(refuse_reused_trace(request), circumstances, control_number, Grounds(permitted))
        decided = await self._decide(request, permitted, circumstances)
        response = self._respond(decided.answer, circumstances, control_number, decided.grounds)
        if decided.filing is None or await self._file(decided, identity, response, circumstances):
            return response
        # A fact has changed meanwhile: the audit finds the same and has the answer computed again.
        return self.closed(request, circumstances, control_number)

    async def _permit(self, request: ReviewRequest, circumstances: Circumstances) -> Permitted | ReviewRejection:
        submitter_id = circumstances.submitter.submitter_id
        provider, entitlements = await circumstances.reading.asker(requester_of(request), submitter_id)
        return permit_requester(request, provider, entitlements, circumstances.moment)

    async def _decide(self, request: ReviewRequest, permitted: Permitted, circumstances: Circumstances) -> _Decided:
        reading, stages, today = circumstances.reading, circumstances.stages, circumstances.local_moment.date()
        contracts = await reading.contracts(searches(as_inquiry(request, today)))
        stages.mark(Stage.LOOK_UP)
        identified = identify_patient(request, contracts, today, self._profile)
        if not isinstance(identified, Identified):
            return _Decided(refuse(request, identified), Grounds(permitted))
        coverage = coverage_for(request, identified, today)
        policy = None if coverage is None else await self._policy(coverage.plan_id, circumstances)
        known = await self._known_providers(request, policy, circumstances)
        earlier = await find_earlier(request, circumstances)
        allotted = await self._register.allot()
        stages.mark(Stage.LOOK_UP)
        grant = Grant(allotted.number, allotted.reference, today, None if coverage is None else coverage.end)
        answer = decide_review(
            request,
            identified,
            policy,
            permitted,
            grant,
            earlier=None if earlier is None else earlier.review,
            known_providers=known,
            trace=circumstances.new_trace(),
        )
        stages.mark(Stage.DECIDE)
        grounds = Grounds(permitted, identified)
        if answer.event is None or answer.event.decision is None:
            return _Decided(answer, grounds)
        contract_id, person = identified.contract.contract_id, identified.person.number
        particulars = _Particulars(allotted.review_id, contract_id, person, grant.covered_until, earlier)
        return _Decided(answer, grounds, particulars)

    async def _policy(self, plan_id: str, circumstances: Circumstances) -> ReviewPolicy:
        """How the plan reviews; without a policy people decide everything."""
        return await circumstances.reading.review_policy(plan_id) or ReviewPolicy(plan_id)

    async def _known_providers(
        self, request: ReviewRequest, policy: ReviewPolicy | None, circumstances: Circumstances
    ) -> frozenset[tuple[str, str]]:
        """Those named in the request who are on file, where the plan asks for that."""
        if policy is None or not policy.checks_providers:
            return frozenset()
        asked = {(party.identifier_qualifier, party.identifier) for party in _parties(request) if party.identifier}
        return frozenset([each for each in sorted(asked) if await circumstances.reading.provider(*each) is not None])

    async def _file(
        self, decided: _Decided, identity: RequestIdentity, response: Response, circumstances: Circumstances
    ) -> bool:
        """Put the review on record; False where a fact under it has changed, and nothing is."""
        answer, particulars = decided.answer, decided.filing
        assert particulars is not None  # noqa: S101 - the caller's contract
        change = change_of(answer.request.events[0], particulars.earlier, partial(self._write_amended, circumstances))
        filing = Filing(
            review_id=particulars.review_id,
            submitter_id=circumstances.submitter.submitter_id,
            trace=identity.trace,
            content=identity.content,
            contract_id=particulars.contract_id,
            person=particulars.person,
            received_at=circumstances.received_at,
            request=msgspec.json.encode(answer.request),
            decision=encode_decision(answer, response.segments, particulars.covered_until),
            changes=None if change is None else change.review_id,
            amended=None if change is None else change.amended,
        )
        versions = await self._register.file(filing, circumstances.reading.versions)
        if versions is None:
            return False
        circumstances.reading.versions.update(versions)
        return True

    def _again(
        self,
        held: ReviewOnFile,
        request: ReviewRequest,
        circumstances: Circumstances,
        control_number: str,
        grounds: Grounds,
    ) -> Response:
        """What is on file, byte for byte, but for the numbers of this submission; that it was cancelled, if it was."""
        cancelled = _cancelled_since(held, request)
        written_at = circumstances.local_moment
        told = held.segments if cancelled is None else self._write(cancelled, control_number, written_at)
        header = held.segments[1].split(ELEMENT)
        header[_BHT_REFERENCE] = request.reference
        if cancelled is not None:
            header[_BHT_TYPE] = _NO_MORE_TO_COME
        segments = (segment("ST", "278", control_number, GUIDE), ELEMENT.join(header), *told[2:])
        answers = () if cancelled is None else (cancelled,)
        return Response(segments, Outcome.SERVICES_REVIEW, held.answer_trace, answers, (grounds,))

    def _respond(
        self, answer: ReviewAnswer, circumstances: Circumstances, control_number: str, grounds: Grounds | None = None
    ) -> Response:
        segments = self._write(answer, control_number, circumstances.local_moment)
        circumstances.stages.mark(Stage.WRITE)
        is_decided = answer.event is not None and answer.event.decision is not None
        outcome = Outcome.SERVICES_REVIEW if is_decided else Outcome.REJECTED
        return Response(segments, outcome, answer.trace, (answer,), (grounds or Grounds(),))

    def _write_amended(self, circumstances: Circumstances, answer: ReviewAnswer) -> list[str]:
        """What is told from then on to who asks for an earlier review again."""
        return self._write(answer, FIRST_CONTROL_NUMBER, circumstances.local_moment)

    def _write(self, answer: ReviewAnswer, control_number: str, written_at: datetime) -> list[str]:
        return write_review_response(
            answer,
            control_number=control_number,
            written_at=written_at,
            trace_originator=f"1{self._profile.tax_id}",
        )


def _cancelled_since(held: ReviewOnFile, request: ReviewRequest) -> ReviewAnswer | None:
    """What is said of a review that a later request has cancelled; None where none has."""
    if held.action is not CertificationAction.CANCELLED or only_cancels(request.events[0]):
        return None
    return tell_cancelled(request, held.number, held.answer_trace)


def _parties(request: ReviewRequest) -> Iterator[ReviewParty]:
    for event in request.events:
        yield from event.providers
        for service in event.services:
            yield from service.providers
