"""Runs libFuzzer targets over a copy of their seed corpus.

usage: run_fuzz.py BUILD [TARGET] [SECONDS]
Each target is BUILD/tests/fuzz/fuzz_TARGET, its seeds are tests/fuzz/corpus/TARGET. New inputs are
kept in BUILD/corpus/TARGET, inputs that crash in BUILD/crashes. The last line counts the targets.
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from test_results import Results

DEFAULT_SECONDS = 30
PREFIX = 'fuzz_'
# Datagrams are at most this long; longer inputs only slow the fuzzer down.
MAX_LENGTH = 2048


def targets(build):
    folder = os.path.join(build, 'tests', 'fuzz')
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return sorted(name[len(PREFIX):] for name in names
                  if name.startswith(PREFIX) and os.path.isfile(os.path.join(folder, name)) and
                  os.access(os.path.join(folder, name), os.X_OK))


def fuzz(build, target, seconds):
    """Runs one target; returns (what it printed, whether it ended without a finding)."""
    corpus = os.path.join(build, 'corpus', target)
    crashes = os.path.join(build, 'crashes')
    os.makedirs(crashes, exist_ok=True)
    seeds = os.path.join('tests', 'fuzz', 'corpus', target)
    if os.path.isdir(seeds):
        shutil.copytree(seeds, corpus, dirs_exist_ok=True)
    os.makedirs(corpus, exist_ok=True)
    command = [os.path.join(build, 'tests', 'fuzz', PREFIX + target), corpus,
               f'-max_total_time={seconds}', f'-max_len={MAX_LENGTH}', '-timeout=10',
               '-rss_limit_mb=1024', '-print_final_stats=1',
               f'-artifact_prefix={crashes}/{target}-']
    env = dict(os.environ, UBSAN_OPTIONS='halt_on_error=1:print_stacktrace=1')
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors='replace', check=False)
    return done.stdout, done.returncode == 0


def run(build, target, seconds):
    """Runs `target`, or all of them two at a time if it is None."""
    names = targets(build) if target is None else [target]
    if target is not None and target not in targets(build):
        print(f'no fuzz target {target}; there are: {" ".join(targets(build))}')
        return Results(failed=1)
    results = Results()
    with ThreadPoolExecutor(max_workers=2) as pool:
        outputs = pool.map(lambda name: fuzz(build, name, seconds), names)
        for name, (output, good) in zip(names, outputs):
            runs = re.search(r'number_of_executed_units: (\d+)', output)
            print(f'fuzz {name}: {"ok" if good else "FAILED"}, '
                  f'{runs.group(1) if runs else "?"} inputs', flush=True)
            if good:
                results.passed += 1
            else:
                print(output)
                results.failed += 1
    return results


def main(arguments):
    build, rest = arguments[0], arguments[1:]
    target = rest.pop(0) if rest and not rest[0].isdigit() else None
    seconds = int(rest.pop(0)) if rest else DEFAULT_SECONDS
    results = run(build, target, seconds)
    print(results.line())
    return results.exit_code()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
