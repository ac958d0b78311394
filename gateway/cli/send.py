"""``edi-gateway send``: submit an X12 file to a gateway and show what it answers."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import orjson
import typer
from rich.console import Console

ANSWER_SECONDS_MAX = 25.0
"""CORE allows 20 s for a real-time answer."""

REJECTED = frozenset({"TA1", "999", "AAA"})
"""Outcomes that say no."""

STATUS_REJECTED = 1
STATUS_NOT_SENT = 2


@dataclass(frozen=True, slots=True)
class Sent:
    """What came back."""

    outcome: str
    body: bytes
    seconds: float

    @property
    def exit_status(self) -> int:
        """0 for a business answer, 1 for a rejection."""
        return STATUS_REJECTED if self.outcome in REJECTED else 0


class NotSent(Exception):  # noqa: N818 - names what the person at the terminal sees
    """No answer in X12 came; the message says why and what to do."""


def send(
    file: Annotated[str, typer.Argument(metavar="FILE", help="X12 file; - is the standard input.")],
    url: Annotated[
        str, typer.Option(envvar="EDI_GATEWAY_URL", help="Where the gateway answers.")
    ] = "http://127.0.0.1:8270",
    key: Annotated[
        str, typer.Option("--key", envvar="EDI_GATEWAY_API_KEY", help="API key of the submitter.", show_default=False)
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line for each answer.")] = False,
    repeat: Annotated[int, typer.Option(min=1, help="Send it so many times, one after the other.")] = 1,
) -> None:
    """Send an X12 file to a gateway and print the answer.

    The answer goes to the standard output: as it came, or with a segment a line when that is a terminal. Its outcome
    (271, AAA, 999, TA1) goes to the standard error.

    Exit status: 0 a business answer, 1 a rejection (TA1, 999 or AAA), 2 it could not be sent.
    """
    errors = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        data = _read(file)
        answers = _send_all(data, url, key, repeat, errors, as_json=as_json)
    except NotSent as failure:
        errors.print(str(failure), style="red", markup=False)
        raise typer.Exit(STATUS_NOT_SENT) from None
    raise typer.Exit(max(answer.exit_status for answer in answers))


def _send_all(data: bytes, url: str, key: str, repeat: int, errors: Console, *, as_json: bool) -> list[Sent]:
    answers = []
    with _client(url, key) as client:
        for _ in range(repeat):
            answer = _post(client, data)
            answers.append(answer)
            if as_json:
                _print_json(answer)
            else:
                _print(answer)
                errors.print(f"{answer.outcome} in {answer.seconds * 1000:.1f} ms")
    return answers


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise NotSent(f"{file} cannot be read: {error.strerror}") from None


def _client(url: str, key: str) -> httpx.Client:
    if not key:
        raise NotSent("no API key: give --key or set EDI_GATEWAY_API_KEY")
    if not key.isascii() or not key.isprintable():
        raise NotSent("an API key has printable ASCII characters only")
    headers = {"authorization": f"Bearer {key}", "content-type": "application/edi-x12"}
    try:
        return httpx.Client(base_url=url, headers=headers, timeout=ANSWER_SECONDS_MAX)
    except httpx.InvalidURL:
        raise NotSent(f"{url} is not a URL: give --url like http://127.0.0.1:8270") from None


def _post(client: httpx.Client, data: bytes) -> Sent:
    begun = time.perf_counter()
    try:
        response = client.post("/x12", content=data)
    except httpx.TimeoutException:
        raise NotSent(f"no answer within {ANSWER_SECONDS_MAX:.0f} s from {client.base_url}") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotSent(f"cannot reach {client.base_url} ({error}): is the gateway running, is --url right?") from None
    seconds = time.perf_counter() - begun
    outcome = response.headers.get("x-edi-outcome")
    if response.status_code != httpx.codes.OK or outcome is None:
        raise NotSent(_why(response))
    return Sent(outcome, response.content, seconds)


def _why(response: httpx.Response) -> str:
    """What the gateway's problem document says, or what little there is of another server's answer."""
    said = f"{response.status_code} {response.reason_phrase}"
    try:
        detail = orjson.loads(response.content)["detail"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return f"{said}: {response.url} does not answer like an edi-gateway"
    wait = response.headers.get("retry-after")
    return f"{said}: {detail}" + (f" Try again in {wait} s." if wait else "")


def _print_json(answer: Sent) -> None:
    text = answer.body.decode("utf-8", "replace")
    fields = {"outcome": answer.outcome, "answer": text, "milliseconds": round(answer.seconds * 1000, 3)}
    print(orjson.dumps(fields).decode(), flush=True)


def _print(answer: Sent) -> None:
    if sys.stdout.isatty():
        print(_segment_a_line(answer.body), flush=True)
    else:
        sys.stdout.buffer.write(answer.body)
        sys.stdout.buffer.flush()


def _segment_a_line(body: bytes) -> str:
    """The answer for people: the terminator is the character after ISA16, at a fixed place."""
    text = body.decode("utf-8", "replace")
    terminator = text[105:106]
    if not text.startswith("ISA") or not terminator:
        return text
    return "\n".join(f"{segment.strip()}{terminator}" for segment in text.split(terminator) if segment.strip())
