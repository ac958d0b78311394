"""837 files about the claims desk's family, professional unless told otherwise."""

from dataclasses import dataclass

from edi.submitted_claim import SubmittedClaim
from gateway.cli.load import X12_LOADINGS, LoadKind
from gateway.cli.load_x12 import read_batches

PROFESSIONAL = "005010X222A1"
INSTITUTIONAL = "005010X223A2"
SUBSCRIBER = (
    "SBR*P*18*GRP-7******CI~NM1*IL*1*QUILLFEATHER*ODA****MI*W100000001~N3*1 TEMPLATE DRIVE~"
    "N4*SPECIMEN SPRINGS*FL*32000~DMG*D8*19800131*F~NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*99999~"
)
FAMILY = "SBR*P**GRP-7******CI~NM1*IL*1*QUILLFEATHER*ODA****MI*W100000001~NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*99999~"
SON = "PAT*19~NM1*QC*1*QUILLFEATHER*TAM~N3*1 TEMPLATE DRIVE~N4*SPECIMEN SPRINGS*FL*32000~DMG*D8*20150301*M~"


@dataclass(frozen=True)
class Patient:
    """A subscriber's level, and a dependent's below it if there is one, with the claims of whom it is."""

    claims: tuple[str, ...]
    subscriber: str = SUBSCRIBER
    dependent: str = ""


def claim(
    account: str = "ACC-1",
    *,
    charge: str = "250",
    frequency: str = "1",
    references: str = "REF*D9*CH-1~",
    after: str = "",
    lines: str = "LX*1~SV1*HC:99213:25*150*UN*1***1~DTP*472*D8*20260901~REF*6R*L-1~"
    "LX*2~SV1*HC:85025*100*UN*2***1~DTP*472*D8*20260903~REF*6R*L-2~",
) -> str:
    """A professional claim; ``after`` is what stands between its diagnoses and its lines."""
    return f"CLM*{account}*{charge}***11:B:{frequency}*Y*A*Y*Y~{references}HI*ABK:J0190~{after}{lines}"


def stay(account: str = "STAY-1", *, frequency: str = "1", references: str = "") -> str:
    """An institutional claim."""
    return (
        f"CLM*{account}*950***11:A:{frequency}**A*Y*Y~DTP*434*RD8*20260901-20260904~DTP*435*DT*202609010800~"
        f"CL1*1*7*30~{references}HI*ABK:J0190~NM1*71*1*WREN*IDA~"
        "LX*1~SV2*0120**900*DA*3~DTP*472*D8*20260901~LX*2~SV2*0301*HC:85025*50*UN*1~DTP*472*D8*20260902~"
    )


def file(*patients: Patient, guide: str = PROFESSIONAL, tin: str = "990000001", sent: str = "20260905") -> bytes:
    """A file of one transaction set, by the first provider group."""
    return envelope(transaction(*patients, guide=guide, tin=tin, sent=sent), guide=guide)


def transaction(
    *patients: Patient, guide: str = PROFESSIONAL, tin: str = "990000001", sent: str = "20260905", number: str = "0001"
) -> str:
    """A transaction set, its segments counted and its levels numbered."""
    body = (
        f"ST*837*{number}*{guide}~BHT*0019*00*B-1*{sent}*0930*CH~NM1*41*2*RIVERBEND CLINIC*****46*RIVERBEND~"
        "PER*IC*ANY CLERK*TE*5555550100~NM1*40*2*EXAMPLE HEALTH PLAN*****46*99999~HL*1**20*1~"
        "NM1*85*2*RIVERBEND GROUP*****XX*1234567893~N3*1 SAMPLE SQUARE~N4*SPECIMEN SPRINGS*FL*320010000~"
        f"REF*EI*{tin}~"
    )
    levels = 1
    for patient in patients:
        levels += 1
        body += f"HL*{levels}*1*22*{int(bool(patient.dependent))}~{patient.subscriber}"
        if patient.dependent:
            levels += 1
            body += f"HL*{levels}*{levels - 1}*23*0~{patient.dependent}"
        body += "".join(patient.claims)
    return f"{body}SE*{body.count('~') + 1}*{number}~"


def envelope(*transactions: str, guide: str = PROFESSIONAL) -> bytes:
    """Transaction sets in the usual interchange and group."""
    return (
        "ISA*00*          *00*          *ZZ*RIVERBEND      *ZZ*EDIGATEWAY     *260905*0930*^*00501*000000907*0*T*:~"
        f"GS*HC*RIVERBEND*99999*20260905*0930*907*X*{guide}~{''.join(transactions)}"
        f"GE*{len(transactions)}*907~IEA*1*000000907~"
    ).encode()


def read(data: bytes, piece_bytes: int = 65_536) -> list[SubmittedClaim]:
    """The claims of a file that has nothing wrong in it, read in pieces of a size."""
    pieces = [data[start : start + piece_bytes] for start in range(0, len(data), piece_bytes)]
    batches = list(read_batches(X12_LOADINGS[LoadKind.CLAIMS], pieces))
    told = [line for batch in batches for line in batch.told]
    assert not told, "\n".join(told)
    return [filed.value for batch in batches for filed in batch.filed]
