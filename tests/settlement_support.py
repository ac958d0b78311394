"""835 and 277CA files about a few made-up claims, and what is read from them as ``load claims`` reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.cli.load import X12_LOADINGS, LoadKind
from gateway.cli.load_x12 import read_batches
from rules.claims.settlement_search import Telling


@dataclass(frozen=True)
class Check:
    """The payment of an 835."""

    number: str = "EFT-1"
    paid_on: str = "20260921"
    produced: str = "20260918"
    """Empty: not told."""
    method: str = "ACH"
    amount: str = "180.4"
    payee: str = "FI*990000001"
    payee_references: str = ""


def remittance(claims: str, check: Check = Check(), after: str = "") -> bytes:
    """An 835; ``claims`` is what stands below its LX, segments with or without line breaks between them."""
    produced = f"DTM*405*{check.produced}~" if check.produced else ""
    money = f"BPR*I*{check.amount}*C*{check.method}************{check.paid_on}~"
    body = (
        f"ST*835*0001~{money}TRN*1*{check.number}*1512345678~{produced}"
        "N1*PR*EXAMPLE HEALTH PLAN~N3*1 MAIN STREET~N4*ALBANY*NY*12201~PER*BL*HELP DESK*TE*8005550100~"
        f"N1*PE*RIVERBEND GROUP*{check.payee}~{check.payee_references}LX*1~{_joined(claims)}{after}"
    )
    return _interchange("HP", "005010X221A1", body)


def acknowledgment(claims: str, provider: str = "FI*990000001", references: str = "") -> bytes:
    """A 277CA about the claims of one patient; ``claims`` are its 2200D loops."""
    body = (
        "ST*277*0001*005010X214~BHT*0085*08*A-1*20260903*1200*TH~"
        "HL*1**20*1~NM1*PR*2*EXAMPLE HEALTH PLAN*****PI*99999~TRN*1*T-1~DTP*050*D8*20260902~DTP*009*D8*20260903~"
        "HL*2*1*21*1~NM1*41*2*RIVERBEND CLINIC*****46*RIVERBEND~TRN*2*B-1~STC*A1:19:PR*20260903*WQ*250~"
        f"HL*3*2*19*1~NM1*85*2*RIVERBEND GROUP*****{provider}~TRN*1*0~STC*A1:19:PR**WQ*250~{references}"
        f"HL*4*3*PT~NM1*QC*1*QUILLFEATHER*ODA****MI*W100000001~{_joined(claims)}"
    )
    return _interchange("HN", "005010X214", body)


def _joined(text: str) -> str:
    return "".join(line.strip() for line in text.splitlines())


def _interchange(kind: str, guide: str, body: str) -> bytes:
    return (
        "ISA*00*          *00*          *ZZ*99999          *ZZ*RIVERBEND      *260922*1330*^*00501*000000907*0*T*:~"
        f"GS*{kind}*99999*RIVERBEND*20260922*1330*907*X*{guide}~{body}SE*{body.count('~') + 1}*0001~"
        "GE*1*907~IEA*1*000000907~"
    ).encode()


def read(*files: bytes) -> Sequence[Telling]:
    """What files tell of claims; none of them may have anything wrong."""
    batches = [batch for file in files for batch in read_batches(X12_LOADINGS[LoadKind.CLAIMS], [file])]
    told = [line for batch in batches for line in batch.told]
    assert not told, "\n".join(told)
    return [filed.value for batch in batches for filed in batch.filed]
