"""Runs the commands of the documents, so that the documents stay true.

usage: run_docs.py SOURCE_FOLDER BUILD_FOLDER [NAME …]

Every ```sh block of README.md, CONTRIBUTING.md, docs/ and the examples must say how it is tested: see
shell_blocks.py. A block with test=NAME runs in an empty folder with the plugin of the build; what it
needs beside it and what must come of it stands in hooks.py under the same name. Reports TAP.

The blocks name fixed ports. So each runs in a network of its own, some at once, or where networks may
not be made, one after the other.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'interop', 'media'),
                os.path.join(HERE, '..', 'support')]
import apart  # noqa: E402
from hooks import HOOKS, Hook  # noqa: E402
from processes import Process  # noqa: E402
from shell_blocks import shell_blocks  # noqa: E402

# The shell itself must survive the Ctrl-C meant for what it runs; a trap is not inherited.
PREAMBLE = 'trap : INT\n'
# Until a pipeline plays; before, it drops what comes.
START_SECONDS = 20
# Blocks at once. Most of them wait for what comes in real time, and use a fifth of a core.
AT_ONCE = 4
# In the environment of a process that runs one block: its place.
PLACE = 'SFU_DOCS_BLOCK'


def pages(source):
    """The documents, as paths below `source`."""
    found = [Path(source, name) for name in ('README.md', 'CONTRIBUTING.md')]
    found += sorted(Path(source, 'docs').rglob('*.md'))
    found += sorted(Path(source, 'examples').glob('*/README.md'))
    return [str(path.relative_to(source)) for path in found if path.exists()]


def all_blocks(source):
    """Every shell block of the documents, in order."""
    return [block for page in pages(source)
            for block in shell_blocks(page, Path(source, page).read_text(encoding='utf-8'))]


def dev_commands(source):
    """The commands that ./dev names in its help."""
    done = subprocess.run([os.path.join(source, 'dev'), 'help'], check=True, text=True,
                          stdout=subprocess.PIPE)
    return set(re.findall(r'^  ([a-z]+)\b', done.stdout, re.MULTILINE))


def run_block(block, hook, build, folder):
    """Runs one block; raises AssertionError if it does not do what it should."""
    # Also for what feeds the block.
    os.environ.update(GST_PLUGIN_PATH=os.path.join(build, 'gst'), NO_COLOR='1',
                      GST_REGISTRY=os.path.join(build, 'docs-registry.bin'))
    if hook.prepare:
        hook.prepare(folder)
    with contextlib.ExitStack() as stack:
        for process in hook.before(folder) if hook.before else []:
            stack.enter_context(process)
        run_command(block, hook, folder)


def run_command(block, hook, folder):
    """Runs the block's command, and looks at what came of it."""
    end = time.monotonic() + block.timeout
    with Process(['sh', '-e', '-c', PREAMBLE + block.text], name=block.name,
                 cwd=folder) as program:
        feeders = []
        try:
            if hook.feed and hook.fed_when_playing:
                program.wait_for_output('New clock', START_SECONDS)
            feeders = hook.feed(folder) if hook.feed else []
            if hook.interrupt_after is not None:
                time.sleep(hook.interrupt_after)
                assert program.returncode is None, \
                    f'it ended before it was asked to:\n{program.output()}'
                program.stop(seconds=max(end - time.monotonic(), 1))
            code = program.wait(max(end - time.monotonic(), 0))
            # They may have files to finish.
            for feeder in feeders:
                feeder.stop()
        except TimeoutError as error:
            # A feeder that waited in vain knows nothing of why the command did not do its part.
            raise AssertionError(f'{error}\n{program.output()}') from None
        finally:
            for feeder in feeders:
                feeder.kill()
        assert code == hook.exit_code, f'exit code {code}:\n{program.output()}'
        if hook.check:
            hook.check(folder, program.output())


def problem_here(block, hooks, build):
    """Runs one block; returns what is wrong, or None."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            run_block(block, hooks.get(block.name, Hook()), build, folder)
        except AssertionError as error:
            return str(error) or repr(error)
    return None


def problems_here(blocks, hooks, build):
    """Runs one block after the other; yields of each what is wrong, or None."""
    return (problem_here(block, hooks, build) for block in blocks)


def problems_apart(blocks):
    """The same by processes with networks of their own, which run this program for one block."""
    commands = [(sys.orig_argv, {PLACE: block.place}) for block in blocks]
    for done in apart.run_apart(commands, AT_ONCE):
        yield (done.stdout or f'it ended with {done.returncode}') if done.returncode else None


def main(arguments):
    source, build, names = os.path.abspath(arguments[0]), os.path.abspath(arguments[1]), arguments[2:]
    place = os.environ.get(PLACE)
    if place is not None:
        block = next(block for block in all_blocks(source) if block.place == place)
        sys.exit(problem_here(block, HOOKS, build))
    if apart.networks_allowed():
        return run_pages(source, HOOKS, problems_apart, names)
    return run_pages(source, HOOKS, lambda blocks: problems_here(blocks, HOOKS, build), names)


def run_pages(source, hooks, problems_of, names=()):
    """Runs all blocks below `source` (or those named) by `problems_of`, which yields of each block what
    is wrong with it; returns the exit code."""
    commands, count, failed = dev_commands(source), 0, 0

    def report(title, error=None):
        nonlocal count, failed
        count += 1
        failed += error is not None
        print(f'{"not ok" if error else "ok"} {count} - {title}', flush=True)
        for line in (error or '').splitlines():
            print(f'# {line}')

    blocks = [block for block in all_blocks(source) if not names or block.name in names]
    runnable = [block for block in blocks if block.name and not block.problem(commands)]
    problems = problems_of(runnable)
    for block in blocks:
        problem = next(problems) if block in runnable else block.problem(commands)
        report(f'{block.place} {block.name or "marks"}', problem)
    for name in sorted(set(hooks) - {block.name for block in runnable}):
        if not names:
            report(f'hook {name}', 'no document has a block of this name')
    print(f'1..{count}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
