"""Counts of single test cases, read from what test programs print.

A program speaks GoogleTest's output or TAP; one that speaks neither is one case. A program that died
or broke a rule of its own (a leak found at its end, a timeout) without a failed case counts as one
failed case more, so that no failure is lost in the sum.
"""

import re
from dataclasses import dataclass, field

_GTEST_RUN = re.compile(r'\[ RUN      \] (\S+)')
_GTEST_END = re.compile(r'\[(       OK |  FAILED  |  SKIPPED ) ?\] (\S+?)(?:, where .*)? \(\d+ ms\)$')
_GTEST_PROGRAM = re.compile(r'^\[=+\] Running \d+ tests? from ', re.MULTILINE)
_TAP_LINE = re.compile(r'^(not )?ok\b(?:\s+\d+)?(?:\s*-)?\s*([^#]*)(?:#\s*(\w+)\s*(.*))?$')
_TAP_PLAN = re.compile(r'^1\.\.(\d+)(?:\s*#\s*skip\S*\s*(.*))?$', re.IGNORECASE | re.MULTILINE)
_REPORT = re.compile(r'^.*(?:(?:ERROR|WARNING): (?:Address|Leak|Thread)Sanitizer\b|'
                     r':\d+:\d+: runtime error: ).*$', re.MULTILINE)


@dataclass
class Results:
    """What one program, or a sum of them, has shown."""
    passed: int = 0
    failed: int = 0
    skips: list = field(default_factory=list)  # (case, reason)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skips += other.skips

    def replace(self, one, other):
        """`other` counts in place of `one`, which was added before."""
        self.passed += other.passed - one.passed
        self.failed += other.failed - one.failed
        for skip in one.skips:
            self.skips.remove(skip)
        self.skips += other.skips

    def line(self):
        return f'{self.passed} passed, {self.failed} failed, {len(self.skips)} skipped'

    def exit_code(self):
        """Nothing run is no success."""
        return 1 if self.failed or not self.passed else 0


def _gtest(output):
    results = Results()
    since_start = []
    for line in output.splitlines():
        if _GTEST_RUN.search(line):
            since_start = []
            continue
        end = _GTEST_END.search(line)
        if not end:
            since_start.append(line.strip())
            continue
        word, case = end.group(1).strip(), end.group(2)
        if word == 'OK':
            results.passed += 1
        elif word == 'FAILED':
            results.failed += 1
        else:
            # GoogleTest prints "FILE:LINE: Skipped", then the reason.
            reason = ' '.join(text for text in since_start if text and
                              not text.endswith(': Skipped'))
            results.skips.append((case, reason or 'no reason given'))
        since_start = []
    return results


def _tap(output):
    results = Results()
    plan = _TAP_PLAN.search(output)
    if plan and plan.group(1) == '0':
        results.skips.append(('all', plan.group(2) or 'no reason given'))
        return results
    for line in output.splitlines():
        match = _TAP_LINE.match(line)
        if not match:
            continue
        not_ok, case, directive, text = match.groups()
        if directive and directive.lower().startswith('skip'):
            results.skips.append((case.strip(), text.strip() or 'no reason given'))
        elif not_ok:
            results.failed += 1
        else:
            results.passed += 1
    seen = results.passed + results.failed + len(results.skips)
    if plan and seen < int(plan.group(1)):
        results.failed += int(plan.group(1)) - seen
    return results


def sanitizer_reports(output):
    """The first line of each report of a sanitizer."""
    return [match.group(0).strip() for match in _REPORT.finditer(output)]


def parse(output, verdict):
    """Results of one program: `output` is its standard output, `verdict` meson's word for it
    (OK, FAIL, ERROR, TIMEOUT, SKIP, EXPECTEDFAIL, UNEXPECTEDPASS, INTERRUPT, IGNORED)."""
    if _GTEST_PROGRAM.search(output):
        results = _gtest(output)
    elif _TAP_PLAN.search(output):
        results = _tap(output)
    elif verdict == 'SKIP':
        lines = output.strip().splitlines()
        return Results(skips=[('all', lines[-1] if lines else 'no reason given')])
    else:
        results = Results(passed=1 if verdict in ('OK', 'EXPECTEDFAIL') else 0)
    if verdict not in ('OK', 'SKIP', 'EXPECTEDFAIL') and results.failed == 0:
        results.failed = 1
    return results
