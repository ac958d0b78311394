"""API keys: ``Authorization: Bearer <key>`` names a submitter."""

from typing import cast

from gateway.doors.refusals import Refusal, Refused
from gateway.store import keys
from gateway.store.administration import hash_token
from gateway.store.facts import Fact, FactStore
from rules.facts import Submitter, SubmitterStatus

SCHEME = b"bearer"

CONFIRMATIONS_MAX = 2
"""Refusals that PostgreSQL is asked to confirm at one time, so that guessing keys cannot keep it busy."""


class BearerKeys:
    """Finds the submitter of an API key. The fact itself is given on, for the audit to confirm."""

    def __init__(self, facts: FactStore) -> None:
        self._facts = facts
        self._confirming = 0

    async def authenticate(self, authorization: bytes | None) -> Fact[Submitter]:
        """The credential that this ``Authorization`` field presents.

        Raises:
            Refused: nobody's, or of one who may not send anything.
            Outage: no tier could tell.
        """
        key = _credential_key(authorization)
        fact: Fact[Submitter | None] | None = self._facts.cached(key)
        if fact is None:
            fact = (await self._facts.get([key]))[key]
        return _valid(fact) or await self._confirmed(key)

    def name(self, caller: Fact[Submitter]) -> str:
        """The submitter's id."""
        return caller.value.submitter_id

    async def _confirmed(self, key: str) -> Fact[Submitter]:
        """Look past the caches before refusing: nothing else would find out that they are behind."""
        self._facts.forget([key])
        if self._confirming >= CONFIRMATIONS_MAX:
            raise Refused(Refusal.CREDENTIALS_UNKNOWN)
        self._confirming += 1
        try:
            found = (await self._facts.read_past_caches([key]))[key]
        finally:
            self._confirming -= 1
        valid = _valid(found)
        if valid is None:
            raise Refused(Refusal.CREDENTIALS_UNKNOWN)
        await self._facts.drop([key])
        return valid


def _credential_key(authorization: bytes | None) -> str:
    if authorization is None:
        raise Refused(Refusal.CREDENTIALS_MISSING)
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != SCHEME:
        raise Refused(Refusal.CREDENTIALS_MISSING)
    return keys.credential(hash_token(token.strip().decode("latin-1")))


def _valid(fact: Fact[Submitter | None]) -> Fact[Submitter] | None:
    submitter = fact.value
    if submitter is None or submitter.status is not SubmitterStatus.ACTIVE:
        return None
    return cast("Fact[Submitter]", fact)
