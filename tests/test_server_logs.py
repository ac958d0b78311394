"""Log lines: one of JSON per event, and nothing of what a partner sent."""

import asyncio
import logging
import sys

import orjson
import pytest

from edi.errors import Outage
from gateway.logs import JsonFormatter, Recurring, log, log_loop_errors
from gateway.server_process import keep_running

MARKED = "MARKED^NAME"


def formatted(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [orjson.loads(JsonFormatter().format(record)) for record in caplog.records]


def test_an_event_is_one_line_with_its_fields(caplog: pytest.LogCaptureFixture) -> None:
    log(logging.getLogger("gateway.test"), logging.WARNING, "something happened", answers=3)
    (line,) = formatted(caplog)
    assert (line["event"], line["level"], line["answers"]) == ("something happened", "warning", 3)


def test_an_exception_shows_its_type_and_places_but_not_its_text(caplog: pytest.LogCaptureFixture) -> None:
    try:
        {}[MARKED]
    except KeyError as error:
        log(logging.getLogger("gateway.test"), logging.ERROR, "it failed", error)
    (line,) = formatted(caplog)
    assert MARKED not in str(line)
    assert line["error"]["type"] == "builtins.KeyError"
    assert "test_an_exception_shows" in line["error"]["places"][0]


def test_an_outage_says_what_does_not_answer(caplog: pytest.LogCaptureFixture) -> None:
    log(logging.getLogger("gateway.test"), logging.WARNING, "it failed", Outage("PostgreSQL does not answer (audit)"))
    (line,) = formatted(caplog)
    assert line["error"]["says"] == "PostgreSQL does not answer (audit)"


def test_what_recurs_is_counted_between_its_lines(caplog: pytest.LogCaptureFixture) -> None:
    event = Recurring(logging.getLogger("gateway.test"), "it recurs", seconds_between=10)
    for moment in (0, 1, 9.9, 10, 15, 25):
        event.tell(OSError(MARKED), moment)
    assert [line["times"] for line in formatted(caplog)] == [1, 3, 2]


def test_another_librarys_arguments_are_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("redis").error("cannot store %s\nbecause %s", MARKED, MARKED)
    (line,) = formatted(caplog)
    assert line["event"] == "cannot store %s"


async def test_what_fails_outside_a_request_does_not_show_its_text(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_loop_errors)
    loop.call_exception_handler({"message": MARKED, "exception": ValueError(MARKED)})
    (line,) = formatted(caplog)
    assert line["event"] == "error outside a request"
    assert MARKED not in str(line)
    assert sys.exc_info() == (None, None, None)


async def test_what_runs_in_the_background_begins_again_after_a_fault(caplog: pytest.LogCaptureFixture) -> None:
    went_on = asyncio.Event()
    begun = 0

    async def run() -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            raise KeyError(MARKED)
        went_on.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(keep_running(run, pause_s=0))
    await asyncio.wait_for(went_on.wait(), 60)
    running.cancel()
    (line,) = formatted(caplog)
    assert (line["event"], MARKED in str(line)) == ("what runs in the background failed and begins again", False)
