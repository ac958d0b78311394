"""Take enrollments (834) into the store: what each makes of the contract that is held.

A dependent may come before the subscriber: it waits, in a table of the loading connection, until the subscriber comes
or the file ends. Batches of several loads go one after the other, so that none overwrites what another has just done.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence
from datetime import date

import msgspec

from edi.enrollment import MemberEnrollment
from gateway.store import keys
from gateway.store.database import Connection
from gateway.store.documents import decode, encode
from gateway.store.filed import Filed, PassedOver, Place, Taken
from gateway.store.keys import Kind
from gateway.store.loading import copy, take_in_contracts
from rules.enrolling.members import contract_id_of, enroll, find_contract, subscriber_ids
from rules.enrolling.plan_choice import PLAN_CHOICES, with_plans
from rules.enrolling.problems import EnrollmentProblem, Refusal
from rules.facts import Contract
from rules.identifiers import normalize_member_id

_PREPARE = """
CREATE TEMP TABLE IF NOT EXISTS waiting_dependent (
    number bigint GENERATED ALWAYS AS IDENTITY, subscriber_id text NOT NULL, transaction text NOT NULL,
    position integer NOT NULL, document jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS waiting_subscriber ON waiting_dependent (subscriber_id);
SELECT pg_advisory_xact_lock(hashtext('edi.enrolling'));
"""
_COLUMNS = ("subscriber_id", "transaction", "position", "document")
_STOP_WAITING = """
WITH ended AS (DELETE FROM waiting_dependent WHERE subscriber_id = ANY ($1) RETURNING *)
SELECT transaction, position, document FROM ended ORDER BY number
"""
_END_WAITING = """
WITH ended AS (DELETE FROM waiting_dependent RETURNING *)
SELECT transaction, position FROM ended ORDER BY number
"""
# Each key is looked up by itself (OFFSET 0 keeps it so): right after a large load the planner, who knows nothing of the
# new rows yet, would rather read all keys there are.
_CONTRACTS = """
SELECT document FROM edi.contract WHERE id = ANY (ARRAY(
    SELECT filed.contract_id FROM unnest($1::text[]) AS wanted (fact_key),
    LATERAL (SELECT contract_id FROM edi.search_key WHERE fact_key = wanted.fact_key OFFSET 0) AS filed
) || $2::text[]) ORDER BY id FOR NO KEY UPDATE
"""
_PLANS = "SELECT id FROM edi.plan WHERE id = ANY ($1)"

_DECODER = msgspec.json.Decoder(MemberEnrollment)

Member = Filed[MemberEnrollment]


async def take_in_enrollments(connection: Connection, filed: Sequence[Member], _today: date) -> Taken:
    """Enroll members, in their order but for dependents who have waited for one of the subscribers."""
    await connection.execute(_PREPARE)
    choices = PLAN_CHOICES.current()
    chosen = [Filed(with_plans(each.value, choices), each.place) for each in filed]
    members = [*await _stop_waiting(connection, chosen), *chosen]
    plan_codes = {coverage.plan_code for each in members for coverage in each.value.coverages}
    plans = {row["id"] for row in await connection.fetch(_PLANS, list(plan_codes))}
    enrolling = _Enrolling(await _read_contracts(connection, members), plans)
    for member in members:
        enrolling.take(member)
    await take_in_contracts(connection, list(enrolling.changed.values()))
    await copy(connection, "waiting_dependent", map(_waiting_row, enrolling.without_subscriber()), _COLUMNS)
    return Taken(len(enrolling.changed), tuple(enrolling.passed_over))


async def finish_enrolling(connection: Connection) -> Taken:
    """Pass over the dependents whose subscriber has not come."""
    await connection.execute(_PREPARE)
    waited = await connection.fetch(_END_WAITING)
    return Taken(0, tuple([_without_subscriber(row["transaction"], row["position"]) for row in waited]))


async def _stop_waiting(connection: Connection, filed: Iterable[Member]) -> list[Member]:
    """The dependents who have waited for these subscribers."""
    ids = {each for member in filed if member.value.is_subscriber for each in subscriber_ids(member.value)}
    rows = await connection.fetch(_STOP_WAITING, list(ids))
    return [Filed(_DECODER.decode(row["document"]), _place(row["transaction"], row["position"])) for row in rows]


def _waiting_row(member: Member) -> tuple[object, ...]:
    subscriber_id = normalize_member_id(member.value.subscriber_id)
    return subscriber_id, member.place.transaction, member.place.position, encode(member.value)


async def _read_contracts(connection: Connection, members: Iterable[Member]) -> tuple[Contract, ...]:
    """The contracts of all subscribers who are named, and those whose keys new ones would get."""
    values = [member.value for member in members]
    fact_keys = {keys.contracts_by_id(each) for value in values for each in subscriber_ids(value)}
    ids = {contract_id_of(value) for value in values if value.is_subscriber}
    rows = await connection.fetch(_CONTRACTS, list(fact_keys), list(ids))
    contracts: tuple[Contract, ...] = decode(Kind.CONTRACTS, b"[%b]" % b",".join([row["document"] for row in rows]))
    return contracts


class _Enrolling:
    """One batch while its members are enrolled, each on what those before have left."""

    def __init__(self, contracts: Iterable[Contract], plans: Collection[str]) -> None:
        self.changed: dict[str, Contract] = {}
        """New or other than in the store, by their ids."""
        self.passed_over: list[PassedOver] = []
        self._plans = plans
        self._held: dict[str, Contract] = {}
        self._former: dict[str, Contract] = {}
        """As they are in the store."""
        self._by_member_id: defaultdict[str, set[str]] = defaultdict(set)
        """Ids of the held by subscriber id, present or former."""
        self._waiting: defaultdict[str, list[Member]] = defaultdict(list)
        for contract in contracts:
            self._former[contract.contract_id] = contract
            self._hold(contract)

    def take(self, member: Member) -> None:
        """Enroll a member, then the dependents who were waiting for it; or put it off, or note why not."""
        todo = deque([member])
        while todo:
            each = todo.popleft()
            if self._enroll(each) and each.value.is_subscriber:
                for subscriber_id in subscriber_ids(each.value):
                    todo += self._waiting.pop(subscriber_id, ())

    def without_subscriber(self) -> list[Member]:
        """The dependents whose subscriber has not come in this batch."""
        return [member for waiting in self._waiting.values() for member in waiting]

    def _enroll(self, filed: Member) -> bool:
        """Whether it was done."""
        member = filed.value
        held = self._find(member)
        if held is None and not member.is_subscriber and normalize_member_id(member.subscriber_id):
            self._waiting[normalize_member_id(member.subscriber_id)].append(filed)
            return False
        enrolled = held if isinstance(held, Refusal) else enroll(held, member, self._plans)
        if isinstance(enrolled, Refusal):
            self.passed_over.append(_passed_over(filed.place.transaction, enrolled))
            return False
        if enrolled is not held:
            self._hold(enrolled)
        return True

    def _find(self, member: MemberEnrollment) -> Contract | Refusal | None:
        ids = {contract_id for each in subscriber_ids(member) for contract_id in self._by_member_id.get(each, ())}
        found = find_contract([self._held[contract_id] for contract_id in sorted(ids)], member)
        if found is None and member.is_subscriber and contract_id_of(member) in self._held:
            return Refusal(EnrollmentProblem.CONTRACT_TAKEN, member.position)
        return found

    def _hold(self, contract: Contract) -> None:
        contract_id = contract.contract_id
        self._held[contract_id] = contract
        for each in (contract.subscriber_id, *contract.former_ids):
            self._by_member_id[normalize_member_id(each)].add(contract_id)
        if contract == self._former.get(contract_id):
            self.changed.pop(contract_id, None)
        else:
            self.changed[contract_id] = contract


def _place(transaction: str, position: int, segment: str = "INS") -> Place:
    return Place(transaction, position, segment)


def _without_subscriber(transaction: str, position: int) -> PassedOver:
    return _passed_over(transaction, Refusal(EnrollmentProblem.DEPENDENT_WITHOUT_SUBSCRIBER, position))


def _passed_over(transaction: str, refusal: Refusal) -> PassedOver:
    problem = refusal.problem
    return PassedOver(
        _place(transaction, refusal.position, refusal.segment), f"{refusal.element} [{problem.name}]: {problem}"
    )
