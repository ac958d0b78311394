"""A book of business in a store, and the 270s of its members that load clients send."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import cycle, islice

from edi.eligibility import EligibilityInquiry, EligibilityRequest, Party, Patient, ServiceInquiry, Trace
from edi.envelope import Address, Group, InterchangeHeader, write_interchange
from edi.writing_270 import FUNCTIONAL_IDENTIFIER, GUIDE, write_eligibility_request
from gateway.book import Book, book
from gateway.settings import Settings
from gateway.store import administration
from gateway.store.loading import load_contracts, load_plans, load_providers
from gateway.store.migrating import migrate
from rules.facts import Contract, Entitlement, Function, Provider, Submitter

SUBMITTER = Submitter("BENCH", "BENCHMARK", "ZZ", "BENCHMARK")
SEED = 7


def made_up_book(members: int) -> Book:
    """The same book on each call of a day."""
    return book(members, SEED, datetime.now(UTC).date())


def prepare_store(database_url: str, made: Book) -> str:
    """Load the book and let one submitter ask about all of it; gives its API key."""

    async def prepare() -> str:
        await migrate(database_url)
        await load_plans(database_url, made.plans())
        await load_providers(database_url, made.providers())
        await load_contracts(database_url, made.contracts())
        await administration.save_submitter(database_url, SUBMITTER)
        now = datetime.now(UTC)
        for tin in made.tins():
            entitlement = Entitlement(SUBMITTER.submitter_id, tin, Function.ELIGIBILITY, now, granted_by="benchmark")
            await administration.grant(database_url, entitlement)
        return await administration.create_api_key(database_url, SUBMITTER.submitter_id)

    return asyncio.run(prepare())


def inquiries(made: Book, number: int, settings: Settings) -> list[bytes]:
    """270s of the usual kind, 17 segments, about so many different subscribers, by providers who may ask."""
    providers = cycle([provider for provider in made.providers() if provider.may_inquire])
    contracts = islice(made.contracts(), number)
    return [
        _interchange(count, provider, contract, settings)
        for count, (provider, contract) in enumerate(zip(providers, contracts, strict=False), start=1)
    ]


def _interchange(number: int, provider: Provider, contract: Contract, settings: Settings) -> bytes:
    now = datetime.now(UTC)
    inquiry = _inquiry(number, provider, contract, settings)
    segments = write_eligibility_request(EligibilityRequest("0001", inquiry.reference, "13", (inquiry,)), now)
    return enveloped(number, segments, FUNCTIONAL_IDENTIFIER, GUIDE, settings, now)


def enveloped(
    number: int, segments: Sequence[str], functional_identifier: str, guide: str, settings: Settings, now: datetime
) -> bytes:
    """One transaction set of the submitter's in an interchange with a control number."""
    header = InterchangeHeader(
        Address(SUBMITTER.interchange_qualifier, SUBMITTER.interchange_id),
        Address(settings.payer_interchange_qualifier, settings.payer_interchange_id),
        now,
        number,
    )
    group = Group(functional_identifier, SUBMITTER.interchange_id, settings.payer_id, guide, (segments,))
    return write_interchange(header, (group,))


def _inquiry(number: int, provider: Provider, contract: Contract, settings: Settings) -> EligibilityInquiry:
    person = contract.subscriber
    npi = next(each.identifier for each in provider.identifiers if each.qualifier == "XX")
    return EligibilityInquiry(
        source=Party("PR", "2", settings.payer_name, "", "PI", settings.payer_id),
        receiver=Party("1P", "2", provider.name, "", "XX", npi),
        receiver_references=(),
        subscriber=Patient(
            last_name=person.last_name,
            first_name=person.first_name,
            member_id=contract.subscriber_id,
            birth_date=person.birth_date,
            gender=person.gender if person.gender in ("F", "M") else "",
        ),
        dependent=None,
        traces=(Trace("1", f"BENCH{number:07d}", f"9{settings.payer_tax_id}"),),
        services=(ServiceInquiry(service_types=("30",)),),
        reference=f"BENCH{number:07d}",
    )
