"""From what is decided about each service to what the answer says: numbers, dates, quantities, wanted documents."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from edi.eligibility import DateRange, Dates
from edi.services_review import (
    Attachment,
    Contact,
    Delivery,
    ReviewEvent,
    ReviewService,
)
from edi.services_review_answer import (
    REASONS_MAX,
    Decision,
    LevelAnswer,
    ReviewAnswer,
    ReviewContact,
    ReviewRejection,
    ServiceAnswer,
)
from edi.services_review_codes import CertificationAction
from edi.services_review_lines import ServiceLine
from edi.texts import prose
from rules.facts.reviews import Outcome, ReviewDesk, ReviewRule, Ruling, WantedDocument
from rules.reviews.matching import quantity_asked
from rules.reviews.problems import DESCRIPTION_MAX

_ISSUED, _EXPIRES, _IN_EFFECT = "102", "036", "007"
"""DTP01."""
_ACTION = {
    Outcome.CERTIFIED: CertificationAction.CERTIFIED,
    Outcome.MODIFIED: CertificationAction.MODIFIED,
    Outcome.NOT_CERTIFIED: CertificationAction.NOT_CERTIFIED,
    Outcome.PENDED: CertificationAction.PENDED,
    Outcome.NOT_REQUIRED: CertificationAction.NOT_REQUIRED,
    Outcome.CONTACT_PAYER: CertificationAction.CONTACT_PAYER,
}
_GRANTED = frozenset(
    {CertificationAction.CERTIFIED, CertificationAction.CERTIFIED_PARTLY, CertificationAction.MODIFIED}
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the store and the coverage give to a decision."""

    number: str
    """For the certification, should there be one; allocated by the store."""
    reference: str
    """Administrative reference, should it be pended; allocated by the store."""
    today: date
    """The payer's calendar date."""
    covered_until: date | None = None
    """Last day of the coverage; None: open."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What is said to an event and its services."""

    event: LevelAnswer
    services: tuple[ServiceAnswer, ...] = ()
    rejections: tuple[ReviewRejection, ...] = ()

    @property
    def action(self) -> CertificationAction | None:
        """HCR01 of the event; None where an AAA says that there is none."""
        return None if self.event.decision is None else self.event.decision.action


def settle_event(event: ReviewEvent, rule: ReviewRule, grant: Grant) -> LevelAnswer:
    """The answer to an event that has no services to decide."""
    told = _level(_resolve(rule, event, None), event, grant, _Numbers(grant.number, grant.reference))
    limit = told.decision is not None and told.decision.action is CertificationAction.MODIFIED
    delivery = _at_most(event.delivery, rule.then) if limit else event.delivery
    return replace(told, delivery=delivery, administrative_reference=_reference(told, grant))


def settle_service(event: ReviewEvent, number: int, rule: ReviewRule, grant: Grant) -> ServiceAnswer:
    """The answer to one service of an event, ``number`` counted from 0."""
    service = event.services[number]
    resolved = _resolve(rule, event, service)
    numbers = _Numbers(f"{grant.number}-{number + 1}", f"{grant.reference}-{number + 1}")
    told = _level(resolved, service, grant, numbers)
    if resolved.then.outcome is not Outcome.MODIFIED:
        return ServiceAnswer(number, replace(told, delivery=service.delivery), service.line)
    if service.line is not None and (service.line.quantity is not None or service.delivery is None):
        return ServiceAnswer(number, replace(told, delivery=service.delivery), _less(service.line, rule.then))
    return ServiceAnswer(number, replace(told, delivery=_at_most(service.delivery, rule.then)), service.line)


def settle_whole(event: ReviewEvent, services: Iterable[ServiceAnswer], grant: Grant) -> LevelAnswer:
    """The answer to an event as its services make it: in full, in part, modified, pended or not at all."""
    decisions = [told.answer.decision for told in services if told.answer.decision is not None]
    actions = {decision.action for decision in decisions}
    action = next(action for action, holds in _whole(actions) if holds)
    reasons = tuple(dict.fromkeys(reason for decision in decisions for reason in decision.reasons))[:REASONS_MAX]
    decision = Decision(action, grant.number if action in _GRANTED else "", reasons)
    told = LevelAnswer(
        decision,
        earlier_authorization=event.authorization_number,
        dates=_dates(event, action, grant, None),
        delivery=event.delivery,
    )
    return replace(told, administrative_reference=_reference(told, grant))


def _whole(actions: set[CertificationAction]) -> Iterator[tuple[CertificationAction, bool]]:
    """What the services' decisions make of the event: the first that holds counts, cancelled ones aside."""
    refused = CertificationAction.NOT_CERTIFIED
    yield CertificationAction.CANCELLED, actions == {CertificationAction.CANCELLED}
    yield CertificationAction.PENDED, CertificationAction.PENDED in actions
    yield CertificationAction.CONTACT_PAYER, CertificationAction.CONTACT_PAYER in actions
    yield CertificationAction.CERTIFIED_PARTLY, refused in actions and bool(actions & _GRANTED)
    yield refused, refused in actions
    yield CertificationAction.MODIFIED, CertificationAction.MODIFIED in actions
    yield CertificationAction.CERTIFIED, CertificationAction.CERTIFIED in actions
    yield CertificationAction.NOT_REQUIRED, True


def settle_cancelled(event: ReviewEvent, number: str) -> LevelAnswer:
    """The answer to a cancellation: the certification that is no more."""
    decision = Decision(CertificationAction.CANCELLED, number)
    return LevelAnswer(decision, earlier_authorization=event.authorization_number, dates=event.dates)


def retell(standing: ReviewAnswer, settled: Settled) -> ReviewAnswer:
    """An answer with something else decided; whom to send documents to, or to call, only where it still asks that."""
    desk = standing.review_contact
    return replace(
        standing,
        rejections=(*standing.rejections, *settled.rejections),
        event=settled.event,
        services=settled.services,
        payer_contact=_whom_to_call(standing) if settled.action is CertificationAction.CONTACT_PAYER else None,
        review_contact=desk if settled.action is CertificationAction.PENDED else None,
    )


def _whom_to_call(standing: ReviewAnswer) -> Contact | None:
    return standing.payer_contact if standing.review_contact is None else standing.review_contact.contact


def tell_desk(desk: ReviewDesk) -> ReviewContact:
    """Whom to send documents to (2010EB)."""
    return ReviewContact(desk.name, desk.address, desk_contact(desk))


def desk_contact(desk: ReviewDesk) -> Contact | None:
    """The numbers of a desk; None where it has none."""
    numbers = (("TE", desk.phone), ("FX", desk.fax), ("EM", desk.email))
    told = tuple([(kind, value) for kind, value in numbers if value])
    return Contact(desk.name, told) if told else None


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The certification's number and the prefix of wanted documents' at one level."""

    certification: str
    documents: str


def _resolve(rule: ReviewRule, event: ReviewEvent, service: ReviewService | None) -> ReviewRule:
    """A modification that takes nothing away is a certification in full."""
    asked, most = quantity_asked(event, service), rule.then.quantity_max
    if rule.then.outcome is Outcome.MODIFIED and most is not None and asked is not None and asked <= most:
        return replace(rule, then=replace(rule.then, outcome=Outcome.CERTIFIED, reasons=(), message=""))
    return rule


def _level(rule: ReviewRule, asked: ReviewEvent | ReviewService, grant: Grant, numbers: _Numbers) -> LevelAnswer:
    """What is told at either level alike, quantities apart."""
    ruling = rule.then
    action = _ACTION[ruling.outcome]
    return LevelAnswer(
        Decision(action, numbers.certification if action in _GRANTED else "", ruling.reasons, ruling.second_opinion),
        earlier_authorization=asked.authorization_number,
        dates=_dates(asked, action, grant, ruling.days_valid),
        wanted=tuple(_wanted(ruling.documents, numbers.documents)),
        wanted_codes=tuple([each.loinc for each in ruling.documents if each.loinc]),
        message=ruling.message,
        rule=rule.name,
    )


def _reference(told: LevelAnswer, grant: Grant) -> str:
    is_pended = told.decision is not None and told.decision.action is CertificationAction.PENDED
    return grant.reference if is_pended else ""


def _wanted(documents: Iterable[WantedDocument], prefix: str) -> Iterator[Attachment]:
    for number, each in enumerate(documents, start=1):
        description = prose(each.description, DESCRIPTION_MAX)
        yield Attachment(each.report_type, each.transmission, f"{prefix}-{number}", description)


def _dates(
    asked: ReviewEvent | ReviewService, action: CertificationAction, grant: Grant, days_valid: int | None
) -> tuple[Dates, ...]:
    """The days asked for; of a certification also when it was issued, expires and is in effect."""
    if action not in _GRANTED:
        return asked.dates
    told = [*asked.dates, _on(_ISSUED, grant.today)]
    if days_valid is not None:
        expires = grant.today + timedelta(days=days_valid)
        told.append(_on(_EXPIRES, min(expires, grant.covered_until or expires)))
    if asked.period is not None:
        last = min(asked.period.last, grant.covered_until or asked.period.last)
        told.append(Dates(_IN_EFFECT, DateRange(asked.period.first, last)))
    return tuple(told)


def _on(qualifier: str, day: date) -> Dates:
    return Dates(qualifier, DateRange(day, day))


def _at_most(delivery: Delivery | None, ruling: Ruling) -> Delivery | None:
    """The delivery asked for, with the quantity that is granted."""
    if ruling.quantity_max is None or delivery is None:
        return delivery
    return replace(delivery, quantity=ruling.quantity_max, unit=delivery.unit or "VS")


def _less(line: ServiceLine, ruling: Ruling) -> ServiceLine:
    return line if ruling.quantity_max is None else line.with_quantity(ruling.quantity_max)
