"""The checks of style: usage: lint.py BUILD (a configured folder with compile_commands.json).

clang-format, clang-tidy (see tidy.py), shellcheck, file lengths, and the order of the folders of
lib/.
"""

import os
import re
import subprocess
import sys

import tidy

MAX_LINES = 800
# A folder of lib/ includes only itself and those before it.
LIB_ORDER = ['base', 'rtp', 'ortc', 'ice', 'srtp', 'dtls', 'stream', 'congestion',
             'router', 'transport', 'net']
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def listed_files():
    """Files of the project: tracked, or new and not ignored."""
    listing = subprocess.run(['git', 'ls-files', '-co', '--exclude-standard'], check=True,
                             stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return sorted(path for path in set(listing) if os.path.isfile(path))


def is_cpp(path):
    return path.endswith(('.cc', '.h', '.cpp', '.hpp', '.c'))


def is_script(path):
    if path.endswith('.sh'):
        return True
    with open(path, 'rb') as file:
        return re.match(rb'#!.*\b(ba)?sh\b', file.readline()) is not None


def tool(command):
    """Runs a command; returns its output if it found something, else an empty list."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return [done.stdout.strip() or f'{command[0]} ended with {done.returncode}'] \
        if done.returncode else []


def check_format(files):
    sources = [path for path in files if is_cpp(path)]
    return tool(['clang-format', '--dry-run', '-Werror'] + sources) if sources else []


def check_scripts(files):
    scripts = [path for path in files if is_script(path)]
    return tool(['shellcheck', '-x'] + scripts) if scripts else []


def check_lengths(files):
    found = []
    for path in files:
        if not (is_cpp(path) or path.endswith(('.py', '.sh', '.md', 'meson.build'))):
            continue
        with open(path, encoding='utf-8') as file:
            lines = sum(1 for _ in file)
        if lines > MAX_LINES:
            found.append(f'{path}: {lines} lines, the limit is {MAX_LINES}')
    return found


def check_order(files):
    found = []
    for path in files:
        parts = path.split('/')
        if parts[0] != 'lib' or not is_cpp(path):
            continue
        if parts[1] not in LIB_ORDER:
            found.append(f'{path}: lib/{parts[1]} has no place in the order of tools/lint.py')
            continue
        with open(path, encoding='utf-8') as file:
            for number, line in enumerate(file, 1):
                match = INCLUDE.match(line)
                folder = match.group(1).split('/')[0] if match else None
                if folder is None or folder in LIB_ORDER[:LIB_ORDER.index(parts[1]) + 1]:
                    continue
                found.append(f'{path}:{number}: lib/{parts[1]} must not include "{match.group(1)}"')
    return found


def main(build):
    files = listed_files()
    failed = []
    for name, check in [('clang-format', lambda: check_format(files)),
                        ('shellcheck', lambda: check_scripts(files)),
                        ('file lengths', lambda: check_lengths(files)),
                        ('include order', lambda: check_order(files)),
                        ('clang-tidy', lambda: tidy.check(build))]:
        found = check()
        print(f'{name}: {"FAILED" if found else "ok"}', flush=True)
        print(*found, sep='\n', end='\n' if found else '')
        if found:
            failed.append(name)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
