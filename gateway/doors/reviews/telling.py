"""Reviews on record as the JSON that tells them: to their submitters how they stand, to reviewers in full."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from edi.eligibility import Dates, Member
from edi.eligibility_code_names import CodeList, name_of
from edi.services_review import Attachment, ReviewEvent, ReviewParty, ReviewService
from edi.services_review_answer import LevelAnswer, ReviewAnswer, ReviewRejection, ServiceAnswer
from edi.services_review_codes import CertificationAction
from edi.services_review_lines import ServiceLine
from edi.writing import number
from gateway.doors.reviews.response import (
    AskedDiagnosis,
    AskedReview,
    AskedService,
    AskingParty,
    DueMoments,
    HistoryStep,
    Patient,
    ReviewedService,
    ReviewError,
    ReviewFile,
    ReviewStanding,
    SentDocument,
    WaitingReview,
    WantedDocument,
)
from gateway.reviews.note import DocumentNote, Message
from gateway.reviews.office import Standing
from gateway.store.review_desk import ReviewRecord, Step
from rules.reviews import DueTimes, is_urgent

Members = dict[str, Any]
"""Of an object of the answer, by their names in Python."""

_DATES = {
    "007": "inEffect",
    "036": "expires",
    "096": "discharge",
    "102": "issued",
    "431": "onset",
    "435": "admission",
    "439": "accident",
    "472": "service",
    "484": "lastMenstrualPeriod",
    "AAH": "event",
    "ABC": "birthExpected",
}
"""What each DTP01 is called."""
_CANCELLED = "cancelled"


def tell_standing(standing: Standing) -> ReviewStanding:
    """A review as its submitter is told of it: never who the patient is."""
    return ReviewStanding(**_standing(standing, is_full=False))


def tell_file(standing: Standing) -> ReviewFile:
    """A review as a reviewer sees it."""
    held = standing.record
    answer = held.decision.answer
    event = answer.request.events[0]
    members = [member for member in (answer.subscriber, answer.dependent) if member is not None]
    return ReviewFile(
        **_standing(standing, is_full=True),
        submitter_id=held.submitter_id,
        certification_number=held.certification_number,
        requester=_party(answer.request.requester),
        patient=_patient(members[-1]),
        subscriber=_patient(members[0]) if len(members) > 1 else None,
        asked=_asked(event),
        documents_at=_moment(held.documents_at),
        due=None if standing.due is None else _due(standing.due),
    )


def tell_waiting(standing: Standing, now: datetime) -> WaitingReview:
    """A review that waits, on a list."""
    held, due = standing.record, standing.due
    due_at = None if due is None else due.next
    return WaitingReview(
        reference=held.administrative_reference,
        submitter_id=held.submitter_id,
        received_at=_moment(held.received_at),
        urgent=is_urgent(held.decision.answer.request.events[0]),
        due_at=_moment(due_at),
        overdue=due_at is not None and due_at <= now,
        documents_at=_moment(held.documents_at),
    )


def tell_errors(answer: ReviewAnswer) -> tuple[ReviewError, ...]:
    """What was refused of a request."""
    return tuple(map(_error, answer.rejections))


def _standing(standing: Standing, *, is_full: bool) -> Members:
    """The members of ``ReviewStanding``."""
    held = standing.record
    answer = held.decision.answer
    event = answer.request.events[0]
    level = _level(answer.event, event)
    is_cancelled = held.is_cancelled or held.decision.action is CertificationAction.CANCELLED
    return {
        **level,
        "reference": held.administrative_reference,
        "state": _CANCELLED if is_cancelled else level.get("decision", ""),
        "final": is_cancelled or answer.is_final,
        "received_at": _moment(held.received_at),
        "decided_at": _moment(held.decided_at),
        "decision_due_at": None if standing.due is None else _moment(_decision_due(standing.due)),
        "services": tuple([_service(told, event) for told in answer.services]),
        "errors": tell_errors(answer),
        "history": _history(held, is_full=is_full),
    }


def _history(held: ReviewRecord, *, is_full: bool) -> tuple[HistoryStep, ...]:
    return tuple([_step(step, is_full=is_full) for step in held.history if is_full or not _is_internal(step)])


def _is_internal(step: Step) -> bool:
    return isinstance(step.note, Message) and step.note.is_internal


def _step(step: Step, *, is_full: bool) -> HistoryStep:
    told = HistoryStep(step.kind, _moment(step.recorded_at), step.made_by if is_full else "")
    match step.note:
        case Message(text):
            return replace(told, text=text)
        case DocumentNote(_, control_number, loinc, received_on):
            came = "" if received_on is None else received_on.isoformat()
            return replace(told, control_number=control_number, loinc=loinc, received_on=came)
        case None:
            return told if step.action is None else replace(told, decision=in_words(step.action))


def _service(told: ServiceAnswer, event: ReviewEvent) -> ReviewedService:
    asked = event.services[told.service]
    line = told.line or asked.line
    members = _level(told.answer, asked)
    if line is not None:
        members |= {"procedure": _procedure(line), **_amount(line.quantity, line.unit)}
    return ReviewedService(service=told.service + 1, **members)


def _level(told: LevelAnswer | None, asked: ReviewEvent | ReviewService) -> Members:
    """The members of ``ReviewLevel`` that have something to tell."""
    if told is None or told.decision is None:
        return {}
    decision, delivery = told.decision, told.delivery or asked.delivery
    return {
        "decision": in_words(decision.action),
        "code": decision.action.value,
        "number": decision.number,
        "reasons": decision.reasons,
        "message": told.message,
        "dates": _dates(told.dates),
        **({} if delivery is None else _amount(delivery.quantity, delivery.unit)),
        "wanted": tuple(
            [WantedDocument(each.report_type, each.transmission, each.description) for each in told.wanted]
        ),
        "wanted_loinc": told.wanted_codes,
    }


def in_words(action: CertificationAction) -> str:
    """A decision as people say it: ``not certified``."""
    return action.name.lower().replace("_", " ")


def _error(rejection: ReviewRejection) -> ReviewError:
    return ReviewError(
        code=rejection.reason,
        description=name_of(CodeList.REJECT_REASON, rejection.reason),
        followup_action_code=rejection.action,
        followup_action=name_of(CodeList.FOLLOW_UP, rejection.action),
        location=f"Loop {rejection.loop}",
        which=tuple([place + 1 for place in rejection.which]),
    )


def _asked(event: ReviewEvent) -> AskedReview:
    review = event.review
    return AskedReview(
        request_category=review.category,
        certification_type=review.certification,
        service_type=review.service_type,
        place_of_service=review.facility,
        level_of_service=review.level or "",
        urgent=is_urgent(event),
        dates=_dates(event.dates),
        **({} if event.delivery is None else _amount(event.delivery.quantity, event.delivery.unit)),
        message=event.message,
        diagnoses=tuple([AskedDiagnosis(each.qualifier, each.code) for each in event.diagnoses]),
        documents=_documents(event.attachments),
        providers=tuple(map(_party, event.providers)),
        services=tuple([_asked_service(place, each) for place, each in enumerate(event.services, 1)]),
    )


def _asked_service(place: int, service: ReviewService) -> AskedService:
    line = service.line
    told: Members = {}
    if line is not None:
        told = {"procedure": _procedure(line), "revenue_code": line.revenue_code, **_amount(line.quantity, line.unit)}
    return AskedService(
        service=place,
        **told,
        dates=_dates(service.dates),
        message=service.message,
        documents=_documents(service.attachments),
        providers=tuple(map(_party, service.providers)),
    )


def _party(party: ReviewParty) -> AskingParty:
    return AskingParty(party.entity_code, party.name, party.first_name, party.identifier_qualifier, party.identifier)


def _patient(member: Member) -> Patient:
    return Patient(
        last_name=member.last_name,
        first_name=member.first_name,
        member_id=member.member_id,
        date_of_birth="" if member.birth_date is None else member.birth_date.isoformat(),
        gender=member.gender,
        relationship=member.relationship,
    )


def _decision_due(due: DueTimes) -> datetime:
    return min(due.decision, due.after_documents or due.decision)


def _due(due: DueTimes) -> DueMoments:
    return DueMoments(_moment(due.decision), _moment(due.ask), _moment(due.after_documents), _moment(due.close))


def _documents(attachments: Sequence[Attachment]) -> tuple[SentDocument, ...]:
    return tuple(
        [
            SentDocument(each.report_type, each.transmission, each.control_number, each.description)
            for each in attachments
        ]
    )


def _procedure(line: ServiceLine) -> str:
    """``72148``, or the range ``97110-97112``."""
    first, last = line.procedure_code, line.procedure_last
    return first if first == last else f"{first}-{last}"


def _amount(quantity: Decimal | None, unit: str) -> Members:
    return {} if quantity is None else {"quantity": number(quantity), "unit": unit}


def _dates(dates: Iterable[Dates]) -> dict[str, str]:
    return {_DATES.get(each.qualifier, each.qualifier): _period(each) for each in dates}


def _period(dates: Dates) -> str:
    first, last = dates.period.first.isoformat(), dates.period.last.isoformat()
    return first if first == last else f"{first}/{last}"


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
