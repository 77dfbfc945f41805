"""clang-tidy over what has changed, several files at a time.

A source file is checked again only after it, a header it includes, or the configuration changed: the
hash of all those is kept as an empty file BUILD/lint/HASH.

Most of a check goes into the headers that a file includes, so files of one folder that are compiled
alike are checked as one. If nothing is found there, each of them is clean. If something is, or if
names of two files clash, the halves are checked, and so on down to the file that it is about.
"""

import hashlib
import json
import os
import shlex
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

JOBS = 2
FILES_AT_ONCE = 8
CONFIGURATION = '.clang-tidy'
# The analyzer follows fewer calls: that takes a third of the time, and files that are checked as one
# would have it follow more than when each is alone.
SHALLOW = ['-Xclang', '-analyzer-config', '-Xclang', 'mode=shallow']
# Arguments of a compile command that are followed by the name of what is read or written.
ABOUT_FILES = {'-MQ', '-MF', '-o', '-c'}


class Source:
    def __init__(self, path, arguments, mark):
        self.path = path
        self.arguments = arguments
        self.mark = mark

    def group(self):
        return os.path.dirname(self.path), tuple(self.arguments)


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
    for path in sorted(set(paths + [CONFIGURATION])):
        digest.update(path.encode())
        if os.path.exists(path):
            with open(path, 'rb') as file:
                digest.update(hashlib.sha256(file.read()).digest())
    return digest.hexdigest()


def compiler_arguments(command):
    """What of a compile command says how to read the source."""
    words, kept = iter(shlex.split(command)), []
    for word in words:
        if word in ABOUT_FILES:
            next(words)
        elif word.startswith('-') and word != '-MD':
            kept.append(word)
    return kept


def sources(build):
    """Every source of the project that the build compiles, once."""
    with open(os.path.join(build, 'compile_commands.json'), encoding='utf-8') as file:
        entries = json.load(file)
    made_from = dependencies(build)
    found = {}
    for entry in entries:
        path = os.path.normpath(os.path.join(build, entry['file']))
        if path.startswith('..') or path.startswith(build + os.sep) or path in found:
            continue
        mark = stamp(entry['command'], made_from.get(entry['output'], []) + [path])
        found[path] = Source(path, compiler_arguments(entry['command']),
                             os.path.join(build, 'lint', mark))
    return list(found.values())


def joined(batch, folder):
    """A file in `folder` that has the text of all files of the batch."""
    path = os.path.join(folder, hashlib.sha256(batch[0].path.encode()).hexdigest()[:16] + '.cc')
    with open(path, 'w', encoding='utf-8') as out:
        for source in batch:
            out.write(f'#line 1 "{source.path}"\n')
            with open(source.path, encoding='utf-8') as file:
                out.write(file.read() + '\n')
    return path


def clang_tidy(build, path, arguments):
    """What it found, or an empty text."""
    done = subprocess.run(['clang-tidy', '--quiet', os.path.relpath(path, build), '--',
                           *SHALLOW, *arguments],
                          cwd=build, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return (done.stdout.strip() or f'clang-tidy ended with {done.returncode}') \
        if done.returncode else ''


def check_batch(build, batch):
    """The findings of a list of sources that are compiled alike."""
    if len(batch) == 1:
        text = clang_tidy(build, batch[0].path, batch[0].arguments)
    else:
        folder = os.path.abspath(os.path.dirname(batch[0].path))
        with tempfile.TemporaryDirectory(dir=build) as scratch:
            text = clang_tidy(build, joined(batch, scratch),
                              ['-iquote', folder, *batch[0].arguments])
    if not text:
        for source in batch:
            with open(source.mark, 'wb'):
                pass
        return []
    if len(batch) == 1:
        return [text]
    half = len(batch) // 2
    return check_batch(build, batch[:half]) + check_batch(build, batch[half:])


def batches(work):
    groups = {}
    for source in work:
        groups.setdefault(source.group(), []).append(source)
    return [group[i:i + FILES_AT_ONCE]
            for group in groups.values() for i in range(0, len(group), FILES_AT_ONCE)]


def check(build):
    """Checks what has changed; returns the findings."""
    os.makedirs(os.path.join(build, 'lint'), exist_ok=True)
    known = sources(build)
    work = [source for source in known if not os.path.exists(source.mark)]
    print(f'clang-tidy: {len(work)} of {len(known)} files to check', flush=True)
    with ThreadPoolExecutor(max_workers=JOBS) as pool:
        results = pool.map(lambda batch: check_batch(build, batch), batches(work))
        return [text for found in results for text in found]
