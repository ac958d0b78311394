"""How fast members are loaded from an 834: ``python -m benchmarks.enrolling [--members N] [--late] [--json]``.

Makes up a book and one transaction set that adds its members, starts servers of its own, and has ``edi-gateway load
coverage`` load the file as anybody would, first into a store without members and then again, when nothing changes. With
``--late`` all dependents come before the subscribers. The seconds are those of the whole command; the memory is the
most that its process ever took.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.claim_files import book_day
from benchmarks.load_command import conclude, load_twice, parser_of, write_file
from gateway.book import Book, book
from gateway.embedded import EmbeddedServers
from gateway.store.loading import load_plans
from gateway.store.migrating import migrate
from rules.facts import Address, Contract, Coverage, Person

GUIDE = "005010X220A1"
SEED = 7
_HEADER = (
    "BGN*00*ENROLL-1*20260317*0930****4~\nN1*P5*BENCHMARK*FI*999888777~\nN1*IN*EXAMPLE HEALTH PLAN*FI*654456654~\n"
)


def enrollment_file(made: Book, *, late: bool) -> Iterator[str]:
    """An 834 with one set that has every member of a book; a piece of text for each."""
    yield (
        "ISA*00*          *00*          *ZZ*BENCHMARK      *ZZ*EDIGATEWAY     *260317*0930*^*00501*000000001*0*T*:~\n"
        f"GS*BE*BENCHMARK*99999*20260317*0930*1*X*{GUIDE}~\nST*834*0001*{GUIDE}~\n{_HEADER}"
    )
    segments = 1 + _HEADER.count("\n")
    for text in _members(made, late=late):
        segments += text.count("\n")
        yield text
    yield f"SE*{segments + 1}*0001~\nGE*1*1~\nIEA*1*000000001~\n"


def _members(made: Book, *, late: bool) -> Iterator[str]:
    """Family by family, or first the dependents of all and then the subscribers."""
    passes = (slice(1, None), slice(0, 1)) if late else (slice(0, None),)
    for chosen in passes:
        for contract in made.contracts():
            yield from (_member(contract, person) for person in contract.persons[chosen])


def _member(contract: Contract, person: Person) -> str:
    is_subscriber = person is contract.subscriber
    return (
        f"INS*{'Y' if is_subscriber else 'N'}*{person.relationship}*030*XN*A***FT~\nREF*0F*{contract.subscriber_id}~\n"
        + (f"REF*23*{person.own_id}~\n" if person.own_id else "")
        + f"NM1*IL*1*{_told(person.last_name)}*{_told(person.first_name)}~\n"
        + (_address(person.address) if person.address and is_subscriber else "")
        + f"DMG*D8*{person.birth_date:%Y%m%d}*{person.gender or 'U'}~\n"
        + "".join(_coverage(coverage) for coverage in person.coverages)
    )


def _coverage(coverage: Coverage) -> str:
    end = f"DTP*349*D8*{coverage.end:%Y%m%d}~\n" if coverage.end else ""
    group = f"REF*1L*{coverage.group_number}~\n" if coverage.group_number else ""
    return f"HD*030**HLT*{coverage.plan_id}*FAM~\nDTP*348*D8*{coverage.begin:%Y%m%d}~\n{end}{group}"


def _address(address: Address) -> str:
    return f"N3*{address.lines[0]}~\nN4*{address.city}*{address.state}*{address.postal_code}~\n"


def _told(name: str) -> str:
    """A name in characters of X12."""
    return name.upper().encode("ascii", "replace").decode().replace("?", "X")


def measure(members: int, *, late: bool) -> dict[str, float]:
    """All figures: the first load, and the same file again."""
    made = book(members, SEED, book_day())
    with tempfile.TemporaryDirectory(prefix="edi-bench-") as folder, EmbeddedServers(Path(folder) / "data") as servers:
        asyncio.run(_prepare(servers.database_url, made))
        file = Path(folder) / "members.edi"
        write_file(file, enrollment_file(made, late=late))
        return load_twice(file, servers.database_url, "coverage", "members", members)


async def _prepare(database_url: str, made: Book) -> None:
    await migrate(database_url)
    await load_plans(database_url, made.plans())


def main(arguments: list[str] | None = None) -> int:
    """The command; its exit status is 1 when it takes more memory than it may."""
    parser = parser_of("enrolling", __doc__, "members")
    parser.add_argument("--late", action="store_true", help="dependents before subscribers")
    options = parser.parse_args(arguments)
    return conclude(measure(options.members, late=options.late), as_json=options.json, wanted={})


if __name__ == "__main__":
    sys.exit(main())
