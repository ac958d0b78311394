"""``edi-gateway check``: verdicts, exit statuses, JSON, many files, terminals, and files of any size."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from gateway.cli.check_files import line_numbers
from gateway.cli.check_output import FINDINGS_SHOWN_MAX
from parsers.streaming import FINDINGS_KEPT_MAX

SAMPLES = Path(__file__).parent / "samples"
COMMAND = str(Path(sys.executable).with_name("edi-gateway"))
GOOD = (SAMPLES / "270_dependent.edi").read_text()
BAD = GOOD.replace("SE*16*", "SE*17*")
TRANSACTION = GOOD[GOOD.index("ST*") : GOOD.index("GE*")]


def batch(transactions: int) -> Iterable[str]:
    """An interchange with many transaction sets."""
    yield GOOD[: GOOD.index("ST*")]
    for number in range(transactions):
        yield TRANSACTION.replace("*0001", f"*{number:09d}")
    yield GOOD[GOOD.index("GE*") :].replace("GE*1*", f"GE*{transactions}*")


def run(*arguments: str | Path, **options: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)], **options)  # type: ignore[arg-type]


def run_json(*arguments: str | Path, **options: object) -> list[dict[str, object]]:
    return [json.loads(line) for line in run("--json", *arguments, **options).stdout.splitlines()]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return _file(tmp_path / "good.edi", GOOD)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return _file(tmp_path / "bad.edi", BAD)


def _file(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_an_accepted_file_exits_with_0(good: Path) -> None:
    result = run(good)
    assert result.exit_code == 0
    assert result.stdout == f"✓ {good}  accepted: 1 transaction set in 1 interchange\n"


def test_a_rejected_file_exits_with_1_and_says_what_where_and_how_to_mend_it(bad: Path) -> None:
    result = run(bad)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[1:] == [
        "  line 18, transaction set 0001, segment 16  [IK5 4]",
        "    SE01 Number of Included Segments: the count of segments is wrong (it is “17”)",
        "    → Write the number of segments from ST to SE, both included, in SE01.",
    ]


def test_a_file_that_cannot_be_opened_exits_with_2(tmp_path: Path) -> None:
    result = run(tmp_path / "none.edi")
    assert result.exit_code == 2
    assert "unreadable: No such file or directory" in result.stdout


@pytest.mark.parametrize("content", ["", "not X12 at all", "\x00\x01\x02", "<xml/>"])
def test_a_file_that_is_not_x12_exits_with_2(tmp_path: Path, content: str) -> None:
    result = run(_file(tmp_path / "other", content))
    assert result.exit_code == 2
    assert "this is not X12" in result.stdout


def test_unreadable_wins_over_rejected(tmp_path: Path, bad: Path) -> None:
    assert run(bad, tmp_path / "none.edi").exit_code == 2
    assert run(tmp_path / "none.edi", bad).exit_code == 2


def test_many_files_are_summed_up(good: Path, bad: Path, tmp_path: Path) -> None:
    result = run(good, bad, bad, tmp_path / "none.edi")
    assert result.exit_code == 2
    assert result.stdout.splitlines()[-3:] == [
        "4 files: 1 accepted, 2 rejected, 1 unreadable",
        "3 transaction sets, 2 with errors",
        "      2 × IK5 4: the count of segments is wrong",
    ]


def test_json_is_one_object_a_line_for_each_file(good: Path, bad: Path) -> None:
    accepted, rejected = run_json(good, bad)
    assert accepted == {
        "file": str(good),
        "accepted": True,
        "interchanges": 1,
        "transactions": 1,
        "findings": [],
        "findings_total": 0,
    }
    assert (rejected["file"], rejected["accepted"]) == (str(bad), False)
    findings = rejected["findings"]
    assert isinstance(findings, list)
    assert findings[0] == {
        "level": "IK5",
        "code": "4",
        "segment": 16,
        "segment_id": "SE",
        "element": 1,
        "component": None,
        "repetition": None,
        "loop": "",
        "message": "SE01 Number of Included Segments: the count of segments is wrong",
        "mend": "Write the number of segments from ST to SE, both included, in SE01.",
        "line": 18,
        "offset": BAD.index("SE*17"),
        "interchange": "000000101",
        "group": "101",
        "transaction": "0001",
    }


def test_json_says_why_a_file_is_unreadable(tmp_path: Path) -> None:
    (told,) = run_json(tmp_path / "none.edi")
    assert told["accepted"] is False
    assert told["unreadable"] == "No such file or directory"


def test_ack_prints_the_999_a_segment_a_line(bad: Path) -> None:
    lines = run("--ack", bad).stdout.splitlines()
    assert "AK2*270*0001*005010X279A1~" in lines
    assert "IK5*R*4~" in lines


def test_ack_prints_the_ta1_of_a_rejected_interchange(tmp_path: Path) -> None:
    result = run("--ack", _file(tmp_path / "cut.edi", GOOD[: GOOD.index("IEA*")]))
    assert "TA1*000000101*260601*0930*R*023~" in result.stdout.splitlines()
    assert "AK1*" not in result.stdout


def test_ack_with_json_holds_the_exact_bytes(good: Path) -> None:
    (told,) = run_json("--ack", good)
    acknowledgment = str(told["acknowledgment"])
    assert acknowledgment.startswith("ISA*00*")
    assert "IK5*A~AK9*A*1*1*1~" in acknowledgment
    assert "\n" not in acknowledgment


def test_a_dash_reads_the_standard_input() -> None:
    result = run("-", input=BAD)
    assert result.exit_code == 1
    assert "line 18, transaction set 0001, segment 16" in result.stdout


def test_reference_asks_pyx12_as_well(good: Path, tmp_path: Path) -> None:
    path = _file(tmp_path / "wrong.edi", GOOD.replace("EQ*98", "EQ*Q8"))
    assert "  pyx12: accepted, the same findings" in run("--reference", good).stdout.splitlines()
    assert "  pyx12: rejected, the same findings" in run("--reference", path).stdout.splitlines()
    assert "pyx12:" not in run(path).stdout


def test_reference_shows_where_the_verdicts_differ(tmp_path: Path) -> None:
    path = _file(tmp_path / "repeated.edi", GOOD.replace("EQ*98", "EQ*98^30"))
    result = run("--reference", path)
    assert result.exit_code == 0
    assert "    only pyx12: interchange 1, group 1, transaction set 1, segment 15, element 1  [IK4 7]" in (
        result.stdout.splitlines()
    )
    (told,) = run_json("--reference", "-", input=path.read_text())
    reference = told["reference"]
    assert isinstance(reference, dict)
    assert (reference["accepted"], reference["same"], reference["only_here"]) == (False, False, [])


def test_findings_shown_are_bounded_and_the_rest_is_counted(tmp_path: Path) -> None:
    rejected = "".join(batch(FINDINGS_KEPT_MAX + 10)).replace("SE*16*", "SE*17*")
    path = _file(tmp_path / "many.edi", rejected)
    shown = run(path).stdout
    assert shown.count("[IK5 4]") == FINDINGS_SHOWN_MAX
    assert f"and {FINDINGS_KEPT_MAX + 10 - FINDINGS_SHOWN_MAX:,} more" in shown
    (told,) = run_json(path)
    assert told["findings_total"] == FINDINGS_KEPT_MAX + 10
    assert len(list(told["findings"])) == FINDINGS_KEPT_MAX  # type: ignore[call-overload]


def test_names_ids_and_birth_dates_are_never_printed(tmp_path: Path) -> None:
    text = GOOD.replace("ROWAN*ALICE", "MARKEDNAME" * 10 + "*ALICE").replace("20150909", "MARKEDDATE")
    for output in (run("--ack", _file(tmp_path / "marked.edi", text)), run("--json", "--ack", tmp_path / "marked.edi")):
        assert output.exit_code == 1
        assert "MARKED" not in output.stdout


def test_what_is_printed_cannot_steer_a_terminal(tmp_path: Path) -> None:
    path = _file(tmp_path / "\x1b[31mred.edi", GOOD.replace("*270*", "*\x1b[2J*"))
    assert "\x1b" not in run(path).stdout


def test_line_numbers_count_the_line_breaks_before_each_offset() -> None:
    data = b"ab\ncd\n\nef"
    pieces = [data[start : start + 2] for start in range(0, len(data), 2)]
    assert line_numbers(pieces, range(len(data))) == {
        offset: 1 + data[:offset].count(b"\n") for offset in range(len(data))
    }


def test_the_installed_command_prints_plainly_into_a_pipe(bad: Path) -> None:
    result = subprocess.run([COMMAND, "check", str(bad)], capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 1
    assert "\x1b" not in result.stdout
    assert result.stderr == ""


def test_output_that_cannot_be_encoded_is_replaced(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.edi"
    Path(os.fsdecode(path)).write_text(GOOD)
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    for options, expected in (([], b"accepted: 1 transaction set"), (["--json"], b'"accepted": true')):
        command = [os.fsencode(COMMAND), b"check", *map(os.fsencode, options), path]
        result = subprocess.run(command, capture_output=True, check=True, timeout=60, env=environment)
        assert expected in result.stdout


def test_a_terminal_gets_colours(bad: Path) -> None:
    shown, status = _on_terminal([COMMAND, "check", str(bad)])
    assert status == 1
    assert "\x1b[" in shown
    assert "rejected" in shown


def test_a_terminal_gets_a_progress_bar_for_a_large_file_and_a_pipe_none(tmp_path: Path) -> None:
    path = _file(tmp_path / "large.edi", "".join(batch(3_000)))
    shown, status = _on_terminal([COMMAND, "check", str(path)])
    assert status == 0
    assert "checking" in shown
    piped = subprocess.run([COMMAND, "check", str(path)], capture_output=True, text=True, check=False, timeout=120)
    assert piped.stderr == ""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    small, large = (
        _peak_kilobytes(_file(tmp_path / f"{count}.edi", "".join(batch(count)))) for count in (5_000, 20_000)
    )
    assert large - small < 8_192


def _on_terminal(command: list[str]) -> tuple[str, int]:
    """Run a command with a terminal for its outputs; what it showed and its exit status."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "120"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, env=environment) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        os.close(ours)
        return shown.decode("utf-8", "replace"), process.wait(timeout=60)


def _peak_kilobytes(path: Path) -> int:
    """Peak resident memory of a process that checks a file; its own, without what it was forked from."""
    script = (
        "import sys; from gateway.cli import app\n"
        "try: app(['check', sys.argv[1]])\n"
        "except SystemExit as e: print(e.code)\n"
        "print(*[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')])"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True, timeout=300
    )
    status, peak = result.stdout.split()[-2:]
    assert status == "0"
    return int(peak)
