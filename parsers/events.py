"""What the framer tells while a file is read, each when all of it is known."""

from typing import NamedTuple

from parsers.frames import FunctionalGroup, Interchange, TransactionSet


class InterchangeOpened(NamedTuple):
    """An ISA was read; with findings when it is not as it should be."""

    interchange: Interchange


class GroupOpened(NamedTuple):
    """A GS was read."""

    group: FunctionalGroup
    interchange: Interchange


class TransactionRead(NamedTuple):
    """A whole transaction set, with the findings that its ST and SE gave."""

    transaction: TransactionSet
    group: FunctionalGroup
    interchange: Interchange


class GroupClosed(NamedTuple):
    """All findings on the group's own envelope are known now."""

    group: FunctionalGroup
    interchange: Interchange


class InterchangeClosed(NamedTuple):
    """All findings on the interchange's own envelope are known now."""

    interchange: Interchange


Event = InterchangeOpened | GroupOpened | TransactionRead | GroupClosed | InterchangeClosed
