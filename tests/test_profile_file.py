"""The operator's profile file: what it may say, and what is said of one that cannot be used."""

from pathlib import Path

import pytest

from edi.claim_status import PayerContact
from gateway.configuration import configuration_of
from gateway.settings import BadSettings, decode_settings, encode_settings, read_settings
from rules.facts.claim_profile import Criterion
from rules.facts.reviews import Outcome, Ruling


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


def test_status_codes_and_combinations_are_written_as_people_write_them(tmp_path: Path) -> None:
    text = """
        [claim_status]
        not_found = "A4:35"
        too_many = "E0:485"
        combinations = [["claim number"], ["dates", "charge"]]
        contact = { name = "CLAIM SERVICES", phone = "8005550101" }
    """
    claims = configuration_of(read_settings(settings_with(tmp_path, text))).claims
    assert (str(claims.not_found), str(claims.too_many), str(claims.line_not_found)) == ("A4:35", "E0:485", "D0:247")
    assert claims.combinations == ((Criterion.CLAIM_NUMBER,), (Criterion.DATES, Criterion.CHARGE))
    assert claims.contact == PayerContact("CLAIM SERVICES", "8005550101")


def test_how_reviews_are_closed_is_the_payers_choice(tmp_path: Path) -> None:
    text = "[reviews]\nclose_outcome = 'not certified'\nclose_reasons = ['0V']\nclose_message = 'NOTHING CAME'\n"
    reviews = configuration_of(read_settings(settings_with(tmp_path, text))).reviews
    assert reviews.close == Ruling(Outcome.NOT_CERTIFIED, reasons=("0V",), message="NOTHING CAME")


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("[reviews]\nclose_outcome = 'certified'\n", "give one of contact payer, not certified as close_outcome"),
        ("[reviews]\nclose_outcome = 'not certified'\n", "not certified needs a coded reason"),
        ("[claim_status]\nnot_found = 'A9:35'\n", "'A9:35' is no composite of an STC"),
        ("[claim_status]\nother_payer = 'D0:487:PR'\n", "D0:487:PR is not allowed of a claim"),
        ("[claim_status]\nclaims_in_batch_max = 0\n", "at least one claim is told"),
        ("[claim_status]\ncombinations = [['phase of the moon']]\n", "Invalid enum value"),
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
