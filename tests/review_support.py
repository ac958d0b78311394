"""pyx12 with our guide of the 278's response alone: by itself it takes the request for any 278."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import pyx12.map_if
from pyx12.map_if import load_map_file, map_if
from pyx12.params import params

from parsers.guides import FOLDER

_SHARED_TABLES = ("x12.control.00501.xml", "dataele.xml", "codes.xml")
_GUIDE = "278.5010.X217.response.xml"


def response_maps() -> Iterator[Path]:
    """A ``map_path`` with the one guide, read once while the fixture lasts."""
    read: dict[tuple[str, str | None], map_if] = {}

    def remembered(map_file: str, param: params, map_path: str | None = None) -> map_if:
        key = (map_file, map_path)
        if key not in read:
            read[key] = load_map_file(map_file, param, map_path)
        return read[key]

    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        for table in (*_SHARED_TABLES, _GUIDE):
            shutil.copyfile(FOLDER / table, folder / table)
        entry = f'<map vriic="005010X217" fic="HI" abbr="278">{_GUIDE}</map>'
        (folder / "maps.xml").write_text(f'<maps><version icvn="00501">{entry}</version></maps>', encoding="utf-8")
        patch.setattr(pyx12.map_if, "load_map_file", remembered)
        yield folder
