"""How fast claims are loaded from an 837: ``python -m benchmarks.loading [--claims N] [--sets N] [--json]``.

Makes up a book and an 837 of its members' claims, starts servers of its own, loads the coverage, and then has
``edi-gateway load claims`` load the file as anybody would, guide check, members and history included. The seconds are
those of the whole command, from its start to its end; the memory is the most that its processes took together at
any time, looked at ten times a second.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks.claim_files import book_day, write_claim_file
from benchmarks.load_command import conclude, load_twice, parser_of
from gateway.book import Book, book
from gateway.embedded import EmbeddedServers
from gateway.store.loading import load_contracts, load_plans, load_providers
from gateway.store.migrating import migrate

SEED = 7
WANTED_CLAIMS_PER_SECOND = 3_000


async def prepare_store(database_url: str, made: Book) -> None:
    """The schema, and the members whose claims are to come."""
    await migrate(database_url)
    await load_plans(database_url, made.plans())
    await load_providers(database_url, made.providers())
    await load_contracts(database_url, made.contracts())


def measure(claims: int, members: int, sets: int) -> dict[str, float]:
    """All figures: the first load, and the same file again."""
    made = book(members, SEED, book_day())
    with tempfile.TemporaryDirectory(prefix="edi-bench-") as folder, EmbeddedServers(Path(folder) / "data") as servers:
        asyncio.run(prepare_store(servers.database_url, made))
        file = Path(folder) / "claims.edi"
        write_claim_file(str(file), made, claims, sets)
        return {"sets": sets, **load_twice(file, servers.database_url, "claims", "claims", claims)}


def main(arguments: list[str] | None = None) -> int:
    """The command; its exit status is 1 when what is wanted is not reached."""
    parser = parser_of("loading", __doc__, "claims")
    parser.add_argument("--members", type=int, default=20_000, metavar="N", help="in the book whose claims they are")
    parser.add_argument("--sets", type=int, default=4, metavar="N", help="transaction sets in the file")
    options = parser.parse_args(arguments)
    figures = measure(options.claims, options.members, options.sets)
    return conclude(figures, as_json=options.json, wanted={"claims_per_second": WANTED_CLAIMS_PER_SECOND})


if __name__ == "__main__":
    sys.exit(main())
