"""Claims of a book in a store, and the 276s about them that load clients send."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from benchmarks.inquiries import SUBMITTER, enveloped
from edi.claim_status import ClaimInquiry, ClaimPatient, ClaimStatusRequest
from edi.eligibility import Party
from edi.writing_276 import FUNCTIONAL_IDENTIFIER, GUIDE, write_claim_status_request
from gateway.book import Book
from gateway.settings import Settings
from gateway.store import administration
from gateway.store.claim_loading import load_claims
from rules.facts import Contract, Entitlement, Function, Provider
from rules.facts.claims import Claim


def prepare_claims(database_url: str, made: Book) -> None:
    """Load the book's claims into a store that has the book, and let the submitter ask after all of them."""

    async def prepare() -> None:
        await load_claims(database_url, made.claims())
        now = datetime.now(UTC)
        for tin in made.tins():
            entitlement = Entitlement(SUBMITTER.submitter_id, tin, Function.CLAIM_STATUS, now, granted_by="benchmark")
            await administration.grant(database_url, entitlement)

    asyncio.run(prepare())


def claims_to_ask_about(made: Book) -> Iterator[tuple[Claim, Contract, Provider]]:
    """Each subscriber's claim with a provider who may ask after it; of a split claim only the first part.

    None that has come today: where the payer is, it may be yesterday.
    """
    by_id = {contract.subscriber_id: contract for contract in made.contracts()}
    by_npi = {each.identifier: provider for provider in made.providers() for each in provider.identifiers}
    for claim in made.claims():
        provider, contract = by_npi[claim.billing_npi], by_id[claim.subscriber_id]
        is_known = claim.events[0].effective < made.today and not claim.claim_id.endswith("-2")
        if is_known and provider.may_inquire and claim.patient_number == contract.subscriber.number:
            yield claim, contract, provider


def claim_inquiries(made: Book, number: int, settings: Settings) -> list[bytes]:
    """276s of the usual kind, 16 segments, about so many claims: by account or prescription, charge and days."""
    asked = islice(claims_to_ask_about(made), number)
    return [_interchange(count, *each, settings) for count, each in enumerate(asked, start=1)]


def _interchange(number: int, claim: Claim, contract: Contract, provider: Provider, settings: Settings) -> bytes:
    now = datetime.now(UTC)
    inquiry = _inquiry(number, claim, contract, provider, settings)
    segments = write_claim_status_request(ClaimStatusRequest("0001", inquiry.reference, (inquiry,)), now)
    return enveloped(number, segments, FUNCTIONAL_IDENTIFIER, GUIDE, settings, now)


def _inquiry(number: int, claim: Claim, contract: Contract, provider: Provider, settings: Settings) -> ClaimInquiry:
    npi = next(each.identifier for each in provider.identifiers if each.qualifier == "XX")
    person = contract.subscriber
    return ClaimInquiry(
        source=Party("PR", "2", settings.payer_name, "", "PI", settings.payer_id),
        receiver=Party("41", "2", SUBMITTER.name, "", "46", SUBMITTER.interchange_id),
        providers=(Party("1P", "2", provider.name, "", "XX", npi),),
        subscriber=ClaimPatient(
            last_name=person.last_name,
            first_name=person.first_name,
            identifier=contract.subscriber_id,
            birth_date=person.birth_date,
            gender=person.gender if person.gender in ("F", "M") else "",
        ),
        dependent=None,
        reference=f"BENCH{number:07d}",
        trace=f"BENCH{number:07d}",
        patient_account=claim.patient_account,
        prescription=claim.prescription,
        charge=claim.charge,
        dates=claim.dates,
    )
