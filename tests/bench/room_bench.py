"""A room of sfu-room full of headless participants: delays, losses, and what the server costs.

usage: room_bench.py [PARTICIPANTS [SECONDS]]      25 20

Prints one line of JSON; see docs/benchmarks.md.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ['SFU_BUILD_DIR']
people, seconds = (sys.argv[1:] + ['25', '20'][len(sys.argv) - 1:])[:2]
os.execv(sys.executable, [
    sys.executable, os.path.join(HERE, '..', 'interop', 'load', 'load_test.py'),
    os.path.join(BUILD, 'tests', 'interop', 'load', 'room_load'),
    os.path.join(BUILD, 'examples', 'room', 'sfu-room'), people, seconds])
