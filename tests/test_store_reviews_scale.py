"""However many reviews there are, those that wait and any one of them are found by index."""

import pytest

from gateway.store.review_desk import DUE_RECORDS, RECORD_WITH_NUMBER, RECORD_WITH_TRACE, WAITING_RECORDS
from tests.store_support import another_program

pytestmark = pytest.mark.store

STATEMENTS = {
    "what waits": (WAITING_RECORDS, "0, 100"),
    "what is due": (DUE_RECORDS, "'epoch', 0, 100"),
    "a record by its number": (RECORD_WITH_NUMBER, "'R000000001'"),
    "a record by the trace of its request": (RECORD_WITH_TRACE, "'a'"),
    "a review on file": ("SELECT document FROM edi.review_document($1, NULL)", "'review/number/R000000001'"),
}


@pytest.mark.parametrize("name", STATEMENTS)
async def test_a_look_up_of_reviews_scans_no_table_whatever_it_is_planned_for(database_url: str, name: str) -> None:
    statement, arguments = STATEMENTS[name]
    async with another_program(database_url) as connection:
        # A scan that is forbidden is planned all the same where no index can serve.
        await connection.execute("SET enable_seqscan = off")
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE looked AS {statement}")
        rows = await connection.fetch(f"EXPLAIN EXECUTE looked({arguments})")
    plan = "\n".join(row[0] for row in rows)
    assert "Index" in plan
    assert "Seq Scan" not in plan
