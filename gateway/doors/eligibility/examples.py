"""Requests for the OpenAPI document, which the tests send too. All people are made up."""

from collections.abc import Mapping

_PROVIDER = {"organizationName": "RIVERBEND GROUP", "npi": "1234567893"}

REQUESTS: Mapping[str, Mapping[str, object]] = {
    "generic": {
        "controlNumber": "123456789",
        "tradingPartnerServiceId": "99999",
        "provider": _PROVIDER,
        "subscriber": {
            "memberId": "W100000001",
            "lastName": "Quillfeather",
            "firstName": "Oda",
            "dateOfBirth": "1980-01-31",
        },
    },
    "dependent": {
        "tradingPartnerServiceId": "99999",
        "provider": {**_PROVIDER, "taxId": "990000001"},
        "subscriber": {"memberId": "W100000001", "lastName": "Quillfeather", "firstName": "Oda"},
        "dependents": [
            {
                "lastName": "Quillfeather",
                "firstName": "Tam",
                "dateOfBirth": "20150301",
                "gender": "M",
                "individualRelationshipCode": "19",
                "additionalIdentification": {"patientAccountNumber": "A-4711"},
            }
        ],
        "encounter": {"serviceTypeCodes": ["98", "UC"], "dateOfService": "2026-11-20"},
        "includeX12": True,
    },
    "procedure": {
        "controlNumber": "7",
        "tradingPartnerServiceId": "99999",
        "provider": _PROVIDER,
        "subscriber": {"lastName": "Quillfeather", "firstName": "Oda", "dateOfBirth": "19800131"},
        "encounter": {
            "productOrServiceIDQualifier": "HC",
            "procedureCode": "97110",
            "procedureModifiers": ["GP"],
            "beginningDateOfService": "20261101",
            "endDateOfService": "20261130",
        },
    },
    "unknown subscriber": {
        "tradingPartnerServiceId": "99999",
        "provider": _PROVIDER,
        "subscriber": {"memberId": "W999999999", "lastName": "Nobody", "dateOfBirth": "19700101"},
        "encounter": {"serviceTypeCodes": ["30"]},
    },
}
