"""The line of a service that is asked for or granted: SV1, SV2 or SV3 of a 278 (005010X217)."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from edi.writing import COMPONENT

Verbatim = tuple[str, ...]
"""A segment as sent, its identifier first."""


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a service segment keeps what decisions read."""

    procedure: int
    unit: int
    quantity: int
    revenue_code: int = 0


_PLACES = {"SV1": _Places(1, 3, 4), "SV2": _Places(2, 4, 5, 1), "SV3": _Places(1, 0, 6)}
_LAST_OF_RANGE = 7
"""Component of a procedure that ends a range of codes, counted from 0."""


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """An SV1 (professional), SV2 (institutional) or SV3 (dental) segment."""

    segment: Verbatim

    @property
    def procedure_qualifier(self) -> str:
        """HC, AD, N4 ...; empty where only a revenue code is sent."""
        return self._procedure(0)

    @property
    def procedure_code(self) -> str:
        """The code, or the first of a range; empty where only a revenue code is sent."""
        return self._procedure(1)

    @property
    def procedure_last(self) -> str:
        """The last code of a range; that of ``procedure_code`` where there is no range."""
        return self._procedure(_LAST_OF_RANGE) or self.procedure_code

    @property
    def revenue_code(self) -> str:
        """SV201; empty in the other segments."""
        return self._element(_PLACES[self.segment[0]].revenue_code)

    @property
    def unit(self) -> str:
        """DA, F2, MJ, UN; empty where none is sent."""
        return self._element(_PLACES[self.segment[0]].unit)

    @property
    def quantity(self) -> Decimal | None:
        """How many; None where that is not sent."""
        return decimal_of(self._element(_PLACES[self.segment[0]].quantity))

    def with_quantity(self, quantity: Decimal) -> "ServiceLine":
        """The same line for another quantity; the unit is UN where none was sent."""
        places = _PLACES[self.segment[0]]
        elements = [*self.segment, *[""] * (places.quantity + 1 - len(self.segment))]
        elements[places.quantity] = f"{quantity.normalize():f}"
        if places.unit:
            elements[places.unit] = elements[places.unit] or "UN"
        return ServiceLine(tuple(elements))

    def _procedure(self, component: int) -> str:
        components = self._element(_PLACES[self.segment[0]].procedure).split(COMPONENT)
        return components[component] if len(components) > component else ""

    def _element(self, number: int) -> str:
        return self.segment[number] if 0 < number < len(self.segment) else ""


def decimal_of(text: str) -> Decimal | None:
    """An X12 number; None for none."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
