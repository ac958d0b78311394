"""``edi-gateway load``: coverage, plans, providers, claims and review policies into the store.

A file holds JSON documents, one a line, or X12: its first bytes tell which. JSON goes by ``LOADINGS``, X12 by the rows
of ``X12_LOADINGS``, one for each kind of transaction set that can be loaded as a kind. A row (`X12Loading`) names ST01
and the guides, where a set is cut into parts, what reads values from the parts, and what takes values into the store.
Reading the file, judging it by its guides, telling and passing over what is wrong, batches, progress and the exit
status are the same for all of them (``gateway.cli.load_x12``).
"""

from __future__ import annotations

import re
import sys
from codecs import BOM_UTF8
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, BinaryIO

import msgspec
import typer

from gateway.cli.database import fail, run_on_database, settings_or_exit
from gateway.cli.load_x12 import TOLD_MAX, X12Loading, load_x12
from gateway.cli.progress import Advance, bytes_progress
from gateway.clock import system_clock
from gateway.logs import set_up_logs
from gateway.operators_files import load_plan_choices, load_settlement_codes
from gateway.settings import Settings
from gateway.store.claim_intake import take_in_submitted_claims
from gateway.store.claim_loading import load_claims
from gateway.store.claim_settlement import settle_claims
from gateway.store.enrolling import finish_enrolling, take_in_enrollments
from gateway.store.loading import Progress, load_contracts, load_plans, load_providers
from gateway.store.policy_loading import load_review_policies
from gateway.warming import calm_collector
from parsers import claim_acknowledgments, enrollments, remittances, submitted_claims
from rules.claims.intake import changes_another
from rules.claims.settlement import depends_on_former
from rules.claims.settlement_codes import SETTLEMENT_CODES
from rules.enrolling.plan_choice import PLAN_CHOICES
from rules.facts import Contract, Plan, Provider, UntellableFact
from rules.facts.claims import Claim, InvalidClaimError
from rules.facts.reviews import ReviewPolicy

Loader = Callable[[str, Iterable[Any] | AsyncIterable[Any], Progress], Awaitable[int]]


class LoadKind(StrEnum):
    """What a file holds."""

    COVERAGE = "coverage"
    PLANS = "plans"
    PROVIDERS = "providers"
    CLAIMS = "claims"
    POLICIES = "policies"


@dataclass(frozen=True, slots=True)
class _Loading:
    type_: type
    load: Loader
    passes_over_bad: bool = False
    """Whether a document that cannot be read is told and passed over, instead of ending the load there."""


LOADINGS = {
    LoadKind.COVERAGE: _Loading(Contract, load_contracts),
    LoadKind.PLANS: _Loading(Plan, load_plans),
    LoadKind.PROVIDERS: _Loading(Provider, load_providers),
    LoadKind.CLAIMS: _Loading(Claim, load_claims, passes_over_bad=True),
    LoadKind.POLICIES: _Loading(ReviewPolicy, load_review_policies),
}

X12_LOADINGS: dict[LoadKind, tuple[X12Loading, ...]] = {
    LoadKind.COVERAGE: (
        X12Loading(
            "834",
            enrollments.GUIDES,
            enrollments.OUTLINE,
            enrollments.EnrollmentReader,
            take_in_enrollments,
            finish_enrolling,
        ),
    ),
    LoadKind.CLAIMS: (
        X12Loading(
            "837",
            submitted_claims.GUIDES,
            submitted_claims.OUTLINE,
            submitted_claims.SubmittedClaimReader,
            take_in_submitted_claims,
            depends_on_former=changes_another,
        ),
        X12Loading(
            "835",
            remittances.GUIDES,
            remittances.OUTLINE,
            remittances.RemittanceReader,
            settle_claims,
            depends_on_former=depends_on_former,
        ),
        X12Loading(
            "277",
            claim_acknowledgments.GUIDES,
            claim_acknowledgments.OUTLINE,
            claim_acknowledgments.ClaimAcknowledgmentReader,
            settle_claims,
            depends_on_former=depends_on_former,
        ),
    ),
}

CHUNK_BYTES = 64 * 1024
_X12_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?[\s\0]*ISA")
_PEEKED_BYTES = 256

_TOLD_WITHOUT_VALUES = (
    "Expected ",
    "JSON is malformed: ",
    "Input data was truncated",
    "Object missing required field ",
)
"""How msgspec's messages begin that hold nothing of the document itself."""
_REFUSES_WITHOUT_VALUES = (InvalidClaimError, UntellableFact)
"""Why a document of the right form is none that could be told; their messages name fields and never what they hold."""
_TOLD_BY_TYPE: Mapping[type[Exception], str] = {
    RecursionError: "it is nested too deep",
    UnicodeDecodeError: "it is not UTF-8",
}


class UnreadableLine(Exception):  # noqa: N818 - names the state of the file
    """A line is not a document of its kind; the message says which line and which field, never what it holds."""


def load(
    kind: Annotated[LoadKind, typer.Argument(help="What the file holds.")],
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="X12, or one JSON document a line; - is the standard input.")
    ],
) -> None:
    """Load a file into the store; what is there under the same id is replaced and kept in the history.

    Claims may be X12 837; payments and denials (835) and acknowledgments (277CA) of claims that are held become their
    status. What cannot be read of X12 is told and passed over, as is a JSON claim; any other JSON document that cannot
    be read ends the load.

    Coverage may be X12 834. It adds, changes, ends and reinstates what it names and leaves everything else as it is: a
    full file, too, ends nobody's coverage by leaving him out. Where it does not name plans by their ids,
    EDI_GATEWAY_PLAN_CHOICES names a table that says which plan is meant by insurance line and group.

    Exit status: 0 when all are loaded, 1 otherwise. A load that was broken off is simply run again, and the same file
    twice changes nothing.
    """
    try:
        with _opened(file) as opened, bytes_progress(f"loading {kind}", opened) as advanced:
            if _X12_BEGINS.match(_peeked(opened)):
                _load_x12(kind, file, opened, advanced)
            else:
                _load_documents(kind, file, opened, advanced)
    except OSError as error:
        fail(f"{file}: {error.strerror}")


def _load_x12(kind: LoadKind, file: str, opened: BinaryIO, advanced: Advance) -> None:
    loadings = X12_LOADINGS.get(kind, ())
    if not loadings:
        fail(f"{file}: {kind} are loaded from JSON documents, not from X12")
    calm_collector()
    settings = settings_or_exit()
    set_up_logs(settings.log_level)
    _use_tables(settings)
    today = system_clock().astimezone(settings.zone).date()

    def tell(line: str) -> None:
        typer.echo(f"{file}: {line}", err=True)

    loaded = run_on_database(
        lambda database_url: load_x12(database_url, loadings, _chunks(opened, advanced), today, tell)
    )
    typer.echo(f"loaded {loaded.loaded}, changed {loaded.changes}")
    if loaded.passed_over:
        fail(f"{file}: passed over {loaded.passed_over}")
    if not loaded.is_faultless:
        raise typer.Exit(1)


def _use_tables(settings: Settings) -> None:
    """The operator's own, where he has any."""
    codes, choices = settings.settlement_codes, settings.plan_choices
    SETTLEMENT_CODES.use(None if codes is None else load_settlement_codes(codes))
    PLAN_CHOICES.use(None if choices is None else load_plan_choices(choices))


def _chunks(opened: BinaryIO, advanced: Advance) -> Iterator[bytes]:
    while chunk := opened.read(CHUNK_BYTES):
        yield chunk
        advanced(len(chunk))


def _load_documents(kind: LoadKind, file: str, lines: BinaryIO, advanced: Advance) -> None:
    loading = LOADINGS[kind]
    passed_over = 0

    def pass_over(unreadable: UnreadableLine) -> None:
        nonlocal passed_over
        if not loading.passes_over_bad:
            raise unreadable
        passed_over += 1
        if passed_over <= TOLD_MAX:
            typer.echo(f"{file}: {unreadable}", err=True)

    documents = read_documents(lines, loading.type_, advanced, pass_over)
    try:
        loaded = run_on_database(lambda database_url: loading.load(database_url, documents, lambda _: None))
    except UnreadableLine as unreadable:
        fail(f"{file}: {unreadable}")
    typer.echo(f"loaded {loaded}")
    if passed_over:
        fail(f"{file}: passed over {passed_over}")


def read_documents(
    lines: Iterable[bytes],
    type_: type,
    advanced: Callable[[int], None],
    pass_over: Callable[[UnreadableLine], None],
) -> Iterator[Any]:
    """The documents of a file, one a line; empty lines and a byte order mark are passed over.

    Args:
        lines: with their ends.
        type_: of `rules.facts`.
        advanced: is told how many bytes each line had.
        pass_over: is given what is wrong with a line that holds something else, to raise it or to go on.
    """
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(type_)
    for number, line in enumerate(lines, start=1):
        document = line.removeprefix(BOM_UTF8) if number == 1 else line
        if document.strip():
            try:
                yield decoder.decode(document)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                pass_over(UnreadableLine(f"line {number} is not a {type_.__name__}{_reason(error)}"))
        advanced(len(line))


def _reason(error: Exception) -> str:
    """What is wrong, if told in words of the type alone, else where: a message of msgspec ends with the place."""
    if type(error) in _TOLD_BY_TYPE:
        return f": {_TOLD_BY_TYPE[type(error)]}"
    told = str(error)
    if isinstance(error.__cause__, _REFUSES_WITHOUT_VALUES) or told.startswith(_TOLD_WITHOUT_VALUES):
        return f": {told}"
    place = re.search(r" - at `(\$[\w.\[\]]*)`$", told)
    return f": look at {place[1]}" if place else ""


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with open(file, "rb") as opened:
        yield opened


def _peeked(opened: BinaryIO) -> bytes:
    """The first bytes, which are still to be read."""
    peek: Callable[[int], bytes] = opened.peek  # type: ignore[attr-defined]  # both kinds of files are buffered
    return peek(_PEEKED_BYTES)[:_PEEKED_BYTES]
