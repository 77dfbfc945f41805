"""Runs the commands of the documents, so that the documents stay true.

usage: run_docs.py SOURCE_FOLDER BUILD_FOLDER [NAME …]

Every ```sh block of README.md, CONTRIBUTING.md and docs/ must say how it is tested: see
shell_blocks.py. A block with test=NAME runs in an empty folder with the plugin of the build; what it
needs beside it and what must come of it stands in hooks.py under the same name. Reports TAP.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'interop', 'media')]
from hooks import HOOKS, Hook  # noqa: E402
from processes import Process  # noqa: E402
from shell_blocks import shell_blocks  # noqa: E402

# The shell itself must survive the Ctrl-C meant for what it runs; a trap is not inherited.
PREAMBLE = 'trap : INT\n'
# Until a pipeline plays; before, it drops what comes.
START_SECONDS = 20


def pages(source):
    """The documents, as paths below `source`."""
    found = [Path(source, name) for name in ('README.md', 'CONTRIBUTING.md')]
    found += sorted(Path(source, 'docs').rglob('*.md'))
    return [str(path.relative_to(source)) for path in found if path.exists()]


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


def main(arguments):
    source, build, names = os.path.abspath(arguments[0]), os.path.abspath(arguments[1]), arguments[2:]
    return run_pages(source, build, HOOKS, names)


def run_pages(source, build, hooks, names=()):
    """Runs all blocks below `source` (or those named); returns the exit code."""
    commands, count, failed, used = dev_commands(source), 0, 0, set()

    def report(title, error=None):
        nonlocal count, failed
        count += 1
        failed += error is not None
        print(f'{"not ok" if error else "ok"} {count} - {title}', flush=True)
        for line in (error or '').splitlines():
            print(f'# {line}')

    for page in pages(source):
        for block in shell_blocks(page, Path(source, page).read_text(encoding='utf-8')):
            if names and block.name not in names:
                continue
            title = f'{block.place} {block.name or "marks"}'
            problem = block.problem(commands)
            if problem or not block.name:
                report(title, problem)
                continue
            used.add(block.name)
            with tempfile.TemporaryDirectory() as folder:
                try:
                    run_block(block, hooks.get(block.name, Hook()), build, folder)
                    report(title)
                except AssertionError as error:
                    report(title, str(error) or repr(error))
    for name in sorted(set(hooks) - used):
        if not names:
            report(f'hook {name}', 'no document has a block of this name')
    print(f'1..{count}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
