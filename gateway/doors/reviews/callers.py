"""Who comes about reviews: a submitter about its own, or a reviewer."""

import asyncio

from fastapi import Request

from gateway.doors.explain import authenticated
from gateway.doors.keys import BearerKeys, token_of
from gateway.doors.refusals import Refusal, Refused
from gateway.store.facts import Fact, FactStore
from gateway.store.reviewers import REVIEWER_TOKEN_PREFIX, Reviewer, ReviewerRegister
from rules.facts import Submitter

LOOK_UPS_MAX = 4
"""Reviewers' keys that are looked up at one time, the others waiting: guessing them cannot keep PostgreSQL busy."""


class Callers:
    """Finds out who presents an API key."""

    def __init__(self, keys: BearerKeys, facts: FactStore, reviewers: ReviewerRegister) -> None:
        self._keys = keys
        self._facts = facts
        self._reviewers = reviewers
        self._looking_up = asyncio.Semaphore(LOOK_UPS_MAX)

    def is_reviewer(self, request: Request) -> bool:
        """Whether the key is such as reviewers have; Refused where there is none."""
        return token_of(_authorization(request)).startswith(REVIEWER_TOKEN_PREFIX)

    async def reviewer(self, request: Request) -> Reviewer:
        """The reviewer, as PostgreSQL has it now.

        Raises:
            Refused: nobody, somebody whose key does not hold any more, or a submitter.
            Outage: PostgreSQL does not answer.
        """
        token = token_of(_authorization(request))
        if not token.startswith(REVIEWER_TOKEN_PREFIX):
            await authenticated(request, self._keys, self._facts)
            raise Refused(Refusal.REVIEWERS_ONLY)
        reviewer = await self._find(token)
        if reviewer is None:
            raise Refused(Refusal.CREDENTIALS_UNKNOWN)
        return reviewer

    async def submitter(self, request: Request) -> Fact[Submitter]:
        """The submitter's credential, which may be out of date: for the audit to confirm.

        Raises:
            Refused: nobody, somebody who may not send anything, or a reviewer.
            Outage: no tier could tell.
        """
        return await self._keys.authenticate(_authorization(request))

    async def _find(self, token: str) -> Reviewer | None:
        async with self._looking_up:
            return await self._reviewers.find(token)


def _authorization(request: Request) -> bytes | None:
    authorization = request.headers.get("authorization")
    return None if authorization is None else authorization.encode("latin-1")
