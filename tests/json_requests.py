"""JSON inquiries about made-up people."""

from typing import Any

import orjson

Json = dict[str, Any]

GOOD: Json = {
    "controlNumber": "123456789",
    "tradingPartnerServiceId": "99999",
    "provider": {"organizationName": "RIVERBEND GROUP", "npi": "1234567893"},
    "subscriber": {
        "memberId": "W100000001",
        "lastName": "QUILLFEATHER",
        "firstName": "ODA",
        "dateOfBirth": "19800131",
    },
    "encounter": {"serviceTypeCodes": ["98"]},
}


def changed(path: str, value: object) -> Json:
    """The good request with one field set; an ``encounter`` of its own where the field is of the encounter."""
    request: Json = orjson.loads(orjson.dumps(GOOD))
    part, _, name = path.rpartition(".")
    target = request[part] if part else request
    target[name] = value
    return request
