"""Codes of the 278 (005010X217), and where its response may reject what.

The AAA of each loop: reject reasons (AAA03) and follow-up actions (AAA04) that our guide of the response allows there.
"""

from enum import StrEnum

from edi.aaa import FollowUpAction, RejectReason
from edi.errors import CallerError


class RequestCategory(StrEnum):
    """UM01: what kind of review is asked for."""

    ADMISSION = "AR"
    HEALTH_SERVICES = "HS"
    INDIVIDUAL = "IN"
    SPECIALTY_CARE = "SC"


class CertificationType(StrEnum):
    """UM02: what a request does."""

    APPEAL_IMMEDIATE = "1"
    APPEAL_STANDARD = "2"
    CANCEL = "3"
    EXTENSION = "4"
    INITIAL = "I"
    RECONSIDERATION = "N"
    RENEWAL = "R"
    REVISED = "S"


class LevelOfService(StrEnum):
    """UM06: how urgent it is."""

    EMERGENCY = "03"
    ELECTIVE = "E"
    URGENT = "U"


class CertificationAction(StrEnum):
    """HCR01: what the payer has decided."""

    CERTIFIED = "A1"
    CERTIFIED_PARTLY = "A2"
    """Of an event only."""
    NOT_CERTIFIED = "A3"
    PENDED = "A4"
    MODIFIED = "A6"
    CANCELLED = "C"
    CONTACT_PAYER = "CT"
    NOT_REQUIRED = "NA"


class ReviewLoop(StrEnum):
    """A loop of the response that can hold an AAA."""

    SOURCE_LEVEL = "2000A"
    SOURCE = "2010A"
    REQUESTER = "2010B"
    SUBSCRIBER = "2010C"
    DEPENDENT = "2010D"
    EVENT = "2000E"
    EVENT_PROVIDER = "2010EA"
    TRANSPORT = "2010EC"
    SERVICE = "2000F"
    SERVICE_PROVIDER = "2010FA"


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


REPORT_TYPES = _codes(
    "03 04 05 06 07 08 09 10 11 13 15 21 48 55 59 77 A3 A4 AM AS AT B2 B3 BR BS BT CB CK D2 DA DB DG DJ DS FM HC HR I5 "
    "IR LA M1 NN OB OC OD OE OX P4 P5 P6 P7 PE PN PO PQ PY PZ QC QR RB RR RT RX SG V5 XP"
)
"""PWK01: kinds of documents."""
TRANSMISSIONS = _codes("BM EL EM FX VO")
"""PWK02 of a response: how a document can be sent."""

REPETITIONS = {
    ReviewLoop.EVENT_PROVIDER: 1,
    ReviewLoop.TRANSPORT: 1,
    ReviewLoop.SERVICE: 1,
    ReviewLoop.SERVICE_PROVIDER: 2,
}
"""How many numbers it takes to say which one is meant of a loop that repeats; none for the others."""


_PROVIDER = "15 33 35 41 43 44 45 46 47 49 51 52 79 97"
_REASONS: dict[ReviewLoop, frozenset[str]] = {
    ReviewLoop.SOURCE_LEVEL: _codes("04 41 42 79"),
    ReviewLoop.SOURCE: _codes("04 41 42 79 80 T4"),
    ReviewLoop.REQUESTER: _codes("35 41 43 44 45 46 47 49 50 51 79 97"),
    ReviewLoop.SUBSCRIBER: _codes("15 58 64 65 66 67 68 71 72 73 74 75 76 77 78 79 95"),
    ReviewLoop.DEPENDENT: _codes("15 33 58 64 65 66 67 68 71 77 95"),
    ReviewLoop.EVENT: _codes("15 33 52 56 57 60 61 62 AA AF AG AH AI AJ AK AL AM AN AO CI E8 IA MA T5"),
    ReviewLoop.EVENT_PROVIDER: _codes(_PROVIDER),
    ReviewLoop.TRANSPORT: _codes("15 33 47 97"),
    ReviewLoop.SERVICE: _codes("15 33 52 57 60 61 62 AA AG CI E8 IA MA T5"),
    ReviewLoop.SERVICE_PROVIDER: _codes(_PROVIDER),
}
_ACTIONS: dict[ReviewLoop, frozenset[str]] = {
    ReviewLoop.SOURCE_LEVEL: _codes("C N P Y"),
    ReviewLoop.SOURCE: _codes("N P Y"),
    ReviewLoop.REQUESTER: _codes("C N R"),
    ReviewLoop.SUBSCRIBER: _codes("C N"),
    ReviewLoop.DEPENDENT: _codes("C N"),
    ReviewLoop.EVENT: _codes("C N"),
    ReviewLoop.EVENT_PROVIDER: _codes("C N R"),
    ReviewLoop.TRANSPORT: _codes("C N R"),
    ReviewLoop.SERVICE: _codes("C N"),
    ReviewLoop.SERVICE_PROVIDER: _codes("C N R"),
}


def is_allowed(loop: ReviewLoop, reason: RejectReason) -> bool:
    """Whether the AAA of ``loop`` may have this reason."""
    return reason in _REASONS[loop]


def check_review_placement(loop: ReviewLoop, reason: RejectReason, action: FollowUpAction) -> None:
    """Refuse a reason or action that the guide does not allow in ``loop``.

    Raises:
        CallerError: the combination is not in the guide.
    """
    if not is_allowed(loop, reason):
        raise CallerError(f"AAA03 {reason} is not allowed in loop {loop}")
    if action not in _ACTIONS[loop]:
        raise CallerError(f"AAA04 {action} is not allowed in loop {loop}")
