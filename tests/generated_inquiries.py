"""Made-up 270s, as partners may send them: mostly about somebody who is on file, with things left out and wrong."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from edi.aaa import FollowUpAction, Loop, RejectReason
from edi.benefit_codes import SERVICE_TYPES_PER_LINE_MAX
from edi.delimiters import STANDARD, Delimiters
from edi.eligibility import (
    DateRange,
    EligibilityInquiry,
    EligibilityRequest,
    Party,
    Patient,
    Reference,
    Rejection,
    ServiceInquiry,
    Trace,
)
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.errors import CallerError
from edi.texts import prose
from edi.writing import ELEMENT
from edi.writing_270 import FUNCTIONAL_IDENTIFIER, GUIDE, write_eligibility_request
from rules.facts import Contract, Entitlement, PayerProfile, Person, Plan, Provider
from tests.generated import ALL_SERVICE_TYPES, CLINIC, TODAY, FactMaker

WRITTEN_AT = datetime(2026, 5, 5, 12, tzinfo=UTC)
DELIMITERS = (
    Delimiters("|", "^", ">", "~"),
    Delimiters("*", "!", ":", "\n"),
    Delimiters("+", "^", "\\", "'"),
    Delimiters("*", "{", "<", "}"),
    Delimiters("\t", "%", "&", "\r"),
)
"""Odd ones that partners may use."""
_PROCEDURES = (
    "HC:97110", "HC:72148", "HC:29881", "HC:99213:25:GT", "CJ:70553", "HC:10004", "AD:D0120", "ZZ:X", "HC:97165",
    "HC:" + "9" * 48,
)  # fmt: skip
_PERIOD_DAYS = (-400, -364, -180, -90, -30, -1, 0, 0, 0, 0, 20, 40)
_REFERENCE_TEXTS = ("T-1", "0" * 50, "a/b (c) 'd'", "#1", "?")
_REFERENCE_QUALIFIERS = ("6P", "EJ", "SY", "18", "1L", "EA")
_EQ_MAX = 99
_MANY_SHARE = 0.01
"""Of inquiries with as many EQ, or service types in one, as the guide allows."""
_BATCH_SHARE = 0.1
_TROUBLE_SHARE = 0.05


@dataclass(frozen=True)
class Situation:
    """Who is on file, what is asked, and what stands in the way."""

    contracts: tuple[Contract, ...]
    plans: tuple[Plan, ...]
    provider: Provider | None
    entitlements: tuple[Entitlement, ...]
    profile: PayerProfile
    request: EligibilityRequest
    received_in: Delimiters
    answered_in: Delimiters
    trouble: tuple[Rejection, ...]
    """Rejections that are answered with whoever asks: every reason and action that a loop allows comes up."""

    def received(self) -> bytes:
        """The 270 as it comes in."""
        segments = [_with_birth_order(segment) for segment in write_eligibility_request(self.request, WRITTEN_AT)]
        header = InterchangeHeader(Address("ZZ", "S-1"), Address("ZZ", "99001"), WRITTEN_AT, 1)
        group = Group(FUNCTIONAL_IDENTIFIER, "S-1", "99001", GUIDE, (segments,))
        return write_interchange(header, (group,), self.received_in)


def _with_birth_order(segment: str) -> str:
    """INS17 of a 270 is required, and nothing of ours asks for it."""
    return segment + ELEMENT * 15 + "1" if segment.startswith("INS") else segment


def situation(number: int) -> Situation:
    """The case of this number."""
    return InquiryMaker(number).situation()


class InquiryMaker(FactMaker):
    """Draws one situation. Everything follows from the number."""

    def situation(self) -> Situation:
        plans = tuple([self.plan(f"P{index}") for index in range(self.random.randint(1, 3))])
        self.listed = [code for plan in plans for benefit in plan.benefits for code in benefit.service_types]
        contracts = tuple([self.contract(index, plans) for index in range(self.random.randint(1, 2))])
        return Situation(
            contracts=contracts,
            plans=plans,
            provider=self.provider(),
            entitlements=self.entitlements(),
            profile=self.profile(),
            request=self.request(contracts),
            received_in=STANDARD if self.chance(0.6) else self.one(DELIMITERS),
            answered_in=STANDARD if self.chance(0.8) else self.one(DELIMITERS),
            trouble=self.trouble() if self.chance(_TROUBLE_SHARE) else (),
        )

    def trouble(self) -> tuple[Rejection, ...]:
        loop = self.one(list(Loop))
        return tuple(dict.fromkeys([self.rejection(loop) for _ in range(self.random.randint(1, 9))]))

    def rejection(self, loop: Loop) -> Rejection:
        while True:
            try:
                return Rejection(loop, self.one(list(RejectReason)), self.one(list(FollowUpAction)), self.chance(0.5))
            except CallerError:
                continue

    def request(self, contracts: tuple[Contract, ...]) -> EligibilityRequest:
        count = self.random.randint(2, 5) if self.chance(_BATCH_SHARE) else 1
        source, receiver, references = self.source(), self.receiver(), self.some(self.receiver_reference, 2)
        inquiries = []
        for _ in range(count):
            if self.chance(0.1):
                source, receiver = self.source(), self.receiver()
            inquiries.append(self.inquiry(contracts, source, receiver, references))
        purpose = "01" if self.chance(0.02) else "13"
        return EligibilityRequest("0001", inquiries[0].reference, purpose, tuple(inquiries))

    def source(self) -> Party:
        code, qualifier = self.one(("PR", "PR", "2B", "36", "GP", "P5")), self.one(("PI", "PI", "46", "FI", "XV"))
        return Party(code, self.one(("1", "2")), self.one(("HARBOR HEALTH", "x" * 60)), "", qualifier, "99001")

    def receiver(self) -> Party:
        if self.chance(0.9):
            return Party(
                "1P", "2", self.one(("LAKESIDE CLINIC", "Dr. O'Neil")), "", CLINIC.qualifier, CLINIC.identifier
            )
        qualifier, code = self.one(("24", "34", "FI", "PI", "PP", "SV", "XV", "XX")), self.one(("1P", "PR", "FA", "2B"))
        return Party(code, "1", "ROE", self.one(("", "ANN")), qualifier, self.one(("1234567893", "12-3456789", "??")))

    def receiver_reference(self) -> Reference:
        return Reference(self.one(("EO", "0B", "TJ", "4A")), self.one(_REFERENCE_TEXTS))

    def inquiry(
        self, contracts: tuple[Contract, ...], source: Party, receiver: Party, references: tuple[Reference, ...]
    ) -> EligibilityInquiry:
        contract = self.one(contracts)
        person = self.one(contract.persons)
        as_dependent = self.chance(0.5 if person is contract.subscriber or person.own_id else 0.95)
        patient = self.patient(person)
        ids = (person.own_id or contract.subscriber_id, "", "W9", *contract.former_ids)
        member_id = contract.subscriber_id if self.chance(0.8) else self.one(ids)
        if as_dependent:
            named = Patient() if self.chance(0.3) else self.patient(contract.subscriber)
            subscriber = replace(named, member_id=member_id, dates=None, relationship="")
            dependent = patient
        else:
            subscriber, dependent = replace(patient, member_id=member_id, relationship=""), None
        return EligibilityInquiry(
            source, receiver, references, subscriber, dependent, self.some(self.trace, 2), self.services(),
            self.one(_REFERENCE_TEXTS),
        )  # fmt: skip

    def trace(self) -> Trace:
        return Trace("1", self.one(_REFERENCE_TEXTS), "9TRACENUMB", self.one(("", "x")))

    def patient(self, person: Person) -> Patient:
        """Mostly as on file."""
        birth_date = person.birth_date if self.chance(0.92) else self.one((None, date(2027, 1, 1)))
        return Patient(
            last_name=self.sent(person.last_name, 60),
            first_name=self.sent(person.first_name, 35),
            middle_name=self.sent(person.middle_name, 25) if self.chance(0.2) else "",
            suffix=self.sent(person.suffix, 10) if self.chance(0.1) else "",
            birth_date=birth_date,
            gender=self.one(("", person.gender.replace("U", ""))) if self.chance(0.95) else self.one("FM"),
            references=self.some(self.reference, 2) if self.chance(0.3) else (),
            relationship=self.one(("01", "19", "34")) if self.chance(0.1) else "",
            dates=self.period() if self.chance(0.25) else None,
        )

    def sent(self, on_file: str, length_max: int) -> str:
        if self.chance(0.04):
            return ""
        return prose(self.name() if self.chance(0.04) else on_file, length_max)

    def reference(self) -> Reference:
        return Reference(self.one(_REFERENCE_QUALIFIERS), self.one(("G1", *_REFERENCE_TEXTS)))

    def period(self) -> DateRange:
        first = TODAY + timedelta(self.one(_PERIOD_DAYS))
        last = self.one((first, first, first, first + timedelta(self.random.randint(-5, 400)), date(9999, 12, 31)))
        return DateRange(first, last)

    def services(self) -> tuple[ServiceInquiry, ...]:
        if self.chance(0.3):
            return (ServiceInquiry(("30",)),)
        count = _EQ_MAX if self.chance(_MANY_SHARE) else self.random.randint(1, 4)
        return tuple([self.service_inquiry() for _ in range(count)])

    def service_inquiry(self) -> ServiceInquiry:
        if self.chance(0.15):
            return ServiceInquiry((), self.one(_PROCEDURES), dates=self.period() if self.chance(0.2) else None)
        if self.chance(_MANY_SHARE):
            return ServiceInquiry(tuple(self.random.sample(ALL_SERVICE_TYPES, SERVICE_TYPES_PER_LINE_MAX)))
        count = self.one((1, 1, 2, 3))
        codes = [self.one(self.listed if self.chance(0.7) else ALL_SERVICE_TYPES) for _ in range(count)]
        return ServiceInquiry(tuple(codes), dates=self.period() if self.chance(0.1) else None)
