"""The benefit plans of the synthetic book, as a benefits manager would put them on one sheet: a row for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from edi.benefit_codes import BenefitKind
from rules.facts import YearBasis


@dataclass(frozen=True, slots=True)
class Design:
    """The figures in which one plan differs from another; US dollars, shares as fractions."""

    plan_id: str
    name: str
    insurance_type: str
    deductible: int
    """Individual, in network; a family's is twice, out of network it is three times as much."""
    out_of_pocket: int
    co_insurance: str
    """In network."""
    co_insurance_out: str | None
    """None: nothing but emergencies is paid out of network."""
    office: int | None
    """Co-payment of a primary care visit; None: deductible and co-insurance apply instead."""
    specialist: int | None
    emergency: int | None
    urgent: int | None
    therapy_visits: int = 30
    active_kind: BenefitKind = BenefitKind.ACTIVE
    year: YearBasis = YearBasis.CALENDAR
    year_begins: date = date(2000, 1, 1)
    rider: str = ""
    """Name of a dental and vision rider; empty: neither is covered."""
    behavioral_vendor: bool = False
    """Mental health is carved out to a vendor."""
    tiered: bool = False
    """Hospitals of the first tier cost half the co-insurance."""
    medicare: bool = False

    @property
    def shares(self) -> tuple[Decimal, Decimal | None]:
        """The patient's share in and out of network."""
        out = self.co_insurance_out
        return Decimal(self.co_insurance), None if out is None else Decimal(out)


DESIGNS = (
    Design("GOLD-PPO", "GOLD PPO 500", "PR", 500, 4000, "0.2", "0.4", 25, 40, 250, 50, rider="GOLD DENTAL AND VISION"),
    Design("SILVER-PPO", "SILVER PPO 1500", "PR", 1500, 6500, "0.2", "0.5", 30, 60, 350, 60),
    Design("BRONZE-HDHP", "BRONZE HSA 3300", "PR", 3300, 7000, "0.3", "0.5", None, None, None, None, 20),
    Design("TIERED-PPO", "CHOICE TIERED PPO", "PR", 1000, 5000, "0.2", "0.4", 20, 45, 300, 45, tiered=True),
    Design("SCHOOL-PPO", "SCHOOL STAFF PPO 300", "PR", 300, 2500, "0.1", "0.3", 15, 30, 150, 35, 60,
           year=YearBasis.SERVICE, year_begins=date(2000, 7, 1), rider="SCHOOL STAFF DENTAL AND VISION"),
    Design("CLASSIC-HMO", "CLASSIC HMO", "HM", 0, 3500, "0", None, 20, 40, 200, 40,
           active_kind=BenefitKind.ACTIVE_CAPITATED_TO_PCP, behavioral_vendor=True),
    Design("VALUE-HMO", "VALUE HMO 750", "HM", 750, 6000, "0.25", None, 35, 70, 400, 75, 20),
    Design("METRO-EPO", "METRO EPO 1000", "EP", 1000, 5500, "0.2", None, 30, 55, 300, 55, behavioral_vendor=True),
    Design("FLEX-POS", "FLEX POINT OF SERVICE", "PS", 800, 4500, "0.15", "0.35", 25, 50, 250, 50,
           year=YearBasis.CONTRACT),
    Design("SENIOR-HMO", "SENIOR ADVANTAGE HMO", "HN", 0, 4900, "0", None, 0, 35, 110, 45,
           medicare=True, rider="SENIOR DENTAL AND VISION"),
    Design("SENIOR-PPO", "SENIOR ADVANTAGE PPO", "PR", 250, 5900, "0.2", "0.3", 10, 40, 120, 50, medicare=True),
)  # fmt: skip

SENIOR_PLANS = tuple(design.plan_id for design in DESIGNS if design.medicare)
EMPLOYER_PLANS = tuple(design.plan_id for design in DESIGNS if not design.medicare)
