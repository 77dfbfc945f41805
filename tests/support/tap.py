"""Runs unittest test cases and reports them as TAP, so that every case is counted.

At the end of a test file: `if __name__ == '__main__': tap.main()`. Arguments choose cases by parts
of their names.
"""

import sys
import unittest


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


def main(module='__main__'):
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[module])
    if len(sys.argv) > 1:
        suite = unittest.TestSuite(
            case for group in suite for case in group
            if any(part in case.id() for part in sys.argv[1:]))
    result = _TapResult(sys.stdout)
    suite.run(result)
    print(f'1..{result.number}')
    sys.exit(0 if result.wasSuccessful() else 1)
