"""Why an answer was what it was: it is computed again from what the audit keeps, and looked at from the inside.

An answer is a function of what was asked, the facts at their versions, the moment, the trace number and the payer's
settings. All of these are on record, so that nothing has to be written while answering but them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from edi.services_review import ReviewRequest
from edi.services_review_answer import ReviewAnswer
from edi.writing import SEGMENT, delimited
from gateway.configuration import Configuration, decode_configuration
from gateway.drafting import Draft, count_patients, draft_answer
from gateway.exchange import Circumstances, Outcome, Response, local
from gateway.explaining.claims import explain_claims
from gateway.explaining.explanation import Explanation, PatientExplained, ReviewStory, UsedFact
from gateway.explaining.faults import explain_faults
from gateway.explaining.filing import FiledReview, UnfiledReviews
from gateway.explaining.hours import explain_hours
from gateway.explaining.masking import Mask
from gateway.explaining.patients import explain_patients
from gateway.explaining.reviews import decision_told, explain_review, review_on_file, tell_story
from gateway.metrics import Mode, Stage
from gateway.reading import FactSource, Reading
from gateway.receiving import receive
from gateway.reviews.service import Register
from gateway.services import services_of
from gateway.stages import Stages
from gateway.store.fact import Fact
from gateway.store.keys import Kind
from gateway.store.records import Record, RecordedEvent, RecordedFacts, Records
from parsers.frames import element_of
from parsers.framing import read
from rules.facts import Submitter
from rules.facts.review_file import ReviewOnFile

_TRACE = re.compile(r"[0-9A-Za-z]{1,50}")
_CONTROL_NUMBER = re.compile(r"[0-9]{9}")
_REFERENCES = ("isa13", "gs06", "st02", "bht03", "trn02")
_MASKED = Mask()
_CLEAR = Mask(is_clear=True)

Events = Mapping[int, Sequence[RecordedEvent]]
"""What had happened to reviews, by their ids."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An inquiry and all that its answer follows from, the facts aside."""

    payload: bytes = field(repr=False)
    submitter: Submitter
    moment: datetime
    """Of receipt, or of release where it was held; aware."""
    configuration: Configuration
    mode: Mode = Mode.REAL_TIME


async def answer_again(asked: Asked, facts: FactSource, register: Register, new_trace: Callable[[], str]) -> Draft:
    """The answer to an inquiry on these facts; nothing is recorded.

    Args:
        register: from which reviews get their numbers.
        new_trace: gives the number of an answer (TRN02).

    Raises:
        Outage: the facts cannot be had at all.
    """
    configuration = asked.configuration
    services, stages = services_of(configuration, register), Stages()
    received = receive(asked.payload, asked.submitter, configuration.payer, services, stages)
    circumstances = Circumstances(
        asked.submitter,
        asked.moment,
        local(asked.moment, configuration.zone),
        count_patients(received, services),
        Reading(facts),
        stages,
        new_trace,
        asked.mode,
    )
    return await draft_answer(received, circumstances, services)


class Explainer:
    """Explains answers on record, and tells what would have been answered earlier."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def explain(
        self, number: str, submitter_id: str | None = None, *, unmasked: bool = False
    ) -> Explanation | None:
        """Why an answer was what it was; None where there is no such answer, or it is not the submitter's.

        Args:
            number: the answer's trace number (TRN02), or its interchange control number (ISA13, nine digits), which
                every answer has and which tells answers apart within one submitter.
            submitter_id: who asked; None: anybody.
            unmasked: whether to show what identifies patients: for operators only.

        Raises:
            InquiryForgotten: the answer is on record, but what was asked is not kept any more.
            Outage: PostgreSQL does not answer.
        """
        record = await self._find(number, submitter_id)
        if record is None:
            return None
        facts = self._records.facts(record)
        asked = Asked(
            record.payload,
            await self._records.asker(record),
            await self._moment(record),
            decode_configuration(record.configuration),
            Mode(record.mode),
        )
        before = FiledReview(record, facts)
        replayed = Replayed(record, asked, await answer_again(asked, before, before, before.trace), facts)
        return _explanation(replayed, await self._events(replayed), _CLEAR if unmasked else _MASKED)

    async def answer_as_of(
        self, payload: bytes, configuration: Configuration, known_at: datetime, moment: datetime
    ) -> Draft | None:
        """What the submitter whose address the interchange comes from would have been answered; None: it is nobody's.

        Nothing is recorded: for operators only.

        Args:
            known_at: on what the payer knew then: contracts, plans, providers and entitlements as recorded at this
                moment. The present settings and submitters count.
            moment: when it is asked; it decides which day is today and which entitlements hold.

        Raises:
            Outage: PostgreSQL does not answer.
        """
        header = read(payload)[0].header
        submitter = await self._records.submitter(element_of(header, 5), element_of(header, 6).rstrip())
        if submitter is None:
            return None
        asked = Asked(payload, submitter, moment, configuration)
        return await answer_again(asked, self._records.facts_as_of(known_at), UnfiledReviews(), lambda: "")

    async def _moment(self, record: Record) -> datetime:
        """As of which it was answered."""
        released_at = await self._records.released_at(record) if record.mode == Mode.BATCH else None
        return released_at or record.received_at

    async def _events(self, replayed: "Replayed") -> Events:
        """The histories of the reviews that were told, as they were then."""
        until = replayed.record.recorded_at
        numbers = [told.held.review_id for told in _reviews_told(replayed) if told.held is not None]
        return {number: await self._records.review_events(number, until) for number in numbers}

    async def _find(self, number: str, submitter_id: str | None) -> Record | None:
        if submitter_id is not None and _CONTROL_NUMBER.fullmatch(number):
            return await self._records.by_control_number(int(number), submitter_id)
        if _TRACE.fullmatch(number):
            return await self._records.by_trace(number, submitter_id)
        return None


@dataclass(frozen=True, slots=True)
class Replayed:
    """An answer on record, and the same computed again."""

    record: Record
    asked: Asked
    draft: Draft
    facts: RecordedFacts


def _explanation(replayed: Replayed, events: Events, mask: Mask) -> Explanation:
    record, draft, served = replayed.record, replayed.draft, replayed.facts.served
    return Explanation(
        trace=record.answer_trace,
        control_number=record.control_number,
        submitter_id=record.submitter_id,
        received_at=record.received_at,
        released_at=None if replayed.asked.moment == record.received_at else replayed.asked.moment,
        recorded_at=record.recorded_at,
        sent_at=record.sent_at,
        transaction=record.transaction,
        mode=record.mode,
        outcome=record.outcome,
        references={name.upper(): getattr(record, name) for name in _REFERENCES},
        program=replayed.asked.configuration.program,
        is_same=draft.digest() == record.answer_sha256,
        hours=explain_hours(record.transaction, record.mode, replayed.asked.moment, served.values()),
        patients=(
            *explain_patients(draft, served, mask),
            *explain_claims(draft, served, mask),
            *_reviews(replayed, events, mask),
        ),
        faults=tuple(explain_faults(draft.received)),
        facts=tuple(_used(served.values(), mask)),
        stages={stage: record.stages[stage] for stage in Stage if stage in record.stages},
        review=_story(replayed, events, mask),
        answer=_segments(draft) if mask.is_clear else (),
    )


@dataclass(frozen=True, slots=True)
class _ReviewTold:
    """A request for review and its answer."""

    request: ReviewRequest
    response: Response
    held: ReviewOnFile | None
    """The review that was told, as it was on file then; None: there was none."""


def _reviews_told(replayed: Replayed) -> Iterator[_ReviewTold]:
    submitter_id = replayed.asked.submitter.submitter_id
    for question, response in zip(replayed.draft.received.questions, replayed.draft.responses, strict=True):
        request = question.request
        if isinstance(request, ReviewRequest):
            is_told = response.outcome is Outcome.SERVICES_REVIEW
            held = review_on_file(replayed.facts.served, submitter_id, request) if is_told else None
            yield _ReviewTold(request, response, held)


def _reviews(replayed: Replayed, events: Events, mask: Mask) -> Iterator[PatientExplained]:
    """One for each request for review: as it was decided, or as it is on file."""
    served, today = replayed.facts.served, replayed.asked.moment.date()
    for each in _reviews_told(replayed):
        decided = next((answer for answer in each.response.answers if isinstance(answer, ReviewAnswer)), None)
        told = decided or _on_file(each.held, events)
        if told is not None:
            yield explain_review(each.request, each.response, told, served, today, mask)


def _on_file(held: ReviewOnFile | None, events: Events) -> ReviewAnswer | None:
    """What the record says of the review, typed; None where there is none."""
    decision = None if held is None else decision_told(held, events[held.review_id]).decision
    return None if decision is None else decision.answer


def _story(replayed: Replayed, events: Events, mask: Mask) -> ReviewStory | None:
    """Of the first review that was told."""
    told = next((each for each in _reviews_told(replayed) if each.held is not None), None)
    if told is None or told.held is None:
        return None
    is_told_from_file = all(each.identified is None for each in told.response.grounds)
    return tell_story(
        told.held,
        events[told.held.review_id],
        mask,
        replayed.record.submitter_id,
        is_told_from_file=is_told_from_file,
    )


def _segments(draft: Draft) -> tuple[str, ...]:
    """The answer without its envelope, with the usual delimiters."""
    return tuple(delimited([segment]).decode("ascii") for told in draft.segments for segment in told.split(SEGMENT))


def _used(facts: Iterable[Fact[Any]], mask: Mask) -> Iterator[UsedFact]:
    """Not those of claims where anything is masked: whoever may not see a claim would learn that there is one."""
    for fact in facts:
        _, _, name = fact.key.partition("/")
        if fact.kind is Kind.CONTRACTS:
            name = _member_searched(name, mask)
        if fact.kind is not Kind.CLAIMS or mask.is_clear:
            yield UsedFact(fact.kind, name, fact.version)


def _member_searched(name: str, mask: Mask) -> str:
    """What a look-up of contracts was by: ``id/W123456789`` or ``name/1980-01-31/SMITH``."""
    by, _, value = name.partition("/")
    if by == "id":
        return f"id {mask.identifier(value)}"
    day, _, last_name = value.partition("/")
    return f"name {mask.name(last_name)} {mask.birth_date(date.fromisoformat(day))}"
