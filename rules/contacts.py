"""Other parties that an answer points to (loop 2120)."""

from edi.eligibility import RelatedEntity
from rules.facts import Contact
from rules.members import tell_address

_PERSON, _ORGANIZATION = "1", "2"


def tell_contact(contact: Contact, entity_code: str) -> RelatedEntity:
    """A contact in the part that ``entity_code`` (NM101) names: ``VN`` vendor, ``PRP`` primary payer, ``P3`` doctor."""
    return RelatedEntity(
        entity_code=entity_code,
        entity_type=_PERSON if contact.first_name else _ORGANIZATION,
        name=contact.name,
        first_name=contact.first_name,
        identifier_qualifier=contact.identifier_qualifier,
        identifier=contact.identifier,
        address=tell_address(contact.address),
        phone=contact.phone,
        web=contact.web,
    )
