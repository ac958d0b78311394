"""The ``edi-gateway`` command: one module for each subcommand."""

import typer

from gateway.cli.administration import entitlement_commands, reviewer_commands, submitter_commands
from gateway.cli.ask import ask
from gateway.cli.check import check
from gateway.cli.demo import demo
from gateway.cli.explain import explain
from gateway.cli.hours import hours_commands
from gateway.cli.load import load
from gateway.cli.review import review_commands
from gateway.cli.review_record import document, history, message
from gateway.cli.send import send
from gateway.cli.serve import serve

app = typer.Typer(name="edi-gateway", no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
for command in (demo, serve, check, send, load, explain, ask):
    app.command()(command)
for added in (history, message, document):
    review_commands.command()(added)
app.add_typer(submitter_commands, name="submitter")
app.add_typer(entitlement_commands, name="entitlement")
app.add_typer(hours_commands, name="hours")
app.add_typer(review_commands, name="review")
app.add_typer(reviewer_commands, name="reviewer")


@app.callback()
def _gateway() -> None:
    """Answer X12 eligibility, claim status and precertification inquiries for a payer."""


def main() -> None:
    """Run the command line."""
    app()
