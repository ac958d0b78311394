"""What the demo gives its user to paste: a 270, a 276 and 278s about a member of its book, and what sends them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from edi import writing_276, writing_278
from edi.claim_status import ClaimInquiry, ClaimPatient, ClaimStatusRequest
from edi.eligibility import (
    DateRange,
    Dates,
    EligibilityInquiry,
    EligibilityRequest,
    Party,
    Patient,
    ServiceInquiry,
    Trace,
)
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.services_review import (
    Diagnosis,
    Review,
    ReviewEvent,
    ReviewParty,
    ReviewPatient,
    ReviewRequest,
    ReviewService,
)
from edi.services_review_codes import CertificationType, RequestCategory
from edi.services_review_lines import ServiceLine
from edi.writing import composite
from edi.writing_270 import FUNCTIONAL_IDENTIFIER, GUIDE, write_eligibility_request
from edi.writing_276 import write_claim_status_request
from edi.writing_278_request import write_review_request
from gateway.book import Book
from gateway.book.policies import CERTIFIED_PROCEDURE, PENDED_PROCEDURE
from gateway.settings import Settings
from rules.facts import Contract, Provider, Submitter


def sample_270(book: Book, submitter: Submitter, settings: Settings, written_at: datetime) -> bytes:
    """A generic inquiry (EQ 30) about the book's first subscriber, by its first provider, one segment a line.

    Args:
        written_at: in the payer's time zone.
    """
    provider, contract = next(book.providers()), next(book.contracts())
    request = EligibilityRequest(
        control_number="0001",
        reference=f"DEMO{written_at:%y%m%d}",
        purpose="13",
        inquiries=(_inquiry(provider, contract, settings),),
    )
    segments = write_eligibility_request(request, written_at)
    return _enveloped(FUNCTIONAL_IDENTIFIER, GUIDE, segments, submitter, settings, written_at)


def sample_276(book: Book, submitter: Submitter, settings: Settings, written_at: datetime) -> bytes:
    """A question after the book's first claim by its number, one segment a line. Arguments as of ``sample_270``."""
    provider, contract, claim = next(book.providers()), next(book.contracts()), next(book.claims())
    person = contract.subscriber
    inquiry = ClaimInquiry(
        source=_payer(settings),
        receiver=Party("41", "2", submitter.name, "", "46", submitter.interchange_id),
        providers=(_provider(provider),),
        subscriber=ClaimPatient(
            last_name=person.last_name,
            first_name=person.first_name,
            identifier=contract.subscriber_id,
            birth_date=person.birth_date,
            gender=person.gender,
        ),
        dependent=None,
        reference="",
        trace="DEMO-0002",
        claim_number=claim.claim_number,
        charge=claim.charge,
        dates=claim.dates,
    )
    request = ClaimStatusRequest("0001", f"DEMO{written_at:%y%m%d}", (inquiry,))
    segments = write_claim_status_request(request, written_at)
    return _enveloped(writing_276.FUNCTIONAL_IDENTIFIER, writing_276.GUIDE, segments, submitter, settings, written_at)


def sample_278(book: Book, submitter: Submitter, settings: Settings, written_at: datetime) -> bytes:
    """A request for physical therapy in two weeks, which is certified at once. Arguments as of ``sample_270``."""
    event = _event(f"DEMO-{written_at:%y%m%d}", CERTIFIED_PROCEDURE, 4, settings, written_at)
    return _review_request(event, book, submitter, settings, written_at)


def sample_278_pended(book: Book, submitter: Submitter, settings: Settings, written_at: datetime) -> bytes:
    """A request for imaging in two weeks, which a reviewer decides. Arguments as of ``sample_270``."""
    event = _event(f"DEMO-{written_at:%y%m%d}-2", PENDED_PROCEDURE, 1, settings, written_at)
    return _review_request(event, book, submitter, settings, written_at)


def _review_request(
    event: ReviewEvent, book: Book, submitter: Submitter, settings: Settings, written_at: datetime
) -> bytes:
    """A 278, one segment a line; the same all day: another content under the same trace number would be refused."""
    provider, contract = next(book.providers()), next(book.contracts())
    payer = ReviewParty("X3", "2", settings.payer_name, identifier_qualifier="PI", identifier=settings.payer_id)
    requester = ReviewParty(
        "1P", "2", provider.name, identifier_qualifier="XX", identifier=provider.identifiers[0].identifier
    )
    request = ReviewRequest(
        control_number="0001",
        reference=f"DEMO{written_at:%y%m%d}",
        source=payer,
        requester=requester,
        subscriber=ReviewPatient(_patient(contract)),
        dependent=None,
        events=(event,),
    )
    segments = write_review_request(request, written_at)
    return _enveloped(writing_278.FUNCTIONAL_IDENTIFIER, writing_278.GUIDE, segments, submitter, settings, written_at)


def _event(trace: str, procedure: str, quantity: int, settings: Settings, written_at: datetime) -> ReviewEvent:
    day = written_at.date() + timedelta(weeks=2)
    service = ReviewService(
        dates=(Dates("472", DateRange(day, day)),),
        line=ServiceLine(("SV1", composite("HC", procedure), "", "UN", str(quantity))),
    )
    return ReviewEvent(
        review=Review(RequestCategory.HEALTH_SERVICES, CertificationType.INITIAL),
        traces=(Trace("1", trace, f"9{settings.payer_tax_id}"),),
        diagnoses=(Diagnosis("ABK", "M5450"),),
        services=(service,),
    )


def _enveloped(
    functional_identifier: str,
    guide: str,
    segments: Sequence[str],
    submitter: Submitter,
    settings: Settings,
    written_at: datetime,
) -> bytes:
    header = InterchangeHeader(
        sender=Address(submitter.interchange_qualifier, submitter.interchange_id),
        receiver=Address(settings.payer_interchange_qualifier, settings.payer_interchange_id),
        written_at=written_at,
        control_number=1,
    )
    group = Group(functional_identifier, submitter.interchange_id, settings.payer_id, guide, (segments,))
    return write_interchange(header, (group,)).replace(b"~", b"~\n")


def _payer(settings: Settings) -> Party:
    return Party("PR", "2", settings.payer_name, "", "PI", settings.payer_id)


def _provider(provider: Provider) -> Party:
    return Party("1P", "2", provider.name, "", "XX", provider.identifiers[0].identifier)


def _inquiry(provider: Provider, contract: Contract, settings: Settings) -> EligibilityInquiry:
    return EligibilityInquiry(
        source=_payer(settings),
        receiver=_provider(provider),
        receiver_references=(),
        subscriber=_patient(contract),
        dependent=None,
        traces=(Trace("1", "DEMO-0001", f"9{settings.payer_tax_id}"),),
        services=(ServiceInquiry(service_types=("30",)),),
        reference="",
    )


def _patient(contract: Contract) -> Patient:
    person = contract.subscriber
    return Patient(
        last_name=person.last_name,
        first_name=person.first_name,
        member_id=contract.subscriber_id,
        birth_date=person.birth_date,
        gender=person.gender,
    )


def look_line(url: str, api_key: str) -> str:
    """A line for a shell that shows what is at a URL."""
    return shlex.join(("curl", "-sS", "-H", f"Authorization: Bearer {api_key}", url))


def curl_line(url: str, api_key: str, file: Path) -> str:
    """A line for a shell that posts the file and shows the answer, one segment a line."""
    command = (
        "curl",
        "-sS",
        *("-H", f"Authorization: Bearer {api_key}"),
        *("-H", "Content-Type: application/edi-x12"),
        *("--data-binary", f"@{file}"),
        f"{url}/x12",
    )
    return f"{shlex.join(command)} | tr '~' '\\n'"
