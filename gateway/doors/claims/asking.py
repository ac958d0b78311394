"""What a request in HTTP asks after, written as the 276 that asks the same."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from urllib.parse import parse_qsl

from edi.claim_status import ClaimInquiry, ClaimPatient, ClaimStatusRequest
from edi.eligibility import DateRange, Party
from edi.envelope import CONTROL_NUMBER_MAX, Address, Group, InterchangeHeader, write_interchange
from edi.texts import mark
from edi.writing_276 import FUNCTIONAL_IDENTIFIER, GUIDE, write_claim_status_request
from gateway.configuration import Configuration
from gateway.doors.eligibility.faults import Fault, refused_fields
from gateway.doors.refusals import Refusal
from rules.facts import Contract, Person, Provider, Submitter
from rules.facts.claims import Claim

REQUIRED = ("npi", "memberId", "lastName")
TEXTS = {
    "npi": 10,
    "memberId": 80,
    "lastName": 60,
    "firstName": 35,
    "dependentLastName": 60,
    "dependentFirstName": 35,
    "claimNumber": 50,
    "patientAccount": 50,
    "prescription": 50,
    "billType": 50,
    "groupNumber": 50,
    "clearinghouseNumber": 50,
}
"""Parameters of ``GET /v1/claims`` that are texts, with the characters that their elements hold."""
DEPENDENT = ("dependentLastName", "dependentFirstName", "dependentBirthDate")
REQUIRED_OF_DEPENDENT = ("dependentLastName", "dependentBirthDate")
"""Needed where anything of a dependent is sent (005010X212 2000E DMG, 2100E): else the subscriber would be meant."""
DAYS = ("birthDate", "dependentBirthDate", "from", "to")
AMOUNTS = ("charge",)
_AMOUNT = re.compile(r"[0-9]{1,13}(?:\.[0-9]{0,2})?|\.[0-9]{1,2}")
_NAMES = ("lastName", "firstName", "dependentLastName", "dependentFirstName")


def read_parameters(query: bytes) -> dict[str, str]:
    """The parameters of a query string, each well-formed.

    Raises:
        Refused: 422, with what is wrong by parameter and never what it holds.
    """
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    parameters = {name: value.strip() for name, value in pairs}
    faults = [Fault(name, "Is not a parameter, or is there twice") for name in _strange([name for name, _ in pairs])]
    faults += [Fault(name, "Is needed") for name in _needed(parameters) if not parameters.get(name)]
    for name, length_max in TEXTS.items():
        if not _is_text(parameters.get(name, ""), length_max, is_name=name in _NAMES):
            faults.append(Fault(name, f"Has at most {length_max} characters, all of which X12 can hold"))
    faults += [Fault(name, "Is a day of the calendar, CCYYMMDD") for name in DAYS if not _reads(_day, parameters, name)]
    faults += [Fault(name, "Is an amount in US dollars") for name in AMOUNTS if not _reads(_amount, parameters, name)]
    if faults:
        raise refused_fields(Refusal.FIELDS, HTTPStatus.UNPROCESSABLE_ENTITY, faults)
    return {name: value for name, value in parameters.items() if value}


def _needed(parameters: Mapping[str, str]) -> tuple[str, ...]:
    return REQUIRED + REQUIRED_OF_DEPENDENT if any(map(parameters.get, DEPENDENT)) else REQUIRED


def _strange(names: Sequence[str]) -> set[str]:
    known = {*TEXTS, *DAYS, *AMOUNTS}
    return {name for name in names if name not in known or names.count(name) > 1}


def _is_text(text: str, length_max: int, *, is_name: bool) -> bool:
    """Names are told as far as X12 can; identifiers as they are or not at all."""
    return len(text) <= length_max and (bool(mark(text)) or not text if is_name else mark(text) == text)


def _reads(read: Callable[[str], object], parameters: Mapping[str, str], name: str) -> bool:
    """Whether a parameter that is there can be read."""
    try:
        return not parameters.get(name) or read(parameters[name]) is not None
    except ValueError:
        return False


def _day(text: str) -> date:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        raise ValueError("not CCYYMMDD")
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _amount(text: str) -> Decimal:
    """Digits as they are written in X12: in an exponent a few characters could be millions."""
    if not _AMOUNT.fullmatch(text):
        raise ValueError("not an amount")
    return Decimal(text)


@dataclass(frozen=True, slots=True)
class Question:
    """Whom and what is asked after."""

    provider: Party
    subscriber: ClaimPatient
    dependent: ClaimPatient | None
    criteria: Mapping[str, object] = field(repr=False)
    """Of the claim: fields of ``ClaimInquiry``."""


def question_of_parameters(parameters: Mapping[str, str]) -> Question:
    """What the parameters of ``GET /v1/claims`` ask."""
    get = parameters.get
    born, dependent_born = get("birthDate"), get("dependentBirthDate")
    dependent = None
    if get("dependentLastName"):
        dependent = ClaimPatient(
            last_name=get("dependentLastName", ""),
            first_name=get("dependentFirstName", ""),
            birth_date=_day(dependent_born) if dependent_born else None,
        )
    first, last = get("from") or get("to"), get("to") or get("from")
    return Question(
        provider=Party("1P", "2", "PROVIDER", "", "XX", parameters["npi"]),
        subscriber=ClaimPatient(
            last_name=parameters["lastName"],
            first_name=get("firstName", ""),
            identifier=parameters["memberId"],
            birth_date=_day(born) if born else None,
        ),
        dependent=dependent,
        criteria={
            "claim_number": get("claimNumber", ""),
            "patient_account": get("patientAccount", ""),
            "prescription": get("prescription", ""),
            "bill_type": get("billType", ""),
            "group_number": get("groupNumber", ""),
            "clearinghouse_number": get("clearinghouseNumber", ""),
            "charge": _amount(parameters["charge"]) if get("charge") else None,
            "dates": DateRange(_day(first), _day(last)) if first and last else None,
        },
    )


def question_of_claim(claim: Claim, number: str, contract: Contract, person: Person, provider: Provider) -> Question:
    """What asks after a claim that is known, by the number that it was asked for by."""
    subscriber = contract.subscriber
    identifier = provider.identifiers[0]
    return Question(
        provider=Party("1P", "2", provider.name, "", identifier.qualifier, identifier.identifier),
        subscriber=_patient(subscriber, claim.subscriber_id),
        dependent=None if person.number == subscriber.number else _patient(person, ""),
        criteria={"claim_number": number, "dates": claim.dates},
    )


def _patient(person: Person, identifier: str) -> ClaimPatient:
    return ClaimPatient(
        last_name=person.last_name,
        first_name=person.first_name,
        identifier=identifier,
        birth_date=person.birth_date,
    )


class Writer:
    """Writes questions as 276 interchanges of their askers; one for the process."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._numbers = itertools.cycle(range(1, CONTROL_NUMBER_MAX + 1))

    def write(self, question: Question, asker: Submitter, written_at: datetime) -> bytes:
        """The interchange; ``written_at`` is in the payer's time zone."""
        own, control_number = self._configuration, next(self._numbers)
        payer = own.profile
        inquiry = ClaimInquiry(
            source=Party("PR", "2", payer.name, "", "PI", payer.identifier),
            receiver=Party("41", "2", mark(asker.name), "", "46", asker.interchange_id),
            providers=(question.provider,),
            subscriber=question.subscriber,
            dependent=question.dependent,
            reference="",
            trace=str(control_number),
            **question.criteria,  # type: ignore[arg-type]
        )
        request = ClaimStatusRequest("0001", str(control_number), (inquiry,))
        segments = write_claim_status_request(request, written_at)
        sender = Address(asker.interchange_qualifier, asker.interchange_id)
        header = InterchangeHeader(sender, own.payer, written_at, control_number)
        group = Group(FUNCTIONAL_IDENTIFIER, asker.interchange_id, payer.identifier, GUIDE, (segments,))
        return write_interchange(header, (group,))
