"""Claims as the payer holds them, each with the history of its status.

The documents are stored as JSON and read into these types. A document that could not be told in a 277 is refused when
it is read. Whatever identifies a patient stays out of ``repr``.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from edi.claim_status_codes import CODES_PER_SEGMENT_MAX, StatusCode, check_claim_codes
from edi.eligibility import DateRange
from edi.errors import CallerError

PROCEDURE_QUALIFIERS = frozenset({"AD", "ER", "HC", "HP", "IV", "N4", "NU", "WK"})
"""SVC01-1 (005010X212 2220D/E)."""
_REFERENCE_LENGTH_MAX = 50
"""REF02, X12 data element 127."""
_PAYMENT_NUMBER_LENGTH_MAX = 16
"""STC09, X12 data element 429."""
_CODE_LENGTH_MAX = 48
"""SVC01-2 and SVC04, X12 data element 234."""
_MODIFIER_LENGTH = 2
_MODIFIERS_MAX = 4
_AMOUNT_MAX = Decimal("1e13")
"""In US dollars or units: with two decimals within the 15 digits of X12 data element 380."""
_EVENTS_MAX = 1000
_CLAIM_ID_LENGTH_MAX = 80
_YEARS_MAX = 10
"""From the first day of service to the last: a claim is filed under each of these years."""
_MEMBER_ID_LENGTH_MAX = 80
"""NM109, X12 data element 67."""
_TIN = re.compile("[0-9]{9}")
_TELLABLE = re.compile("(?! )(?=[ -~]*[0-9A-Za-z])[ -~]+(?<! )")
"""Printable ASCII with a letter or digit in it, without spaces around it."""
_CENT = Decimal("0.01")


class InvalidClaimError(CallerError, ValueError):
    """A claim that no 277 could tell. A ValueError too, so that a stored document of that kind counts as unreadable."""


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """What became of a claim or service line on one day."""

    effective: date
    """STC02."""
    codes: tuple[StatusCode, ...]
    """The first is what the status is, the others say more; three to a segment."""
    paid: Decimal | None = None
    """US dollars; None: nothing is decided on."""
    adjudicated: date | None = None
    payment_date: date | None = None
    """Of the check or the transfer of funds."""
    payment_number: str = ""
    """Of the check or the transfer of funds."""
    voucher: str = ""
    """REF VV."""

    def __post_init__(self) -> None:
        for codes in self.segments or ((),):
            check_claim_codes(codes)
        if self.payment_number:
            _check_texts(_PAYMENT_NUMBER_LENGTH_MAX, payment_number=self.payment_number)
        if self.voucher:
            _check_texts(_REFERENCE_LENGTH_MAX, voucher=self.voucher)
        if self.paid:
            _check_amounts(paid=self.paid)

    @property
    def segments(self) -> tuple[tuple[StatusCode, ...], ...]:
        """The codes as they share STC segments."""
        step = CODES_PER_SEGMENT_MAX
        if 0 < len(self.codes) <= step:
            return (self.codes,)
        return tuple([self.codes[start : start + step] for start in range(0, len(self.codes), step)])


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service of a claim."""

    procedure: str
    """Qualifier, code and up to four modifiers, ``HC:99213:25``."""
    charge: Decimal
    """US dollars."""
    dates: DateRange | None = None
    """None: those of the claim."""
    units: Decimal = Decimal(1)
    revenue_code: str = ""
    control_number: str = field(default="", repr=False)
    """The provider's own number of the line (REF FJ)."""
    events: tuple[StatusEvent, ...] = ()
    """Where the line fares otherwise than its claim."""

    def __post_init__(self) -> None:
        qualifier, _, rest = self.procedure.partition(":")
        code, *modifiers = rest.split(":")
        if qualifier not in PROCEDURE_QUALIFIERS or not code or len(modifiers) > _MODIFIERS_MAX:
            raise InvalidClaimError("a procedure is a qualifier, a code and up to four modifiers")
        if any(len(modifier) != _MODIFIER_LENGTH for modifier in modifiers):
            raise InvalidClaimError("a modifier has two characters")
        for modifier in modifiers:
            _check_texts(_MODIFIER_LENGTH, modifier=modifier)
        _check_texts(_CODE_LENGTH_MAX, procedure=code, revenue_code=self.revenue_code)
        _check_texts(_REFERENCE_LENGTH_MAX, control_number=self.control_number)
        _check_amounts(charge=self.charge, units=self.units)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim, professional, institutional, dental or of a pharmacy."""

    claim_id: str
    """The payer's own key, never sent."""
    claim_number: str = field(repr=False)
    """The payer's claim control number (REF 1K)."""
    charge: Decimal
    """In all, US dollars."""
    dates: DateRange
    """Of service, first to last."""
    billing_tin: str
    subscriber_id: str = field(repr=False)
    """The member id of the contract under which the claim was made."""
    patient_number: str
    """Of the person within the contract; ``01`` is the subscriber."""
    events: tuple[StatusEvent, ...]
    """In the order in which they were recorded, but those of one day as they follow each other: the last counts."""
    billing_npi: str = ""
    rendering_tin: str = ""
    """Empty: that of the billing provider."""
    rendering_npi: str = ""
    patient_account: str = field(default="", repr=False)
    """The provider's own number (CLM01, REF EJ)."""
    bill_type: str = ""
    """Of an institutional claim: facility, class and frequency, ``111``."""
    group_number: str = ""
    clearinghouse_number: str = field(default="", repr=False)
    """REF D9."""
    prescription: str = field(default="", repr=False)
    """Of a pharmacy (REF XZ)."""
    former_numbers: tuple[str, ...] = field(default=(), repr=False)
    """Earlier claim numbers by which the claim is still found: before an adjustment, or before it was split."""
    lines: tuple[ServiceLine, ...] = ()

    def __post_init__(self) -> None:
        _check_texts(
            _REFERENCE_LENGTH_MAX,
            claim_number=self.claim_number,
            patient_account=self.patient_account,
            bill_type=self.bill_type,
            clearinghouse_number=self.clearinghouse_number,
            prescription=self.prescription,
            group_number=self.group_number,
            billing_npi=self.billing_npi,
            rendering_npi=self.rendering_npi,
        )
        for former_number in self.former_numbers:
            _check_texts(_REFERENCE_LENGTH_MAX, former_numbers=former_number or " ")
        _check_texts(_CLAIM_ID_LENGTH_MAX, claim_id=self.claim_id or " ")
        _check_amounts(charge=self.charge)
        if not 0 <= self.dates.last.year - self.dates.first.year <= _YEARS_MAX or self.dates.last < self.dates.first:
            raise InvalidClaimError(f"services end after they begin, and within {_YEARS_MAX} years")
        if not _TIN.fullmatch(self.billing_tin) or not _TIN.fullmatch(self.rendering_tin or self.billing_tin):
            raise InvalidClaimError("a tax id has nine digits")
        _check_texts(_MEMBER_ID_LENGTH_MAX, subscriber_id=self.subscriber_id)
        if not self.claim_number or not self.subscriber_id or not self.events or len(self.events) > _EVENTS_MAX:
            raise InvalidClaimError("a claim has a number, a member id and a history")

    @property
    def tins(self) -> frozenset[str]:
        """Tax ids of the provider groups whose claim it is."""
        return frozenset((self.billing_tin, self.rendering_tin)) - {""}


def _check_texts(length_max: int, **texts: str) -> None:
    """Refuse what an element cannot hold; the value itself is not told."""
    for name, text in texts.items():
        if text and not (len(text) <= length_max and _is_tellable(text)):
            raise InvalidClaimError(f"{name} is at most {length_max} printable characters, without spaces around them")


def _is_tellable(text: str) -> bool:
    """Most are nothing but letters and digits, which is seen in a tenth of the time."""
    return (text.isalnum() and text.isascii()) or _TELLABLE.fullmatch(text) is not None


def _check_amounts(**amounts: Decimal) -> None:
    for name, amount in amounts.items():
        if not (amount.is_finite() and -_AMOUNT_MAX < amount < _AMOUNT_MAX and not amount % _CENT):
            raise InvalidClaimError(f"{name} is below {_AMOUNT_MAX:f} and has at most two decimals")
