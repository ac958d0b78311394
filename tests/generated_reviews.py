"""Made-up requests for review, policies, rulings and rejections: strategies of hypothesis."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from edi.aaa import FollowUpAction, RejectReason
from edi.eligibility import DateRange, Dates, Member, Patient, Reference, Trace
from edi.errors import CallerError
from edi.services_review import (
    Attachment,
    Contact,
    Delivery,
    Diagnosis,
    PartyReference,
    PostalAddress,
    Review,
    ReviewEvent,
    ReviewParty,
    ReviewPatient,
    ReviewRequest,
    ReviewService,
)
from edi.services_review_answer import LevelAnswer, ReviewAnswer, ReviewRejection
from edi.services_review_codes import (
    REPETITIONS,
    REPORT_TYPES,
    CertificationAction,
    CertificationType,
    LevelOfService,
    RequestCategory,
    ReviewLoop,
    is_allowed,
)
from edi.services_review_lines import ServiceLine
from edi.writing import COMPONENT
from rules.facts.reviews import (
    CodeRange,
    Condition,
    Outcome,
    ReviewPolicy,
    ReviewProfile,
    ReviewRule,
    Ruling,
    WantedDocument,
)
from rules.reviews import (
    EarlierReview,
    Grant,
    Verdict,
    amend,
    conclude_review,
    decide_review,
    permit_requester,
    refuse_closed,
    refuse_reused_trace,
    tell_cancelled,
)
from rules.reviews.members import identify_patient
from tests.review_tables import PROFILE, read_tables

BOOK, _ = read_tables()
TODAY = date(2026, 6, 1)
MOMENT = datetime(2026, 6, 1, 13, 30, tzinfo=UTC)

DAYS = st.integers(-60, 400).map(lambda days: TODAY + timedelta(days=days))
PERIODS = st.tuples(DAYS, DAYS).map(lambda pair: DateRange(min(pair), max(pair)))
SINGLE_DAYS = DAYS.map(lambda day: DateRange(day, day))
QUANTITIES = st.decimals("0.5", "40", places=1)
TEXT = st.text(st.sampled_from("ABCXYZ 0189.-'&"), min_size=1, max_size=40).map(lambda text: f"M{text.strip()}M")
WORDS = st.text(st.sampled_from("ABCXYZ0189"), min_size=2, max_size=12)


def optional(strategy: st.SearchStrategy[object], otherwise: object) -> st.SearchStrategy[object]:
    return st.one_of(st.just(otherwise), strategy)


def tuples_of(strategy: st.SearchStrategy[object], most: int) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


TRACES = st.builds(Trace, st.just("1"), WORDS, st.just("9SUBMITTER"), st.sampled_from(["", "UNIT7"]))
DELIVERIES = st.builds(
    Delivery,
    st.sampled_from(["DY", "FL", "HS", "MN", "VS"]),
    QUANTITIES,
    st.sampled_from([(), ("WK", "", "35", "6"), ("WK", "1", "34", "2", "1", "A")]),
)
ATTACHMENTS = st.builds(
    Attachment, st.sampled_from(sorted(REPORT_TYPES)), st.sampled_from(["BM", "EL"]), WORDS, optional(TEXT, "")
)
ADDRESSES = st.sampled_from([PostalAddress(), PostalAddress(("1 MILL LANE", "SUITE 4"), ("PORTLAND", "ME", "04101"))])
NPIS = [("", ""), ("XX", "1999999976"), ("XX", "1999999977"), ("24", "123456789")]


def parties(*codes: str) -> st.SearchStrategy[ReviewParty]:
    return st.builds(
        lambda code, name, npi, address, references, contact: ReviewParty(
            code,
            "2",
            name,
            identifier_qualifier=npi[0],
            identifier=npi[1],
            address=address,
            references=references,
            contact=contact,
        ),
        st.sampled_from(codes),
        TEXT,
        st.sampled_from(NPIS),
        ADDRESSES,
        st.sampled_from([(), (PartyReference("0B", "L12345", "ME"),)]),
        st.sampled_from([None, Contact("JO HALE", (("TE", "5550100200"), ("EX", "12")))]),
    )


LEVELS = st.sampled_from([None, *LevelOfService])
REVIEWS = st.builds(
    Review,
    st.sampled_from(list(RequestCategory)),
    st.sampled_from(list(CertificationType)),
    st.sampled_from(["", "1", "42", "62"]),
    st.sampled_from(["11", "12", "21"]),
    st.sampled_from(["A", "B"]),
    LEVELS,
    st.sampled_from(["", f"AA{COMPONENT}EM"]),
    st.sampled_from([(), ("", "", "Y")]),
)
SERVICE_REVIEWS = REVIEWS.filter(lambda review: review.category in ("HS", "SC"))
CODES = ["72148", "97110", "15822", "99213", "70551"]
PROCEDURES = st.sampled_from(CODES).map(lambda code: f"HC{COMPONENT}{code}")
NUMBERS = QUANTITIES.map(lambda quantity: f"{quantity.normalize():f}")
LINES = st.one_of(
    PROCEDURES.map(lambda code: ServiceLine(("SV1", code))),
    st.builds(lambda code, number: ServiceLine(("SV1", code, "", "UN", number)), PROCEDURES, NUMBERS),
    st.builds(lambda code, number: ServiceLine(("SV2", "0551", code, "", "DA", number)), PROCEDURES, NUMBERS),
    st.just(ServiceLine(("SV2", "0410"))),
    st.builds(lambda number: ServiceLine(("SV3", f"AD{COMPONENT}D2750", "", "", "", "I", number)), NUMBERS),
)
SERVICES = st.builds(
    ReviewService,
    tuples_of(TRACES, 2),
    optional(SERVICE_REVIEWS, None),
    optional(WORDS, ""),
    optional(WORDS, ""),
    st.one_of(st.just(()), PERIODS.map(lambda period: (Dates("472", period),))),
    LINES,
    st.just(()),
    optional(DELIVERIES, None),
    tuples_of(ATTACHMENTS, 2),
    optional(TEXT, ""),
    tuples_of(parties("SJ", "DK", "72"), 2),
)
DIAGNOSES = st.lists(
    st.builds(
        Diagnosis,
        st.sampled_from(["ABF", "ABJ", "BF"]),
        st.sampled_from(["M545", "I2510", "3469"]),
        st.sampled_from(["", "20260520"]),
    ),
    max_size=12,
).map(tuple)
EVENT_DATES = st.builds(
    lambda event, admission, discharge: tuple(
        Dates(qualifier, period)
        for qualifier, period in (("AAH", event), ("435", admission), ("096", discharge))
        if period is not None
    ),
    optional(PERIODS, None),
    optional(SINGLE_DAYS, None),
    optional(SINGLE_DAYS, None),
)
EVENTS = st.builds(
    ReviewEvent,
    REVIEWS,
    tuples_of(TRACES, 2),
    optional(WORDS, ""),
    optional(WORDS, ""),
    EVENT_DATES,
    DIAGNOSES,
    optional(DELIVERIES, None),
    st.sampled_from([(), (("CL1", "3", "1"), ("CR6", "1", "20260608", "", "", "", "", "N", "I"))]),
    tuples_of(ATTACHMENTS, 2),
    optional(TEXT, ""),
    tuples_of(parties("SJ", "71", "FA", "DK"), 3),
    st.sampled_from(
        [(), (ReviewParty("PW", "2", "HOME", address=PostalAddress(("8 FERRY ROAD",), ("PORTLAND", "ME"))),)]
    ),
    st.just(()),
    tuples_of(SERVICES, 3),
)
ALICE = Patient("ROWAN", "ALICE", member_id="HHP000000101", birth_date=date(1980, 2, 14), birth_date_sent="19800214")
BEN = Patient("ROWAN", "BEN", birth_date=date(2015, 9, 9), birth_date_sent="20150909", relationship="19")
REQUESTS = st.builds(
    lambda event, dependent: ReviewRequest(
        "0001",
        "REV-1",
        ReviewParty("X3", "2", "HARBOR HEALTH PLAN", identifier_qualifier="PI", identifier="PAYER01"),
        ReviewParty("1P", "2", "LAKESIDE CLINIC", identifier_qualifier="XX", identifier="1234567893"),
        ReviewPatient(replace(ALICE, references=(Reference("EJ", "PAT-1"),))),
        dependent,
        (event,),
    ),
    EVENTS,
    st.sampled_from([None, ReviewPatient(BEN, birth_sequence="1")]),
)


def sound(request: ReviewRequest) -> ReviewRequest:
    """The same without what would be refused in it, so that something is decided."""
    event = request.events[0]
    is_admission = event.review.category is RequestCategory.ADMISSION
    is_initial = event.review.certification is CertificationType.INITIAL
    mended = replace(
        event,
        authorization_number=event.authorization_number if is_initial else "AUTH0",
        dates=(Dates("435", DateRange(TODAY, TODAY)),) if is_admission else (Dates("AAH", DateRange(TODAY, TODAY)),),
        diagnoses=tuple([replace(each, qualifier="ABF") for each in event.diagnoses]) or (Diagnosis("ABK", "M545"),),
        providers=_sound_parties(event.providers),
        services=tuple([replace(each, dates=(), providers=_sound_parties(each.providers)) for each in event.services]),
    )
    return replace(request, events=(mended,))


def _sound_parties(parties: Iterable[ReviewParty]) -> tuple[ReviewParty, ...]:
    return tuple([replace(each, identifier_qualifier="XX", identifier="1999999976") for each in parties])


SOUND_REQUESTS = REQUESTS.map(sound)
REASONS = st.sampled_from(["0U", "0V", "0J", "1L", "0R", "25"])
"""Two characters, as all codes of the list: pyx12 takes the repetitions of HCR03 for one long value."""
RULINGS = st.builds(
    Ruling,
    st.sampled_from(list(Outcome)),
    st.lists(REASONS, min_size=1, max_size=5).map(tuple),
    optional(TEXT, ""),
    optional(st.integers(0, 90), None),
    QUANTITIES.map(lambda quantity: quantity.quantize(Decimal(1)) + 1),
    tuples_of(st.builds(WantedDocument, st.just("OB"), st.just("FX"), optional(TEXT, ""), st.just("11504-8")), 10),
    st.sampled_from([None, True, False]),
)
CONDITIONS = st.builds(
    Condition,
    st.sampled_from([(), (RequestCategory.ADMISSION,)]),
    st.sampled_from([(), tuple(CertificationType)]),
    procedures=st.sampled_from([(), *((CodeRange(code, code),) for code in CODES)]),
)
POLICIES = st.builds(
    lambda rules, otherwise, **values: ReviewPolicy("GOLD", tuple(rules), otherwise, BOOK.policies[-1].desk, **values),
    st.lists(st.builds(ReviewRule, WORDS, CONDITIONS, RULINGS), max_size=4),
    RULINGS,
    needs_diagnosis=st.booleans(),
    checks_providers=st.booleans(),
)


GRANT = Grant("AUTH1", "ADMIN1", TODAY, date(2026, 8, 31))


def decide(request: ReviewRequest, policy: ReviewPolicy, earlier: EarlierReview | None = None) -> ReviewAnswer:
    """What rules say to a request; ``earlier`` is the certification that it names, certified unless told otherwise."""
    permitted = permit_requester(request, BOOK.providers[0], BOOK.entitlements, MOMENT)
    identified = identify_patient(request, BOOK.contracts[:1], TODAY, PROFILE)
    assert not isinstance(permitted, ReviewRejection)
    assert not isinstance(identified, tuple)
    earlier = earlier or EarlierReview("AUTH0", "C-1", identified.person.number, CertificationAction.CERTIFIED)
    return decide_review(
        request, identified, policy, permitted, GRANT, earlier=earlier, known_providers=NPIS, trace="OURS-1"
    )


def withdrawals(decided: ReviewAnswer, policy: ReviewPolicy) -> Iterator[tuple[str, ReviewAnswer]]:
    """What is said to the cancellation of each service alone, then of all, and what the review says from then on."""
    event, action = decided.request.events[0], decided.action
    places = [told.service for told in decided.services if told.answer.decision is not None]
    if action is None:
        return
    person = "01" if decided.request.dependent is None else "02"
    earlier = EarlierReview("AUTH1", "C-1", person, action, answer=decided, grant=GRANT)
    review = Review(RequestCategory.HEALTH_SERVICES, CertificationType.CANCEL)
    for chosen in (*[[place] for place in places], places):
        services = [
            replace(event.services[place], review=review, authorization_number=f"AUTH1-{place + 1}") for place in chosen
        ]
        revised = replace(event.review, certification=CertificationType.REVISED)
        asked = replace(
            event, review=revised, authorization_number="AUTH1", administrative_reference="", services=tuple(services)
        )
        answered = decide(replace(decided.request, events=(asked,)), policy, earlier)
        assert answered.rejections == ()
        assert [told.answer.decision and told.answer.decision.action for told in answered.services] == [
            CertificationAction.CANCELLED
        ] * len(chosen)
        yield "services cancelled", answered
        amended = amend(asked, earlier)
        if amended is not None:
            assert amended.action is not None
            assert amend(asked, replace(earlier, answer=amended, action=amended.action)) is None
            yield "what stays of it", amended


REJECTIONS = st.lists(
    st.tuples(
        st.sampled_from(list(ReviewLoop)), st.sampled_from(list(RejectReason)), st.sampled_from(list(FollowUpAction))
    ),
    min_size=1,
    max_size=9,
)
"""Loop, reason and action of AAAs; not all of them can be made."""

Wanted = Iterable[tuple[ReviewLoop, RejectReason, FollowUpAction]]


def refused(request: ReviewRequest, wanted: Wanted) -> ReviewAnswer:
    """An answer of those rejections that can be made."""
    rejections = []
    for loop, reason, action in wanted:
        if not is_allowed(loop, reason) or loop in REPETITIONS:
            continue
        try:
            rejections.append(ReviewRejection(loop, reason, action))
        except CallerError:
            continue
    at_event = ReviewRejection(ReviewLoop.EVENT, RejectReason.INPUT_ERROR, FollowUpAction.CORRECT_AND_RESEND)
    return ReviewAnswer(
        request,
        tuple(dict.fromkeys([at_event, *rejections]))[:9],
        Member("ROWAN", "ALICE", member_id="HHP000000101", relationship="18"),
        None if request.dependent is None else Member("ROWAN", "BEN", relationship="19"),
        LevelAnswer(decision=None),
    )


def all_answers(
    request: ReviewRequest, policy: ReviewPolicy, ruling: Ruling, wanted: Wanted
) -> Iterator[tuple[str, ReviewAnswer]]:
    """Everything that can be said to a request, each with what it is: decided, decided later, or refused."""
    yield "outside the hours", refuse_closed(request)
    yield "of a used trace", refuse_reused_trace(request)
    yield "refused", refused(request, wanted)
    yield "cancelled since", tell_cancelled(request, "AUTH1", "OURS-1")
    for outcome in Outcome:
        yield outcome.value, decide(request, replace(policy, rules=(), otherwise=replace(ruling, outcome=outcome)))
    some = Condition(procedures=tuple([CodeRange(code, code) for code in CODES[:3]]))
    certified = ReviewRule("SOME", some, replace(ruling, outcome=Outcome.CERTIFIED))
    refusing = replace(ruling, outcome=Outcome.NOT_CERTIFIED)
    yield "in part", decide(request, replace(policy, rules=(certified,), otherwise=refusing))
    decided = decide(request, policy)
    yield "by the rules", decided
    if decided.services:
        yield from withdrawals(decided, policy)
    waiting = decide(request, replace(policy, rules=(), otherwise=replace(ruling, outcome=Outcome.PENDED)))
    for pended in (decided, waiting):
        if not pended.is_final:
            grant = Grant("AUTH2", "ADMIN1", TODAY)
            yield "by a reviewer", conclude_review(pended, Verdict(ruling), grant)
            yield "by the clock", conclude_review(pended, Verdict(ReviewProfile().close), grant)
