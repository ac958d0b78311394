"""Which service lines of a claim are told, and with what status (005010X212 2220D/E)."""

from datetime import date
from decimal import Decimal

from edi.claim_status import ClaimInquiry, LineInquiry, LineStatus, Status
from rules.claims.history import Current, current_event
from rules.claims.reasons import ClaimRule, because
from rules.claims.search import normalize_number
from rules.facts.claim_profile import ClaimStatusProfile
from rules.facts.claims import Claim, ServiceLine

_ZERO = Decimal(0)


def tell_lines(
    inquiry: ClaimInquiry, claim: Claim, current: Current, as_of: date, profile: ClaimStatusProfile
) -> tuple[LineStatus, ...]:
    """The lines that were asked about; unasked all of them where any fares otherwise than the claim, else none.

    Args:
        current: the claim's own status as of the day.
    """
    if inquiry.lines:
        return tuple(line for asked in inquiry.lines for line in _asked(asked, claim, current, as_of, profile))
    if any(_differs(line, current, as_of) for line in claim.lines):
        return tuple([_tell(claim, index, current, as_of) for index in range(len(claim.lines))])
    return ()


def _differs(line: ServiceLine, current: Current, as_of: date) -> bool:
    own = current_event(line.events, as_of)
    return own is not None and own.event.codes != current.event.codes


def _asked(
    asked: LineInquiry, claim: Claim, current: Current, as_of: date, profile: ClaimStatusProfile
) -> list[LineStatus]:
    """Every line that fits what was asked; one that says so where none does."""
    told = [_tell(claim, index, current, as_of) for index, line in enumerate(claim.lines) if _fits(asked, line, claim)]
    return told or [_not_found(asked, claim, as_of, profile)]


def _fits(asked: LineInquiry, line: ServiceLine, claim: Claim) -> bool:
    """By the provider's own line number where both have one, else by procedure, revenue code and days."""
    if asked.control_number and line.control_number:
        return normalize_number(asked.control_number) == normalize_number(line.control_number)
    days = line.dates or claim.dates
    return (
        f"{line.procedure}:".startswith(f"{asked.procedure}:")
        and asked.revenue_code in ("", line.revenue_code)
        and (asked.dates is None or (asked.dates.first <= days.last and days.first <= asked.dates.last))
    )


def _tell(claim: Claim, index: int, current: Current, as_of: date) -> LineStatus:
    line = claim.lines[index]
    document = f"claim {claim.claim_id}"
    own = current_event(line.events, as_of)
    if own is None:
        own, reason = current, because(ClaimRule.LINE_AS_CLAIM, document, f"events[{current.index}]")
        paid = current.event.paid or _ZERO if len(claim.lines) == 1 else _ZERO
    else:
        reason = because(ClaimRule.LINE_STATUS, document, f"lines[{index}].events[{own.index}]")
        paid = own.event.paid or _ZERO
    return LineStatus(
        line.procedure,
        line.charge,
        paid,
        line.units,
        line.dates or claim.dates,
        tuple([Status(codes, own.event.effective, reason=reason) for codes in own.event.segments]),
        line.revenue_code,
        line.control_number,
    )


def _not_found(asked: LineInquiry, claim: Claim, as_of: date, profile: ClaimStatusProfile) -> LineStatus:
    reason = because(ClaimRule.LINE_NOT_FOUND, f"claim {claim.claim_id}", "lines")
    return LineStatus(
        asked.procedure,
        asked.charge,
        _ZERO,
        asked.units,
        asked.dates or claim.dates,
        (Status((profile.line_not_found,), as_of, reason=reason),),
        asked.revenue_code,
        asked.control_number,
    )
