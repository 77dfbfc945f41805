"""The table of docs/interop.md, and what makes it: tools/interop_table.py and the writers of results.

usage: interop_table_test.py SOURCE_FOLDER
"""

import os
import re
import sys
import tempfile
import unittest
from pathlib import Path

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', '..', 'tools')]
from interop_result import DIRECTIONS, FIELDS, interop_result  # noqa: E402
from interop_table import (BEGIN, END, main, parse, read_rows, render,  # noqa: E402
                           split_document)
import tap  # noqa: E402

SOURCE = Path(sys.argv.pop(1))
FACTS = {'peer': 'Somebody 1.2', 'direction': 'to us', 'codecs': ['video/VP8', 'opus'],
         'transport': 'udp'}


class Results(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.results = Path(folder.name, 'interop-results')
        before = os.environ.get('SFU_BUILD')
        os.environ['SFU_BUILD'] = folder.name
        self.addCleanup(lambda: os.environ.pop('SFU_BUILD') if before is None else
                        os.environ.update(SFU_BUILD=before))

    def test_a_test_leaves_what_it_saw(self):
        with interop_result('Somebody sends!', **FACTS) as saw:
            saw['cipher'] = 'SRTP_AEAD_AES_128_GCM'
        row, = read_rows(self.results)
        self.assertEqual((row.peer, row.codecs, row.transport, row.cipher, row.result),
                         ('Somebody 1.2', 'VP8, opus', 'UDP', 'AEAD-AES-128-GCM', 'passes'))
        self.assertEqual(os.listdir(self.results), ['somebody-sends.json'])

    def test_a_failed_test_says_so_and_the_last_run_counts(self):
        with interop_result('it', **FACTS):
            pass
        with self.assertRaisesRegex(AssertionError, 'broken'):
            with interop_result('it', **FACTS):
                raise AssertionError('broken')
        row, = read_rows(self.results)
        self.assertEqual(row.result, 'fails')

    def test_wrong_facts_are_errors(self):
        with self.assertRaises(TypeError):
            with interop_result('it', **FACTS, colour='red'):
                pass
        with self.assertRaises(TypeError):
            with interop_result('it', peer='Nobody'):
                pass

    def test_the_table_comes_between_the_marks(self):
        with interop_result('it', **FACTS, note='with | within'):
            pass
        page = self.results.parent / 'page.md'
        page.write_text(f'# Title\n{BEGIN}old\n{END}tail\n', encoding='utf-8')
        main([str(self.results), str(page)])
        before, table, after = split_document(page.read_text(encoding='utf-8'))
        self.assertEqual((before, after), (f'# Title\n{BEGIN}', f'{END}tail\n'))
        self.assertEqual(len(parse(table)), 1)
        self.assertEqual(render(parse(table)), table)


class CommittedTable(unittest.TestCase):
    def setUp(self):
        text = Path(SOURCE, 'docs/interop.md').read_text(encoding='utf-8')
        _, self.table, _ = split_document(text)

    def test_it_is_what_the_generator_makes(self):
        self.assertEqual(render(sorted(parse(self.table))), self.table)

    def test_its_rows_are_results(self):
        rows = parse(self.table)
        self.assertTrue(rows)
        for row in rows:
            self.assertRegex(row.peer, r'\d')
            self.assertIn(row.direction, DIRECTIONS)
            self.assertIn(row.transport, ('UDP', 'TCP'))
            self.assertTrue(row.codecs)
            self.assertRegex(row.cipher, r'^(AEAD-AES-|AES-CM-|$)')
            self.assertEqual(row.result, 'passes')


class Writers(unittest.TestCase):
    """The three writers agree on the fields."""

    def test_fields(self):
        names = set(FIELDS)
        header = Path(SOURCE, 'tests/support/interop_result.h').read_text(encoding='utf-8')
        self.assertEqual(set(re.findall(r'\{"(\w+)", ', header)), names)
        script = Path(SOURCE, 'tests/interop/browser/support/results.mjs').read_text(
            encoding='utf-8')
        required, optional = re.search(r"REQUIRED = \[(.*?)\];\nconst OPTIONAL = \{(.*?)\};",
                                       script).groups()
        self.assertEqual(set(re.findall(r'\w+', required)) | set(re.findall(r'(\w+):', optional)),
                         names - {'result'})


if __name__ == '__main__':
    tap.main()
