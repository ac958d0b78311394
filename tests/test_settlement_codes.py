"""The table from remittance advice to status codes, and how it is read."""

import re
from decimal import Decimal

import pytest

from edi.claim_status_list import STATUS_CODES
from edi.remittance import Adjustment, AdjustmentGroup, Disposition
from rules.claims.settlement_codes import SETTLEMENT_CODES, SettlementCodes, read_settlement_codes
from rules.claims.settlement_search import SettlementObstacle
from tests.claim_status_tables import wants_entity
from tests.settlement_support import read
from tests.settlement_tables import apply, read_tables

CARRIED = SETTLEMENT_CODES.current()
LEAST = ["version\tof our own", "corrected\tF3:101", *(f"claim\t{each}\tany\tF3:1" for each in Disposition)]
"""Rows of a table without reasons."""


def test_every_status_code_of_the_table_is_in_the_list_with_the_entity_it_wants() -> None:
    codes = STATUS_CODES.carried()
    told = [(code.status, code.entity) for row in CARRIED.claims.values() for code in row]
    told += [(reason.status, reason.entity) for reason in CARRIED.reasons.values()]
    for status, entity in [*told, (CARRIED.corrected.status, CARRIED.corrected.entity)]:
        assert status in codes.meanings, status
        assert bool(entity) or not wants_entity(status), status


@pytest.mark.parametrize("disposition", Disposition)
def test_every_disposition_is_in_a_case(disposition: Disposition) -> None:
    remitted = [telling for case in read_tables() if case.table != "acknowledgments" for telling in read(*case.files)]
    assert any(getattr(telling, "disposition", None) is disposition for telling in remitted)


@pytest.mark.parametrize("obstacle", SettlementObstacle)
def test_every_obstacle_is_in_a_case(obstacle: SettlementObstacle) -> None:
    assert any(obstacle in apply(case).obstacles for case in read_tables())


def told(table: SettlementCodes, group: str, reason: str) -> list[str]:
    adjustment = Adjustment(AdjustmentGroup(group), reason, Decimal(10))
    codes = table.codes(Disposition.PRIMARY, Decimal(0), [adjustment], is_correction=False)
    return list(map(str, codes))


def test_an_operator_may_have_a_table_of_his_own() -> None:
    rows = [row for row in LEAST if not row.startswith("claim\t1\t")]
    rows += ["# ours", "", "claim\t1\tpaid\tF1:65", "claim\t1\tunpaid\tF4:104"]
    rows += ["reason\t*\t45\tdenies\t999", "reason\tPR\t45\tnothing due\t98"]
    table = read_settlement_codes("\n".join(rows))
    assert table.version == "of our own"
    assert told(table, "CO", "45") == ["F2:999"]
    assert told(table, "PR", "45") == ["F4:98"]
    assert told(table, "CO", "1") == ["F4:104"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense", "line 1: not a row"),
        ("claim\t5\tpaid\tF1:65", "line 1: '5' is not a valid Disposition"),
        ("claim\t1\tsometimes\tF1:65", "line 1: 'sometimes' is not a valid Pays"),
        ("claim\t1\tpaid\tF5:65", "line 1: "),
        ("claim\t1\tpaid\t", "line 1: a status segment has one to three codes"),
        ("claim\t1\tpaid\tA1:19:PR", "line 1: A1:19:PR is not allowed of a claim"),
        ("reason\t*\t1\tdenies\t98:??", "line 1: "),
        ("reason\t*\t1\tdenies\t98:PR", "line 1: F2:98:PR is not allowed of a claim"),
        ("corrected\tF3:101", "does not say its version"),
        ("\n".join(row.replace("22\tany\tF3", "22\tany\tF0") for row in LEAST), "a reversal (CLP02 22) is F3"),
        ("\n".join(row for row in LEAST if "22" not in row), "does not say what CLP02 22 is"),
    ],
)
def test_a_table_that_cannot_be_used_says_which_line(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        read_settlement_codes(text)
