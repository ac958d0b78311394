"""Which elements tell who a patient is, or a password, so that an acknowledgment does not repeat them.

A 999 may copy the bad value (IK404) so that it can be found and mended. Names, identifiers, addresses and birth dates
are left out of it: the position says enough, and acknowledgments are stored and read by more people than inquiries are.
"""

_IDENTIFYING_EVERYWHERE = frozenset(
    {
        "1035",  # last name or organization name
        "1036",  # first name
        "1037",  # middle name
        "1038",  # name prefix
        "1039",  # name suffix
        "93",  # name
        "67",  # identification code
        "166",  # address
        "19",  # city
        "116",  # postal code
        "364",  # telephone number or mail address
        "1028",  # patient's account number
        "933",  # free text
        "352",  # description
    }
)
_SECRETS = frozenset({"I02", "I04"})  # authorization and security information: ISA02, ISA04
_IDENTIFYING_IN = frozenset(
    {
        ("REF", "127"),  # reference identification: member, group, account and social security numbers
        ("DMG", "1251"),  # birth date
        ("INS", "1251"),  # date of death
        ("REF", "C040"),  # reference identifier, as a composite
    }
)
_NOT_PATIENTS = frozenset(
    {"PR", "P5", "X3", "2B", "36", "40", "41", "1P", "80", "FA", "GP", "85", "82", "77", "71", "72"}
)
"""NM101 of payers, submitters and providers: their names and numbers are business data."""


def is_sensitive(segment_id: str, data_element: str, entity: str = "") -> bool:
    """Whether a value of this data element in this segment may tell who a patient is, or a password.

    Args:
        segment_id: ``NM1``.
        data_element: reference number, ``67``; empty when it is not known, and then the answer is yes.
        entity: NM101 when the segment is an NM1.
    """
    if segment_id == "NM1" and entity in _NOT_PATIENTS and data_element:
        return False
    if not data_element or data_element in _SECRETS:
        return True
    return data_element in _IDENTIFYING_EVERYWHERE or (segment_id, data_element) in _IDENTIFYING_IN
