"""The checks of style: usage: lint.py BUILD (a configured folder with compile_commands.json).

clang-format, clang-tidy, shellcheck, file lengths, and the order of the folders of lib/. A source
file is given to clang-tidy again only after it, a header it includes, or the configuration changed:
the hash of all those is kept as an empty file BUILD/lint/HASH.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

MAX_LINES = 800
JOBS = 2
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


def dependencies(build):
    """For each object file the files of the project it was made from, from ninja's log."""
    listing = subprocess.run(['ninja', '-C', build, '-t', 'deps'], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
    result, current = {}, None
    for line in listing.splitlines():
        if line.startswith('    '):
            path = os.path.normpath(os.path.join(build, line.strip()))
            if current is not None and not os.path.isabs(path):
                current.append(path)
        elif ': #deps' in line:
            current = result.setdefault(line.split(': #deps')[0], [])
    return result


def stamp(command, paths):
    digest = hashlib.sha256(command.encode())
    for path in sorted(set(paths + ['.clang-tidy'])):
        digest.update(path.encode())
        if os.path.exists(path):
            with open(path, 'rb') as file:
                digest.update(hashlib.sha256(file.read()).digest())
    return digest.hexdigest()


def check_tidy(build):
    stamps = os.path.join(build, 'lint')
    os.makedirs(stamps, exist_ok=True)
    with open(os.path.join(build, 'compile_commands.json'), encoding='utf-8') as file:
        entries = json.load(file)
    made_from = dependencies(build)
    work, seen = [], set()
    for entry in entries:
        source = os.path.normpath(os.path.join(build, entry['file']))
        if source.startswith('..') or source.startswith(build + os.sep) or source in seen:
            continue
        seen.add(source)
        mark = os.path.join(stamps, stamp(entry['command'],
                                          made_from.get(entry['output'], []) + [source]))
        if not os.path.exists(mark):
            work.append((source, mark))
    print(f'clang-tidy: {len(work)} of {len(seen)} files to check', flush=True)

    def tidy(job):
        source, mark = job
        found = tool(['clang-tidy', '--quiet', '-p', build, source])
        if not found:
            with open(mark, 'wb'):
                pass
        return found

    with ThreadPoolExecutor(max_workers=JOBS) as pool:
        return [text for found in pool.map(tidy, work) for text in found]


def main(build):
    files = listed_files()
    failed = []
    for name, check in [('clang-format', lambda: check_format(files)),
                        ('shellcheck', lambda: check_scripts(files)),
                        ('file lengths', lambda: check_lengths(files)),
                        ('include order', lambda: check_order(files)),
                        ('clang-tidy', lambda: check_tidy(build))]:
        found = check()
        print(f'{name}: {"FAILED" if found else "ok"}', flush=True)
        print(*found, sep='\n', end='\n' if found else '')
        if found:
            failed.append(name)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
