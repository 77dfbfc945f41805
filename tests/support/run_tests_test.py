"""Do the tools that run and count the tests see every failure?"""

import contextlib
import io
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', '..', 'tools')]
import run_tests  # noqa: E402
import tap  # noqa: E402
from test_results import parse, sanitizer_reports  # noqa: E402

GOOD = ('[==========] Running 1 test from 1 test suite.\n[ RUN      ] A.B\n'
        '[       OK ] A.B (0 ms)\n[==========] 1 test ran.\n[  PASSED  ] 1 test.\n')
RACE = 'WARNING: ThreadSanitizer: data race (pid=1)\n'


def line_of(output, result='OK', stderr='', suite='elements'):
    """As meson logs a test."""
    return {'name': f'gst-sfu:{suite} / some', 'result': result, 'returncode': 0, 'stdout': output,
            'stderr': stderr}


def read(entry):
    with contextlib.redirect_stdout(io.StringIO()):
        return run_tests.read_test(entry)


class Counting(unittest.TestCase):
    def test_cases_are_counted(self):
        self.assertEqual(parse(GOOD, 'OK').line(), '1 passed, 0 failed, 0 skipped')
        self.assertEqual(parse('ok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP why\n1..4\n', 'FAIL').line(),
                         '1 passed, 2 failed, 1 skipped')

    def test_a_program_that_dies_has_failed(self):
        self.assertEqual(parse(GOOD, 'FAIL').failed, 1)
        self.assertEqual(parse(GOOD, 'TIMEOUT').failed, 1)


class Reports(unittest.TestCase):
    def test_all_kinds_are_seen(self):
        for report in (RACE, 'noise\n==7==ERROR: AddressSanitizer: heap-use-after-free on\n',
                       '==7==ERROR: LeakSanitizer: detected memory leaks\n',
                       '../lib/a.cc:12:3: runtime error: index 4 out of bounds\n'):
            self.assertEqual(len(sanitizer_reports('x\n' + report + 'y\n')), 1, report)
        self.assertEqual(sanitizer_reports('a runtime error: not theirs\n' + GOOD), [])

    def test_a_report_is_a_failure_whatever_the_exit_code(self):
        self.assertEqual(read(line_of(GOOD)).failed, 0)
        self.assertEqual(read(line_of(GOOD, stderr=RACE)).failed, 1)
        self.assertEqual(read(line_of(GOOD + RACE)).failed, 1)
        self.assertEqual(read(line_of(GOOD, 'FAIL', RACE)).failed, 1)

    def run_twice(self, first):
        """The results of a program that fails as `first` says, and is good the second time."""
        runs = [first, line_of(GOOD)]
        before = run_tests.run_once

        def once(*_):
            entry = runs.pop(0)
            one = read(entry)
            return one, [(entry, one)] if one.failed else []

        run_tests.run_once = once
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                return run_tests.run_meson('build')
        finally:
            run_tests.run_once = before

    def test_only_what_has_no_report_gets_a_second_chance(self):
        self.assertEqual(self.run_twice(line_of(GOOD, 'FAIL')).failed, 0)
        self.assertEqual(self.run_twice(line_of(GOOD, 'FAIL', RACE)).failed, 1)
        self.assertEqual(self.run_twice(line_of(GOOD, 'FAIL', suite='unit')).failed, 1)


if __name__ == '__main__':
    tap.main()
