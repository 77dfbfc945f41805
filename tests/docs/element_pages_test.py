"""Do the pages of docs/elements name all that gst-inspect-1.0 knows of each element?

usage: element_pages_test.py FOLDER
"""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support')]
import tap  # noqa: E402

FOLDER = Path(sys.argv.pop(1))
# Every element has these.
COMMON = {'name', 'parent'}


def inspect(name):
    return subprocess.run(['gst-inspect-1.0', name], check=True, text=True, stdout=subprocess.PIPE,
                          env=dict(os.environ, NO_COLOR='1')).stdout


def elements():
    """The elements of the plugin."""
    return re.findall(r'^  (\w+): ', inspect('sfu'), re.MULTILINE)


def facts(text):
    """Pad templates, properties (of pads and of the element), signals and actions."""
    found = re.findall(r"^  (?:SINK|SRC) template: '(.+)'", text, re.MULTILINE)
    # Properties stand at an indent of 2 (element) or 6 (pads): "name : blurb".
    found += re.findall(r'^(?: {2}| {6})([a-z][a-z0-9-]*) *: ', text, re.MULTILINE)
    found += re.findall(r'^  "([a-z][a-z0-9-]*)" : ', text, re.MULTILINE)
    return sorted(set(found) - COMMON)


class ElementPages(unittest.TestCase):
    def test_facts_are_found(self):
        found = facts(inspect('sfurouter'))
        for name in ('sink_%u', 'src_%u', 'router', 'producer', 'max-queue-time', 'get-stats'):
            self.assertIn(name, found)

    def test_every_element_has_a_page(self):
        names = elements()
        self.assertIn('sfurouter', names)
        for name in names:
            self.assertTrue((FOLDER / f'{name}.md').exists(), f'no page about {name}')

    def test_the_pages_name_everything(self):
        for name in elements():
            page = (FOLDER / f'{name}.md').read_text(encoding='utf-8')
            # As code, or within a line of it, so that prose does not count.
            missing = [fact for fact in facts(inspect(name))
                       if not re.search(rf'`{re.escape(fact)}`', page)]
            self.assertEqual(missing, [], f'docs/elements/{name}.md says nothing of')

    def test_the_pages_name_nothing_else(self):
        """In the tables of properties: what is not there any more must go."""
        for name in elements():
            page = (FOLDER / f'{name}.md').read_text(encoding='utf-8')
            known = facts(inspect(name))
            for section in re.findall(r'^#+ [^\n]*[Pp]roperties\n(.*?)(?=^#|\Z)', page,
                                      re.MULTILINE | re.DOTALL):
                for row in re.findall(r'^\| `([^`]+)`', section, re.MULTILINE):
                    self.assertIn(row, known, f'docs/elements/{name}.md')


if __name__ == '__main__':
    tap.main()
