"""``edi-gateway submitter``, ``entitlement`` and ``reviewer``: who may ask, on whose behalf, and who decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.cli.database import run_on_database
from gateway.clock import system_clock
from gateway.store import administration, reviewers
from rules.facts import Entitlement, Function, Submitter, SubmitterStatus

submitter_commands = typer.Typer(no_args_is_help=True, help="Submitters and their API keys.")
entitlement_commands = typer.Typer(no_args_is_help=True, help="What provider groups let submitters do for them.")
reviewer_commands = typer.Typer(no_args_is_help=True, help="Reviewers, who decide pended reviews over HTTP.")

SubmitterId = Annotated[str, typer.Argument(metavar="SUBMITTER", help="The submitter's id.")]
ReviewerId = Annotated[str, typer.Argument(metavar="REVIEWER", help="As the record of a review is to name them.")]
KeyPrefix = Annotated[str, typer.Option("--prefix", help="Only keys that begin like this.")]
Tin = Annotated[str, typer.Argument(help="The provider group's tax id, nine digits.")]
FunctionOption = Annotated[Function, typer.Option("--function", help="What it is for.")]
Manager = Annotated[str, typer.Option("--by", help="The access manager who decided it.")]
DAY_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


@submitter_commands.command("save")
def save_submitter(
    submitter_id: SubmitterId,
    name: Annotated[str, typer.Option(help="For people.")],
    interchange_id: Annotated[str, typer.Option(help="ISA06 of what it sends.")],
    interchange_qualifier: Annotated[str, typer.Option(help="ISA05 of what it sends.")] = "ZZ",
    suspended: Annotated[bool, typer.Option("--suspended", help="It may not send anything for now.")] = False,
) -> None:
    """Create a submitter, or change the one that has this id."""
    status = SubmitterStatus.SUSPENDED if suspended else SubmitterStatus.ACTIVE
    submitter = Submitter(submitter_id, name, interchange_qualifier, interchange_id, status)
    run_on_database(lambda database_url: administration.save_submitter(database_url, submitter))


@submitter_commands.command("key")
def create_key(submitter_id: SubmitterId) -> None:
    """Create an API key and print it, this once: only its hash is stored."""
    typer.echo(run_on_database(lambda database_url: administration.create_api_key(database_url, submitter_id)))


@submitter_commands.command("revoke-keys")
def revoke_keys(
    submitter_id: SubmitterId,
    prefix: KeyPrefix = "",
) -> None:
    """Revoke a submitter's API keys; no answer leaves on them after this returns."""
    revoked = run_on_database(
        lambda database_url: administration.revoke_api_keys(database_url, submitter_id, prefix),
    )
    typer.echo(f"revoked {revoked}")


@entitlement_commands.command("grant")
def grant(
    submitter_id: SubmitterId,
    tin: Tin,
    function: FunctionOption = Function.ELIGIBILITY,
    valid_from: Annotated[
        datetime | None, typer.Option("--from", formats=DAY_FORMATS, help="UTC; now when not given.")
    ] = None,
    valid_until: Annotated[
        datetime | None, typer.Option("--until", formats=DAY_FORMATS, help="UTC, not included; open when not given.")
    ] = None,
    granted_by: Manager = "command line",
) -> None:
    """Let a submitter use a function for a provider group."""
    entitlement = Entitlement(
        submitter_id=submitter_id,
        tin=tin,
        function=function,
        valid_from=system_clock() if valid_from is None else valid_from.replace(tzinfo=UTC),
        valid_until=None if valid_until is None else valid_until.replace(tzinfo=UTC),
        granted_by=granted_by,
    )
    run_on_database(lambda database_url: administration.grant(database_url, entitlement))


@entitlement_commands.command("revoke")
def revoke(
    submitter_id: SubmitterId,
    tin: Tin,
    function: FunctionOption = Function.ELIGIBILITY,
    revoked_by: Manager = "command line",
) -> None:
    """Take a function back; no answer leaves on it after this returns."""
    revoked = run_on_database(
        lambda database_url: administration.revoke(database_url, submitter_id, tin, function, revoked_by),
    )
    typer.echo(f"revoked {revoked}")


@reviewer_commands.command("add")
def add_reviewer(
    reviewer_id: ReviewerId,
    name: Annotated[str | None, typer.Option(help="For people.  [the id]")] = None,
) -> None:
    """Create a reviewer, or give one a further API key; print the key, this once: only its hash is stored."""
    typer.echo(run_on_database(lambda database_url: reviewers.add_reviewer_key(database_url, reviewer_id, name)))


@reviewer_commands.command("revoke")
def revoke_reviewer(reviewer_id: ReviewerId, prefix: KeyPrefix = "") -> None:
    """Revoke a reviewer's API keys; nothing is decided on them after this returns."""
    revoked = run_on_database(
        lambda database_url: reviewers.revoke_reviewer_keys(database_url, reviewer_id, prefix),
    )
    typer.echo(f"revoked {revoked}")


@reviewer_commands.command("list")
def list_reviewers() -> None:
    """List the reviewers with the keys that hold, each by its first characters."""
    for key in run_on_database(reviewers.list_reviewers):
        since = "no key" if key.created_at is None else f"{key.prefix}...  since {key.created_at:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{key.reviewer_id}  {key.name}  {since}")
