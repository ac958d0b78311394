"""Folders that last as long as their process."""

import signal
import subprocess
import sys
from pathlib import Path

from gateway.temporary import temporary_folder

HOLD = """
import sys
from gateway.temporary import temporary_folder
with temporary_folder("tests") as folder:
    print(folder.path, flush=True)
    sys.stdin.read()
"""
"""A program that holds a folder until its standard input ends."""
ROOT = Path(__file__).parents[1]


def held() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        (sys.executable, "-c", HOLD), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def path_of(process: "subprocess.Popen[str]") -> Path:
    assert process.stdout is not None
    path = Path(process.stdout.readline().strip())
    assert path.is_dir()
    return path


def test_a_folder_is_gone_after_its_block() -> None:
    with temporary_folder("tests") as folder:
        (folder.path / "figures").touch()
    assert not folder.path.exists()


def test_the_folder_of_a_killed_process_is_removed_by_the_next_one_and_that_of_a_living_one_is_not() -> None:
    with held() as living, held() as killed:
        kept, left = path_of(living), path_of(killed)
        (left / "figures").touch()
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert left.is_dir()
        with temporary_folder("tests"):
            assert not left.exists()
            assert kept.is_dir()
        living.communicate(timeout=120)
    assert not kept.exists()


def test_a_link_in_place_of_a_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "somebody's").touch()
    with temporary_folder("tests") as folder:
        link = folder.path.with_name("edi-gateway-other-tests-link")
        link.symlink_to(tmp_path)
        try:
            with temporary_folder("other-tests"):
                assert (tmp_path / "somebody's").exists()
                assert link.is_symlink()
        finally:
            link.unlink()
