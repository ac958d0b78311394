"""What each step of one answer costs by itself, warm: one book, a different member each time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.inquiries import SUBMITTER, inquiries, made_up_book
from edi.delimiters import Delimiters
from edi.eligibility import EligibilityAnswer, EligibilityInquiry, EligibilityRequest
from edi.writing import delimited
from edi.writing_271 import Header, write_eligibility_response
from gateway.metrics import Metrics, Stage
from gateway.settings import Settings
from parsers import parse
from parsers.checking import check_interchange
from parsers.eligibility import read_eligibility
from parsers.frames import Interchange, TransactionSet
from parsers.framing import read
from rules.eligibility import decide, plans_needed
from rules.entitlement import Permitted, permit
from rules.facts import Contract, Entitlement, Function, PayerProfile, Plan, Provider
from rules.search import Identified, identify

MEMBERS = 600
TODAY = datetime.now(UTC).date()
NOW = datetime.now(UTC)
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


def test_observe_a_duration(benchmark: BenchmarkFixture) -> None:
    timing = Metrics().stage(Stage.PARSE)
    benchmark(lambda: timing.observe(0.004))
