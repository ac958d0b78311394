"""What happens to a 270 between the guide check and the audit: who may ask, who is meant, what is answered."""

from dataclasses import replace

from edi.aaa import FollowUpAction, Loop, RejectReason
from edi.eligibility import EligibilityAnswer, EligibilityInquiry, EligibilityRequest, Rejection
from edi.errors import Outage
from edi.writing_271 import FUNCTIONAL_IDENTIFIER, GUIDE, write_eligibility_response
from gateway.exchange import Circumstances, Outcome, Response
from gateway.metrics import Stage, Transaction
from rules.eligibility import decide, plans_needed
from rules.entitlement import Permitted, check_receiver, permit
from rules.facts import Function, PayerProfile
from rules.members import reject
from rules.search import Identified, identify, searches

PATIENTS_PER_REAL_TIME_REQUEST_MAX = 1
"""X12 005010X279A1 1.4.3: real time is one patient; more are a batch."""

_TOO_MANY = Rejection(Loop.SOURCE, RejectReason.QUANTITY_EXCEEDED, FollowUpAction.CORRECT_AND_RESEND)
_CANNOT_RESPOND = Rejection(
    Loop.SOURCE, RejectReason.CANNOT_RESPOND_NOW, FollowUpAction.RESEND_AS_IT_WAS, request_valid=True
)


class EligibilityService:
    """Answers eligibility requests from facts; one for all requests."""

    transaction = Transaction.ELIGIBILITY
    functional_identifier = FUNCTIONAL_IDENTIFIER
    guide = GUIDE

    def __init__(self, profile: PayerProfile) -> None:
        self._profile = profile

    def patients(self, request: EligibilityRequest) -> int:
        """How many patients a request asks about."""
        return len(request.inquiries)

    def trace(self, request: EligibilityRequest) -> str:
        """The partner's own number for the first inquiry (TRN02)."""
        traces = request.inquiries[0].traces
        return traces[0].number if traces else ""

    async def respond(self, request: EligibilityRequest, circumstances: Circumstances, control_number: str) -> Response:
        """The 271 for a 270 that its guide accepts.

        Args:
            request: what is asked.
            circumstances: who asks, when, and where the facts that are used are noted.
            control_number: ST02 of the answer.
        """
        answers = await self._answer(request, circumstances)
        segments = write_eligibility_response(
            answers,
            control_number=control_number,
            reference=request.reference,
            purpose=request.purpose,
            written_at=circumstances.local_moment,
            trace_originator=f"1{self._profile.tax_id}",
        )
        circumstances.stages.mark(Stage.WRITE)
        rejected = any(answer.every_rejection for answer in answers)
        return Response(segments, Outcome.REJECTED if rejected else Outcome.ELIGIBILITY, answers[0].trace, answers)

    async def _answer(self, request: EligibilityRequest, circumstances: Circumstances) -> list[EligibilityAnswer]:
        inquiries = request.inquiries
        if circumstances.patients > PATIENTS_PER_REAL_TIME_REQUEST_MAX:
            return [EligibilityAnswer(inquiry, (_TOO_MANY,)) for inquiry in inquiries]
        try:
            answers = [await self._answer_one(inquiry, circumstances) for inquiry in inquiries]
        except Outage:
            return [EligibilityAnswer(inquiry, (_CANNOT_RESPOND,)) for inquiry in inquiries]
        return [replace(answer, trace=circumstances.new_trace()) for answer in answers]

    async def _answer_one(self, inquiry: EligibilityInquiry, circumstances: Circumstances) -> EligibilityAnswer:
        """Authorization first: nothing of a member is looked up for who may not ask."""
        reading, stages = circumstances.reading, circumstances.stages
        permitted = await self._permit(inquiry, circumstances)
        stages.mark(Stage.PERMIT)
        if isinstance(permitted, Rejection):
            return EligibilityAnswer(inquiry, (permitted,))
        today = circumstances.local_moment.date()
        contracts = await reading.contracts(searches(inquiry))
        stages.mark(Stage.LOOK_UP)
        meant = identify(inquiry, contracts, today, self._profile)
        if not isinstance(meant, Identified):
            return reject(inquiry, meant)
        plan_ids = plans_needed(meant, inquiry, today)
        stages.mark(Stage.DECIDE)
        plans = await reading.plans(plan_ids)
        stages.mark(Stage.LOOK_UP)
        answer = decide(inquiry, meant, plans, today, self._profile, permitted)
        stages.mark(Stage.DECIDE)
        return answer

    async def _permit(self, inquiry: EligibilityInquiry, circumstances: Circumstances) -> Permitted | Rejection:
        receiver, reading = inquiry.receiver, circumstances.reading
        malformed = check_receiver(receiver)
        if malformed is not None:
            return malformed
        provider = await reading.provider(receiver.identifier_qualifier, receiver.identifier)
        tins = () if provider is None else provider.tins
        entitlements = await reading.entitlements(circumstances.submitter.submitter_id, tins)
        return permit(receiver, provider, entitlements, Function.ELIGIBILITY, circumstances.moment)
