"""``edi-gateway load coverage`` with 834 files: what the next 270 is answered, and what stays as it was."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from gateway.cli.load import X12_LOADINGS, LoadKind
from gateway.cli.load_x12 import load_x12
from gateway.store.loading import load_contracts, load_plans
from rules.enrolling.plan_choice import PLAN_CHOICES
from rules.facts import Contract, Plan, ServiceBenefit
from tests.enrollment_support import enrollment_file, enrollment_set
from tests.real_time import Desk, family, inquiry, open_desk
from tests.store_support import another_program

pytestmark = pytest.mark.store

DENTAL = Plan("DENTAL", "DENTAL PLUS", "PR", (ServiceBenefit(("35",)),))
SUBSCRIBER = "INS*Y*18*{what}*20*A***FT~REF*0F*{id}~{dates}NM1*IL*1*{last}*BO~DMG*D8*19910704*F~{coverage}"
DEPENDENT = "INS*N*19*{what}*02*A~REF*0F*{id}~{dates}NM1*IL*1*{last}*NEL~DMG*D8*20200301*F~{coverage}"
ADDED = "HD*021**HLT*GOLD*FAM~DTP*348*D8*20260401~"


def subscriber(member_id: str, what: str = "021", coverage: str = ADDED, dates: str = "", last: str = "VANE") -> str:
    return SUBSCRIBER.format(what=what, id=member_id, coverage=coverage, dates=dates, last=last)


def dependent(member_id: str, what: str = "021", coverage: str = ADDED, dates: str = "", last: str = "VANE") -> str:
    return DEPENDENT.format(what=what, id=member_id, coverage=coverage, dates=dates, last=last)


def asked(member_id: str, day: str, last: str = "VANE") -> bytes:
    return inquiry(member_id=member_id, name=f"{last}*BO", born="19910704", asked=f"DTP*291*D8*{day}~EQ*98~")


def asked_for_child(member_id: str, day: str) -> bytes:
    below = f"NM1*03*1*VANE*NEL~DMG*D8*20200301~DTP*291*D8*{day}~"
    return inquiry(member_id=member_id, name="VANE*BO", below=below)


@pytest.fixture
async def desk(database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    async with open_desk(database_url, redis_url) as desk:
        await load_plans(database_url, [DENTAL])
        yield desk


@pytest.fixture
def load(tmp_path: Path, database_url: str) -> "Load":
    return Load(tmp_path / "members.834", database_url)


class Load:
    """The command, run as from a shell."""

    def __init__(self, file: Path, database_url: str) -> None:
        self.file = file
        self._environment = {"EDI_GATEWAY_DATABASE_URL": database_url}

    async def __call__(self, *sets: str, data: bytes | None = None, **environment: str) -> Result:
        self.file.write_bytes(enrollment_file(*sets) if data is None else data)
        arguments = ("load", LoadKind.COVERAGE, str(self.file))
        return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=self._environment | environment)

    async def members(self, *members: str, action: str = "2") -> str:
        """Load members, all of whom have to be taken in; gives what is printed."""
        result = await self(enrollment_set("".join(members), action))
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    def told(self, result: Result) -> list[str]:
        """What is wrong, without the file's name."""
        return [line.removeprefix(f"{self.file}: ") for line in result.stderr.splitlines()]


async def statuses(desk: Desk, question: bytes) -> list[str]:
    """EB01 of the lines that tell whether a plan is active."""
    answer = await desk.ask(question)
    assert answer.outcome == "271", answer.text
    lines = [line.split("*") for line in answer.of("EB")]
    return [line[1] for line in lines if line[1] == "6" or (line[1] == "1" and line[3] == "30")]


async def test_an_added_subscriber_is_active(desk: Desk, load: Load) -> None:
    assert await load.members(subscriber("W300000001")) == "loaded 1, changed 1"
    assert await statuses(desk, asked("W300000001", "20260401")) == ["1"]
    assert await statuses(desk, asked("W300000001", "20260331")) == ["6"]


async def test_a_terminated_member_is_active_up_to_the_last_day_and_inactive_after(desk: Desk, load: Load) -> None:
    await load.members(subscriber("W300000002"), dependent("W300000002"))
    await load.members(subscriber("W300000002", "024", coverage="", dates="DTP*357*D8*20260930~"))
    assert await statuses(desk, asked("W300000002", "20260930")) == ["1"]
    assert await statuses(desk, asked("W300000002", "20261001")) == ["6"]
    assert await statuses(desk, asked_for_child("W300000002", "20261001")) == ["6"]


async def test_a_reinstated_member_is_active_again(desk: Desk, load: Load) -> None:
    await load.members(subscriber("W300000003"))
    await load.members(subscriber("W300000003", "024", coverage="", dates="DTP*357*D8*20260930~"))
    assert await statuses(desk, asked("W300000003", "20261101")) == ["6"]
    await load.members(subscriber("W300000003", "025", coverage="HD*025**HLT*GOLD*FAM~DTP*348*D8*20261101~"))
    assert await statuses(desk, asked("W300000003", "20261101")) == ["1"]
    assert await statuses(desk, asked("W300000003", "20261015")) == ["6"]


async def test_a_new_dependent_is_answered_at_2100d(desk: Desk, load: Load) -> None:
    await load.members(subscriber("W300000004"))
    await load.members(dependent("W300000004"))
    answer = await desk.ask(asked_for_child("W300000004", "20260501"))
    assert any(line.startswith("NM1*03*1*VANE*NEL") for line in answer.segments)
    assert await statuses(desk, asked_for_child("W300000004", "20260501")) == ["1"]


async def test_who_asks_by_the_former_name_is_told_the_present_one(desk: Desk, load: Load) -> None:
    await load.members(subscriber("W300000005"))
    await load.members(subscriber("W300000005", "001", coverage="", last="HOLLYOAK"))
    for name in ("VANE", "HOLLYOAK"):
        answer = await desk.ask(asked("W300000005", "20260501", name))
        assert "NM1*IL*1*HOLLYOAK*BO****MI*W300000005" in answer.segments


async def test_what_the_file_does_not_tell_stays(desk: Desk, load: Load) -> None:
    await load.members(
        "INS*Y*18*001*22*A***FT~REF*0F*W100000001~REF*1L*G-7~NM1*IL*1*QUILLFEATHER*ODA~"
        "HD*001**HLT*GOLD*FAM~DTP*348*D8*20250101~"
    )
    answer = await desk.ask(inquiry())
    assert "REF*6P*G-7" in answer.segments
    assert any("*29*379.5*" in line for line in answer.of("EB"))


async def test_the_same_file_twice_changes_nothing(desk: Desk, load: Load) -> None:
    sets = [
        enrollment_set(subscriber("W300000006") + dependent("W300000006")),
        enrollment_set(
            subscriber("W300000006", "024", coverage="", dates="DTP*357*D8*20260630~")
            + subscriber("W300000006", "025", coverage="HD*025**HLT*GOLD*FAM~DTP*348*D8*20260901~"),
            number="0002",
        ),
    ]
    first = await load(*sets)
    before = await versions(desk)
    again = await load(*sets)
    assert (first.stdout, again.stdout) == ("loaded 4, changed 1\n", "loaded 4, changed 0\n")
    assert await versions(desk) == before


async def test_a_dependent_may_come_before_the_subscriber(desk: Desk, load: Load) -> None:
    await load.members(dependent("W300000007"), subscriber("W300000007"))
    assert await statuses(desk, asked_for_child("W300000007", "20260501")) == ["1"]


async def test_a_dependent_waits_for_a_subscriber_of_a_later_batch(
    desk: Desk, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.cli.load_x12.read_batches.__defaults__", (1,))
    assert await load.members(dependent("W300000008"), subscriber("W300000008")) == "loaded 2, changed 1"
    assert await statuses(desk, asked_for_child("W300000008", "20260501")) == ["1"]


async def test_bad_members_are_told_and_the_others_are_loaded(desk: Desk, load: Load) -> None:
    good = subscriber("W300000009")
    bad = subscriber("W300000010", coverage="HD*021**HLT*SECRETPLAN*FAM~DTP*348*D8*20260401~")
    odd = subscriber("W300000011").replace("*F~", "*FEMALE~")
    alone = dependent("W300000012")
    result = await load(enrollment_set(good + bad + odd + alone + subscriber("W300000013")))
    assert (result.exit_code, result.stdout) == (1, "loaded 2, changed 2\n")
    told = load.told(result)
    assert any(line.startswith("transaction set 0001, segment 20, loop 2100A: DMG03") for line in told), told
    assert "transaction set 0001, segment 15, HD: HD04 [PLAN_UNKNOWN]: there is no such plan; load it first" in told
    assert any("segment 23, INS: REF02 [DEPENDENT_WITHOUT_SUBSCRIBER]" in line for line in told), told
    assert told[-1] == "passed over 3"
    assert not {"VANE", "SECRETPLAN", "W300000010", "19910704"} & set(result.output.replace("*", " ").split())
    for member_id in ("W300000009", "W300000013"):
        assert await statuses(desk, asked(member_id, "20260501")) == ["1"]


async def test_a_member_who_was_passed_over_is_loaded_when_the_file_is_run_again(desk: Desk, load: Load) -> None:
    members = subscriber("W300000014", coverage="HD*021**VIS*VISION*EMP~DTP*348*D8*20260401~")
    assert (await load(enrollment_set(members))).exit_code == 1
    await load_plans(desk.database_url, [Plan("VISION", "VISION", "PR", ())])
    assert (await load(enrollment_set(members))).exit_code == 0


@pytest.mark.usefixtures("desk")
async def test_a_load_that_was_broken_off_is_run_again(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.load_x12.read_batches.__defaults__", (2,))
    whole = enrollment_file(enrollment_set("".join(subscriber(f"W3100000{number:02d}") for number in range(8))))
    broken = await load(data=whole[: len(whole) // 2])
    assert broken.exit_code == 1
    loaded = int(broken.stdout.removeprefix("loaded ").partition(",")[0])
    assert 2 <= loaded <= 4
    again = await load(data=whole)
    assert (again.exit_code, again.stdout) == (0, f"loaded 8, changed {8 - loaded}\n")


async def test_loads_at_the_same_time_lose_nothing_of_each_other(desk: Desk, load: Load) -> None:
    await load.members(subscriber("W300000017"))
    names = ("NEL", "TIM", "ANN")
    files = [enrollment_file(enrollment_set(dependent("W300000017").replace("NEL~", f"{name}~"))) for name in names]
    rows = X12_LOADINGS[LoadKind.COVERAGE]
    await asyncio.gather(*(load_x12(desk.database_url, rows, [file], desk.now.date(), print) for file in files))
    for name in names:
        below = f"NM1*03*1*VANE*{name}~DMG*D8*20200301~DTP*291*D8*20260501~"
        answer = await desk.ask(inquiry(member_id="W300000017", name="VANE*BO", below=below))
        assert any(line.startswith(f"NM1*03*1*VANE*{name}") for line in answer.segments)


async def test_an_operator_may_say_which_plan_an_insurance_line_is(desk: Desk, load: "Load", tmp_path: Path) -> None:
    table = tmp_path / "plans.tsv"
    table.write_text("plan\tHLT\t*\t-\tGOLD\nplan\tDEN\t*\t-\tDENTAL\n")
    unnamed = "HD*021**HLT~DTP*348*D8*20260401~HD*021**DEN~DTP*348*D8*20260401~"
    members = enrollment_set(subscriber("W300000077", coverage=unnamed))
    (told, *_) = load.told(await load(members))
    assert told.startswith("transaction set 0001, segment 9, HD: HD04 [PLAN_NOT_NAMED]: ")
    assert "table of plan choices" in told
    try:
        loaded = await load(members, EDI_GATEWAY_PLAN_CHOICES=str(table))
    finally:
        PLAN_CHOICES.use(None)
    assert (loaded.exit_code, loaded.stdout) == (0, "loaded 1, changed 1\n")
    assert await statuses(desk, asked("W300000077", "20260501")) == ["1", "1"]
    async with another_program(desk.database_url) as connection:
        held = await connection.fetchval("SELECT document FROM edi.contract WHERE id = '834-W300000077'")
    coverages = json.loads(held)["persons"][0]["coverages"]
    assert [(each["insurance_line"], each["plan_id"]) for each in coverages] == [("DEN", "DENTAL"), ("HLT", "GOLD")]


async def test_a_contract_of_somebody_else_is_not_overwritten(desk: Desk, load: Load) -> None:
    taken = family()
    await load_contracts(desk.database_url, [Contract("834-W300000015", "Z300000015", taken.persons)])
    result = await load(enrollment_set(subscriber("W300000015")))
    assert "REF02 [CONTRACT_TAKEN]" in load.told(result)[0]


async def test_a_full_file_ends_nobodys_coverage(desk: Desk, load: Load) -> None:
    await load.members(subscriber("W300000016"), dependent("W300000016"))
    full = subscriber("W300000016", "030", coverage="HD*030**DEN*DENTAL*FAM~DTP*348*D8*20260701~")
    assert await load.members(full, action="RX") == "loaded 1, changed 1"
    assert await statuses(desk, asked("W300000016", "20260701")) == ["1", "1"]
    assert await statuses(desk, asked_for_child("W300000016", "20260701")) == ["1"]


async def versions(desk: Desk) -> tuple[int, int]:
    """How often facts have changed, and how many former versions of contracts there are."""
    async with another_program(desk.database_url) as connection:
        changed = await connection.fetchval("SELECT sum(version) FROM edi.fact_version")
        return changed, await connection.fetchval("SELECT count(*) FROM edi.contract_history")
