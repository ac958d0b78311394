"""A generated situation through the whole way of a 270, from bytes to bytes, without a server."""

from dataclasses import replace

from edi.aaa import Loop
from edi.benefit_codes import BenefitKind
from edi.eligibility import Benefit, EligibilityAnswer, EligibilityInquiry, EligibilityRequest, Rejection
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.writing_271 import FUNCTIONAL_IDENTIFIER, GUIDE, Header, write_eligibility_response
from parsers.checking import check_interchange
from parsers.eligibility import read_eligibility
from parsers.framing import read
from rules.eligibility import decide, plans_needed
from rules.entitlement import permit
from rules.facts import Function
from rules.members import reject
from rules.search import Identified, identify, searches
from rules.search_keys import filed_under
from tests.generated import MOMENT, TODAY
from tests.generated_inquiries import WRITTEN_AT, Situation

_BENEFIT_LOOPS = (Loop.SUBSCRIBER_BENEFIT, Loop.DEPENDENT_BENEFIT)


def read_request(situation: Situation) -> EligibilityRequest | None:
    """What comes out of the parsers; None when the 270 does not conform, and would get a 999."""
    (interchange,) = read(situation.received())
    check_interchange(interchange)
    (group,) = interchange.groups
    (transaction,) = group.transactions
    if interchange.findings or group.findings or transaction.findings:
        return None
    return read_eligibility(transaction, interchange.delimiters)


def answer(situation: Situation, request: EligibilityRequest) -> list[EligibilityAnswer]:
    """The decided answers, in the order of the steps that the gateway keeps."""
    answers = [_answer_one(situation, inquiry) for inquiry in request.inquiries]
    if situation.trouble:
        answers = [_with_trouble(each, situation.trouble) for each in answers]
    return [replace(each, trace=f"T{number}") for number, each in enumerate(answers)]


def _answer_one(situation: Situation, inquiry: EligibilityInquiry) -> EligibilityAnswer:
    permitted = permit(inquiry.receiver, situation.provider, situation.entitlements, Function.ELIGIBILITY, MOMENT)
    if isinstance(permitted, Rejection):
        return EligibilityAnswer(inquiry, (permitted,))
    wanted = set(searches(inquiry))
    found = [contract for contract in situation.contracts if filed_under(contract) & wanted]
    meant = identify(inquiry, found, TODAY, situation.profile)
    if not isinstance(meant, Identified):
        return reject(inquiry, meant)
    by_id = {plan.plan_id: plan for plan in situation.plans}
    plans = {plan_id: by_id[plan_id] for plan_id in plans_needed(meant, inquiry, TODAY)}
    return decide(inquiry, meant, plans, TODAY, situation.profile, permitted)


def _with_trouble(answer: EligibilityAnswer, trouble: tuple[Rejection, ...]) -> EligibilityAnswer:
    """The same inquiry refused, in the loop of the trouble where the answer has that loop."""
    loop, inquiry = trouble[0].loop, answer.inquiry
    if loop in _BENEFIT_LOOPS:
        is_theirs = (answer.dependent is None) == (loop is Loop.SUBSCRIBER_BENEFIT)
        line = Benefit(BenefitKind.CANNOT_PROCESS, ("30",), rejections=trouble)
        return replace(answer, benefits=(line,)) if is_theirs and answer.subscriber is not None else answer
    if loop is Loop.DEPENDENT and inquiry.dependent is None:
        return answer
    return reject(inquiry, trouble)


def write(situation: Situation, request: EligibilityRequest, answers: list[EligibilityAnswer]) -> bytes:
    """The 271 in its envelopes."""
    segments = write_eligibility_response(
        answers,
        Header("0001", request.reference, request.purpose, WRITTEN_AT, f"1{situation.profile.tax_id}"),
    )
    header = InterchangeHeader(Address("ZZ", "99001"), Address("ZZ", "S-1"), WRITTEN_AT, 1)
    group = Group(FUNCTIONAL_IDENTIFIER, "99001", "S-1", GUIDE, (segments,))
    return write_interchange(header, (group,), situation.answered_in)
