"""What happens to a 276 between the guide check and the audit: who may ask, whose claim is meant, what became of it."""

from collections.abc import Sequence
from datetime import date, datetime

from edi.claim_status import ClaimInquiry, ClaimStatusAnswer, ClaimStatusRequest
from edi.claim_status_codes import Category
from edi.errors import Outage
from edi.prepared import Particulars
from edi.writing_277 import FUNCTIONAL_IDENTIFIER, GUIDE, write_claim_status_response
from gateway.answering import answer_each
from gateway.exchange import Again, Circumstances, Grounds, Outcome, Response
from gateway.metrics import Mode, Stage, Transaction
from rules.claims.access import ClaimAccess, check_payer, check_providers, permit_claims, provider_asked
from rules.claims.obstacles import Obstacle, stop
from rules.claims.patients import identify_patient, member_searches
from rules.claims.search import claim_searches
from rules.claims.status import Mode as InquiryMode
from rules.claims.status import decide
from rules.facts import Function, PayerProfile
from rules.facts.claim_profile import ClaimStatusProfile

_MODES = {Mode.REAL_TIME: InquiryMode.REAL_TIME, Mode.BATCH: InquiryMode.BATCH}

_DOWN = {Mode.REAL_TIME: Obstacle.SYSTEM_DOWN, Mode.BATCH: Obstacle.CLAIM_PUT_OFF}
_SILENT = {Mode.REAL_TIME: Obstacle.HOLDER_SILENT, Mode.BATCH: Obstacle.CLAIM_HOLDER_SILENT}
"""What is told when the facts cannot be had: in real time the receiver, in a batch of the one claim only."""

_Answered = tuple[ClaimStatusAnswer, ClaimAccess | None]
"""The access is None where the answer must not be given again without asking anew."""

REFUSING = frozenset(
    {
        Category.DATA_ERROR,
        Category.SYSTEM_STATUS,
        Category.HOLDER_SILENT,
        Category.CORRECTION_NEEDED,
        Category.AGREEMENT_NEEDED,
    }
)
"""Categories that say why a question was not answered. That no claim was found is an answer."""


class ClaimStatusService:
    """Answers claim status requests from facts; one for all requests."""

    transaction = Transaction.CLAIM_STATUS
    function = Function.CLAIM_STATUS
    functional_identifier = FUNCTIONAL_IDENTIFIER
    guide = GUIDE

    def __init__(self, profile: ClaimStatusProfile, payer: PayerProfile) -> None:
        self._profile = profile
        self._payer = payer

    def patients(self, request: ClaimStatusRequest) -> int:
        """How many claims a request asks about, each of which counts as a patient."""
        return len(request.inquiries)

    async def respond(self, request: ClaimStatusRequest, circumstances: Circumstances, control_number: str) -> Response:
        """The 277 for a 276 that its guide accepts.

        Args:
            request: what is asked.
            circumstances: who asks, when, and where the facts that are used are noted.
            control_number: ST02 of the answer.
        """
        answered = await answer_each(
            request.inquiries, circumstances, self._answer_one, too_many=_too_many, put_off=_put_off
        )
        answers = [answer for answer, _ in answered]
        grounds = [Grounds() if access is None else Grounds(access.permitted[0]) for _, access in answered]
        segments = self._write(answers, control_number, request.reference, circumstances.local_moment)
        circumstances.stages.mark(Stage.WRITE)
        again = self._again(*answered[0], control_number) if len(answered) == 1 else None
        # A 277 bears the partner's own trace numbers and none of ours.
        return Response(segments, outcome_of(answers), "", answers, grounds, again)

    def closed(self, request: ClaimStatusRequest, circumstances: Circumstances, control_number: str) -> Response:
        """The 277 during maintenance: the payer's system cannot answer now."""
        answers = [stop(inquiry, Obstacle.SYSTEM_DOWN, _today(circumstances)) for inquiry in request.inquiries]
        segments = self._write(answers, control_number, request.reference, circumstances.local_moment)
        return Response(segments, Outcome.CLAIM_STATUS_REFUSED, "", answers)

    def _again(self, answer: ClaimStatusAnswer, access: ClaimAccess | None, control_number: str) -> Again | None:
        """How the same question is answered again, with the references of who asks it then."""
        inquiry = answer.inquiry
        if access is None:
            return None

        def compose(particulars: Particulars) -> list[str]:
            trace = particulars.trace if inquiry.trace else ""
            return self._write((answer,), control_number, particulars.reference, particulars.written_at, trace)

        return Again(compose, access.holds_until)

    def _write(
        self,
        answers: Sequence[ClaimStatusAnswer],
        control_number: str,
        reference: str,
        written_at: datetime,
        trace: str | None = None,
    ) -> list[str]:
        return write_claim_status_response(
            answers,
            control_number=control_number,
            reference=reference,
            written_at=written_at,
            contact=self._profile.contact,
            trace=trace,
        )

    async def _answer_one(self, inquiry: ClaimInquiry, circumstances: Circumstances) -> _Answered:
        """Authorization first: neither member nor claim is looked up for who may not ask."""
        reading, stages, today = circumstances.reading, circumstances.stages, _today(circumstances)
        access = check_payer(inquiry, self._payer) or await self._permit(inquiry, circumstances)
        stages.mark(Stage.PERMIT)
        if isinstance(access, Obstacle):
            return stop(inquiry, access, today), None
        contracts = await reading.contracts(member_searches(inquiry))
        stages.mark(Stage.LOOK_UP)
        patient = identify_patient(inquiry, contracts, self._profile)
        if isinstance(patient, Obstacle):
            return stop(inquiry, patient, today), access
        searches = claim_searches(inquiry, patient, access, today, self._profile)
        stages.mark(Stage.DECIDE)
        try:
            claims = await reading.claims(searches)
        except Outage:
            return stop(inquiry, _SILENT[circumstances.mode], today), None
        stages.mark(Stage.LOOK_UP)
        answer = decide(inquiry, patient, claims, access, today, self._profile, _MODES[circumstances.mode])
        stages.mark(Stage.DECIDE)
        return answer, access

    async def _permit(self, inquiry: ClaimInquiry, circumstances: Circumstances) -> ClaimAccess | Obstacle:
        malformed = check_providers(inquiry)
        if malformed is not None:
            return malformed
        submitter_id = circumstances.submitter.submitter_id
        provider, entitlements = await circumstances.reading.asker(provider_asked(inquiry), submitter_id)
        return permit_claims(inquiry, provider, entitlements, circumstances.moment)


def _today(circumstances: Circumstances) -> date:
    return circumstances.local_moment.date()


def _too_many(inquiry: ClaimInquiry, circumstances: Circumstances) -> _Answered:
    return stop(inquiry, Obstacle.TOO_MANY_INQUIRIES, _today(circumstances)), None


def _put_off(inquiry: ClaimInquiry, circumstances: Circumstances) -> _Answered:
    return stop(inquiry, _DOWN[circumstances.mode], _today(circumstances)), None


def outcome_of(answers: Sequence[ClaimStatusAnswer]) -> Outcome:
    """Whether any of the answers says why it is none."""
    return Outcome.CLAIM_STATUS_REFUSED if any(map(_refuses, answers)) else Outcome.CLAIM_STATUS


def _refuses(answer: ClaimStatusAnswer) -> bool:
    codes = (code for status in answer.statuses for code in status.codes)
    return answer.refusal is not None or any(code.category in REFUSING for code in codes)
