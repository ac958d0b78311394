"""What the demo gives its user to paste: a 270 about a member of its book, and the command that sends it."""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import Path

from edi.eligibility import EligibilityInquiry, EligibilityRequest, Party, Patient, ServiceInquiry, Trace
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.writing_270 import FUNCTIONAL_IDENTIFIER, GUIDE, write_eligibility_request
from gateway.book import Book
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
    header = InterchangeHeader(
        sender=Address(submitter.interchange_qualifier, submitter.interchange_id),
        receiver=Address(settings.payer_interchange_qualifier, settings.payer_interchange_id),
        written_at=written_at,
        control_number=1,
    )
    group = Group(
        FUNCTIONAL_IDENTIFIER,
        submitter.interchange_id,
        settings.payer_id,
        GUIDE,
        (write_eligibility_request(request, written_at),),
    )
    return write_interchange(header, (group,)).replace(b"~", b"~\n")


def _inquiry(provider: Provider, contract: Contract, settings: Settings) -> EligibilityInquiry:
    person = contract.subscriber
    return EligibilityInquiry(
        source=Party("PR", "2", settings.payer_name, "", "PI", settings.payer_id),
        receiver=Party("1P", "2", provider.name, "", "XX", provider.identifiers[0].identifier),
        receiver_references=(),
        subscriber=Patient(
            last_name=person.last_name,
            first_name=person.first_name,
            member_id=contract.subscriber_id,
            birth_date=person.birth_date,
            gender=person.gender,
        ),
        dependent=None,
        traces=(Trace("1", "DEMO-0001", f"9{settings.payer_tax_id}"),),
        services=(ServiceInquiry(service_types=("30",)),),
        reference="",
    )


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
