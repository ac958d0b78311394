"""Codes of the TA1 and of the 999 (005010X231A1), each with X12's meaning."""

from enum import StrEnum


class InterchangeNote(StrEnum):
    """TA105: what is wrong with an interchange."""

    NONE = "000"
    CONTROL_NUMBERS_DIFFER = "001"
    STANDARD_NOT_SUPPORTED = "002"
    VERSION_NOT_SUPPORTED = "003"
    SEGMENT_TERMINATOR = "004"
    SENDER_QUALIFIER = "005"
    SENDER_ID = "006"
    RECEIVER_QUALIFIER = "007"
    RECEIVER_ID = "008"
    UNKNOWN_RECEIVER = "009"
    AUTHORIZATION_QUALIFIER = "010"
    AUTHORIZATION_INFORMATION = "011"
    SECURITY_QUALIFIER = "012"
    SECURITY_INFORMATION = "013"
    DATE = "014"
    TIME = "015"
    STANDARDS_ID = "016"
    VERSION_ID = "017"
    CONTROL_NUMBER = "018"
    ACKNOWLEDGMENT_REQUESTED = "019"
    TEST_INDICATOR = "020"
    GROUP_COUNT = "021"
    CONTROL_STRUCTURE = "022"
    PREMATURE_END = "023"
    CONTENT = "024"
    DUPLICATE_CONTROL_NUMBER = "025"
    ELEMENT_SEPARATOR = "026"
    COMPONENT_SEPARATOR = "027"


class InterchangeStatus(StrEnum):
    """TA104: what became of an interchange."""

    ACCEPTED = "A"
    ACCEPTED_WITH_ERRORS = "E"
    REJECTED = "R"


class AcknowledgmentStatus(StrEnum):
    """IK501 and AK901: what became of a transaction set or a functional group (P: AK901 only)."""

    ACCEPTED = "A"
    ACCEPTED_WITH_ERRORS = "E"
    PARTLY_ACCEPTED = "P"
    REJECTED = "R"


class GroupError(StrEnum):
    """AK905 to AK909: what is wrong with a functional group."""

    NOT_SUPPORTED = "1"
    VERSION_NOT_SUPPORTED = "2"
    TRAILER_MISSING = "3"
    CONTROL_NUMBERS_DIFFER = "4"
    TRANSACTION_COUNT = "5"
    CONTROL_NUMBER_SYNTAX = "6"
    CONTROL_NUMBER_NOT_UNIQUE = "19"


class TransactionError(StrEnum):
    """IK502 to IK506: what is wrong with a transaction set as a whole."""

    NOT_SUPPORTED = "1"
    TRAILER_MISSING = "2"
    CONTROL_NUMBERS_DIFFER = "3"
    SEGMENT_COUNT = "4"
    SEGMENTS_IN_ERROR = "5"
    IDENTIFIER = "6"
    CONTROL_NUMBER = "7"
    NOT_IN_THIS_GROUP = "18"
    GUIDE_VERSION = "19"
    CONTROL_NUMBER_NOT_UNIQUE = "23"
    GUIDE_SEGMENTS_IN_ERROR = "I5"
    GUIDE_NOT_SUPPORTED = "I6"


class SegmentError(StrEnum):
    """IK304: what is wrong with a segment."""

    UNKNOWN = "1"
    UNEXPECTED = "2"
    REQUIRED_MISSING = "3"
    LOOP_TOO_OFTEN = "4"
    TOO_OFTEN = "5"
    NOT_IN_SET = "6"
    OUT_OF_ORDER = "7"
    ELEMENTS_IN_ERROR = "8"
    NOT_USED = "I4"
    DEPENDENT_MISSING = "I6"
    LOOP_TOO_SELDOM = "I7"
    TOO_SELDOM = "I8"
    DEPENDENT_NOT_USED = "I9"


class ElementError(StrEnum):
    """IK403: what is wrong with an element."""

    REQUIRED_MISSING = "1"
    CONDITIONAL_MISSING = "2"
    TOO_MANY_ELEMENTS = "3"
    TOO_SHORT = "4"
    TOO_LONG = "5"
    CHARACTER = "6"
    CODE = "7"
    DATE = "8"
    TIME = "9"
    EXCLUSION = "10"
    TOO_MANY_REPETITIONS = "12"
    TOO_MANY_COMPONENTS = "13"
    CODE_NOT_IN_GUIDE = "I6"
    DEPENDENT_MISSING = "I9"
    NOT_USED = "I10"
    TOO_FEW_REPETITIONS = "I11"
    PATTERN = "I12"
    DEPENDENT_NOT_USED = "I13"
