"""Places: the states, provinces and territories of N402."""


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


STATES = _codes(
    "AA AB AE AK AL AP AR AS AZ BC CA CO CT DC DE FL FM GA GU HI IA ID IL IN KS KY LA MA MB MD ME MH MI MN MO MP "
    "MS MT NB NC ND NE NF NH NJ NL NM NS NT NU NV NY OH OK ON OR PA PE PQ PR PW QC RI SC SD SK TN TX UM UT VA VI "
    "VT WA WI WV WY YT"
)
"""N402 within the United States and Canada."""
