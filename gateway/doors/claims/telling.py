"""Typed claim statuses as the JSON that tells them: what a 277 says, codes with their meanings."""

from datetime import date
from decimal import Decimal

from edi.claim_status import ClaimStatus, ClaimStatusAnswer, LineStatus, Status
from edi.claim_status_codes import StatusCode, status_codes
from edi.eligibility import DateRange
from edi.writing import number

Json = dict[str, object]

_REFERENCES = {
    "1K": "claimNumber",
    "BLT": "billType",
    "EJ": "patientAccount",
    "XZ": "prescription",
    "VV": "voucher",
    "D9": "clearinghouseNumber",
}
"""What each REF01 is called; in the guide's order."""


def tell_answer(answer: ClaimStatusAnswer) -> Json:
    """An answer: the claims, or why there are none."""
    if answer.refusal is not None:
        refusal = answer.refusal
        return {"claims": [], "refused": {"loop": refusal.level.value, "status": _status(refusal.status)}}
    return {"claims": [tell_claim(claim) for claim in answer.claims]}


def tell_claim(claim: ClaimStatus) -> Json:
    """One claim; what is not known of it is left out."""
    numbers = {_REFERENCES[reference.qualifier]: reference.value for reference in claim.references}
    return _without_nothing(
        {
            **numbers,
            "serviceDates": _dates(claim.dates),
            "status": [_status(status) for status in claim.statuses],
            "lines": [_line(line) for line in claim.lines],
        }
    )


def _line(line: LineStatus) -> Json:
    return _without_nothing(
        {
            "procedure": line.procedure,
            "revenueCode": line.revenue_code,
            "controlNumber": line.control_number,
            "charge": _amount(line.charge),
            "paid": _amount(line.paid),
            "units": number(line.units),
            "serviceDates": _dates(line.dates),
            "status": [_status(status) for status in line.statuses],
        }
    )


def _status(status: Status) -> Json:
    return _without_nothing(
        {
            "codes": [_code(code) for code in status.codes],
            "effective": _day(status.effective),
            "charge": _amount(status.charge),
            "paid": _amount(status.paid),
            "adjudicated": _day(status.adjudicated),
            "paymentDate": _day(status.payment_date),
            "paymentNumber": status.payment_number,
        }
    )


def _code(code: StatusCode) -> Json:
    return _without_nothing(
        {
            "category": code.category.value,
            "categoryMeaning": code.category.meaning,
            "code": code.status,
            "meaning": status_codes().meaning(code),
            "entity": code.entity,
            "isPharmacyCode": code.pharmacy,
        }
    )


def _dates(dates: DateRange | None) -> Json | None:
    return None if dates is None else {"first": _day(dates.first), "last": _day(dates.last)}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _amount(amount: Decimal | None) -> str | None:
    """US dollars as text, so that no reader rounds them."""
    return None if amount is None else number(amount)


def _without_nothing(members: Json) -> Json:
    return {name: value for name, value in members.items() if value not in (None, "", [], False)}
