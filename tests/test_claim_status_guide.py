"""Every 277 that the rules and the writer can make is accepted by pyx12 and our check, and read whole by x12sdk."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from x12sdk.io import X12ModelReader

from edi.claim_status import (
    ClaimInquiry,
    ClaimPatient,
    ClaimStatusAnswer,
    ClaimStatusRequest,
    LineInquiry,
    PayerContact,
)
from edi.claim_status_codes import CLOSED_CATEGORIES, ENTITIES, Category, StatusCode
from edi.claim_status_list import STATUS_CODES
from edi.delimiters import STANDARD
from edi.eligibility import DateRange, Party
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.writing_276 import write_claim_status_request
from edi.writing_277 import FUNCTIONAL_IDENTIFIER, GUIDE, write_claim_status_response
from parsers import check
from parsers.claim_status import read_claim_status
from rules.claims.access import ClaimAccess, permit_claims
from rules.claims.obstacles import Obstacle, stop
from rules.claims.patients import Patient
from rules.claims.status import Mode, decide
from rules.facts import Contract, Entitlement, Function, Person, Provider, ProviderIdentifier
from rules.facts.claim_profile import ClaimStatusProfile
from rules.facts.claims import PROCEDURE_QUALIFIERS, Claim, ServiceLine, StatusEvent
from tests.guide_support import judge

MODERATE = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
"""Without shrinking: pyx12 takes milliseconds for each try of it, thousands of times."""
MOMENT = datetime(2026, 6, 1, 9, 30, 5, tzinfo=UTC)
TODAY = MOMENT.date()
TIN = "111111111"
CLINIC = Party("1P", "2", "LAKESIDE CLINIC", "", "XX", "1234567893")
PROVIDER = Provider("P-1", "LAKESIDE CLINIC", (ProviderIdentifier("XX", "1234567893"),), (TIN,))
ENTITLEMENT = Entitlement("S-1", TIN, Function.CLAIM_STATUS, datetime(2020, 1, 1, tzinfo=UTC))
CONTRACT = Contract("C-1", "W100000001", (Person("01", "ROWAN", "ALICE", date(1984, 3, 17)),))
ALICE = Patient(CONTRACT, CONTRACT.persons[0])

words = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=12)
texts = st.one_of(words, st.builds("{} {}-{}".format, words, words, words))
amounts = st.decimals(0, 10**8, places=2)
days = st.dates(date(2025, 1, 1), date(2026, 6, 1))
optional = st.one_of(st.just(""), texts)


@st.composite
def periods(draw: Callable[..., date]) -> DateRange:
    first = draw(days)
    return DateRange(first, first + timedelta(days=draw(st.integers(0, 40))))  # type: ignore[arg-type]


codes = st.builds(
    StatusCode,
    st.sampled_from(sorted(set(Category) - CLOSED_CATEGORIES)),
    st.sampled_from(sorted(STATUS_CODES.current().meanings)),
    st.sampled_from(["", *sorted(ENTITIES)]),
    st.booleans(),
)
events = st.builds(
    StatusEvent,
    effective=days,
    codes=st.lists(codes, min_size=1, max_size=8).map(tuple),
    paid=st.none() | amounts,
    adjudicated=st.none() | days,
    payment_date=st.none() | days,
    payment_number=st.just("") | words,
    voucher=optional,
)
procedures = st.builds(
    lambda qualifier, code, modifiers: ":".join((qualifier, code, *modifiers)),
    st.sampled_from(sorted(PROCEDURE_QUALIFIERS)),
    words,
    st.lists(st.sampled_from(["25", "59", "TC"]), max_size=4),
)
lines = st.builds(
    ServiceLine,
    procedure=procedures,
    charge=amounts,
    dates=st.none() | periods(),
    units=st.decimals(0, 9999, places=1),
    revenue_code=st.sampled_from(["", "0510", "0250"]),
    control_number=optional,
    events=st.lists(events, max_size=2).map(tuple),
)
claims = st.builds(
    Claim,
    claim_id=words,
    claim_number=texts,
    charge=amounts,
    dates=periods(),
    billing_tin=st.sampled_from([TIN, TIN, TIN, "222222222"]),
    subscriber_id=st.just("W100000001"),
    patient_number=st.just("01"),
    events=st.lists(events, min_size=1, max_size=3).map(tuple),
    patient_account=optional,
    bill_type=st.sampled_from(["", "111", "131"]),
    clearinghouse_number=optional,
    prescription=optional,
    lines=st.lists(lines, max_size=3).map(tuple),
)
asked_lines = st.builds(LineInquiry, procedures, amounts, amounts, periods(), st.sampled_from(["", "0510"]), optional)


def inquiries_of(
    numbers: st.SearchStrategy[str], traces: st.SearchStrategy[str], names: st.SearchStrategy[str]
) -> st.SearchStrategy[ClaimInquiry]:
    """Inquiries about one claim, by anything but the payer's own number."""
    receivers = [Party("41", "2", "EXCHANGE", "", "46", "S1"), Party("41", "1", "VALE", "MAX", "46", "S2")]
    doctor = Party("1P", "1", "VALE", "MAX", "FI", TIN, "T", "JR")
    return st.builds(
        ClaimInquiry,
        source=st.just(Party("PR", "2", "HARBOR HEALTH PLAN", "", "PI", "PAYER01")),
        receiver=st.sampled_from(receivers),
        providers=st.sampled_from([(CLINIC,), (CLINIC, doctor)]),
        subscriber=st.builds(ClaimPatient, words, names, names, st.just("JR"), words.map("W{}".format)),
        dependent=st.none() | st.builds(ClaimPatient, words, names, names, st.just("III")),
        reference=st.just("STATUS-1"),
        trace=traces,
        bill_type=st.sampled_from(["", "111"]),
        patient_account=numbers,
        prescription=numbers,
        clearinghouse_number=numbers,
        charge=st.none() | amounts,
        dates=st.none() | periods(),
        lines=st.lists(asked_lines, max_size=2).map(tuple),
    )


odd = st.builds("{}{}{}".format, st.sampled_from(["*", " ", ":~", "É"]), words, st.sampled_from(["^", "*", "|"]))
"""What another interchange's delimiters and characters let in."""
inquiries = inquiries_of(optional, words, st.just("") | words)
odd_inquiries = inquiries_of(optional | odd | st.just(" "), words | odd | st.just(" "), words | odd)


def access() -> ClaimAccess:
    asked = ClaimInquiry(CLINIC, CLINIC, (CLINIC,), ClaimPatient(), None, "A")
    granted = permit_claims(asked, PROVIDER, (ENTITLEMENT,), MOMENT)
    assert isinstance(granted, ClaimAccess)
    return granted


@st.composite
def answers(draw: Callable[..., ClaimInquiry]) -> ClaimStatusAnswer:
    """An obstacle, or what the rules say of some claims, named by the number of one of them or not at all."""
    inquiry = draw(inquiries | odd_inquiries)
    obstacle = draw(st.none() | st.sampled_from(Obstacle))
    if isinstance(obstacle, Obstacle):
        return stop(inquiry, obstacle, TODAY)
    on_file: list[Claim] = draw(st.lists(claims, max_size=3, unique_by=lambda claim: claim.claim_id))  # type: ignore[assignment]
    asked = inquiry
    if on_file:
        asked = ClaimInquiry(
            inquiry.source,
            inquiry.receiver,
            inquiry.providers,
            inquiry.subscriber,
            inquiry.dependent,
            inquiry.reference,
            inquiry.trace,
            on_file[0].claim_number,
            lines=inquiry.lines,
        )
    return decide(asked, ALICE, on_file, access(), TODAY, ClaimStatusProfile(), Mode.BATCH)


def interchange_of(identifier: str, segments: list[str]) -> str:
    header = InterchangeHeader(Address("ZZ", "PAYER01"), Address("ZZ", "SUBMITTER01"), MOMENT, 101, test=True)
    return write_interchange(header, [Group(identifier, "PAYER01", "SUBMITTER01", GUIDE, [segments])]).decode()


def interchange(answered: list[ClaimStatusAnswer], contact: PayerContact | None) -> str:
    segments = write_claim_status_response(
        answered, control_number="0001", reference="STATUS-1", written_at=MOMENT, contact=contact
    )
    return interchange_of(FUNCTIONAL_IDENTIFIER, segments)


def is_read_by_x12sdk(answer: ClaimStatusAnswer) -> bool:
    """Whether x12sdk 2.2 reads the whole answer: it refuses a second NM1 in 2100C and loses all lines but the last."""
    return len(answer.inquiry.providers) == 1 and all(len(claim.lines) <= 1 for claim in answer.claims)


@given(st.lists(answers(), min_size=1, max_size=4), st.none() | st.just(PayerContact("CLAIMS", "8005550102")))
@MODERATE
def test_every_answer_is_accepted_by_pyx12_and_by_our_check_and_read_whole_by_x12sdk(
    answered: list[ClaimStatusAnswer], contact: PayerContact | None
) -> None:
    data = interchange(answered, contact)
    verdict = judge(data)
    assert verdict.faults == (), data.replace("~", "~\n")
    assert verdict.accepted
    assert check(data.encode()).accepted
    if all(map(is_read_by_x12sdk, answered)):
        with X12ModelReader(data) as reader:
            (model,) = reader.models()
        transaction = data[data.index("~ST*") + 1 : data.index("~GE*") + 1]
        assert model.x12().replace("\n", "") == transaction


@given(inquiries.filter(lambda inquiry: inquiry.dependent is None), days)
@MODERATE
def test_every_inquiry_is_accepted_by_pyx12_and_read_as_it_was_written(inquiry: ClaimInquiry, born: date) -> None:
    child = ClaimPatient("ROWAN", "BEN", birth_date=born, birth_date_sent=f"{born:%Y%m%d}", gender="M")
    request = ClaimStatusRequest("0001", "STATUS-1", (inquiry, replace(inquiry, dependent=child)))
    data = interchange_of("HR", write_claim_status_request(request, MOMENT))
    assert judge(data).faults == (), data.replace("~", "~\n")
    report = check(data.encode())
    assert report.accepted
    (transaction,) = report.interchanges[0].groups[0].transactions
    assert read_claim_status(transaction, STANDARD) == request


@given(st.lists(claims, max_size=4, unique_by=lambda claim: claim.claim_id), inquiries, days)
@MODERATE
def test_no_claim_of_another_tax_id_and_no_later_event_is_ever_told(
    on_file: list[Claim], inquiry: ClaimInquiry, as_of: date
) -> None:
    answer = decide(inquiry, ALICE, on_file, access(), as_of, ClaimStatusProfile(), Mode.BATCH)
    told = {reference.value for claim in answer.claims for reference in claim.references if reference.qualifier == "1K"}
    assert told <= {claim.claim_number for claim in on_file if TIN in claim.tins}
    lines = [line for claim in answer.claims for line in claim.lines]
    statuses = [*answer.statuses, *(status for line in lines for status in line.statuses)]
    assert all(status.effective <= as_of for status in statuses)
    assert all(status.reason for status in statuses)


def test_amounts_at_their_bounds_are_written_as_the_guide_takes_them() -> None:
    most = Decimal("9999999999999.99")
    event = StatusEvent(TODAY, (StatusCode(Category.PAID, "65"),), paid=most)
    line = ServiceLine("HC:99213", most, units=most, events=(event,))
    claim = Claim("K-1", "N" * 50, most, DateRange(TODAY, TODAY), TIN, "W100000001", "01", (event,), lines=(line,))
    line_asked = LineInquiry("HC:99213", most, Decimal(1), DateRange(TODAY, TODAY))
    inquiry = ClaimInquiry(
        Party("PR", "2", "HARBOR HEALTH PLAN", "", "PI", "PAYER01"),
        Party("41", "2", "EXCHANGE", "", "46", "S1"),
        (CLINIC,),
        ClaimPatient("ROWAN", "ALICE", identifier="W100000001"),
        None,
        "STATUS-1",
        "T-1",
        claim.claim_number,
        lines=(line_asked,),
    )
    answer = decide(inquiry, ALICE, [claim], access(), TODAY, ClaimStatusProfile(), Mode.REAL_TIME)
    assert judge(interchange([answer], None)).faults == ()
