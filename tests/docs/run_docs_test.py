"""Does the runner of the documents find what is wrong with a document?"""

import contextlib
import io
import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'support')]
import run_docs  # noqa: E402
import tap  # noqa: E402
from hooks import Hook  # noqa: E402
from shell_blocks import shell_blocks  # noqa: E402

DEV = '#!/bin/sh\necho "  run    runs"\necho "  test   tests"\n'


def written(folder, name):
    with open(os.path.join(folder, name), encoding='utf-8') as file:
        return file.read()


def check_word(folder, _output):
    assert written(folder, 'word') == 'hello\n', 'the word is wrong'


class RunDocs(unittest.TestCase):
    def run_page(self, text, hooks=None):
        """Runs a project whose only page is `text`; returns (exit code, TAP output)."""
        with tempfile.TemporaryDirectory() as source:
            os.mkdir(os.path.join(source, 'docs'))
            with open(os.path.join(source, 'docs', 'page.md'), 'w', encoding='utf-8') as file:
                file.write(text)
            with open(os.path.join(source, 'dev'), 'w', encoding='utf-8') as file:
                file.write(DEV)
            os.chmod(os.path.join(source, 'dev'), 0o755)
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                code = run_docs.run_pages(
                    source, hooks or {},
                    lambda blocks: run_docs.problems_here(blocks, hooks or {}, source))
            return code, output.getvalue()

    def assert_fails(self, message, text, hooks=None):
        code, output = self.run_page(text, hooks)
        self.assertEqual(code, 1, output)
        self.assertIn('not ok 1', output)
        self.assertIn(message, output)

    def assert_passes(self, text, hooks=None, cases=1):
        code, output = self.run_page(text, hooks)
        self.assertEqual(code, 0, output)
        self.assertIn(f'1..{cases}\n', output)

    def test_a_block_without_marks_fails(self):
        self.assert_fails('docs/page.md:2 marks', 'Do\n```sh\nrm -rf x\n```\n')

    def test_other_names_of_the_shell_fail(self):
        self.assert_fails('write ```sh', '```bash\ntrue\n```\n')

    def test_unknown_marks_fail(self):
        self.assert_fails('unknown marks: tset', '```sh tset=x\ntrue\n```\n')

    def test_norun_needs_a_reason(self):
        self.assert_fails('needs a reason', '```sh norun=""\ntrue\n```\n')
        self.assert_passes('```sh norun="needs a camera"\nfalse\n```\n')

    def test_dev_commands_must_exist(self):
        self.assert_passes('```sh\n./dev run\n./dev test   # all of them\n```\n')
        self.assert_fails('no command fly', '```sh\n./dev fly\n```\n')

    def test_other_languages_are_left_alone(self):
        self.assert_passes('```c\nint x;\n```\n```\n```sh\n```\n', cases=0)

    def test_a_block_runs_and_is_checked(self):
        text = '1. Do\n   ```sh test=word timeout=5\n   echo hel\\\n   lo > word\n   ```\n'
        self.assert_passes(text, {'word': Hook(check=check_word)})
        self.assert_fails('the word is wrong', text.replace('hel', 'bel'),
                          {'word': Hook(check=check_word)})

    def test_a_failing_command_fails_with_its_output(self):
        self.assert_fails('exit code 1:\n# oh', '```sh test=x\necho oh\nfalse\ntrue\n```\n')

    def test_a_command_that_does_not_end_fails(self):
        self.assert_fails('still runs after', '```sh test=x timeout=0.3\nsleep 60\n```\n')

    def test_a_command_is_interrupted(self):
        text = ('```sh test=x timeout=5\n'
                "sh -c 'trap \"echo hello > word; exit 0\" INT; sleep 60 & wait'\n```\n")
        hook = Hook(interrupt_after=0.3, check=check_word)
        self.assert_passes(text, {'x': hook})
        self.assert_fails('ended before', '```sh test=x\ntrue\n```\n', {'x': hook})

    def test_a_file_is_prepared(self):
        def prepare(folder):
            with open(os.path.join(folder, 'word'), 'w', encoding='utf-8') as file:
                file.write('hello\n')
        self.assert_passes('```sh test=x\ngrep hello word\n```\n',
                           {'x': Hook(prepare=prepare, check=check_word)})

    def test_a_hook_without_a_block_fails(self):
        self.assert_fails('no document has', 'Nothing here.\n', {'x': Hook()})

    def test_lines_are_numbered(self):
        blocks = shell_blocks('p.md', '# A\n\n```sh test=a\nx\n```\n\n~~~sh test=b timeout=7\ny\n~~~\n')
        self.assertEqual([(block.line, block.name, block.timeout, block.text) for block in blocks],
                         [(3, 'a', 20, 'x\n'), (7, 'b', 7, 'y\n')])


if __name__ == '__main__':
    tap.main()
