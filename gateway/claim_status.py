"""What happens to a 276 between the guide check and the audit: who may ask, whose claim is meant, what became of it."""

from collections.abc import Sequence

from edi.claim_status import ClaimInquiry, ClaimStatusAnswer, ClaimStatusRequest
from edi.claim_status_codes import Category
from edi.errors import Outage
from edi.writing_277 import FUNCTIONAL_IDENTIFIER, GUIDE, write_claim_status_response
from gateway.exchange import Circumstances, Outcome, Response
from gateway.metrics import Mode, Stage, Transaction
from rules.claim_access import ClaimAccess, check_providers, permit_claims, provider_asked
from rules.claim_obstacles import Obstacle, stop
from rules.claim_patients import identify_patient, member_searches
from rules.claim_search import claim_searches
from rules.claim_status import Mode as InquiryMode
from rules.claim_status import decide
from rules.facts import Function
from rules.facts.claim_profile import ClaimStatusProfile

CLAIMS_PER_REAL_TIME_REQUEST_MAX = 1
"""X12 005010X212 1.4: real time is one claim; more are a batch."""

_MODES = {Mode.REAL_TIME: InquiryMode.REAL_TIME, Mode.BATCH: InquiryMode.BATCH}

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

    def __init__(self, profile: ClaimStatusProfile) -> None:
        self._profile = profile

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
        return self._write(request, await self._answer(request, circumstances), circumstances, control_number)

    def closed(self, request: ClaimStatusRequest, circumstances: Circumstances, control_number: str) -> Response:
        """The 277 during maintenance: the payer's system cannot answer now."""
        today = circumstances.local_moment.date()
        answers = [stop(inquiry, Obstacle.SYSTEM_DOWN, today) for inquiry in request.inquiries]
        return self._write(request, answers, circumstances, control_number)

    def _write(
        self,
        request: ClaimStatusRequest,
        answers: Sequence[ClaimStatusAnswer],
        circumstances: Circumstances,
        control_number: str,
    ) -> Response:
        segments = write_claim_status_response(
            answers,
            control_number=control_number,
            reference=request.reference,
            written_at=circumstances.local_moment,
        )
        circumstances.stages.mark(Stage.WRITE)
        # A 277 bears the partner's own trace numbers and none of ours.
        return Response(segments, outcome_of(answers), "", answers)

    async def _answer(self, request: ClaimStatusRequest, circumstances: Circumstances) -> list[ClaimStatusAnswer]:
        today = circumstances.local_moment.date()
        if circumstances.mode is Mode.REAL_TIME and circumstances.patients > CLAIMS_PER_REAL_TIME_REQUEST_MAX:
            return [stop(inquiry, Obstacle.TOO_MANY_INQUIRIES, today) for inquiry in request.inquiries]
        return [await self._answer_or_put_off(inquiry, circumstances) for inquiry in request.inquiries]

    async def _answer_or_put_off(self, inquiry: ClaimInquiry, circumstances: Circumstances) -> ClaimStatusAnswer:
        try:
            return await self._answer_one(inquiry, circumstances)
        except Outage:
            return stop(inquiry, Obstacle.SYSTEM_DOWN, circumstances.local_moment.date())

    async def _answer_one(self, inquiry: ClaimInquiry, circumstances: Circumstances) -> ClaimStatusAnswer:
        """Authorization first: neither member nor claim is looked up for who may not ask."""
        reading, stages = circumstances.reading, circumstances.stages
        today = circumstances.local_moment.date()
        access = await self._permit(inquiry, circumstances)
        stages.mark(Stage.PERMIT)
        if isinstance(access, Obstacle):
            return stop(inquiry, access, today)
        contracts = await reading.contracts(member_searches(inquiry))
        stages.mark(Stage.LOOK_UP)
        patient = identify_patient(inquiry, contracts, self._profile)
        if isinstance(patient, Obstacle):
            return stop(inquiry, patient, today)
        searches = claim_searches(inquiry, patient, access, today, self._profile)
        stages.mark(Stage.DECIDE)
        claims = await reading.claims(searches)
        stages.mark(Stage.LOOK_UP)
        answer = decide(inquiry, patient, claims, access, today, self._profile, _MODES[circumstances.mode])
        stages.mark(Stage.DECIDE)
        return answer

    async def _permit(self, inquiry: ClaimInquiry, circumstances: Circumstances) -> ClaimAccess | Obstacle:
        malformed = check_providers(inquiry)
        if malformed is not None:
            return malformed
        reading, asked = circumstances.reading, provider_asked(inquiry)
        provider = await reading.provider(asked.identifier_qualifier, asked.identifier)
        tins = () if provider is None else provider.tins
        entitlements = await reading.entitlements(circumstances.submitter.submitter_id, tins)
        return permit_claims(inquiry, provider, entitlements, circumstances.moment)


def outcome_of(answers: Sequence[ClaimStatusAnswer]) -> Outcome:
    """Whether any of the answers says why it is none."""
    return Outcome.CLAIM_STATUS_REFUSED if any(map(_refuses, answers)) else Outcome.CLAIM_STATUS


def _refuses(answer: ClaimStatusAnswer) -> bool:
    codes = (code for status in answer.statuses for code in status.codes)
    return answer.refusal is not None or any(code.category in REFUSING for code in codes)
