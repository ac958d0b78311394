"""AAA segments of a 271: reject reasons (AAA03), follow-up actions (AAA04) and the loops that allow them.

Source: X12 005010X279A1, the AAA segment of each loop.
"""

from enum import StrEnum

from edi.errors import CallerError


class Loop(StrEnum):
    """A loop of the 271 that can hold an AAA."""

    SOURCE_LEVEL = "2000A"
    SOURCE = "2100A"
    RECEIVER = "2100B"
    SUBSCRIBER = "2100C"
    SUBSCRIBER_BENEFIT = "2110C"
    DEPENDENT = "2100D"
    DEPENDENT_BENEFIT = "2110D"


class FollowUpAction(StrEnum):
    """AAA04: what the asker should do next."""

    CORRECT_AND_RESEND = "C"
    DO_NOT_RESEND = "N"
    RESEND_AS_IT_WAS = "P"
    MAY_RESEND = "R"
    PASSED_TO_ANOTHER = "S"
    WAIT_30_DAYS = "W"
    WAIT_10_DAYS = "X"
    HELD_WILL_ANSWER = "Y"


class RejectReason(StrEnum):
    """AAA03: why an inquiry is refused."""

    QUANTITY_EXCEEDED = "04"
    DATA_MISSING = "15"
    INPUT_ERROR = "33"
    OUT_OF_NETWORK = "35"
    NOT_AUTHORIZED = "41"
    CANNOT_RESPOND_NOW = "42"
    PROVIDER_ID = "43"
    PROVIDER_NAME = "44"
    PROVIDER_SPECIALTY = "45"
    PROVIDER_PHONE = "46"
    PROVIDER_STATE = "47"
    REFERRING_PROVIDER_ID = "48"
    NOT_PRIMARY_CARE_PROVIDER = "49"
    PROVIDER_MAY_NOT_INQUIRE = "50"
    PROVIDER_NOT_ON_FILE = "51"
    DATES_NOT_IN_ENROLLMENT = "52"
    BENEFIT_NOT_FOR_PROVIDER_TYPE = "53"
    PRODUCT_QUALIFIER = "54"
    PRODUCT_ID = "55"
    DATE = "56"
    SERVICE_DATE = "57"
    BIRTH_DATE = "58"
    BIRTH_DATE_AFTER_SERVICE = "60"
    DEATH_BEFORE_SERVICE = "61"
    SERVICE_DATE_OUT_OF_RANGE = "62"
    SERVICE_DATE_IN_FUTURE = "63"
    PATIENT_ID = "64"
    PATIENT_NAME = "65"
    PATIENT_GENDER = "66"
    PATIENT_NOT_FOUND = "67"
    DUPLICATE_PATIENT_ID = "68"
    AGE_CONFLICT = "69"
    GENDER_CONFLICT = "70"
    BIRTH_DATE_DIFFERS = "71"
    MEMBER_ID = "72"
    SUBSCRIBER_NAME = "73"
    SUBSCRIBER_GENDER = "74"
    SUBSCRIBER_NOT_FOUND = "75"
    DUPLICATE_SUBSCRIBER_ID = "76"
    PATIENT_NOT_UNDER_SUBSCRIBER = "77"
    NOT_IN_GROUP = "78"
    PARTICIPANT_ID = "79"
    NO_RESPONSE_FROM_PAYER = "80"
    PATIENT_NOT_ELIGIBLE = "95"
    PROVIDER_ADDRESS = "97"
    EXPERIMENTAL = "98"
    AUTHORIZATION_NOT_FOUND = "AA"
    PRIMARY_CARE_AUTHORIZATION = "AE"
    DIAGNOSIS = "AF"
    PROCEDURE = "AG"
    ADMISSION_DATE = "AM"
    DISCHARGE_DATE = "AN"
    CONDITION_INFORMATION = "AO"
    CERTIFICATION_MISMATCH = "CI"
    MEDICAL_REVIEW = "E8"
    AUTHORIZATION_FORMAT = "IA"
    AUTHORIZATION_MISSING = "MA"
    PAYER_ID_MISSING = "T4"


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BENEFIT = "15 33 52 53 54 55 56 57 60 61 62 63 69 70 98 AA AE AF AG AO CI E8 IA MA"
_REASONS: dict[Loop, frozenset[str]] = {
    Loop.SOURCE_LEVEL: _codes("04 41 42 79"),
    Loop.SOURCE: _codes("04 41 42 79 80 T4"),
    Loop.RECEIVER: _codes("15 41 43 44 45 46 47 48 50 51 79 97 T4"),
    Loop.SUBSCRIBER: _codes("15 35 42 43 45 47 48 49 51 52 56 57 58 60 61 62 63 71 72 73 74 75 76 78"),
    Loop.DEPENDENT: _codes("15 35 42 43 45 47 48 49 51 52 56 57 58 60 61 62 63 64 65 66 67 68 71 77"),
    Loop.SUBSCRIBER_BENEFIT: _codes(_BENEFIT),
    Loop.DEPENDENT_BENEFIT: _codes(_BENEFIT),
}
_ACTIONS: dict[Loop, frozenset[str]] = {
    Loop.SOURCE_LEVEL: _codes("C N P R S Y"),
    Loop.SOURCE: _codes("C N P R S W X Y"),
    Loop.RECEIVER: _codes("C N R S W X Y"),
    Loop.SUBSCRIBER: _codes("C N R S W X Y"),
    Loop.DEPENDENT: _codes("C N R S W X Y"),
    Loop.SUBSCRIBER_BENEFIT: _codes("C N R W X Y"),
    Loop.DEPENDENT_BENEFIT: _codes("C N R W X Y"),
}


def check_placement(loop: Loop, reason: RejectReason, action: FollowUpAction) -> None:
    """Refuse a reason or action that the guide does not allow in ``loop``.

    Raises:
        CallerError: the combination is not in the guide.
    """
    if reason not in _REASONS[loop]:
        raise CallerError(f"AAA03 {reason} is not allowed in loop {loop}")
    if action not in _ACTIONS[loop]:
        raise CallerError(f"AAA04 {action} is not allowed in loop {loop}")
