"""Finds the shell blocks of a Markdown page and what their info strings say of them.

    ```sh test=recording timeout=30      run it as the test of this name, at most 30 seconds
    ```sh norun="needs a camera"         never run, for this reason
    ```sh                                only if it holds nothing but calls of ./dev
"""

import re
import shlex
from dataclasses import dataclass, field

DEFAULT_TIMEOUT = 20
_FENCE = re.compile(r'^(\s*)(`{3,}|~{3,})\s*(.*?)\s*$')
# Other names of the same language would slip through unseen.
_OTHER_SHELLS = ('bash', 'shell', 'console', 'zsh', 'shell-session')
_DEV_COMMAND = re.compile(r'^\./dev(?:\s+([a-z]+).*)?$')


@dataclass
class Block:
    path: str
    line: int  # of the opening fence
    language: str
    attributes: dict = field(default_factory=dict)
    text: str = ''

    @property
    def place(self):
        return f'{self.path}:{self.line}'

    @property
    def name(self):
        return self.attributes.get('test')

    @property
    def timeout(self):
        return float(self.attributes.get('timeout', DEFAULT_TIMEOUT))

    def dev_commands(self):
        """The ./dev commands it consists of, or None if there is anything else in it."""
        commands = []
        for line in self.text.splitlines():
            line = line.split('#')[0].strip()
            match = _DEV_COMMAND.match(line)
            if line and not match:
                return None
            if match:
                commands.append(match.group(1) or 'help')
        return commands or None

    def problem(self, known_dev_commands):
        """What is wrong with the marks of this block, or None."""
        unknown = set(self.attributes) - {'test', 'timeout', 'norun'}
        if self.language != 'sh':
            return f'write ```sh instead of ```{self.language}'
        if unknown:
            return f'unknown marks: {" ".join(sorted(unknown))}'
        if self.name:
            return None
        if 'norun' in self.attributes:
            return None if self.attributes['norun'] else 'norun needs a reason'
        commands = self.dev_commands()
        if commands is None:
            return 'a shell block needs test=NAME or norun="reason"'
        wrong = [command for command in commands if command not in known_dev_commands]
        return f'./dev has no command {wrong[0]}' if wrong else None


def _attributes(info):
    words = shlex.split(info)
    return {word.partition('=')[0]: word.partition('=')[2] for word in words}


def shell_blocks(path, text):
    """The fenced blocks of Markdown `text` that hold shell commands, in order."""
    blocks, block, fence, indent = [], None, None, ''
    for number, line in enumerate(text.splitlines(), 1):
        match = _FENCE.match(line)
        if fence is None and match:
            indent, fence, info = match.groups()
            language, _, rest = info.partition(' ')
            if language == 'sh' or language in _OTHER_SHELLS:
                block = Block(path, number, language, _attributes(rest))
                blocks.append(block)
        elif fence is not None and match and match.group(2).startswith(fence) and \
                not match.group(3):
            block, fence = None, None
        elif block is not None:
            block.text += line.removeprefix(indent) + '\n'
    return blocks
