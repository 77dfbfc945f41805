"""In a build with sanitizers: does a program that does wrong fail, and is its report seen?

usage: sanitizer_test.py CONTROL SANITIZERS (the program of sanitizer_control.cc; meson's b_sanitize)
"""

import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', '..', 'tools')]
import tap  # noqa: E402
from test_results import sanitizer_reports  # noqa: E402

CONTROL, SANITIZERS = sys.argv[1], sys.argv[2].split(',')
del sys.argv[1:]


class Sanitizers(unittest.TestCase):
    def run_control(self, what):
        done = subprocess.run([CONTROL, what], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors='replace', check=False)
        return done.returncode, done.stdout

    def assert_reported(self, sanitizer, what, words):
        if sanitizer not in SANITIZERS:
            self.skipTest(f'not built with {sanitizer}')
        code, output = self.run_control(what)
        self.assertNotEqual(code, 0, output)
        reports = sanitizer_reports(output)
        self.assertTrue(any(words in report for report in reports), output)

    def test_nothing_wrong_is_no_report(self):
        self.assertEqual(self.run_control('nothing'), (0, ''))

    def test_leaks(self):
        self.assert_reported('address', 'leak', 'LeakSanitizer')

    def test_heap_overflows(self):
        self.assert_reported('address', 'overflow', 'heap-buffer-overflow')

    def test_undefined_behaviour(self):
        self.assert_reported('undefined', 'undefined', 'signed integer overflow')

    def test_races(self):
        self.assert_reported('thread', 'race', 'data race')

    @unittest.skipIf('address' not in SANITIZERS, 'not built with address')
    def test_indexes_beyond_the_end(self):
        code, output = self.run_control('index')
        self.assertNotEqual(code, 0)
        self.assertIn('Assertion', output)


if __name__ == '__main__':
    tap.main()
