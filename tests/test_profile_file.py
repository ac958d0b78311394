"""The operator's profile file: what it may say, and what is said of one that cannot be used."""

from pathlib import Path

import pytest

from gateway.configuration import configuration_of
from gateway.settings import BadSettings, decode_settings, encode_settings, read_settings


def settings_with(folder: Path, text: str) -> dict[str, str]:
    file = folder / "profile.toml"
    file.write_text(text)
    return {"EDI_GATEWAY_PROFILE": str(file)}


def test_what_the_file_says_is_how_answers_are_computed(tmp_path: Path) -> None:
    settings = read_settings(
        settings_with(
            tmp_path, "[eligibility]\nmonths_back = 24\nchecks_gender = false\n[claim_status]\nyears_back = 5\n"
        )
    )
    configuration = configuration_of(decode_settings(encode_settings(settings)))
    assert configuration.profile.months_back == 24
    assert not configuration.profile.checks_gender
    assert configuration.profile.months_forward == 0
    assert configuration.claims.years_back == 5


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("[eligibility]\nmonth_back = 24\n", "'month_back' is not a key of [eligibility]"),
        ("[eligibility]\nmonths_back = 'two'\n", "Expected `int`, got `str` - at `$.months_back`"),
        ("[eligibility]\nname = 'OTHER'\n", "'name' is not a key of [eligibility]"),
        ("[eligibility]\nmember_id_pattern = '('\n", "give a regular expression"),
        ("[elegibility]\n", "give the tables eligibility, claim_status"),
        ("months_back", "give a file of TOML"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_mend(tmp_path: Path, text: str, mend: str) -> None:
    with pytest.raises(BadSettings) as refused:
        read_settings(settings_with(tmp_path, text))
    assert refused.value.problems[0].startswith("EDI_GATEWAY_PROFILE cannot be used: ")
    assert mend in refused.value.problems[0]


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="No such file"):
        read_settings({"EDI_GATEWAY_PROFILE": str(tmp_path / "nowhere.toml")})
