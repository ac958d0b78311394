"""``edi-gateway check``: an offline verdict on X12 files."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from gateway.cli.check_files import FileVerdict, judge_file, total_bytes
from gateway.cli.check_output import Tally, json_line, show, show_summary
from gateway.clock import system_clock

PROGRESS_BYTES_MIN = 1024 * 1024
"""A progress bar is shown for more than this, when the standard error is a terminal."""


def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="X12 files; - is the standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line for each file.")] = False,
    reference: Annotated[
        bool, typer.Option("--reference", help="Ask pyx12 too and show both verdicts (files up to 32 MB).")
    ] = False,
    ack: Annotated[bool, typer.Option("--ack", help="Print the TA1 or 999 that would be sent.")] = False,
) -> None:
    """Judge X12 files: what is wrong, where, and how to mend it.

    Exit status: 0 when all are accepted, 1 when one is rejected, 2 when one cannot be read.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without ✓ gets ?
    console = Console(soft_wrap=True)
    tallies = []
    with _progress(files) as advanced:
        for file in files:
            verdict = judge_file(file, system_clock() if ack else None, advanced, reference=reference)
            _report(verdict, console, as_json=as_json, ack=ack)
            tallies.append(Tally(verdict))
    if len(tallies) > 1 and not as_json:
        show_summary(tallies, console)
    raise typer.Exit(max(tally.exit_status for tally in tallies))


def _report(verdict: FileVerdict, console: Console, *, as_json: bool, ack: bool) -> None:
    if as_json:
        print(json_line(verdict, acknowledge=ack), flush=True)
    else:
        show(verdict, console, acknowledge=ack)


@contextmanager
def _progress(files: list[str]) -> Iterator[Callable[[int], None]]:
    """A bar on the standard error while large files are read by somebody who watches."""
    total = total_bytes(files)
    if not sys.stderr.isatty() or (total is not None and total < PROGRESS_BYTES_MIN):
        yield lambda _: None
        return
    columns = (TextColumn("checking"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as progress:
        task = progress.add_task("checking", total=total)
        yield lambda count: progress.advance(task, count)
