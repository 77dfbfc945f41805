"""Does every test that docs/security.md names exist, and every fuzz target stand in it?

usage: security_page_test.py SOURCE_FOLDER
"""

import os
import re
import sys
import unittest
from pathlib import Path

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support')]
import tap  # noqa: E402

SOURCE = Path(sys.argv.pop(1))
# The rows that have no test yet: data channels, and pipes between servers.
NOT_YET = {31, 32, 33, 45}
ROWS = set(range(1, 47)) - NOT_YET


def page():
    return (SOURCE / 'docs' / 'security.md').read_text(encoding='utf-8')


def gtest_cases(text):
    """`Suite.Name` of all cases of a C++ file."""
    return {f'{suite}.{name}' for suite, name in
            re.findall(r'^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)', text, re.MULTILINE)}


def python_cases(text):
    """`Class.test_name` of all cases of a Python file."""
    found, suite = set(), None
    for class_name, method in re.findall(r'^class (\w+)|^    def (test_\w+)', text, re.MULTILINE):
        suite = class_name or suite
        if method:
            found.add(f'{suite}.{method}')
    return found


def all_cases():
    found = set()
    for path in (SOURCE / 'tests').rglob('*_test.*'):
        if path.suffix in ('.cc', '.py') and 'node_modules' not in path.parts:
            read = gtest_cases if path.suffix == '.cc' else python_cases
            found |= read(path.read_text(encoding='utf-8'))
    return found


def fuzz_targets():
    return set(os.listdir(SOURCE / 'tests' / 'fuzz' / 'corpus'))


class SecurityPage(unittest.TestCase):
    def test_cases_are_found(self):
        self.assertEqual(gtest_cases('TEST(A, B) {\nTEST_F(C,\n       D) {\n  TEST(E, F)'),
                         {'A.B', 'C.D'})
        self.assertEqual(python_cases('class A(B):\n    def test_c(self):\n    def d(self):\n'),
                         {'A.test_c'})

    def test_every_row_is_there_and_names_a_test(self):
        rows = re.findall(r'^\| (\d+) \|.*\| (.*) \|$', page(), re.MULTILINE)
        self.assertEqual({int(number) for number, _ in rows}, ROWS)
        without = [number for number, shown_by in rows if not re.search(r'`\w+\.\w+`', shown_by)]
        self.assertEqual(without, [])

    def test_the_tests_exist(self):
        named = set(re.findall(r'`(\w+\.\w+)`', page()))
        self.assertGreater(len(named), 100)
        self.assertEqual(sorted(named - all_cases()), [])

    def test_fuzz_targets_are_those_of_the_tests(self):
        self.assertEqual(set(re.findall(r'`fuzz (\w+)`', page())), fuzz_targets())


if __name__ == '__main__':
    tap.main()
