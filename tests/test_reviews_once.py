"""However often a request comes, and however many replies are lost: one authorization, one reply."""

import pytest

from benchmarks.reviews import measure

pytestmark = pytest.mark.store


async def test_copies_sent_at_once_with_connections_cut_make_one_authorization_and_get_one_reply(
    database_url: str, redis_url: str
) -> None:
    figures = await measure(database_url, redis_url, requests=25, copies=20)
    assert figures.is_right, figures
    assert figures.connections["cut after the commit, before the reply"] > 50
    assert figures.replies == {"278": figures.connections["kept"] - 25, "AAA": 25}
