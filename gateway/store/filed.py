"""What an X12 file files, on its way into the store: values with the places they were read from."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from gateway.store.database import Connection

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands."""

    transaction: str
    """ST02."""
    position: int
    """Of its first segment in the transaction set, the ST being 1."""
    identifier: str
    """Of that segment."""


@dataclass(frozen=True, slots=True)
class Filed(Generic[T_co]):
    """A value of a file."""

    value: T_co = field(repr=False)
    place: Place


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Something that conforms to its guide and cannot be taken in all the same."""

    place: Place
    reason: str
    """For the operator: what stands in the way and what to do; holds nothing of the value."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What has become of the values of one transaction of the database."""

    changes: int
    """Facts that are new or other than before; what was there already is not among them."""
    passed_over: tuple[PassedOver, ...] = ()


TakeIn = Callable[[Connection, Sequence[Filed[Any]], date], Awaitable[Taken]]
"""Takes values in, within the transaction that the caller has begun and ends; the day is the payer's today.

What has been taken in before changes nothing. One that cannot be taken in is passed over and stops no other; an
exception is for a database that is down or contradicts itself (`Outage`, `Refused`), and nothing of the call stays.
"""

Finish = Callable[[Connection], Awaitable[Taken]]
"""Ends the work on a file, in a transaction of its own, once all its values have been given to `TakeIn`.

What it passes over is what `TakeIn` had to put off: a value that another one of the file may have to come before.
"""
