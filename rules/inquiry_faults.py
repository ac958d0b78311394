"""What is wrong with an inquiry by itself, before anybody is looked up (CAQH CORE 259).

All faults are told, each in the loop of the patient that it belongs to.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from edi.aaa import FollowUpAction, Loop, RejectReason
from edi.eligibility import EligibilityInquiry, Patient, Rejection
from rules.dates import refuse_period
from rules.facts import PayerProfile
from rules.identifiers import normalize_member_id
from rules.names import normalize_first_name, normalize_last_name

NAME_REASON = {Loop.SUBSCRIBER: RejectReason.SUBSCRIBER_NAME, Loop.DEPENDENT: RejectReason.PATIENT_NAME}


def correctable(loop: Loop, reason: RejectReason) -> Rejection:
    """An element at fault that the asker can correct."""
    return Rejection(loop, reason, FollowUpAction.CORRECT_AND_RESEND)


def sent_member_id(inquiry: EligibilityInquiry) -> str:
    """The normalized id of loop 2100C, the only loop that has one; empty when none was sent."""
    return normalize_member_id(inquiry.subscriber.member_id)


def find_faults(inquiry: EligibilityInquiry, today: date, profile: PayerProfile) -> tuple[Rejection, ...]:
    """Elements that are not valid, whoever is meant; not counting those that are missing."""
    return tuple(dict.fromkeys(_faults(inquiry, today, profile)))


def _faults(inquiry: EligibilityInquiry, today: date, profile: PayerProfile) -> Iterator[Rejection]:
    member_id = sent_member_id(inquiry)
    if member_id and profile.member_id_pattern and not _pattern(profile.member_id_pattern).fullmatch(member_id):
        yield correctable(Loop.SUBSCRIBER, RejectReason.MEMBER_ID)
    if reason := _birth_date_fault(inquiry.subscriber, today, profile):
        yield correctable(Loop.SUBSCRIBER, reason)
    if inquiry.dependent is not None and (reason := _birth_date_fault(inquiry.dependent, today, profile)):
        yield correctable(Loop.DEPENDENT, reason)
    patient, loop = inquiry.patient, inquiry.patient_loop
    if patient.dates is None:
        return
    if reason := refuse_period(patient.dates, today, profile):
        yield correctable(loop, reason)
    if patient.birth_date is not None and patient.birth_date > patient.dates.last:
        yield correctable(loop, RejectReason.BIRTH_DATE_AFTER_SERVICE)


@lru_cache(maxsize=64)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _birth_date_fault(patient: Patient, today: date, profile: PayerProfile) -> RejectReason | None:
    if patient.birth_date is None:
        return RejectReason.BIRTH_DATE if patient.birth_date_sent else None
    return RejectReason(profile.future_birth_date) if patient.birth_date > today else None


def find_missing(inquiry: EligibilityInquiry, profile: PayerProfile) -> tuple[Rejection, ...]:
    """Everything whose absence leaves too little to search by; empty when there is enough.

    A search takes the member id with some of last name, first name and birth date, or these three by themselves
    (X12 005010X279A1 1.4.8).
    """
    patient, loop = inquiry.patient, inquiry.patient_loop
    has_id = bool(sent_member_id(inquiry))
    last_name, first_name = normalize_last_name(patient.last_name), normalize_first_name(patient.first_name)
    described = (bool(last_name), bool(first_name), patient.birth_date is not None)
    if has_id and 1 + sum(described) >= profile.elements_needed:
        return ()
    if not has_id and all(described) and profile.searches_by_name and profile.elements_needed <= len(described):
        return ()
    missing = [] if has_id else [correctable(Loop.SUBSCRIBER, RejectReason.MEMBER_ID)]
    if not (last_name and first_name):
        missing.append(correctable(loop, NAME_REASON[loop]))
    if patient.birth_date is None:
        missing.append(correctable(loop, RejectReason.BIRTH_DATE))
    return tuple(missing)
