"""What the tests with the SFU share: clips, pipelines by gst-launch-1.0, relays, and what must be
true of a file.

The build folder is in the environment as SFU_BUILD; without it, `build` of this source tree.
"""

import fcntl
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, 'media'), os.path.join(HERE, '..', 'support')]
from check_media import check  # noqa: E402
from make_clip import Clip, make_clip  # noqa: E402
from processes import Process  # noqa: E402
import tap  # noqa: E402

BUILD = os.environ.get('SFU_BUILD', os.path.join(HERE, '..', '..', 'build'))
FPS = 25
# Sound and picture may be so far apart.
MAX_AV_SECONDS = 0.04
ALL = os.environ.get('SFU_TEST_ALL') == '1'

VP8_CAPS = 'application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000'
H264_CAPS = 'application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000'
OPUS_CAPS = 'application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000'


def environment():
    """What a program needs in order to find our plugin."""
    return {'GST_PLUGIN_PATH': os.path.abspath(os.path.join(BUILD, 'gst')),
            'GST_REGISTRY': os.path.abspath(os.path.join(BUILD, 'interop-registry.bin')),
            'NO_COLOR': '1', 'LC_ALL': 'C.UTF-8'}


def fill_registry():
    """Looks at all plugins once, so that the pipelines start at once."""
    subprocess.run(['gst-inspect-1.0', 'sfurouter'], env=dict(os.environ, **environment()),
                   check=True, stdout=subprocess.DEVNULL)


def launch(pipeline, *options, cwd=None):
    """gst-launch-1.0 with our plugin; its Ctrl-C ends the streams (-e)."""
    return Process(['gst-launch-1.0', '-e', *options, *shlex.split(pipeline)], env=environment(),
                   cwd=cwd)


class Launch(Process):
    """The same by launch_stats, which tells what elements counted."""

    def __init__(self, pipeline, name='launch_stats', cwd=None):
        super().__init__([os.path.join(BUILD, 'tests', 'interop', 'launch_stats'),
                          *shlex.split(pipeline)], name=name, env=environment(), cwd=cwd)

    def wait_until_playing(self, seconds=10):
        self.wait_for_output('playing\n', seconds)

    def _lines(self):
        return [line for line in self.output().splitlines() if line.startswith('{')]

    def stats(self, seconds=5):
        """The statistics as of now; after the end, the last ones."""
        count = len(self._lines())
        self.send_signal(signal.SIGUSR1)
        end = time.monotonic() + seconds
        while len(self._lines()) == count and self.returncode is None:
            if time.monotonic() > end:
                raise TimeoutError(f'no statistics:\n{self.output()}')
            time.sleep(0.02)
        return json.loads(self._lines()[-1])


def relay(listen, to, *options):
    """A bad network: udp_relay between 127.0.0.1:listen (and the next port) and 127.0.0.1:to."""
    process = Process([os.path.join(BUILD, 'tests', 'support', 'udp_relay'), '--listen', str(listen),
                       '--to', f'127.0.0.1:{to}', *map(str, options)], name='udp_relay')
    process.wait_for_output('ready', 5)
    return process


def relay_stats(process):
    """Ends a relay and returns what it counted."""
    process.stop(signal.SIGTERM)
    return json.loads(process.output().splitlines()[-1])


class Room(unittest.TestCase):
    """A test with a folder of its own, and clips that are made once per program."""

    own_clips = None  # a folder, where the tests of a program do not have one together

    @classmethod
    def setUpClass(cls):
        fill_registry()
        if not tap.shared_folder():
            Room.own_clips = Room.own_clips or tempfile.TemporaryDirectory()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.maxDiff = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def clip(self, seconds, codec='vp8', **options):
        folder = tap.shared_folder() or Room.own_clips.name
        key = (seconds, codec, *(f'{name}-{value}' for name, value in sorted(options.items())))
        path = os.path.join(folder, '-'.join(map(str, key)) + '.mkv')
        # Who comes while another process makes it waits.
        with open(path + '.lock', 'wb') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not os.path.exists(path):
                made = os.path.join(self.folder, 'clip.mkv')
                make_clip(made, Clip(seconds=seconds, codec=codec, fps=FPS, **options))
                shutil.move(made, path)
        return path

    def start(self, process):
        """Has it end with the test, and say what it wrote if the test fails."""
        self.addCleanup(process.__exit__)
        return process

    def finish(self, process, seconds=20):
        """Ctrl-C; the program must end well."""
        code = process.stop(seconds=seconds)
        self.assertEqual(code, 0, f'{process.name} ended with {code}:\n{process.output()}')

    def assert_whole(self, name, frames, audio=True, duration=None, first=0):
        """The file has each of frames first … frames - 1 once and decodes without a word, sound and
        picture fit, and it is as long as it should be. Returns the report."""
        report = check(self.path(name))
        said = f'{name}: {len(report.numbers)} frames, streams {report.streams}'
        problems = report.problems(first, frames - 1, MAX_AV_SECONDS if audio else None)
        self.assertEqual(problems, [], said)
        wanted = (frames - first) / FPS if duration is None else duration
        self.assertAlmostEqual(report.times[-1] - report.times[0] + 1 / FPS, wanted, delta=0.1,
                               msg=said)
        if report.duration:
            self.assertAlmostEqual(report.duration, wanted, delta=0.3, msg=said)
        return report

