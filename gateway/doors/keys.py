"""API keys: ``Authorization: Bearer <key>`` names a submitter."""

from typing import cast

from gateway.doors.refusals import Refusal, Refused
from gateway.store import keys
from gateway.store.administration import hash_token
from gateway.store.facts import Fact, FactStore
from gateway.store.reviewers import ReviewerRegister
from rules.facts import Submitter, SubmitterStatus

SCHEME = b"bearer"

CONFIRMATIONS_MAX = 2
"""Refusals that PostgreSQL is asked to confirm at one time, so that guessing keys cannot keep it busy."""


class BearerKeys:
    """Finds the submitter of an API key. The fact itself is given on, for the audit to confirm."""

    def __init__(self, facts: FactStore, reviewers: ReviewerRegister | None = None) -> None:
        """Make one.

        Args:
            facts: where credentials are looked up.
            reviewers: by whom a reviewer's key is told from an unknown one; None: there are none.
        """
        self._facts = facts
        self._reviewers = reviewers
        self._confirming = 0

    async def authenticate(self, authorization: bytes | None) -> Fact[Submitter]:
        """The credential that this ``Authorization`` field presents.

        Raises:
            Refused: nobody's, or of one who may not send anything, or a reviewer's.
            Outage: no tier could tell.
        """
        token = token_of(authorization)
        key = keys.credential(hash_token(token))
        fact: Fact[Submitter | None] | None = self._facts.cached(key)
        if fact is None:
            fact = (await self._facts.get([key]))[key]
        return _valid(fact) or await self._confirmed(key, token)

    def name(self, caller: Fact[Submitter]) -> str:
        """The submitter's id."""
        return caller.value.submitter_id

    async def _confirmed(self, key: str, token: str) -> Fact[Submitter]:
        """Look past the caches before refusing: nothing else would find out that they are behind."""
        self._facts.forget([key])
        if self._confirming >= CONFIRMATIONS_MAX:
            raise Refused(Refusal.CREDENTIALS_UNKNOWN)
        self._confirming += 1
        try:
            found = (await self._facts.read_past_caches([key]))[key]
            valid = _valid(found)
            if valid is None:
                raise Refused(await self._why_not(token))
        finally:
            self._confirming -= 1
        await self._facts.drop([key])
        return valid

    async def _why_not(self, token: str) -> Refusal:
        """What a key is that is no submitter's."""
        is_reviewers = self._reviewers is not None and await self._reviewers.find(token) is not None
        return Refusal.SUBMITTERS_ONLY if is_reviewers else Refusal.CREDENTIALS_UNKNOWN


def token_of(authorization: bytes | None) -> str:
    """The API key of an ``Authorization`` field; Refused where it has none."""
    if authorization is None:
        raise Refused(Refusal.CREDENTIALS_MISSING)
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != SCHEME:
        raise Refused(Refusal.CREDENTIALS_MISSING)
    return token.strip().decode("latin-1")


def _valid(fact: Fact[Submitter | None]) -> Fact[Submitter] | None:
    submitter = fact.value
    if submitter is None or submitter.status is not SubmitterStatus.ACTIVE:
        return None
    return cast("Fact[Submitter]", fact)
