"""What the demo keeps: the book of business in the store, and beside it the few things it has to remember."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import msgspec

from gateway.book import Book, book
from gateway.cli.demo_sample import sample_270, sample_276, sample_278, sample_278_pended
from gateway.cli.progress import Advance, count_progress
from gateway.settings import Settings
from gateway.store import administration
from gateway.store.claim_loading import load_claims
from gateway.store.loading import load_contracts, load_plans, load_providers
from gateway.store.migrating import migrate
from gateway.store.policy_loading import load_review_policies
from gateway.store.reviewers import add_reviewer_key
from rules.facts import Contract, Entitlement, Function, Submitter

SEED = 58
"""With this one the first family, which the sample asks about, has used a part of its deductibles."""
MEMBERS_USUAL = 10_000
SUBMITTER = Submitter("DEMO", "DEMO SUBMITTER", "ZZ", "DEMOSUBMITTER")
REVIEWER = "DEMO REVIEWER"
FUNCTIONS = (Function.ELIGIBILITY, Function.CLAIM_STATUS, Function.PRECERTIFICATION)
NOT_ENTITLED_EVERY = 10
"""For every tenth provider group the demo's submitter is not entitled, so that refusals can be seen too."""


EDITION = 2
"""Of what the demo loads and grants, raised when that becomes more: a folder of an earlier one is then loaded anew."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was put into a database; the same figures make the same book again."""

    database: str
    """Stands for the database: what is in one says nothing about another."""
    members: int
    seed: int
    today: date
    complete: bool = False
    edition: int = 1

    @property
    def book(self) -> Book:
        """The book."""
        return book(self.members, self.seed, self.today)


Sample = Callable[[Book, Submitter, Settings, datetime], bytes]
"""Writes one, about the book's first member, as of a moment in the payer's time zone."""


class NotOurs(Exception):  # noqa: N818 - names the state of the database
    """The database holds coverage that no demo has loaded; the message is for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """The demo's data folder."""

    path: Path

    @property
    def sample(self) -> Path:
        """The 270 to send."""
        return self.path / "sample_270.edi"

    @property
    def sample_276(self) -> Path:
        """The 276 to send."""
        return self.path / "sample_276.edi"

    @property
    def sample_278(self) -> Path:
        """The 278 to send."""
        return self.path / "sample_278.edi"

    @property
    def sample_278_pended(self) -> Path:
        """The 278 that waits for a reviewer."""
        return self.path / "sample_278_pended.edi"

    @property
    def samples(self) -> Mapping[Path, Sample]:
        """All that there is to send, and what makes it."""
        return {
            self.sample: sample_270,
            self.sample_276: sample_276,
            self.sample_278: sample_278,
            self.sample_278_pended: sample_278_pended,
        }

    @property
    def api_key(self) -> Path:
        """The demo submitter's key, for its owner's eyes."""
        return self.path / "api-key"

    @property
    def reviewer_key(self) -> Path:
        """The demo reviewer's key, for its owner's eyes."""
        return self.path / "reviewer-key"

    @property
    def _memory(self) -> Path:
        return self.path / "demo.json"

    def recall(self, database: str) -> Loaded | None:
        """What was loaded into this database, or begun to be; None at the first start."""
        try:
            loaded = msgspec.json.decode(self._memory.read_bytes(), type=Loaded)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None
        return loaded if loaded.database == database else None

    def forget_keys(self) -> None:
        """Begin anew: the keys here are of another database."""
        self.api_key.unlink(missing_ok=True)
        self.reviewer_key.unlink(missing_ok=True)

    def remember(self, loaded: Loaded) -> None:
        """Keep it for the next start."""
        self._memory.write_bytes(msgspec.json.encode(loaded))


def keep_key(file: Path, token: str) -> None:
    """Keep a key where only its owner can read it."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(token)


async def prepare(folder: DemoFolder, database_url: str, wanted: Loaded, now: datetime) -> Loaded:
    """Bring the store to where the demo can be shown, and do nothing that was done before.

    Args:
        database_url: where it is to be.
        wanted: what to load if nothing is there yet.
        now: since when the demo's submitter is entitled.

    Returns:
        What is there: a book of another size, perhaps, and made for an earlier day.

    Raises:
        NotOurs: the database belongs to somebody else.
        Outage, MigrationError: the database cannot be used.
    """
    await migrate(database_url)
    held = (await administration.count(database_url)).contracts
    loaded = folder.recall(wanted.database)
    if held and loaded is None:
        raise NotOurs(
            f"the database holds {held:,} contracts that no demo in {folder.path} has loaded: left alone; "
            "name another folder with --data, or another database"
        )
    if not held:
        folder.forget_keys()
        loaded = None
    if loaded is None or not loaded.complete or loaded.edition != EDITION:
        begun = wanted if loaded is None or not loaded.complete else replace(loaded, complete=False)
        folder.remember(begun)
        await _load(begun, database_url)
        await _admit(begun.book, database_url, now)
        loaded = replace(begun, complete=True, edition=EDITION)
        folder.remember(loaded)
    await _provide_keys(folder, database_url)
    return loaded


async def _provide_keys(folder: DemoFolder, database_url: str) -> None:
    """Create the keys that are not there."""
    if not folder.api_key.exists():
        keep_key(folder.api_key, await administration.create_api_key(database_url, SUBMITTER.submitter_id))
    if not folder.reviewer_key.exists():
        keep_key(folder.reviewer_key, await add_reviewer_key(database_url, REVIEWER))


async def _load(wanted: Loaded, database_url: str) -> None:
    await load_plans(database_url, wanted.book.plans())
    await load_review_policies(database_url, wanted.book.review_policies())
    await load_providers(database_url, wanted.book.providers())
    with count_progress("loading members", wanted.members) as advance:
        await load_contracts(database_url, _counted(wanted.book.contracts(), advance))
    await load_claims(database_url, wanted.book.claims())


def _counted(contracts: Iterator[Contract], advance: Advance) -> Iterator[Contract]:
    for contract in contracts:
        advance(len(contract.persons))
        yield contract


async def _admit(made: Book, database_url: str, now: datetime) -> None:
    """Let the demo's submitter ask for nearly all provider groups; a load that was broken off has granted some."""
    await administration.save_submitter(database_url, SUBMITTER)
    for number, tin in enumerate(made.tins(), start=1):
        for function in FUNCTIONS if number % NOT_ENTITLED_EVERY else ():
            entitlement = Entitlement(SUBMITTER.submitter_id, tin, function, now, granted_by="demo")
            with suppress(administration.Refused):
                await administration.grant(database_url, entitlement)
