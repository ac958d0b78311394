"""``GET /v1/claims/changes``: what each change of a claim's status is told as."""

from collections.abc import Sequence
from datetime import date, datetime
from weakref import WeakKeyDictionary

import msgspec

from gateway.configuration import Configuration
from gateway.doors.changes import Told
from gateway.doors.claims.answer import ClaimChange
from gateway.doors.claims.telling import tell_claim
from gateway.exchange import LocalClock
from gateway.store.changes import Change
from rules.claims.status import tell_claim as claim_status_of
from rules.facts.claims import Claim

CLAIM_CHANGES_PATH = "/v1/claims/changes"


class ClaimTeller:
    """Tells changes of claims; each is written once for all who are told of it at the same time."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._clock = LocalClock(configuration.zone)
        self._written: WeakKeyDictionary[Change[Claim], tuple[date, msgspec.Raw | None]] = WeakKeyDictionary()

    async def tell(self, changes: Sequence[Change[Claim]], submitter_id: str, now: datetime) -> Told:
        """The changes; the same for whoever may be told of them."""
        del submitter_id
        today = self._clock.tell(now).date()
        written = [self._write(change, today) for change in changes]
        told = [json for json in written if json is not None]
        if len(told) == len(changes):
            return Told(changes, told)
        return Told([change for change, json in zip(changes, written, strict=True) if json is not None], told)

    def _write(self, change: Change[Claim], today: date) -> msgspec.Raw | None:
        """One change; None of a claim to which nothing has happened."""
        known = self._written.get(change)
        if known is None or known[0] != today:
            told = claim_status_of(change.value, _as_of(change.value, today), self._configuration.claims)
            json = None if told is None else msgspec.json.encode(ClaimChange(change.recorded_at, tell_claim(told)))
            known = self._written[change] = today, None if json is None else msgspec.Raw(json)
        return known[1]


def _as_of(claim: Claim, today: date) -> date:
    """Today, or the day from which the last event counts: nobody will be told again when that day comes."""
    lines = (event for line in claim.lines for event in line.events)
    return max([today, *(event.effective for event in (*claim.events, *lines))])
