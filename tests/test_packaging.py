"""The wheel: complete, and all that somebody needs who has nothing but Python."""

import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import free_port, paste, server_processes

pytestmark = [pytest.mark.store, pytest.mark.slow]

ROOT = Path(__file__).parents[1]
PACKAGES = ("edi", "parsers", "rules", "gateway")


@pytest.fixture(scope="module")
def workshop() -> Iterator[Path]:
    """A folder for all of this, its path with a space."""
    with tempfile.TemporaryDirectory(prefix="edi tests ", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def wheel(workshop: Path) -> Path:
    """The wheel of this source, built from its source archive: nothing of an earlier build gets into it."""
    folder = workshop / "wheel"
    command = (sys.executable, "-m", "build", "--outdir", folder, ROOT)
    building = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert building.returncode == 0, building.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(workshop: Path, wheel: Path) -> Path:
    """An environment with the wheel and what it requires, and nothing else; its folder of programs."""
    environment = workshop / "empty environment"
    venv.create(environment)
    programs = environment / "bin"
    command = (
        sys.executable,
        "-m",
        "pip",
        "--python",
        programs / "python",
        "--disable-pip-version-check",
        "install",
        "--quiet",
        "--no-compile",
        wheel,
    )
    subprocess.run(command, check=True, timeout=600)
    return programs


def source_files(pattern: str) -> set[str]:
    """Files of the packages, as the wheel should name them."""
    return {str(path.relative_to(ROOT)) for package in PACKAGES for path in (ROOT / package).rglob(pattern)}


@pytest.mark.parametrize("pattern", ["*.py", "*.sql", "*.xml", "*.tsv", "py.typed"])
def test_the_wheel_holds_every_file_of_the_packages(wheel: Path, pattern: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        missing = source_files(pattern) - set(archive.namelist())
    assert source_files(pattern)
    assert not missing


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert tops - set(PACKAGES) == {name for name in tops if name.endswith(".dist-info")}


def test_the_demonstration_runs_from_the_wheel_in_any_folder(installed: Path, folder: Path) -> None:
    port = str(free_port())
    here = folder / "any folder"
    here.mkdir()
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = (installed / "edi-gateway", "demo", "--members", "60", "--port", port)
    with subprocess.Popen(command, cwd=here, env=variables, stdout=subprocess.PIPE, text=True) as demo:
        try:
            assert demo.stdout is not None
            answer = paste(demo.stdout.readline())
            demo.terminate()
            assert demo.wait(240) == 0
        finally:
            demo.kill()
    assert "ST*271*" in answer
    assert "EB*1**30*" in answer
    assert server_processes(here / ".edi-gateway" / port) == []


def test_the_wheel_checks_a_file_without_any_server(installed: Path, folder: Path) -> None:
    (folder / "noise.edi").write_bytes(b"\x00\xff")
    judged = subprocess.run((installed / "edi-gateway", "check", "noise.edi"), cwd=folder, check=False)
    assert judged.returncode == 2
