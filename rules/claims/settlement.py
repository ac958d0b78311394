"""A held claim, and what a remittance advice or claim acknowledgment tells of it, to the claim with another status.

Whatever is told becomes an event of the claim's history, and stays there. What the history has already changes
nothing, and what took effect before the latest event takes its place behind it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from edi.claim_acknowledgment import AcknowledgedClaim, AcknowledgedCode, AcknowledgedStatus
from edi.claim_status_codes import CLOSED_CATEGORIES, Category, InvalidStatusError, StatusCode
from edi.remittance import Adjustment, Disposition, RemittedClaim, RemittedLine
from rules.claims.search import normalize_number
from rules.claims.settlement_codes import SettlementCodes
from rules.claims.settlement_lines import assign_lines
from rules.claims.settlement_search import SettlementObstacle, Telling
from rules.facts.claims import Claim, InvalidClaimError, ServiceLine, StatusEvent

_ZERO = Decimal(0)
_PAYMENT_NUMBER_CHARACTERS = 16
"""STC09, X12 data element 429; TRN02 may be longer, and its end tells more than the zeros before it."""
_PAYS_NOTHING = frozenset({Disposition.REVERSAL, Disposition.PREDETERMINATION})
_OF_A_CLAIM = {"PR": "40", "HK": "IL", "41": ""}
"""Entities of a claim in a 277CA that one in a 277 may not have (005010X212 2200D/E), and what is said instead."""

_LineEvents = dict[int, tuple[StatusEvent, ...]]
"""By the index of the line in the claim."""


def depends_on_former(telling: Telling) -> bool:
    """Whether a telling may have to be applied after those before it in its file; all others end alike in any order.

    What follows a reversal is known as a correction by it, and an adjusted claim may be renumbered.
    """
    return isinstance(telling, RemittedClaim) and (
        telling.disposition is Disposition.REVERSAL or bool(telling.former_number)
    )


def settle(claim: Claim, telling: Telling, codes: SettlementCodes, received: date) -> Claim | SettlementObstacle:
    """The claim as it stands after what is told of it; the same object where its history has that already.

    Args:
        claim: the one that is meant (``rules.claims.settlement_search.find_settled``).
        telling: from an 835 or a 277CA.
        codes: what becomes of CLP02 and CAS.
        received: the payer's calendar day on which it is told; no payment takes effect later.
    """
    try:
        if isinstance(telling, RemittedClaim):
            return _settle_remitted(claim, telling, codes, received)
        return _settle_acknowledged(claim, telling, received)
    except (InvalidClaimError, InvalidStatusError):
        return SettlementObstacle.UNTELLABLE


def _settle_remitted(claim: Claim, remitted: RemittedClaim, codes: SettlementCodes, received: date) -> Claim:
    outcome = _Outcome(claim, remitted, codes, received)
    event = outcome.event(remitted.paid, outcome.adjustments)
    if any(_is_same_payment(event, held) for held in claim.events):
        return claim
    assigned = assign_lines(claim, remitted.lines)
    lines: _LineEvents = {
        index: (outcome.line_event([remitted.lines[at] for at in told]),) for index, told in assigned.items()
    }
    return _record(claim, (event,), lines, remitted.claim_number)


class _Outcome:
    """What a remittance advice says of one claim, as events."""

    def __init__(self, claim: Claim, remitted: RemittedClaim, codes: SettlementCodes, received: date) -> None:
        remittance = remitted.remittance
        self._remitted = remitted
        self._codes = codes
        self._decided = min(remittance.produced or remittance.payment_date or received, received)
        self._effective = max(self._decided, claim.events[0].effective)
        """A claim's file may have been made anew since: no decision stands before the claim's receipt."""
        self._payment_date = remittance.payment_date
        self._payment_number = remittance.number.strip()[-_PAYMENT_NUMBER_CHARACTERS:].strip()
        self._is_correction = any(
            _is_reversal(event) and event.payment_number == self._payment_number for event in claim.events
        )

    @property
    def adjustments(self) -> list[Adjustment]:
        """Those of the claim and of its lines."""
        return [*self._remitted.adjustments, *(each for line in self._remitted.lines for each in line.adjustments)]

    def line_event(self, told: Sequence[RemittedLine]) -> StatusEvent:
        """Of a line that the payer may have told of in parts."""
        paid = sum([line.paid for line in told], _ZERO)
        return self.event(paid, [each for line in told for each in line.adjustments])

    def event(self, paid: Decimal, adjustments: Sequence[Adjustment]) -> StatusEvent:
        """Of the claim or a line, for which this much was paid or taken back."""
        disposition = self._remitted.disposition
        codes = self._codes.codes(disposition, paid, adjustments, is_correction=self._is_correction)
        is_finalized = codes[0].category.is_finalized
        due = _ZERO if disposition in _PAYS_NOTHING else paid
        return StatusEvent(
            self._effective,
            codes,
            due if is_finalized else None,
            self._decided if is_finalized else None,
            self._payment_date,
            self._payment_number,
        )


def _is_reversal(event: StatusEvent) -> bool:
    return event.codes[0].category is Category.REVISED and not event.paid


def _is_same_payment(event: StatusEvent, held: StatusEvent) -> bool:
    """Whether an event of the history tells the same payment; its codes may be those of another table."""
    return (
        (event.payment_number, event.payment_date, event.paid) == (held.payment_number, held.payment_date, held.paid)
        and event.codes[0].category.is_finalized == held.codes[0].category.is_finalized
        and _is_reversal(event) == _is_reversal(held)
    )


def _settle_acknowledged(claim: Claim, acknowledged: AcknowledgedClaim, received: date) -> Claim | SettlementObstacle:
    events = _acknowledged_events(acknowledged.statuses, received)
    if not events:
        return SettlementObstacle.SILENT
    if set(events) <= set(claim.events):
        return claim
    assigned = assign_lines(claim, acknowledged.lines)
    lines = {
        index: _acknowledged_events([each for at in told for each in acknowledged.lines[at].statuses], received)
        for index, told in assigned.items()
    }
    return _record(claim, events, lines, acknowledged.claim_number)


def _acknowledged_events(statuses: Sequence[AcknowledgedStatus], received: date) -> tuple[StatusEvent, ...]:
    """One for each day, with all the codes of that day."""
    by_day: dict[date, dict[StatusCode, None]] = {}
    for status in statuses:
        told = by_day.setdefault(status.effective or received, {})
        told.update(dict.fromkeys(_of_a_claim(code) for code in status.codes if code.category not in CLOSED_CATEGORIES))
    return tuple([StatusEvent(day, tuple(codes)) for day, codes in sorted(by_day.items()) if codes])


def _of_a_claim(code: AcknowledgedCode) -> StatusCode:
    return StatusCode(code.category, code.status, _OF_A_CLAIM.get(code.entity, code.entity))


def _record(claim: Claim, events: tuple[StatusEvent, ...], lines: _LineEvents, number: str) -> Claim:
    """The claim with these events and those of its lines, under the number that the payer gives it now."""
    held = claim.events
    for event in events:
        if event not in held:
            held = _insert(held, event)
    latest = max(event.effective for event in events) >= max(event.effective for event in claim.events)
    recorded = replace(
        claim,
        events=held,
        lines=tuple([_record_line(line, lines.get(index), events, held) for index, line in enumerate(claim.lines)]),
    )
    return _renumber(recorded, number, is_latest=latest)


def _record_line(
    line: ServiceLine,
    own: tuple[StatusEvent, ...] | None,
    of_claim: tuple[StatusEvent, ...],
    history: tuple[StatusEvent, ...],
) -> ServiceLine:
    """A line with its own events; one that is not spoken of any more fares as its claim from then on."""
    if not own and not line.events:
        return line
    events = line.events
    for event in own or map(_as_claim, of_claim):
        events = _insert(events, event)
    last = max(event.effective for event in events)
    for event in history:
        if event.effective > last:
            events = (*events, _as_claim(event))
    return replace(line, events=events)


def _as_claim(event: StatusEvent) -> StatusEvent:
    """An event of the claim as one of a line, whose part of the payment is not known."""
    return replace(event, paid=None)


def _insert(events: tuple[StatusEvent, ...], event: StatusEvent) -> tuple[StatusEvent, ...]:
    """Put an event into a history: behind the others, but before what has to be the last word of the same day."""
    for index, held in enumerate(events):
        if held.effective == event.effective and _goes_before(event, held):
            return (*events[:index], event, *events[index:])
    return (*events, event)


def _goes_before(event: StatusEvent, held: StatusEvent) -> bool:
    """An acknowledgment goes before a decision, what was decided earlier and a reversal before its correction."""
    if not held.codes[0].category.is_finalized:
        return False
    if not event.codes[0].category.is_finalized:
        return True
    if event.adjudicated and held.adjudicated and event.adjudicated != held.adjudicated:
        return event.adjudicated < held.adjudicated
    return _is_reversal(event) and not _is_reversal(held) and event.payment_number == held.payment_number


def _renumber(claim: Claim, number: str, *, is_latest: bool) -> Claim:
    """The claim is found by the new number and by those that it had; an older one does not become the current one."""
    number = number.strip()
    known = [normalize_number(each) for each in (claim.claim_number, *claim.former_numbers)]
    if not number or normalize_number(number) in known:
        return claim
    if not is_latest:
        return replace(claim, former_numbers=(*claim.former_numbers, number))
    return replace(claim, claim_number=number, former_numbers=(*claim.former_numbers, claim.claim_number))
