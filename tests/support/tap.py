"""Runs unittest test cases and reports them as TAP, so that every case is counted.

At the end of a test file: `if __name__ == '__main__': tap.main()`. Arguments choose cases by parts
of their names.
"""

import contextlib
import fcntl
import os
import re
import sys
import tempfile
import unittest

import apart

# The environment of a process that runs one case: its id, and a folder that all cases have in common.
_CASE, _SHARED = 'SFU_TEST_CASE', 'SFU_TEST_SHARED'


class _TapResult(unittest.TestResult):
    def __init__(self, stream):
        super().__init__()
        self.stream_out = stream
        self.number = 0

    def _say(self, good, test, note='', details=''):
        self.number += 1
        print(f'{"ok" if good else "not ok"} {self.number} - {test.id()}{note}', file=self.stream_out)
        for line in details.splitlines():
            print(f'# {line}', file=self.stream_out)
        self.stream_out.flush()

    def addSuccess(self, test):
        super().addSuccess(test)
        self._say(True, test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._say(True, test, f' # SKIP {reason}')

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._say(False, test, details=self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._say(False, test, details=self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._say(False, subtest, details=''.join(
                (self.failures or self.errors)[-1][1]))

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self._say(True, test)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._say(False, test, details='this was expected to fail')


def shared_folder():
    """The folder of cases that run side by side; None where each runs in this process."""
    return os.environ.get(_SHARED)


@contextlib.contextmanager
def turn(name):
    """For cases that run side by side: of those inside, there is one at a time."""
    if not shared_folder():
        yield
        return
    with open(os.path.join(shared_folder(), name + '.turn'), 'wb') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run_apart(cases, at_once):
    """Each case by a process of its own. Returns whether all of them passed."""
    number, good = 0, True
    with tempfile.TemporaryDirectory() as shared:
        commands = [(sys.orig_argv, {_CASE: case.id(), _SHARED: shared}) for case in cases]
        for case, done in zip(cases, apart.run_apart(commands, at_once)):
            before = number
            for line in done.stdout.splitlines():
                result = re.match(r'((?:not )?ok) \d+ (.*)', line)
                if result:
                    number += 1
                    line = f'{result.group(1)} {number} {result.group(2)}'
                if not re.match(r'1\.\.\d+$', line):
                    print(line)
            if number == before:
                number += 1
                print(f'not ok {number} - {case.id()}\n# it ended with {done.returncode}')
            sys.stdout.flush()
            good = good and done.returncode == 0
    print(f'1..{number}')
    return good


def main(module='__main__', at_once=1):
    """Runs the cases of the file. So many `at_once`, each by a process of its own in a network of its
    own, where networks may be made: then what they have in common is files in shared_folder()."""
    cases = [case for group in unittest.defaultTestLoader.loadTestsFromModule(sys.modules[module])
             for case in group]
    one = os.environ.get(_CASE)
    if one is not None:
        cases = [case for case in cases if case.id() == one]
    elif len(sys.argv) > 1:
        cases = [case for case in cases if any(part in case.id() for part in sys.argv[1:])]
    if one is None and at_once > 1 and len(cases) > 1 and apart.networks_allowed():
        sys.exit(0 if _run_apart(cases, at_once) else 1)
    result = _TapResult(sys.stdout)
    unittest.TestSuite(cases).run(result)
    print(f'1..{result.number}')
    sys.exit(0 if result.wasSuccessful() else 1)
