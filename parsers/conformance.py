"""A transaction set against its implementation guide.

The verdict is that of pyx12's walker and validators on the same map; how much of it is told, and where the two differ
on purpose, is in ``benchmarks.differences``. A clean segment costs about a microsecond: a look-up for the step, a few
counters, one regular expression; only what that does not pass is judged element by element. Transaction sets of a shape
that comes often are tested whole (``parsers.shapes``).
"""

from itertools import islice

from edi.acknowledgment_codes import GroupError, SegmentError, TransactionError
from edi.delimiters import Delimiters
from parsers import limits
from parsers.elements import Fault, judge_segment
from parsers.expecting import expected
from parsers.findings import Finding, Level
from parsers.frames import FunctionalGroup, Interchange, Segment, TransactionSet, element_of
from parsers.guide_library import ReadyGuide, find_guide, is_known, is_known_identifier, is_known_transaction
from parsers.guide_rules import LoopRule, SegmentRule, Usage
from parsers.numbering import NUMBERED, Numbering
from parsers.walking import Step


def check_group(group: FunctionalGroup, interchange: Interchange) -> list[Finding]:
    """What is wrong with a functional group's kind and version (AK905 1 and 2); empty when there is a guide for it.

    The GS by itself has been judged by framing already, and its findings are not repeated here.
    """
    if is_known(group, interchange):
        return []
    if is_known_identifier(group.identifier):
        return _group_finding(group, GroupError.VERSION_NOT_SUPPORTED, 8)
    return _group_finding(group, GroupError.NOT_SUPPORTED, 1)


def _group_finding(group: FunctionalGroup, code: GroupError, number: int) -> list[Finding]:
    if any(finding.code == code for finding in group.findings):
        return []
    value = element_of(group.header, number)
    return [
        Finding(
            Level.GROUP,
            code,
            segment_id="GS",
            segment=group.position,
            element=number,
            value=value,
            offset=group.offset,
        )
    ]


def check_transaction(
    transaction: TransactionSet,
    group: FunctionalGroup,
    interchange: Interchange,
    findings_max: int = limits.FINDINGS_PER_TRANSACTION_MAX,
) -> list[Finding]:
    """What is wrong with a transaction set by its guide, in the order of its segments.

    What framing found on the envelope (``transaction.findings``) is not repeated here. Empty when there is no guide
    for the group: that is the group's fault, see ``check_group``.

    Args:
        transaction: as framed.
        group: the functional group it is in; GS01 and GS08 name the guide.
        interchange: the interchange it is in, for its version and delimiters.
        findings_max: findings with which the judgment ends.
    """
    guide = find_guide(transaction, group, interchange)
    if guide is None:
        return []
    delimiters = interchange.delimiters
    if guide.shapes.is_clean(transaction, delimiters):
        return []
    findings = TransactionCheck(guide, transaction, delimiters, findings_max).judge()
    if not findings:
        guide.shapes.learn(transaction, delimiters)
    return findings


class _Enough(Exception):  # noqa: N818 - nothing has gone wrong
    """As much has been found as is told: nothing that the rest of the set holds could change the verdict."""


class TransactionCheck:
    """The check of one transaction set, which may be read further, and what was judged dropped, between two calls."""

    def __init__(
        self,
        guide: ReadyGuide,
        transaction: TransactionSet,
        delimiters: Delimiters,
        findings_max: int = limits.FINDINGS_PER_TRANSACTION_MAX,
    ) -> None:
        """Begin a check.

        Args:
            guide: that ``find_guide`` gives.
            transaction: at least the ST of it has been read.
            delimiters: of the interchange.
            findings_max: findings of one call of ``judge`` with which the judgment ends: what follows in the set is
                not judged any more.
        """
        self._guide = guide
        self._transaction = transaction
        self._delimiters = delimiters
        self._counts = [0] * guide.rules.counters
        self._numbering = Numbering(counts_service_lines=guide.rules.counts_service_lines)
        self._findings: list[Finding] = []
        self._findings_max = findings_max
        self._place = guide.walker.start
        self._judged = 0
        """Segments judged so far."""
        self._is_over = False
        """As much has been found as is told."""

    def judge(self) -> list[Finding]:
        """What is wrong with the segments that have been read since the last call, in their order."""
        self._findings = []
        if self._is_over:
            return self._findings
        try:
            if self._judged == 0:
                self._findings = self._judge_header()
            if self._is_right_set():
                self._walk()
        except _Enough:
            self._is_over = True
        self._judged = self._transaction.length
        return self._findings

    def _judge_header(self) -> list[Finding]:
        header = self._guide.rules.header
        if not self._is_right_set():
            return self._wrong_set(header)
        self._counts[self._guide.rules.root.index] = 1
        self._counts[header.index] = 1
        self._judged = 1
        self._test(header, 1)
        return self._findings

    def _is_right_set(self) -> bool:
        """Whether ST01 is what the guide is for."""
        selector = self._guide.rules.header.selector
        return selector is None or self._transaction.identifier.rstrip(self._delimiters.component) in selector.codes

    def _walk(self) -> None:
        counts, component = self._counts, self._delimiters.component
        walker, tests = self._guide.walker, self._guide.tests(self._delimiters)
        place, transaction = self._place, self._transaction
        pairs = zip(transaction.segments, transaction.raw, strict=True)
        for position, (segment, raw) in enumerate(
            islice(pairs, transaction.index_of(self._judged + 1), None), self._judged + 1
        ):
            identifier = segment[0]
            try:
                number, steps = place.ready[identifier]
                step: Step | None = steps[segment[number]]
            except LookupError:
                step = walker.step(place, segment, component)
            if identifier in NUMBERED:
                self._check_number(step, position, segment)
            if step is None:
                self._add_segment(SegmentError.UNKNOWN, position, identifier, place.rule.loop)
                continue
            place, index = step.place, step.index
            for counter, missing in step.needs:
                if not counts[counter]:
                    self._add_missing(missing, position)
            if step.loop is None:
                counts[index] += 1
                if counts[index] > step.use_max:
                    self._add_excess(step.rule, position)
            else:
                self._enter(step.loop, step.rule, position)
            test = tests[index]
            if test is None or not test(raw):
                self._test(step.rule, position)
        self._place = place

    def _enter(self, loop: LoopRule, first: SegmentRule, position: int) -> None:
        """Count a loop that begins, and forget what was counted in it before."""
        counts = self._counts
        if loop.usage is Usage.NOT_USED:
            self._add_segment(SegmentError.NOT_USED, position, first.identifier, loop, loop.name)
        else:
            counts[loop.index + 1 : loop.index_end] = [0] * (loop.index_end - loop.index - 1)
            counts[loop.index] += 1
            if counts[loop.index] > loop.repeat_max:
                self._add_segment(SegmentError.LOOP_TOO_OFTEN, position, first.identifier, loop, loop.name)
        counts[first.index] += 1

    def _add_excess(self, rule: SegmentRule, position: int) -> None:
        code = SegmentError.NOT_USED if rule.usage is Usage.NOT_USED else SegmentError.TOO_OFTEN
        self._add_segment(code, position, rule.identifier, rule.loop, rule.name)

    def _add_missing(self, rule: SegmentRule, position: int) -> None:
        self._add_segment(SegmentError.REQUIRED_MISSING, position, rule.identifier, rule.loop, rule.name)

    def _add_segment(self, code: SegmentError, position: int, identifier: str, loop: LoopRule, name: str = "") -> None:
        shown = identifier if len(identifier) <= _IDENTIFIER_CHARACTERS_MAX else ""
        self._add(
            Finding(
                Level.SEGMENT,
                code,
                segment_id=shown,
                segment=position,
                loop=loop.path,
                name=name,
                offset=self._transaction.offset_of(position - 1),
            )
        )

    def _test(self, rule: SegmentRule, position: int) -> None:
        """Judge what has not passed the quick test, or has had none yet."""
        test = self._guide.test(rule.index, self._delimiters)
        index = self._transaction.index_of(position)
        if test is not None and test(self._transaction.raw[index]):
            return
        segment = self._transaction.segments[index]
        if not any(value.strip(self._delimiters.component) for value in segment[1:]):
            self._add_segment(SegmentError.ELEMENTS_IN_ERROR, position, rule.identifier, rule.loop, rule.name)
        for fault in judge_segment(rule, segment, self._delimiters, is_5010=self._guide.rules.is_5010):
            self._add_element(rule, position, fault)

    def _check_number(self, step: Step | None, position: int, segment: Segment) -> None:
        for fault in self._numbering.check(segment, step.loop if step else None):
            self._add_element(step.place.rule if step else None, position, fault)

    def _add_element(self, rule: SegmentRule | None, position: int, fault: Fault) -> None:
        segment = self._transaction.segments[self._transaction.index_of(position)]
        if (segment[0], fault.element) in _JUDGED_BY_FRAMING:
            return
        told_by = fault.rule
        if told_by is None and rule is not None:
            told_by = next((element for element in rule.elements if element.number == fault.element), None)
        in_header = segment[0] == "ST" and fault.element == _GUIDE_ELEMENT and fault.rule is not None
        self._add(
            Finding(
                Level.TRANSACTION if in_header else Level.ELEMENT,
                TransactionError.GUIDE_NOT_SUPPORTED if in_header else fault.code,
                segment_id=segment[0],
                segment=position,
                loop=rule.loop.path if rule else "",
                element=fault.element,
                component=fault.component,
                repetition=fault.repetition,
                data_element=told_by.data_element if told_by else "",
                name=told_by.name if told_by else "",
                value=fault.value,
                trigger=fault.trigger,
                expected=expected(told_by, fault.code),
                offset=self._transaction.offset_of(position - 1),
            )
        )

    def _add(self, finding: Finding) -> None:
        self._findings.append(finding)
        if len(self._findings) >= self._findings_max:
            raise _Enough

    def _wrong_set(self, header: SegmentRule) -> list[Finding]:
        """ST01 is not what the group's guide is for. One that is no identifier at all has been told by framing."""
        if any(finding.code is TransactionError.IDENTIFIER for finding in self._transaction.findings):
            return []
        is_known_set = is_known_transaction(self._transaction.identifier)
        return [
            Finding(
                Level.TRANSACTION,
                TransactionError.NOT_IN_THIS_GROUP if is_known_set else TransactionError.NOT_SUPPORTED,
                segment_id="ST",
                segment=1,
                element=1,
                data_element=header.elements[0].data_element,
                name=header.elements[0].name,
                value=self._transaction.identifier,
                offset=self._transaction.offset,
            )
        ]


_IDENTIFIER_CHARACTERS_MAX = 3
_GUIDE_ELEMENT = 3
"""ST03, the guide: a wrong or missing one is told in IK502 (RFI 1438)."""
_JUDGED_BY_FRAMING = frozenset({("ST", 1), ("ST", 2), ("SE", 1), ("SE", 2)})
