"""Runs commands side by side, each in a network of its own: those that use the same ports, or look for
free ones, do not meet.
"""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

_IN_NETWORK = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'in_network.sh')


def _run(command, env):
    return subprocess.run([_IN_NETWORK, *command], env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors='replace', check=False)


def networks_allowed():
    """Not every container lets its programs make networks."""
    return _run(['true'], None).returncode == 0


def run_apart(commands, at_once):
    """Runs `commands`, pairs of arguments and what is added to the environment, so many at once.
    Yields in their order what came of each: a CompletedProcess, standard output and error together."""
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        yield from pool.map(lambda one: _run(one[0], dict(os.environ, **one[1])), commands)
