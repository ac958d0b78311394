"""What happens to a 270 between the guide check and the audit: who may ask, who is meant, what is answered."""

from collections.abc import Sequence
from dataclasses import replace

from edi.aaa import FollowUpAction, Loop, RejectReason
from edi.eligibility import EligibilityAnswer, EligibilityInquiry, EligibilityRequest, Rejection, Trace
from edi.prepared import Particulars
from edi.writing_271 import (
    FUNCTIONAL_IDENTIFIER,
    GUIDE,
    ComposedAnswer,
    Header,
    compose_answer,
    write_composed_response,
    write_eligibility_response,
)
from gateway.answering import answer_each
from gateway.exchange import Again, Circumstances, Grounds, Outcome, Response
from gateway.metrics import Mode, Stage, Transaction
from rules.addressing import check_source
from rules.eligibility import decide, plans_needed
from rules.entitlement import Permitted, check_receiver, permit
from rules.facts import Function, PayerProfile
from rules.members import reject
from rules.search import Identified, identify, searches

_TOO_MANY = Rejection(Loop.SOURCE, RejectReason.QUANTITY_EXCEEDED, FollowUpAction.CORRECT_AND_RESEND)
_CANNOT_RESPOND = Rejection(
    Loop.SOURCE, RejectReason.CANNOT_RESPOND_NOW, FollowUpAction.RESEND_AS_IT_WAS, request_valid=True
)
_CANNOT_RESPOND_ABOUT = {
    loop: Rejection(loop, RejectReason.CANNOT_RESPOND_NOW, FollowUpAction.MAY_RESEND, request_valid=True)
    for loop in (Loop.SUBSCRIBER, Loop.DEPENDENT)
}
"""Of one patient among the many of a batch (RFI 1716)."""

_Answered = tuple[EligibilityAnswer, Grounds]
_NO_GROUNDS = Grounds()


class EligibilityService:
    """Answers eligibility requests from facts; one for all requests."""

    transaction = Transaction.ELIGIBILITY
    function = Function.ELIGIBILITY
    functional_identifier = FUNCTIONAL_IDENTIFIER
    guide = GUIDE

    def __init__(self, profile: PayerProfile) -> None:
        self._profile = profile

    def patients(self, request: EligibilityRequest) -> int:
        """How many patients a request asks about."""
        return len(request.inquiries)

    async def respond(self, request: EligibilityRequest, circumstances: Circumstances, control_number: str) -> Response:
        """The 271 for a 270 that its guide accepts.

        Args:
            request: what is asked.
            circumstances: who asks, when, and where the facts that are used are noted.
            control_number: ST02 of the answer.
        """
        answered = await answer_each(
            request.inquiries, circumstances, self._answer_one, too_many=_too_many, put_off=_put_off
        )
        answers = [answer for answer, _ in answered]
        grounds = [ground for _, ground in answered]
        rejected = any(answer.every_rejection for answer in answers)
        outcome = Outcome.REJECTED if rejected else Outcome.ELIGIBILITY
        header = self._header(control_number, request.reference, request.purpose, circumstances)
        if len(answers) == 1:
            composed = compose_answer(answers[0])
            segments = write_composed_response(composed, header, answers[0].inquiry.traces, answers[0].trace)
            again = _again(composed, header, answers[0].inquiry.traces, grounds[0].permitted)
        else:
            segments, again = write_eligibility_response(answers, header), None
        circumstances.stages.mark(Stage.WRITE)
        return Response(segments, outcome, answers[0].trace, answers, grounds, again)

    def closed(self, request: EligibilityRequest, circumstances: Circumstances, control_number: str) -> Response:
        """The 271 during maintenance: AAA 42 at the payer's loop."""
        answers = [EligibilityAnswer(inquiry, (_CANNOT_RESPOND,)) for inquiry in request.inquiries]
        header = self._header(control_number, request.reference, request.purpose, circumstances)
        return Response(write_eligibility_response(answers, header), Outcome.REJECTED, "", answers)

    def _header(self, control_number: str, reference: str, purpose: str, circumstances: Circumstances) -> Header:
        return Header(control_number, reference, purpose, circumstances.local_moment, f"1{self._profile.tax_id}")

    async def _answer_one(self, inquiry: EligibilityInquiry, circumstances: Circumstances) -> _Answered:
        answer, grounds = await self._decide(inquiry, circumstances)
        return replace(answer, trace=circumstances.new_trace()), grounds

    async def _decide(self, inquiry: EligibilityInquiry, circumstances: Circumstances) -> _Answered:
        """Authorization first: nothing of a member is looked up for who may not ask."""
        reading, stages = circumstances.reading, circumstances.stages
        for_another = check_source(inquiry.source, self._profile)
        if for_another is not None:
            return EligibilityAnswer(inquiry, (for_another,)), _NO_GROUNDS
        permitted = await self._permit(inquiry, circumstances)
        stages.mark(Stage.PERMIT)
        if isinstance(permitted, Rejection):
            return EligibilityAnswer(inquiry, (permitted,)), _NO_GROUNDS
        today = circumstances.local_moment.date()
        contracts = await reading.contracts(searches(inquiry))
        stages.mark(Stage.LOOK_UP)
        meant = identify(inquiry, contracts, today, self._profile)
        if not isinstance(meant, Identified):
            return reject(inquiry, meant), Grounds(permitted)
        plan_ids = plans_needed(meant, inquiry, today)
        stages.mark(Stage.DECIDE)
        plans = await reading.plans(plan_ids)
        stages.mark(Stage.LOOK_UP)
        answer = decide(inquiry, meant, plans, today, self._profile, permitted)
        stages.mark(Stage.DECIDE)
        return answer, Grounds(permitted, meant)

    async def _permit(self, inquiry: EligibilityInquiry, circumstances: Circumstances) -> Permitted | Rejection:
        receiver = inquiry.receiver
        malformed = check_receiver(receiver)
        if malformed is not None:
            return malformed
        provider, entitlements = await circumstances.reading.asker(receiver, circumstances.submitter.submitter_id)
        return permit(receiver, provider, entitlements, Function.ELIGIBILITY, circumstances.moment)


def _too_many(inquiry: EligibilityInquiry, _: Circumstances) -> _Answered:
    return EligibilityAnswer(inquiry, (_TOO_MANY,)), _NO_GROUNDS


def _put_off(inquiry: EligibilityInquiry, circumstances: Circumstances) -> _Answered:
    """Whose facts cannot be had is told so: in real time the asker, in a batch only the patient."""
    if circumstances.mode is Mode.REAL_TIME:
        return EligibilityAnswer(inquiry, (_CANNOT_RESPOND,)), _NO_GROUNDS
    put_off = reject(inquiry, (_CANNOT_RESPOND_ABOUT[inquiry.patient_loop],))
    return replace(put_off, trace=circumstances.new_trace()), _NO_GROUNDS


def _again(
    composed: ComposedAnswer, header: Header, traces: Sequence[Trace], permitted: Permitted | None
) -> Again | None:
    """How the same question is answered again; who was refused may be permitted by the clock alone."""
    if permitted is None:
        return None

    def compose(particulars: Particulars) -> list[str]:
        opening = replace(header, reference=particulars.reference, written_at=particulars.written_at)
        first = [replace(trace, number=particulars.trace) for trace in traces[:1]]
        return write_composed_response(composed, opening, (*first, *traces[1:]), particulars.own_trace)

    return Again(compose, permitted.entitlement.valid_until)
