"""Typed claim statuses as the JSON that tells them."""

from decimal import Decimal

from edi.claim_status import ClaimStatus, ClaimStatusAnswer, LineStatus, Status
from edi.claim_status_codes import StatusCode
from edi.claim_status_list import STATUS_CODES
from edi.eligibility import DateRange
from edi.writing import number
from gateway.doors.claims import answer as told

_REFERENCES = {
    "1K": "claim_number",
    "BLT": "bill_type",
    "EJ": "patient_account",
    "XZ": "prescription",
    "VV": "voucher",
    "D9": "clearinghouse_number",
}
"""What each REF01 is called."""


def tell_answer(answer: ClaimStatusAnswer) -> told.ClaimsAnswer:
    """An answer: the claims, or why there are none."""
    if answer.refusal is not None:
        refusal = answer.refusal
        return told.ClaimsAnswer((), told.ClaimRefusal(refusal.level.value, _status(refusal.status)))
    return told.ClaimsAnswer(tuple([tell_claim(claim) for claim in answer.claims]))


def tell_claim(claim: ClaimStatus) -> told.Claim:
    """One claim; what is not known of it is left out."""
    numbers = {_REFERENCES[reference.qualifier]: reference.value for reference in claim.references}
    return told.Claim(
        **numbers,
        service_dates=_dates(claim.dates),
        status=tuple([_status(status) for status in claim.statuses]),
        lines=tuple([_line(line) for line in claim.lines]),
    )


def _line(line: LineStatus) -> told.ServiceLine:
    return told.ServiceLine(
        procedure=line.procedure,
        revenue_code=line.revenue_code,
        control_number=line.control_number,
        charge=_amount(line.charge),
        paid=_amount(line.paid),
        units=number(line.units),
        service_dates=_dates(line.dates),
        status=tuple([_status(status) for status in line.statuses]),
    )


def _status(status: Status) -> told.ClaimStatus:
    return told.ClaimStatus(
        codes=tuple([_code(code) for code in status.codes]),
        effective=status.effective,
        charge=_amount(status.charge),
        paid=_amount(status.paid),
        adjudicated=status.adjudicated,
        payment_date=status.payment_date,
        payment_number=status.payment_number,
    )


def _code(code: StatusCode) -> told.ClaimStatusCode:
    return told.ClaimStatusCode(
        category=code.category.value,
        category_meaning=code.category.meaning,
        code=code.status,
        meaning=STATUS_CODES.current().meaning(code),
        entity=code.entity,
        is_pharmacy_code=code.pharmacy,
    )


def _dates(dates: DateRange | None) -> told.ServiceDates | None:
    return None if dates is None else told.ServiceDates(dates.first, dates.last)


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else number(amount)
