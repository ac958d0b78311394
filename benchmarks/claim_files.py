"""837 files of any size, professional claims of a book's members at its providers: the same numbers, the same file."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle, islice
from random import Random

from gateway.book import Book
from rules.facts import Contract, Person, Provider

GUIDE = "005010X222A1"
CLAIMS_PER_PROVIDER = 500
SERVICES = (("99213", 145), ("99214:25", 210), ("85025", 32), ("80053", 48), ("97110:GP", 70), ("93000", 65))
LOOK_BACK_DAYS = 300
RELATIONSHIPS = {"01": "01", "19": "19"}
"""PAT01 by the book's own relationship; anything else is told as another relative."""
_OTHER_RELATIVE = "G8"


def claim_file(made: Book, claims: int, sets: int) -> Iterator[str]:
    """So many claims, spread over so many transaction sets; a piece of text for each claim."""
    writer = _Writer(made)
    day = f"{made.today:%Y%m%d}"
    yield (
        "ISA*00*          *00*          *ZZ*BENCHMARK      *ZZ*EDIGATEWAY     "
        f"*{day[2:]}*0930*^*00501*000000001*0*T*:~\n"
        f"GS*HC*BENCHMARK*99999*{day}*0930*1*X*{GUIDE}~\n"
    )
    share, rest = divmod(claims, sets)
    for number in range(1, sets + 1):
        yield from writer.transaction(number, share + (number <= rest), day)
    yield f"GE*{sets}*1~\nIEA*1*000000001~\n"


class _Writer:
    """Writes transaction set after transaction set, drawing claims as it goes."""

    def __init__(self, made: Book) -> None:
        self._today = made.today
        self._random = Random(f"{made.seed} claim file")
        self._providers = cycle([provider for provider in made.providers() if len(provider.tins) == 1])
        self._members = cycle([(contract, person) for contract in made.contracts() for person in contract.persons])
        self._claims = 0

    def transaction(self, number: int, claims: int, day: str) -> Iterator[str]:
        """ST to SE."""
        control_number = f"{number:04d}"
        opening = (
            f"ST*837*{control_number}*{GUIDE}~\nBHT*0019*00*B{control_number}*{day}*0930*CH~\n"
            "NM1*41*2*BENCHMARK BILLING*****46*BENCHMARK~\nPER*IC*ANY CLERK*TE*5555550100~\n"
            "NM1*40*2*EXAMPLE HEALTH PLAN*****46*99999~\n"
        )
        segments, levels, provider_level = opening.count("\n"), 0, 0
        yield opening
        for place, (contract, person) in enumerate(islice(self._members, claims)):
            text = ""
            if place % CLAIMS_PER_PROVIDER == 0:
                provider = next(self._providers)
                levels += 1
                provider_level = levels
                text = _provider(provider, levels)
            patient, own_levels = _patient(contract, person, levels, provider_level)
            levels += own_levels
            text += patient + self._claim(person)
            segments += text.count("\n")
            yield text
        yield f"SE*{segments + 1}*{control_number}~\n"

    def _claim(self, person: Person) -> str:
        self._claims += 1
        served = max(self._today - timedelta(days=self._random.randint(2, LOOK_BACK_DAYS)), person.birth_date)
        services = self._random.sample(SERVICES, self._random.randint(1, 3))
        lines = "".join(
            f"LX*{number}~\nSV1*HC:{code}*{charge}*UN*1***1~\nDTP*472*D8*{served:%Y%m%d}~\nREF*6R*L{self._claims}-{number}~\n"
            for number, (code, charge) in enumerate(services, 1)
        )
        return (
            f"CLM*PA{self._claims:08d}*{sum(charge for _, charge in services)}***11:B:1*Y*A*Y*Y~\n"
            f"REF*D9*CH{self._claims:09d}~\nHI*ABK:J0190*ABF:R509~\n{lines}"
        )


def _provider(provider: Provider, level: int) -> str:
    """2000A with 2010AA."""
    npi = next(each.identifier for each in provider.identifiers if each.qualifier == "XX")
    return (
        f"HL*{level}**20*1~\nPRV*BI*PXC*207Q00000X~\nNM1*85*2*{provider.name}*****XX*{npi}~\n"
        f"N3*1 SAMPLE SQUARE~\nN4*SPECIMEN SPRINGS*FL*320010000~\nREF*EI*{provider.tins[0]}~\n"
    )


def _patient(contract: Contract, person: Person, levels: int, provider_level: int) -> tuple[str, int]:
    """2000B, and 2000C of a dependent, with how many levels these are."""
    subscriber = contract.subscriber
    is_subscriber = person is subscriber
    level = levels + 1
    text = (
        f"HL*{level}*{provider_level}*22*{int(not is_subscriber)}~\nSBR*P*{'18' if is_subscriber else ''}*******CI~\n"
        f"NM1*IL*1*{_name(subscriber)}****MI*{contract.subscriber_id}~\n"
        + (_address_and_birth(subscriber) if is_subscriber else "")
        + "NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*99999~\n"
    )
    if is_subscriber:
        return text, 1
    relationship = RELATIONSHIPS.get(person.relationship, _OTHER_RELATIVE)
    dependent = f"HL*{level + 1}*{level}*23*0~\nPAT*{relationship}~\nNM1*QC*1*{_name(person)}~\n"
    return text + dependent + _address_and_birth(person), 2


def _name(person: Person) -> str:
    return f"{_told(person.last_name)}*{_told(person.first_name)}"


def _told(name: str) -> str:
    """A name in characters of X12."""
    return name.upper().encode("ascii", "replace").decode().replace("?", "X")


def _address_and_birth(person: Person) -> str:
    gender = person.gender if person.gender in ("F", "M") else "U"
    return f"N3*1 TEMPLATE DRIVE~\nN4*SPECIMEN SPRINGS*FL*32000~\nDMG*D8*{person.birth_date:%Y%m%d}*{gender}~\n"


def write_claim_file(path: str, made: Book, claims: int, sets: int) -> None:
    """The same into a file."""
    with open(path, "w", encoding="ascii") as file:
        file.writelines(claim_file(made, claims, sets))


def book_day() -> date:
    """A day of which the book is made, so that the same numbers always give the same file."""
    return date(2026, 3, 17)
