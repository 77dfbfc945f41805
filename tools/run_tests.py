"""Runs the meson tests of a build folder (or, with --all, the whole matrix) and counts their cases.

usage: run_tests.py BUILD [SUITE …] | run_tests.py --all
The last line is `N passed, N failed, N skipped`. The exit code is 1 if a case failed or none ran.
"""

import json
import os
import subprocess
import sys

import run_fuzz
from test_results import Results, parse, sanitizer_reports

FUZZ_SECONDS = 10
# Of the interop tests, the programs that are libsfu and its peer in one process. (A plugin that is
# built with a sanitizer cannot be loaded by gst-launch-1.0.)
SANITIZED_INTEROP = ['full-ice', 'ice-nice']


# These drive real programs in real time, and a machine that gives its cores to somebody else for a
# moment can make one fail. What failed of them runs once more, alone, and that counts; both runs are
# printed. Code that is broken fails twice. What a sanitizer has reported is there, though it may
# not be seen a second time: such a program has failed.
REAL_TIME_SUITES = {'elements', 'interop', 'interop-tools', 'docs', 'browser'}
# More than so many failures are no accident.
MAX_REPEATED = 3


def run_meson(folder, suites=(), tests=(), label='', slower=1):
    """One `meson test`. `slower` stretches the timeouts, for sanitized builds and long tests."""
    label = label or folder
    results, failed = run_once(folder, [*(f'--suite={suite}' for suite in suites), *tests],
                               label, slower)
    repeatable = [entry for entry, _ in failed
                  if suites_of(entry) & REAL_TIME_SUITES and not reports_of(entry)]
    if failed and len(repeatable) == len(failed) <= MAX_REPEATED:
        for entry, first in failed:
            print(f'once more, alone: {entry["name"]}')
            arguments = [f'--suite={min(suites_of(entry))}', entry['name'].split(' / ')[-1]]
            second, _ = run_once(folder, arguments, label + '-again', slower)
            print(f'{entry["name"]}: {first.line()}; then {second.line()}')
            results.replace(first, second)
    return results


def suites_of(entry):
    """Of a line of meson's log: `project:suite+suite / name`."""
    return set(entry['name'].split(' / ')[0].split(':')[-1].split('+'))


def reports_of(entry):
    return sanitizer_reports((entry.get('stdout') or '') + '\n' + (entry.get('stderr') or ''))


def run_once(folder, arguments, label, slower):
    """The results, and those of each program that failed, with its line of meson's log."""
    log = 'testlog-' + label.replace('/', '-')
    command = ['meson', 'test', '-C', folder, '--no-rebuild', '--logbase', log, '-t', str(slower)]
    print(f'== {label}: {" ".join(arguments) or "all suites"}', flush=True)
    log_file = os.path.join(folder, 'meson-logs', log + '.json')
    if os.path.exists(log_file):
        os.remove(log_file)
    status = subprocess.run(command + arguments, check=False).returncode
    results, failed = Results(), []
    if os.path.exists(log_file):
        with open(log_file, encoding='utf-8') as lines:
            for line in lines:
                entry = json.loads(line)
                one = read_test(entry)
                results.add(one)
                if one.failed:
                    failed.append((entry, one))
    if status != 0 and results.failed == 0:
        print(f'meson test ended with {status}')
        results.failed += 1
    return results, failed


def read_test(entry):
    output = entry.get('stdout') or ''
    results = parse(output, entry['result'])
    # The program's exit code says so, too; unless it has ended by _exit(), or was killed.
    if reports_of(entry) and not results.failed:
        results.failed = 1
    if results.failed:
        print(f'--- {entry["name"]}: {entry["result"]}, exit code {entry["returncode"]}')
        print(output + (entry.get('stderr') or ''))
        print(f'--- end of {entry["name"]}')
    for case, reason in results.skips:
        print(f'skipped: {entry["name"]}: {case}: {reason}')
    return results


def run_all():
    os.environ['SFU_TEST_ALL'] = '1'
    # The long loss grids take minutes.
    results = run_meson('build', label='release', slower=3)
    del os.environ['SFU_TEST_ALL']
    results.add(run_meson('build-asan', suites=['unit', 'elements', 'fuzz-corpus'], label='asan',
                          slower=4))
    results.add(run_meson('build-tsan', suites=['unit', 'elements'], label='tsan', slower=8))
    for folder, slower in (('build-asan', 4), ('build-tsan', 8)):
        results.add(run_meson(folder, suites=['interop'], tests=SANITIZED_INTEROP,
                              label=folder.removeprefix('build-') + '-interop', slower=slower))
    results.add(run_fuzz.run('build-fuzz', None, FUZZ_SECONDS))
    return results


def main(arguments):
    sys.stdout.reconfigure(line_buffering=True)
    if arguments == ['--all']:
        results = run_all()
    else:
        results = run_meson(arguments[0], suites=arguments[1:])
    print(results.line())
    return results.exit_code()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
