"""The C code in the guides compiles: all blocks of a guide, one after the other, are one file.

usage: guide_code_test.py SOURCE_FOLDER
"""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support')]
import tap  # noqa: E402

GUIDES = Path(sys.argv.pop(1), 'docs', 'guides')


def c_code(page):
    return '\n'.join(re.findall(r'^```c\n(.*?)^```', page, re.MULTILINE | re.DOTALL))


def compile_errors(code):
    flags = subprocess.run(['pkg-config', '--cflags', 'gstreamer-1.0'], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.split()
    return subprocess.run(['cc', '-x', 'c', '-std=gnu11', '-Wall', '-Wextra', '-Werror',
                           '-Wno-unused-function', '-fsyntax-only', *flags, '-'], input=code,
                          text=True, stderr=subprocess.PIPE, check=False).stderr


class GuideCode(unittest.TestCase):
    def test_what_is_wrong_is_found(self):
        self.assertNotEqual(compile_errors('int wrong (void) { return "text" }'), '')

    def test_it_compiles(self):
        pages = {path.name: c_code(path.read_text(encoding='utf-8'))
                 for path in sorted(GUIDES.glob('*.md'))}
        self.assertIn('gst_parse_launch', pages['browser.md'])
        for name, code in pages.items():
            self.assertEqual(compile_errors(code), '', name)


if __name__ == '__main__':
    tap.main()
