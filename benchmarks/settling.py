"""How fast payments are applied to claims: ``python -m benchmarks.settling [--claims N] [--json]``.

Makes up claims and one transaction set of an 835 that pays each of them with its lines, starts servers of its own, puts
the claims into the store, and has ``edi-gateway load claims`` load the 835 as anybody would, first when each payment is
new and then again, when nothing changes. The seconds are those of the whole command; the memory is the most that its
process ever took.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.claim_files import SERVICES, book_day
from benchmarks.load_command import conclude, load_twice, parser_of, write_file
from edi.claim_status_codes import parse_status_code
from edi.eligibility import DateRange
from gateway.embedded import EmbeddedServers
from gateway.store.claim_loading import load_claims
from gateway.store.migrating import migrate
from rules.facts.claims import Claim, ServiceLine, StatusEvent

GUIDE = "005010X221A1"
LINES = 3
TINS = 500
WANTED_CLAIMS_PER_SECOND = 3_000
_PAID_PERCENT = 80
_SERVED = book_day() - timedelta(days=30)
_EVENTS = tuple(StatusEvent(_SERVED + timedelta(days=3), (parse_status_code(code),)) for code in ("A1:19:40", "A2:20"))
_HEADER = (
    "BPR*I*1*C*ACH************20260317~\nTRN*1*EFT000000001*1512345678~\nDTM*405*20260316~\n"
    "N1*PR*EXAMPLE HEALTH PLAN~\nN3*1 MAIN STREET~\nN4*ALBANY*NY*12201~\nPER*BL*HELP DESK*TE*8005550100~\n"
    "N1*PE*BENCHMARK*FI*990000000~\nLX*1~\n"
)


def services(number: int) -> list[tuple[str, int]]:
    """What was done for the claim of this number: codes with their charges in US dollars."""
    return [SERVICES[(number + line) % len(SERVICES)] for line in range(LINES)]


def held_claims(claims: int) -> Iterator[Claim]:
    """Claims as they stand after their acknowledgment."""
    for number in range(claims):
        done = services(number)
        yield Claim(
            claim_id=f"K{number}",
            claim_number=f"CN{number:09d}",
            charge=Decimal(sum(charge for _, charge in done)),
            dates=DateRange(_SERVED, _SERVED),
            billing_tin=f"99{number % TINS:07d}",
            subscriber_id=f"W{number:09d}",
            patient_number="01",
            events=_EVENTS,
            patient_account=f"PA{number:08d}",
            lines=tuple(
                ServiceLine(f"HC:{code}", Decimal(charge), control_number=f"L{line}")
                for line, (code, charge) in enumerate(done)
            ),
        )


def remittance_file(claims: int) -> Iterator[str]:
    """An 835 with one set that pays all of them; a piece of text for each."""
    yield (
        "ISA*00*          *00*          *ZZ*99999          *ZZ*BENCHMARK      *260317*0930*^*00501*000000001*0*T*:~\n"
        f"GS*HP*99999*BENCHMARK*20260317*0930*1*X*{GUIDE}~\nST*835*0001~\n{_HEADER}"
    )
    segments = 1 + _HEADER.count("\n")
    for number in range(claims):
        text = _payment(number)
        segments += text.count("\n")
        yield text
    yield f"SE*{segments + 1}*0001~\nGE*1*1~\nIEA*1*000000001~\n"


def _payment(number: int) -> str:
    day = f"{_SERVED:%Y%m%d}"
    charged, paid, lines = 0, Decimal(0), ""
    for line, (code, charge) in enumerate(services(number)):
        share = Decimal(charge * _PAID_PERCENT) / 100
        charged, paid = charged + charge, paid + share
        lines += (
            f"SVC*HC:{code}*{charge}*{share}**1~\nDTM*472*{day}~\nCAS*CO*45*{charge - share}~\n"
            f"REF*6R*L{line}~\nAMT*B6*{share}~\n"
        )
    return (
        f"CLP*PA{number:08d}*1*{charged}*{paid}**12*CN{number:09d}~\n"
        f"NM1*QC*1*SPECIMEN*PAT****MI*W{number:09d}~\nDTM*232*{day}~\n{lines}"
    )


async def prepare_store(database_url: str, claims: int) -> None:
    """The schema, and the claims that are to be paid."""
    await migrate(database_url)
    await load_claims(database_url, held_claims(claims))


def measure(claims: int) -> dict[str, float]:
    """All figures: the first load, and the same file again."""
    with tempfile.TemporaryDirectory(prefix="edi-bench-") as folder, EmbeddedServers(Path(folder) / "data") as servers:
        asyncio.run(prepare_store(servers.database_url, claims))
        file = Path(folder) / "payments.edi"
        write_file(file, remittance_file(claims))
        return load_twice(file, servers.database_url, "claims", "claims", claims)


def main(arguments: list[str] | None = None) -> int:
    """The command; its exit status is 1 when what is wanted is not reached."""
    options = parser_of("settling", __doc__, "claims").parse_args(arguments)
    figures = measure(options.claims)
    return conclude(figures, as_json=options.json, wanted={"claims_per_second": WANTED_CLAIMS_PER_SECOND})


if __name__ == "__main__":
    sys.exit(main())
