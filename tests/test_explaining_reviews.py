"""A review is explained by its own record, not by deciding it again."""

import pytest

from tests.review_desk import open_review_desk, request

pytestmark = pytest.mark.store


async def test_an_answered_review_is_not_said_to_differ_nor_to_be_at_fault(database_url: str, redis_url: str) -> None:
    async with open_review_desk(database_url, redis_url) as desk:
        answer = await desk.ask(request())
        assert answer.outcome == "278"
        explanation = await desk.gateway.explainer.explain(f"{answer.control_number:09d}", "clinic")
    assert explanation is not None
    assert explanation.is_same is None
    assert explanation.faults == ()
