"""What each step of one answer costs by itself, warm: one book, a different member or claim each time."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import cycle

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.claim_inquiries import claim_inquiries, claims_to_ask_about
from benchmarks.inquiries import SUBMITTER, inquiries, made_up_book
from edi.claim_status import ClaimInquiry, ClaimStatusAnswer, ClaimStatusRequest
from edi.delimiters import Delimiters
from edi.eligibility import EligibilityAnswer, EligibilityInquiry, EligibilityRequest
from edi.writing import delimited
from edi.writing_271 import Header, write_eligibility_response
from edi.writing_277 import write_claim_status_response
from gateway.metrics import Metrics, Stage
from gateway.settings import Settings
from parsers import parse
from parsers.checking import check_interchange
from parsers.claim_status import read_claim_status
from parsers.eligibility import read_eligibility
from parsers.frames import Interchange, TransactionSet
from parsers.framing import read
from rules.claims.access import ClaimAccess, permit_claims
from rules.claims.patients import Patient, identify_patient
from rules.claims.search import ClaimSearch, claim_searches, filed_under
from rules.claims.status import Mode as InquiryMode
from rules.claims.status import decide as decide_claims
from rules.eligibility import decide, plans_needed
from rules.entitlement import Permitted, permit
from rules.facts import Contract, Entitlement, Function, PayerProfile, Plan, Provider
from rules.facts.claim_profile import ClaimStatusProfile
from rules.facts.claims import Claim
from rules.search import Identified, identify

MEMBERS = 600
TODAY = datetime.now(UTC).date()
NOW = datetime.now(UTC)
CLAIM_PROFILE = ClaimStatusProfile(claims_in_real_time_max=9)
PROFILE = PayerProfile("EXAMPLE HEALTH PLAN", "99999", "990000000")


@dataclass(frozen=True)
class Case:
    """One inquiry and all that its answer takes."""

    data: bytes
    inquiry: EligibilityInquiry
    contract: Contract
    plans: dict[str, Plan]
    provider: Provider
    entitlements: tuple[Entitlement, ...]

    def permitted(self) -> Permitted:
        found = permit(self.inquiry.receiver, self.provider, self.entitlements, Function.ELIGIBILITY, NOW)
        assert isinstance(found, Permitted)
        return found

    def identified(self) -> Identified:
        found = identify(self.inquiry, (self.contract,), TODAY, PROFILE)
        assert isinstance(found, Identified)
        return found

    def decided(self) -> EligibilityAnswer:
        identified = self.identified()
        plans_needed(identified, self.inquiry, TODAY)
        return decide(self.inquiry, identified, self.plans, TODAY, PROFILE, self.permitted(), "TRACE")


def answerable() -> list[Case]:
    made = made_up_book(MEMBERS)
    plans = {plan.plan_id: plan for plan in made.plans()}
    by_npi = {each.identifier: provider for provider in made.providers() for each in provider.identifiers}
    cases = []
    for data, contract in zip(inquiries(made, MEMBERS // 3, Settings()), made.contracts(), strict=False):
        request = parse(data).requests[0]
        assert isinstance(request, EligibilityRequest)
        inquiry = request.inquiries[0]
        provider = by_npi[inquiry.receiver.identifier]
        granted = tuple(Entitlement(SUBMITTER.submitter_id, tin, Function.ELIGIBILITY, NOW) for tin in provider.tins)
        if isinstance(identify(inquiry, (contract,), TODAY, PROFILE), Identified):
            cases.append(Case(data, inquiry, contract, plans, provider, granted))
    return cases


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return answerable()


def each(cases: list[Case]) -> Callable[[], Case]:
    """The next case at each call."""
    return cycle(cases).__next__


def write(answer: EligibilityAnswer, written_at: datetime) -> bytes:
    segments = write_eligibility_response((answer,), Header("0001", "BENCH", "13", written_at, "1990000000"))
    return delimited(segments, Delimiters())


def test_frame_an_interchange(benchmark: BenchmarkFixture, cases: list[Case]) -> None:
    following = each(cases)
    (interchange,) = benchmark(lambda: read(following().data))
    assert not interchange.findings


def test_check_it_against_the_guide(benchmark: BenchmarkFixture, cases: list[Case]) -> None:
    framed = cycle([read(case.data)[0] for case in cases])

    def check() -> Interchange:
        interchange = next(framed)
        check_interchange(interchange)
        return interchange

    assert not benchmark(check).groups[0].transactions[0].findings


def test_read_the_typed_inquiry(benchmark: BenchmarkFixture, cases: list[Case]) -> None:
    sets: list[tuple[TransactionSet, Delimiters]] = []
    for case in cases:
        interchange = read(case.data)[0]
        sets.append((interchange.groups[0].transactions[0], interchange.delimiters))
    following = cycle(sets)
    assert benchmark(lambda: read_eligibility(*next(following))).inquiries


def test_permit(benchmark: BenchmarkFixture, cases: list[Case]) -> None:
    following = each(cases)
    assert benchmark(lambda: following().permitted())


def test_identify(benchmark: BenchmarkFixture, cases: list[Case]) -> None:
    following = each(cases)
    assert benchmark(lambda: following().identified())


def test_permit_identify_and_decide(benchmark: BenchmarkFixture, cases: list[Case]) -> None:
    following = each(cases)
    assert benchmark(lambda: following().decided()).benefits


def test_write_the_answer(benchmark: BenchmarkFixture, cases: list[Case]) -> None:
    answers = cycle([case.decided() for case in cases])
    written = benchmark(lambda: write(next(answers), NOW))
    assert written.count(b"~") > 30


def test_from_bytes_to_bytes(benchmark: BenchmarkFixture, cases: list[Case]) -> None:
    """Everything but the store, HTTP and the audit."""
    following = each(cases)

    def answer() -> bytes:
        case = following()
        request = parse(case.data).requests[0]
        assert isinstance(request, EligibilityRequest)
        assert request.inquiries[0] == case.inquiry
        return write(case.decided(), NOW)

    assert benchmark(answer)


@dataclass(frozen=True)
class ClaimCase:
    """One inquiry about a claim and all that its answer takes."""

    data: bytes
    inquiry: ClaimInquiry
    contract: Contract
    claims: tuple[Claim, ...]
    """What the inquiry's search leads to."""
    provider: Provider
    entitlements: tuple[Entitlement, ...]

    def permitted(self) -> ClaimAccess:
        found = permit_claims(self.inquiry, self.provider, self.entitlements, NOW)
        assert isinstance(found, ClaimAccess)
        return found

    def identified(self) -> Patient:
        found = identify_patient(self.inquiry, (self.contract,), CLAIM_PROFILE)
        assert isinstance(found, Patient)
        return found

    def decided(self) -> ClaimStatusAnswer:
        access, patient = self.permitted(), self.identified()
        claim_searches(self.inquiry, patient, access, TODAY, CLAIM_PROFILE)
        return decide_claims(self.inquiry, patient, self.claims, access, TODAY, CLAIM_PROFILE, InquiryMode.REAL_TIME)


@pytest.fixture(scope="module")
def claim_cases() -> list[ClaimCase]:
    made = made_up_book(MEMBERS)
    files: dict[ClaimSearch, list[Claim]] = defaultdict(list)
    for claim in made.claims():
        for key in filed_under(claim):
            files[key].append(claim)
    asked = zip(claim_inquiries(made, MEMBERS // 3, Settings()), claims_to_ask_about(made), strict=False)
    return [_claim_case(data, contract, provider, files) for data, (_, contract, provider) in asked]


def _claim_case(
    data: bytes, contract: Contract, provider: Provider, files: dict[ClaimSearch, list[Claim]]
) -> ClaimCase:
    request = parse(data).requests[0]
    assert isinstance(request, ClaimStatusRequest)
    granted = tuple(Entitlement(SUBMITTER.submitter_id, tin, Function.CLAIM_STATUS, NOW) for tin in provider.tins)
    case = ClaimCase(data, request.inquiries[0], contract, (), provider, granted)
    searches = claim_searches(case.inquiry, case.identified(), case.permitted(), TODAY, CLAIM_PROFILE)
    return replace(case, claims=tuple(claim for search in searches for claim in files[search]))


def following(cases: list[ClaimCase]) -> Callable[[], ClaimCase]:
    return cycle(cases).__next__


def write_status(answer: ClaimStatusAnswer) -> bytes:
    segments = write_claim_status_response((answer,), control_number="0001", reference="BENCH", written_at=NOW)
    return delimited(segments, Delimiters())


def test_276_frame_an_interchange(benchmark: BenchmarkFixture, claim_cases: list[ClaimCase]) -> None:
    each = following(claim_cases)
    (interchange,) = benchmark(lambda: read(each().data))
    assert not interchange.findings


def test_276_check_it_against_the_guide(benchmark: BenchmarkFixture, claim_cases: list[ClaimCase]) -> None:
    framed = cycle([read(case.data)[0] for case in claim_cases])

    def check() -> Interchange:
        interchange = next(framed)
        check_interchange(interchange)
        return interchange

    assert not benchmark(check).groups[0].transactions[0].findings


def test_276_read_the_typed_inquiry(benchmark: BenchmarkFixture, claim_cases: list[ClaimCase]) -> None:
    framed = [read(case.data)[0] for case in claim_cases]
    sets = cycle([(interchange.groups[0].transactions[0], interchange.delimiters) for interchange in framed])
    assert benchmark(lambda: read_claim_status(*next(sets))).inquiries


def test_276_permit(benchmark: BenchmarkFixture, claim_cases: list[ClaimCase]) -> None:
    each = following(claim_cases)
    assert benchmark(lambda: each().permitted())


def test_276_permit_identify_find_and_decide(benchmark: BenchmarkFixture, claim_cases: list[ClaimCase]) -> None:
    each = following(claim_cases)
    assert benchmark(lambda: each().decided()).claims


def test_276_write_the_answer(benchmark: BenchmarkFixture, claim_cases: list[ClaimCase]) -> None:
    answers = cycle([case.decided() for case in claim_cases])
    assert benchmark(lambda: write_status(next(answers))).count(b"~") > 10


def test_276_from_bytes_to_bytes(benchmark: BenchmarkFixture, claim_cases: list[ClaimCase]) -> None:
    """Everything but the store, HTTP and the audit."""
    each = following(claim_cases)

    def answer() -> bytes:
        case = each()
        request = parse(case.data).requests[0]
        assert isinstance(request, ClaimStatusRequest)
        assert request.inquiries[0] == case.inquiry
        return write_status(case.decided())

    assert benchmark(answer)


def test_observe_a_duration(benchmark: BenchmarkFixture) -> None:
    timing = Metrics().stage(Stage.PARSE)
    benchmark(lambda: timing.observe(0.004))
