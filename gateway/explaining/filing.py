"""The register of reviews for answers that are computed again: it gives what was given, and puts nothing on record."""

from collections.abc import Mapping, Sequence
from typing import Any

from edi.errors import Outage
from gateway.reading import FactSource
from gateway.store.fact import Fact
from gateway.store.keys import Kind
from gateway.store.records import Record
from gateway.store.reviews import Allotted, Filing, numbers_of
from rules.facts.review_file import ReviewOnFile

_BY_TRACE = "review/trace/"
_NO_REVIEW = 0
"""Whose numbers nobody is ever given."""


class UnfiledReviews:
    """For what would be answered: the numbers are nobody's, and nothing stands in the way of a decision."""

    async def allot(self) -> Allotted:
        """The numbers of no review."""
        return numbers_of(_NO_REVIEW)

    async def file(self, filing: Filing, versions: Mapping[str, int]) -> dict[str, int]:
        """Nothing is put on record."""
        del filing, versions
        return {}


class FiledReview:
    """For an answer on record: its facts as they were before its own reviews were filed, and these reviews' numbers.

    The record names the facts as they were when the answer left, its own reviews among them. An answer that looked for
    a member decided the reviews that came with it; all others it told from what was on file already, and finds there
    again.
    """

    def __init__(self, record: Record, facts: FactSource) -> None:
        self._facts = facts
        self._record = record
        self._has_decided = any(kind is Kind.CONTRACTS for kind, _, _ in record.facts)
        self._filed: ReviewOnFile | None = None
        """Of the set that is answered just now; None: nothing was put on record for it."""

    def cached(self, key: str) -> Fact[Any] | None:
        """The fact if it is at hand; never the review, which may have been filed since."""
        return None if key.startswith(_BY_TRACE) else self._facts.cached(key)

    async def get(self, keys: Sequence[str]) -> Mapping[str, Fact[Any]]:
        """The facts as they were, the answer's own review not yet among them.

        Raises:
            Outage: one could not be read at the time, or PostgreSQL does not answer.
        """
        facts = await self._facts.get(keys)
        return {key: self._before_filing(fact) if key.startswith(_BY_TRACE) else fact for key, fact in facts.items()}

    async def allot(self) -> Allotted:
        """The numbers that the review got.

        Raises:
            Outage: it got none, because there were none to be had.
        """
        if self._filed is not None:
            return numbers_of(self._filed.review_id)
        if self._record.answer_trace:  # decided without a certification or a reference: the numbers were not told
            return numbers_of(_NO_REVIEW)
        raise Outage("numbers were not to be had at the time")

    async def file(self, filing: Filing, versions: Mapping[str, int]) -> dict[str, int]:
        """Nothing: it is on record.

        Raises:
            Outage: it is not, because it could not be put there.
        """
        del filing, versions
        if self._filed is None:
            raise Outage("the review could not be put on record at the time")
        return {}

    def trace(self) -> str:
        """The number that the answer to a set got; that of the first where it is not known by a review."""
        return self._record.answer_trace if self._filed is None else self._filed.answer_trace

    def _before_filing(self, fact: Fact[Any]) -> Fact[Any]:
        held: ReviewOnFile | None = fact.value
        self._filed = held if held is not None and self._is_own(held) else None
        return fact if self._filed is None else Fact(fact.key, 0, None, fact.kind)

    def _is_own(self, held: ReviewOnFile) -> bool:
        """Whether a review was filed by the answer and not before; moments are told to the microsecond."""
        return self._has_decided and held.received_at in (None, self._record.received_at)
