"""Do test cases that run side by side stay apart, and is none of their results lost?"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import apart
import tap

HERE = os.path.dirname(os.path.abspath(__file__))
# Waits for the next case while it has the port that this one wants too.
CASES = '''
import os, socket, sys, time, unittest
from pathlib import Path
sys.path.insert(0, %r)
import tap

class Cases(unittest.TestCase):
    def meet(self, name, other):
        server = socket.create_server(('127.0.0.1', 5004))
        self.addCleanup(server.close)
        Path(tap.shared_folder(), name).touch()
        end = time.monotonic() + 20
        while not Path(tap.shared_folder(), other).exists():
            self.assertLess(time.monotonic(), end, f'{other} does not run')
            time.sleep(0.01)

    def test_1(self):
        self.meet('one', 'two')
        print('# one was here')

    def test_2(self):
        self.meet('two', 'one')

    def test_3(self):
        self.fail('it is wrong')

    def test_4(self):
        print('it is broken', flush=True)
        os._exit(7)

    def test_5(self):
        self.skipTest('it is late')

if __name__ == '__main__':
    tap.main(at_once=2)
'''


@unittest.skipUnless(apart.networks_allowed(), 'no network may be made here')
class Apart(unittest.TestCase):
    def run_cases(self, *names):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, 'cases.py')
            path.write_text(CASES % HERE, encoding='ascii')
            return subprocess.run([sys.executable, str(path), *names], text=True,
                                  stdout=subprocess.PIPE, check=False)

    def test_they_run_at_once_with_the_same_port_and_are_told_in_order(self):
        done = self.run_cases('test_1', 'test_2')
        self.assertEqual(done.stdout, '# one was here\n'
                         'ok 1 - __main__.Cases.test_1\nok 2 - __main__.Cases.test_2\n1..2\n')
        self.assertEqual(done.returncode, 0)

    def test_what_fails_or_dies_is_not_lost(self):
        done = self.run_cases()
        self.assertEqual(done.returncode, 1)
        self.assertIn('not ok 3 - __main__.Cases.test_3\n', done.stdout)
        self.assertIn('AssertionError: it is wrong', done.stdout)
        self.assertIn('it is broken\nnot ok 4 - __main__.Cases.test_4\n# it ended with 7\n',
                      done.stdout)
        self.assertIn('ok 5 - __main__.Cases.test_5 # SKIP it is late\n1..5\n', done.stdout)

    def test_commands_have_their_own_environment_and_results(self):
        commands = [(['sh', '-c', 'echo $WORD; exit $CODE'], {'WORD': word, 'CODE': str(code)})
                    for code, word in enumerate(('a', 'b', 'c'))]
        self.assertEqual([(done.returncode, done.stdout)
                          for done in apart.run_apart(commands, at_once=2)],
                         [(0, 'a\n'), (1, 'b\n'), (2, 'c\n')])


if __name__ == '__main__':
    tap.main()
