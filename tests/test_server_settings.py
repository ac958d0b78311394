"""What an operator sets, and what is said when it cannot be used."""

import pytest

from gateway.settings import (
    READERS,
    BadSettings,
    Settings,
    decode_settings,
    encode_settings,
    read_settings,
    unknown_variables,
    variable,
)

BAD = {
    "database_url": "mysql://a/b",
    "redis_url": "localhost:6379",
    "host": "http://here",
    "port": "70000",
    "workers": "0",
    "payer_name": "caf\u00e9",
    "payer_id": "#",
    "payer_tax_id": "12-3456789",
    "payer_interchange_qualifier": "XX",
    "payer_interchange_id": "LONGER THAN FIFTEEN",
    "time_zone": "Eastern",
    "profile": "nowhere/profile.toml",
    "status_codes": "/nowhere/at-all.tsv",
    "settlement_codes": "/nowhere/at-all.tsv",
    "plan_choices": "/nowhere/at-all.tsv",
    "log_level": "loud",
    "access_log": "perhaps",
    "interchange_bytes_max": "-5",
    "requests_in_work_max": "many",
    "requests_in_work_per_submitter_max": "1e3",
    "changes_kept_days": "forever",
}


def test_nothing_set_gives_the_defaults() -> None:
    settings = read_settings({})
    assert settings == Settings()
    assert (settings.port, settings.time_zone) == (8270, "America/New_York")


def test_variables_become_settings() -> None:
    environment = {"EDI_GATEWAY_PORT": "9000", "EDI_GATEWAY_ACCESS_LOG": "true", "EDI_GATEWAY_PAYER_NAME": "PLAN, INC."}
    settings = read_settings(environment)
    assert (settings.port, settings.access_log, settings.payer_name) == (9000, True, "PLAN, INC.")


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read_settings({"EDI_GATEWAY_PORT": " "}) == Settings()


@pytest.mark.parametrize(("name", "value"), BAD.items())
def test_a_bad_value_is_named_with_the_mend_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(BadSettings) as caught:
        read_settings({variable(name): value})
    (problem,) = caught.value.problems
    assert problem.startswith(f"{variable(name)} cannot be used: give ")
    assert value not in problem.replace("EDI_GATEWAY", "")


def test_all_bad_values_are_told_at_once() -> None:
    with pytest.raises(BadSettings) as caught:
        read_settings({variable(name): value for name, value in BAD.items()})
    assert len(caught.value.problems) == len(BAD)


def test_every_setting_can_be_bad_but_the_folder() -> None:
    assert set(READERS) - set(BAD) == {"data"}
    assert set(READERS) == set(Settings.__slots__)


def test_secrets_are_not_shown() -> None:
    settings = read_settings({"EDI_GATEWAY_DATABASE_URL": "postgresql://u:secret@db/x"})
    assert "secret" not in repr(settings)


def test_settings_survive_the_way_to_another_process() -> None:
    settings = read_settings({"EDI_GATEWAY_REDIS_URL": "redis://cache/0", "EDI_GATEWAY_DATA": "/srv/a folder"})
    assert decode_settings(encode_settings(settings)) == settings


def test_a_misspelt_variable_is_noticed() -> None:
    environment = {"EDI_GATEWAY_DATABSE_URL": "x", "EDI_GATEWAY_API_KEY": "x", "EDI_GATEWAY_PORT": "1", "HOME": "/"}
    assert unknown_variables(environment) == ("EDI_GATEWAY_DATABSE_URL",)
