"""Made-up claims and 276s far from any book of business, each situation from a number.

Claims are whatever their types take; 276s are mostly about a claim that is on file, with things left out and wrong.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from edi.claim_status import ClaimInquiry, ClaimPatient, ClaimStatusRequest, LineInquiry, PayerContact
from edi.claim_status_codes import CLOSED_CATEGORIES, ENTITIES, Category, StatusCode, parse_status_code
from edi.claim_status_list import STATUS_CODES
from edi.delimiters import STANDARD, Delimiters
from edi.eligibility import DateRange, Party
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.texts import prose
from edi.writing_276 import FUNCTIONAL_IDENTIFIER, GUIDE, write_claim_status_request
from rules.claims.obstacles import Obstacle
from rules.claims.status import Mode
from rules.facts import (
    Contract,
    Entitlement,
    Function,
    OtherPayer,
    PayerProfile,
    Person,
    Priority,
    Provider,
    ProviderIdentifier,
)
from rules.facts.claim_profile import ClaimStatusProfile, Criterion
from rules.facts.claims import PROCEDURE_QUALIFIERS, Claim, ServiceLine, StatusEvent
from tests.claim_status_tables import Book
from tests.generated import FactMaker
from tests.generated_inquiries import DELIMITERS

MOMENT = datetime(2026, 5, 5, 12, 30, tzinfo=UTC)
TODAY = MOMENT.date()
PAYER = PayerProfile("HARBOR HEALTH", "99001", "133333333")
SUBMITTER = "S-1"
TIN, OTHER_TIN, FOREIGN_TIN = "111111111", "222222222", "999999999"
NPI = "1234567893"
_PROVIDER = Provider(
    "P-1",
    "LAKESIDE CLINIC",
    (ProviderIdentifier("XX", NPI), ProviderIdentifier("FI", TIN), ProviderIdentifier("SV", "LAKE-1")),
    (TIN, OTHER_TIN),
)
_CATEGORIES = sorted(set(Category) - CLOSED_CATEGORIES)
_STATUSES = sorted(STATUS_CODES.current().meanings)
_ENTITIES = sorted(ENTITIES)
_QUALIFIERS = sorted(PROCEDURE_QUALIFIERS)
_NUMBERS = ("A-1", "acc 55", "N~A*M:E^1", "#1 (2) 'x'", "9" * 50, "é", "|", "2026-000/7", "a")
"""What claims may have is among them, and what they may not."""
_MONEY = (
    Decimal(0), Decimal("0.00"), Decimal("0.01"), Decimal(240), Decimal("1E+3"), Decimal("1500.50"), Decimal("-0"),
    Decimal("-12.5"), Decimal("9999999999999.99"),
)  # fmt: skip
_MODIFIERS = ("25", "59", "TC", "a1", "~1")
_FIRST_DAYS = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 4, 1), date(2026, 4, 2), date(2026, 5, 4))
_TRACES = ("T-1", "0" * 50, "a/b (c) 'd'", "#1", "?", "t.1", "A*B", "X~Y", " ")
_MANY_SHARE = 0.01
_BATCH_SHARE = 0.5
_TROUBLE_SHARE = 0.05


@dataclass(frozen=True)
class ClaimSituation:
    """What is on file, what is asked, and what stands in the way."""

    book: Book
    profile: ClaimStatusProfile
    request: ClaimStatusRequest
    mode: Mode
    received_in: Delimiters
    answered_in: Delimiters
    trouble: Obstacle | None
    """An obstacle that is met whoever asks."""

    def received(self) -> bytes:
        """The 276 as it comes in."""
        header = InterchangeHeader(Address("ZZ", "S-1"), Address("ZZ", "99001"), MOMENT, 1)
        segments = write_claim_status_request(self.request, MOMENT)
        group = Group(FUNCTIONAL_IDENTIFIER, "S-1", "99001", GUIDE, (segments,))
        return write_interchange(header, (group,), self.received_in)


def claim_situation(number: int) -> ClaimSituation:
    """The case of this number."""
    return ClaimMaker(number).situation()


class ClaimMaker(FactMaker):
    """Draws one situation. Everything follows from the number."""

    def situation(self) -> ClaimSituation:
        contracts = tuple([self.contract_of(index) for index in range(self.random.randint(1, 2))])
        claims = tuple([self.claim(index, self.one(contracts)) for index in range(self.random.randint(0, 6))])
        entitlements = tuple([Entitlement(SUBMITTER, tin, Function.CLAIM_STATUS, MOMENT) for tin in self.tins()])
        is_batch = self.chance(_BATCH_SHARE)
        return ClaimSituation(
            book=Book(contracts, (replace(_PROVIDER, may_inquire=self.chance(0.98)),), entitlements, claims),
            profile=self.claim_profile(),
            request=self.claim_request(contracts, claims, self.random.randint(1, 6) if is_batch else 1),
            mode=Mode.BATCH if is_batch else Mode.REAL_TIME,
            received_in=STANDARD if self.chance(0.6) else self.one(DELIMITERS),
            answered_in=STANDARD if self.chance(0.8) else self.one(DELIMITERS),
            trouble=self.one(list(Obstacle)) if self.chance(_TROUBLE_SHARE) else None,
        )

    def tins(self) -> tuple[str, ...]:
        return self.one(((TIN, OTHER_TIN),) * 16 + ((TIN,), (TIN,), (OTHER_TIN,), ()))

    def number(self) -> str:
        """One that is on file may be drawn again when it is asked for."""
        return f"{self.one(('CN', 'a', 'X-'))}{self.random.randint(1, 9)}" if self.chance(0.7) else self.one(_NUMBERS)

    def filed(self) -> str:
        """A number that a claim may have; none, mostly."""
        number = self.number() if self.chance(0.4) else ""
        return number if number.isascii() and any(map(str.isalnum, number)) else ""

    def dollars(self) -> Decimal:
        return Decimal(self.random.randint(0, 500_000)) / 100 if self.chance(0.6) else self.one(_MONEY)

    def days(self) -> DateRange:
        first = self.one(_FIRST_DAYS) if self.chance(0.95) else date(2018, 6, 1)
        return DateRange(first, first + timedelta(self.one((0, 0, 0, 2, 40, 800))))

    # What is on file

    def contract_of(self, index: int) -> Contract:
        persons = tuple([self.person_of(number) for number in range(1, self.random.randint(1, 3) + 1)])
        elsewhere = OtherPayer(self.contact(), Priority.PRIMARY, date(2026, 1, 1))
        return Contract(f"C{index}", f"W{index}00", persons, other_payers=(elsewhere,) if self.chance(0.2) else ())

    def person_of(self, number: int) -> Person:
        own_id = f"V{number}" if number > 1 and self.chance(0.2) else ""
        birth_date = date(1950 + 10 * number, 1 + number, 3)
        return Person(
            f"{number:02}",
            prose(self.name(), 60) or "ROE",
            self.name(),
            birth_date,
            gender=self.one("FM"),
            own_id=own_id,
        )

    def claim(self, index: int, contract: Contract) -> Claim:
        return Claim(
            claim_id=f"K-{index}",
            claim_number=self.filed() or f"CN{index}",
            charge=self.dollars(),
            dates=self.days(),
            billing_tin=self.one((TIN, TIN, TIN, TIN, OTHER_TIN, OTHER_TIN, FOREIGN_TIN)),
            subscriber_id=contract.subscriber_id,
            patient_number=self.one(contract.persons).number,
            events=tuple([self.event() for _ in range(self.random.randint(1, 3))]),
            rendering_tin=self.one(("", "", TIN)),
            patient_account=self.filed(),
            bill_type=self.one(("", "111", "131")),
            group_number=self.one(("", "G-7")),
            clearinghouse_number=self.filed(),
            prescription=self.filed(),
            former_numbers=tuple(filter(None, (self.filed(),))),
            lines=self.some(self.line, 12 if self.chance(_MANY_SHARE) else 3),
        )

    def line(self) -> ServiceLine:
        return ServiceLine(
            procedure=self.procedure_told(),
            charge=self.dollars(),
            dates=self.days() if self.chance(0.5) else None,
            units=self.dollars(),
            revenue_code=self.one(("", "0510", "A*1")),
            control_number=self.filed(),
            events=self.some(self.event, 2),
        )

    def procedure_told(self) -> str:
        code = self.one(("99213", "D0120", "9" * 48, "J 1*2"))
        return ":".join((self.one(_QUALIFIERS), code, *self.some(lambda: self.one(_MODIFIERS), 4)))

    def event(self) -> StatusEvent:
        count = self.random.randint(4, 9) if self.chance(0.05) else self.random.randint(1, 3)
        return StatusEvent(
            effective=self.one((*_FIRST_DAYS, date(2026, 5, 6))) if self.chance(0.2) else date(2026, 4, 20),
            codes=tuple([self.code() for _ in range(count)]),
            paid=self.dollars() if self.chance(0.5) else None,
            adjudicated=self.one((None, date(2026, 4, 19))),
            payment_date=self.one((None, date(2026, 4, 21))),
            payment_number=self.one(("", "EFT-1", "9" * 16, "N*1")),
            voucher=self.filed(),
        )

    def code(self) -> StatusCode:
        is_pharmacys = self.chance(0.05)
        status = self.one(("79", "M4", "7X")) if is_pharmacys else self.one(_STATUSES)
        return StatusCode(self.one(_CATEGORIES), status, self.one(("", self.one(_ENTITIES))), is_pharmacys)

    def claim_profile(self) -> ClaimStatusProfile:
        criteria = [Criterion.CLAIM_NUMBER], [Criterion.PATIENT_ACCOUNT], [Criterion.DATES, Criterion.CHARGE]
        contact = PayerContact(self.name(), self.one(("8005550102", "")), self.one(("A@B.EXAMPLE", "x~y", "é" * 300)))
        return ClaimStatusProfile(
            combinations=((),) if self.chance(0.9) else tuple(map(tuple, criteria)),
            claims_in_real_time_max=self.one((1, 1, 3, 99)),
            claims_in_batch_max=self.one((99, 99, 2)),
            years_back=self.one((3, 0, 9)),
            matches_names=self.chance(0.8),
            tells_other_payer=self.chance(0.8),
            contact=contact if self.chance(0.3) else None,
            not_found=parse_status_code(self.one(("D0:35", "A4:35"))),
            too_many=parse_status_code(self.one(("D0:485", "E0:485"))),
        )

    # What is asked

    def claim_request(
        self, contracts: tuple[Contract, ...], claims: tuple[Claim, ...], count: int
    ) -> ClaimStatusRequest:
        inquiries: list[ClaimInquiry] = []
        for _ in range(count):
            above = self.levels_above(inquiries[-1]) if inquiries and self.chance(0.8) else self.levels_above(None)
            inquiries.append(self.claim_inquiry(contracts, claims, *above))
        return ClaimStatusRequest("0001", self.one(_TRACES[:-1]), tuple(inquiries))

    def levels_above(self, last: ClaimInquiry | None) -> tuple[Party, Party, tuple[Party, ...]]:
        """The loops of the inquiry before, or others."""
        if last is not None and self.chance(0.6):
            return last.source, last.receiver, last.providers
        source = Party(
            "PR", "2", self.one(("HARBOR HEALTH", "x" * 60)), "", "PI", "99001" if self.chance(0.98) else "1"
        )
        receiver = Party("41", self.one("12"), self.one(("EXCHANGE", "O'Neil")), "", "46", self.one(("S-1", "S-2")))
        return source, receiver, self.providers_asked()

    def providers_asked(self) -> tuple[Party, ...]:
        by_npi = Party("1P", "2", "LAKESIDE CLINIC", "", "XX", NPI)
        by_tin = Party("1P", "1", "VALE", "MAX", "FI", self.one((TIN, TIN, FOREIGN_TIN)), "T", "JR")
        unknown = Party(
            "1P", "2", "NOBODY", "", self.one(("XX", "SV", "FI")), self.one(("1467560003", "77", "12-3456789"))
        )
        return self.one(((by_npi,),) * 30 + ((by_npi, by_tin), (by_tin,), (unknown,)))

    def claim_inquiry(
        self,
        contracts: tuple[Contract, ...],
        claims: tuple[Claim, ...],
        source: Party,
        receiver: Party,
        providers: tuple[Party, ...],
    ) -> ClaimInquiry:
        claim = self.one(claims) if claims and self.chance(0.85) else None
        contract = next(
            (each for each in contracts if claim and each.subscriber_id == claim.subscriber_id), contracts[0]
        )
        number = claim.patient_number if claim and self.chance(0.95) else self.one(contract.persons).number
        person = next(each for each in contract.persons if each.number == number)
        is_subscriber = person is contract.subscriber
        asked = ClaimInquiry(
            source,
            receiver,
            providers,
            self.patient_sent(contract.subscriber, contract.subscriber_id),
            None if is_subscriber else self.patient_sent(person, ""),
            "",
            self.one(_TRACES),
        )
        return self.named(asked, claim)

    def patient_sent(self, person: Person, member_id: str) -> ClaimPatient:
        """Mostly as on file."""
        born = person.birth_date if self.chance(0.95) else date(1999, 9, 9)
        return ClaimPatient(
            last_name=prose(person.last_name if self.chance(0.96) else "NOBODY", 60) or "X",
            first_name=prose(person.first_name, 35),
            middle_name=self.one(("", "", "b")),
            suffix=self.one(("", "", "III")),
            identifier="" if not member_id else member_id if self.chance(0.95) else self.one(("W9", "- -", "é1")),
            identifier_qualifier=self.one(("MI", "MI", "II", "24")) if member_id and self.chance(0.1) else "MI",
            birth_date=born,
            gender=person.gender,
        )

    def named(self, asked: ClaimInquiry, claim: Claim | None) -> ClaimInquiry:
        """By what the claim is named: its own numbers mostly, each sent or not."""
        own = {} if claim is None else {
            "claim_number": claim.claim_number,
            "bill_type": claim.bill_type,
            "patient_account": claim.patient_account,
            "prescription": claim.prescription,
            "clearinghouse_number": claim.clearinghouse_number,
            "group_number": claim.group_number,
        }  # fmt: skip
        numbers = {name: number for name, number in own.items() if number and self.chance(0.4)}
        wrong = {self.one(("claim_number", "patient_account", "location")): self.number()} if self.chance(0.08) else {}
        return replace(
            asked,
            charge=(self.dollars() if claim is None or self.chance(0.1) else claim.charge)
            if self.chance(0.3)
            else None,
            dates=(self.days() if claim is None or self.chance(0.1) else claim.dates) if self.chance(0.5) else None,
            lines=self.lines_asked(claim),
            **(numbers | wrong),  # type: ignore[arg-type]
        )

    def lines_asked(self, claim: Claim | None) -> tuple[LineInquiry, ...]:
        if self.chance(0.6):
            return ()
        own = [] if claim is None else [self.own_line(line, claim) for line in claim.lines]
        return (*own, *self.some(self.other_line, 2))

    def own_line(self, line: ServiceLine, claim: Claim) -> LineInquiry:
        days = line.dates or claim.dates
        return LineInquiry(line.procedure, line.charge, Decimal(1), days, "", line.control_number)

    def other_line(self) -> LineInquiry:
        return LineInquiry(
            self.procedure_told(), self.dollars(), self.dollars(), self.days(), self.one(("", "0510")), self.number()
        )
