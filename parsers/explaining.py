"""What each finding means, and how to mend it, in plain words: one row for each code of the TA1 and the 999."""

from collections.abc import Mapping
from dataclasses import dataclass

from edi.acknowledgment_codes import ElementError, GroupError, InterchangeNote, SegmentError, TransactionError
from parsers.findings import Code, Finding


@dataclass(frozen=True, slots=True)
class Explanation:
    """``meaning`` says what is wrong; ``mend`` says what the sender can do about it."""

    meaning: str
    mend: str


def explain(code: Code) -> Explanation:
    """The row for a code; every code has one."""
    return _EXPLANATIONS[type(code)][code]


def message(finding: Finding) -> str:
    """One line that says what is wrong and with what: ``NM109 Identification Code: the value is too short``.

    Never holds the bad value, which may be health information.
    """
    subject = " ".join(part for part in (reference(finding), finding.name) if part)
    meaning = explain(finding.code).meaning
    if finding.trigger is not None:
        meaning = f"{meaning} ({finding.segment_id}{finding.trigger:02d})"
    return f"{subject}: {meaning}" if subject else meaning


def mend(finding: Finding) -> str:
    """How to put it right, with what the guide would take where that is known."""
    told = explain(finding.code).mend
    return f"{told[:-1]} ({finding.expected})." if finding.expected else told


def reference(finding: Finding) -> str:
    """X12's name of the place: ``NM1``, ``NM109``, ``SV101-2``, ``EQ01(3)``; empty when no segment is known."""
    if finding.element is None or not finding.segment_id:
        return finding.segment_id
    component = "" if finding.component is None else f"-{finding.component}"
    repetition = "" if finding.repetition is None else f"({finding.repetition})"
    return f"{finding.segment_id}{finding.element:02d}{component}{repetition}"


_Rows = Mapping[str, Explanation]

_INTERCHANGE: _Rows = {
    InterchangeNote.NONE: Explanation("nothing is wrong", "Nothing has to be done."),
    InterchangeNote.CONTROL_NUMBERS_DIFFER: Explanation(
        "the control numbers of header and trailer differ", "Write the same number in ISA13 and IEA02."
    ),
    InterchangeNote.STANDARD_NOT_SUPPORTED: Explanation(
        "the interchange standard is not supported", "Send ASC X12, with a repetition separator in ISA11."
    ),
    InterchangeNote.VERSION_NOT_SUPPORTED: Explanation(
        "the interchange version is not supported", "Write 00501 in ISA12 and send a 005010 guide."
    ),
    InterchangeNote.SEGMENT_TERMINATOR: Explanation(
        "the segment terminator cannot be used, or a segment has no end",
        "Use one character that occurs nowhere in the data, usually ~, and end every segment with it.",
    ),
    InterchangeNote.SENDER_QUALIFIER: Explanation(
        "the qualifier of the sender is not valid", "Write the qualifier agreed with the payer in ISA05, often ZZ."
    ),
    InterchangeNote.SENDER_ID: Explanation(
        "the sender is not known", "Write the identifier that you are enrolled with in ISA06, filled to 15 characters."
    ),
    InterchangeNote.RECEIVER_QUALIFIER: Explanation(
        "the qualifier of the receiver is not valid", "Write the qualifier that the payer publishes in ISA07."
    ),
    InterchangeNote.RECEIVER_ID: Explanation(
        "the receiver is not valid", "Write the payer's identifier in ISA08, filled to 15 characters."
    ),
    InterchangeNote.UNKNOWN_RECEIVER: Explanation(
        "the receiver is not known here", "Look up the payer's identifier and write it in ISA08."
    ),
    InterchangeNote.AUTHORIZATION_QUALIFIER: Explanation(
        "the authorization qualifier is not valid", "Write 00 in ISA01 and ten spaces in ISA02."
    ),
    InterchangeNote.AUTHORIZATION_INFORMATION: Explanation(
        "the authorization information is not valid", "Fill ISA02 to ten printable characters, usually spaces."
    ),
    InterchangeNote.SECURITY_QUALIFIER: Explanation(
        "the security qualifier is not valid", "Write 00 in ISA03 and ten spaces in ISA04."
    ),
    InterchangeNote.SECURITY_INFORMATION: Explanation(
        "the security information is not valid", "Fill ISA04 to ten printable characters, usually spaces."
    ),
    InterchangeNote.DATE: Explanation("the interchange date is no date", "Write ISA09 as YYMMDD."),
    InterchangeNote.TIME: Explanation("the interchange time is no time", "Write ISA10 as HHMM, 0000 to 2359."),
    InterchangeNote.STANDARDS_ID: Explanation(
        "the repetition separator cannot be used",
        "Write one character in ISA11, usually ^, that is no other delimiter and occurs nowhere in the data.",
    ),
    InterchangeNote.VERSION_ID: Explanation("the interchange version is not a version", "Write 00501 in ISA12."),
    InterchangeNote.CONTROL_NUMBER: Explanation(
        "the interchange control number is not valid", "Write nine digits in ISA13, with leading zeros."
    ),
    InterchangeNote.ACKNOWLEDGMENT_REQUESTED: Explanation(
        "the request for an acknowledgment is neither 0 nor 1", "Write 0 or 1 in ISA14."
    ),
    InterchangeNote.TEST_INDICATOR: Explanation(
        "the usage indicator is not valid", "Write P for production or T for test in ISA15."
    ),
    InterchangeNote.GROUP_COUNT: Explanation(
        "the count of functional groups is wrong", "Write the number of GS segments in IEA01."
    ),
    InterchangeNote.CONTROL_STRUCTURE: Explanation(
        "the envelope segments do not fit together",
        "Begin with ISA, put every transaction set inside GS and GE, and end with IEA.",
    ),
    InterchangeNote.PREMATURE_END: Explanation(
        "the file ends before the interchange does", "Send the file again in full, with its IEA."
    ),
    InterchangeNote.CONTENT: Explanation(
        "the content cannot be read, or is larger than is accepted", "Split the file into smaller interchanges."
    ),
    InterchangeNote.DUPLICATE_CONTROL_NUMBER: Explanation(
        "this interchange control number was used before", "Give each interchange a new number in ISA13 and IEA02."
    ),
    InterchangeNote.ELEMENT_SEPARATOR: Explanation(
        "the element separator cannot be used", "Write one character after ISA, usually *, that is no letter or digit."
    ),
    InterchangeNote.COMPONENT_SEPARATOR: Explanation(
        "the component separator cannot be used", "Write one character in ISA16, usually :, that is no letter or digit."
    ),
}

_GROUP: _Rows = {
    GroupError.NOT_SUPPORTED: Explanation(
        "the functional group is not supported, or its header is not valid",
        "Check GS01 to GS05 and GS07 against the guide of the transaction sets inside.",
    ),
    GroupError.VERSION_NOT_SUPPORTED: Explanation(
        "the version of the functional group is not supported", "Write the guide's identifier in GS08."
    ),
    GroupError.TRAILER_MISSING: Explanation("the functional group has no trailer", "End the group with GE."),
    GroupError.CONTROL_NUMBERS_DIFFER: Explanation(
        "the control numbers of header and trailer differ", "Write the same number in GS06 and GE02."
    ),
    GroupError.TRANSACTION_COUNT: Explanation(
        "the count of transaction sets is wrong", "Write the number of ST segments of the group in GE01."
    ),
    GroupError.CONTROL_NUMBER_SYNTAX: Explanation(
        "the group control number is not valid", "Write one to nine digits in GS06 and GE02."
    ),
    GroupError.CONTROL_NUMBER_NOT_UNIQUE: Explanation(
        "another group of the interchange has the same control number", "Give each group its own number in GS06."
    ),
}

_TRANSACTION: _Rows = {
    TransactionError.NOT_SUPPORTED: Explanation(
        "this kind of transaction set is not supported", "Send only transaction sets that the payer accepts."
    ),
    TransactionError.TRAILER_MISSING: Explanation("the transaction set has no trailer", "End the set with SE."),
    TransactionError.CONTROL_NUMBERS_DIFFER: Explanation(
        "the control numbers of header and trailer differ", "Write the same number in ST02 and SE02."
    ),
    TransactionError.SEGMENT_COUNT: Explanation(
        "the count of segments is wrong", "Write the number of segments from ST to SE, both included, in SE01."
    ),
    TransactionError.SEGMENTS_IN_ERROR: Explanation(
        "segments of the set are in error", "Mend the segments that are named."
    ),
    TransactionError.IDENTIFIER: Explanation(
        "the identifier of the transaction set is missing or not valid", "Write its three digits in ST01."
    ),
    TransactionError.CONTROL_NUMBER: Explanation(
        "the control number of the transaction set is missing or not valid", "Write four to nine characters in ST02."
    ),
    TransactionError.NOT_IN_THIS_GROUP: Explanation(
        "the transaction set does not belong in this functional group",
        "Put the set into a group whose GS01 belongs to its ST01.",
    ),
    TransactionError.GUIDE_VERSION: Explanation(
        "the guide named in the header is not valid here", "Write the same guide in ST03 and GS08."
    ),
    TransactionError.CONTROL_NUMBER_NOT_UNIQUE: Explanation(
        "another set of the group has the same control number", "Give each transaction set its own number in ST02."
    ),
    TransactionError.GUIDE_SEGMENTS_IN_ERROR: Explanation(
        "segments of the set break the guide", "Mend the segments that are named."
    ),
    TransactionError.GUIDE_NOT_SUPPORTED: Explanation(
        "the guide is not supported", "Write a guide that the payer accepts in ST03, such as 005010X279A1 for a 270."
    ),
}

_SEGMENT: _Rows = {
    SegmentError.UNKNOWN: Explanation(
        "the guide has no place for this segment here",
        "Move it to the loop it belongs to, or remove it; if it is no segment, look for a ~ in the data before it.",
    ),
    SegmentError.UNEXPECTED: Explanation(
        "the segment is not expected here", "Move it to the loop it belongs to, or remove it."
    ),
    SegmentError.REQUIRED_MISSING: Explanation(
        "a required segment is missing", "Add it at this place, or the loop that it begins."
    ),
    SegmentError.LOOP_TOO_OFTEN: Explanation(
        "the loop occurs more often than is allowed", "Remove the loops that are too many, or send another set."
    ),
    SegmentError.TOO_OFTEN: Explanation(
        "the segment occurs more often than is allowed", "Remove the segments that are too many."
    ),
    SegmentError.NOT_IN_SET: Explanation(
        "the segment does not belong in this transaction set", "Remove it, or send it in the set it belongs to."
    ),
    SegmentError.OUT_OF_ORDER: Explanation(
        "the segment stands in the wrong place", "Put the segments in the order of the guide."
    ),
    SegmentError.ELEMENTS_IN_ERROR: Explanation(
        "elements of the segment are in error", "Mend the elements that are named."
    ),
    SegmentError.NOT_USED: Explanation("the guide does not use this segment", "Remove it."),
    SegmentError.DEPENDENT_MISSING: Explanation(
        "a segment is missing that other data makes necessary", "Add it, or change the data that asks for it."
    ),
    SegmentError.LOOP_TOO_SELDOM: Explanation("the loop occurs less often than it must", "Add the missing loops."),
    SegmentError.TOO_SELDOM: Explanation("the segment occurs less often than it must", "Add the missing segments."),
    SegmentError.DEPENDENT_NOT_USED: Explanation(
        "the segment may not be sent because of other data", "Remove it, or change the data that forbids it."
    ),
}

_ELEMENT: _Rows = {
    ElementError.REQUIRED_MISSING: Explanation("a required element is missing", "Add its value."),
    ElementError.CONDITIONAL_MISSING: Explanation(
        "an element is missing that another element makes necessary",
        "Add its value, or leave out the other element as well.",
    ),
    ElementError.TOO_MANY_ELEMENTS: Explanation(
        "the segment has too many elements", "Remove the elements after its last one; look for a separator in the data."
    ),
    ElementError.TOO_SHORT: Explanation("the value is too short", "Write it in full, with leading zeros if need be."),
    ElementError.TOO_LONG: Explanation("the value is too long", "Shorten it to the length that the guide allows."),
    ElementError.CHARACTER: Explanation(
        "the value has a character that is not allowed",
        "Use only characters of its type and of X12's sets, and no spaces at the end.",
    ),
    ElementError.CODE: Explanation("the value is not in the list of codes", "Use a code from the list."),
    ElementError.DATE: Explanation("the date is not valid", "Write a date of the calendar in the form asked for."),
    ElementError.TIME: Explanation("the time is not valid", "Write HHMM, or HHMMSS where the guide allows it."),
    ElementError.EXCLUSION: Explanation(
        "only one of several elements may be sent, and more are there", "Keep one of them."
    ),
    ElementError.TOO_MANY_REPETITIONS: Explanation(
        "the element repeats more often than is allowed", "Remove the repetitions that are too many."
    ),
    ElementError.TOO_MANY_COMPONENTS: Explanation(
        "the element has too many components", "Remove those after the last; look for a separator in the data."
    ),
    ElementError.CODE_NOT_IN_GUIDE: Explanation(
        "X12 has this code, but the guide does not use it here", "Use one of the guide's codes."
    ),
    ElementError.DEPENDENT_MISSING: Explanation(
        "an element is missing that other data makes necessary", "Add it, or change the data that asks for it."
    ),
    ElementError.NOT_USED: Explanation("the guide does not use this element", "Leave it empty."),
    ElementError.TOO_FEW_REPETITIONS: Explanation(
        "the element repeats less often than it must", "Add the missing repetitions."
    ),
    ElementError.PATTERN: Explanation(
        "the value does not have the form that is asked for", "Write it in the form that its qualifier names."
    ),
    ElementError.DEPENDENT_NOT_USED: Explanation(
        "the element may not be sent because of other data", "Leave it empty, or change the data that forbids it."
    ),
}

_EXPLANATIONS: dict[type[Code], _Rows] = {
    InterchangeNote: _INTERCHANGE,
    GroupError: _GROUP,
    TransactionError: _TRANSACTION,
    SegmentError: _SEGMENT,
    ElementError: _ELEMENT,
}
"""By the kind of code first: the same digits mean different things at each level."""
