"""Requests for the OpenAPI document, which the tests send too. All people are made up."""

from collections.abc import Mapping

_REQUESTER = {"organizationName": "RIVERBEND GROUP", "npi": "1234567893"}
_SUBSCRIBER = {
    "memberId": "W100000001",
    "lastName": "Quillfeather",
    "firstName": "Oda",
    "dateOfBirth": "1980-01-31",
}
_BASIC = {"tradingPartnerServiceId": "99999", "requester": _REQUESTER, "subscriber": _SUBSCRIBER}

REQUESTS: Mapping[str, Mapping[str, object]] = {
    "physical therapy": {
        **_BASIC,
        "traceNumber": "REV-2026-0001",
        "placeOfService": "11",
        "diagnoses": [{"code": "M54.50"}],
        "services": [{"procedureCode": "97110", "quantity": "4", "dateOfService": "2026-12-01"}],
    },
    "imaging, with a document": {
        **_BASIC,
        "traceNumber": "REV-2026-0002",
        "diagnoses": [{"code": "M54.50"}, {"code": "G89.29"}],
        "documents": [{"reportType": "OB", "transmission": "EL", "controlNumber": "DMS-4711"}],
        "services": [
            {
                "procedureCode": "72148",
                "procedureModifiers": ["TC"],
                "quantity": "1",
                "beginningDateOfService": "2026-12-01",
                "endDateOfService": "2026-12-10",
                "providers": [{"role": "SJ", "organizationName": "RIVERBEND IMAGING", "npi": "1234567893"}],
            }
        ],
        "includeX12": True,
    },
    "admission of a dependent": {
        "tradingPartnerServiceId": "99999",
        "requester": {"organizationName": "RIVERBEND GROUP", "npi": "1234567893", "taxId": "990000001"},
        "subscriber": {"memberId": "W100000001", "lastName": "Quillfeather", "firstName": "Oda"},
        "dependents": [
            {
                "lastName": "Quillfeather",
                "firstName": "Tam",
                "dateOfBirth": "20150301",
                "gender": "M",
                "individualRelationshipCode": "19",
                "patientAccountNumber": "A-4711",
            }
        ],
        "traceNumber": "REV-2026-0003",
        "requestCategory": "AR",
        "levelOfService": "U",
        "placeOfService": "21",
        "admissionDate": "2026-12-01",
        "dischargeDate": "2026-12-04",
        "quantity": "3",
        "unit": "DY",
        "message": "Observation after surgery",
        "diagnoses": [{"code": "S52.501A"}],
        "providers": [{"role": "71", "lastName": "Fern", "firstName": "Ada", "npi": "1234567893"}],
    },
}
DECISIONS: Mapping[str, Mapping[str, object]] = {
    "certified": {"decision": "certified", "daysValid": 90, "message": "Twelve visits"},
    "modified": {"decision": "modified", "quantity": "2"},
    "not certified": {"decision": "not certified", "reasons": ["0V"]},
    "pended for a document": {"decision": "pended", "documents": [{"reportType": "OB", "loinc": "11506-3"}]},
    "service by service": {
        "services": [
            {"service": 1, "decision": "certified"},
            {"service": 2, "decision": "not certified", "reasons": ["0V"]},
        ]
    },
}
