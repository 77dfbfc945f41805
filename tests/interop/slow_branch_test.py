"""A branch whose sink blocks for seconds: nobody else loses a packet or waits for it, and the branch
goes on at a key frame afterwards, with its drops in its statistics.

The sink writes into a named pipe that is not read for a while.
"""

import fcntl
import os
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ffmpeg_rtp  # noqa: E402
from check_media import check  # noqa: E402
from pipelines import ALL, FPS, H264_CAPS, Launch, Room, tap  # noqa: E402
from processes import free_ports, wait_for_udp_port  # noqa: E402
from rtp_tap import Tap, percentile  # noqa: E402

CALM = 3  # seconds before the branches block
BLOCKED = 10 if ALL else 5
AFTER = 4
# Others may wait so much longer while a branch is blocked.
MAX_ADDED_DELAY = 0.005
F_SETPIPE_SZ = 1031  # not in Python 3.9's fcntl
RECORD = ('rtph264depay ! h264parse ! matroskamux streamable=true '
          '! filesink buffer-mode=unbuffered location={pipe}')


class PipeReader:
    """Copies what a named pipe gives into a file, except while paused."""

    def __init__(self, pipe, path):
        os.mkfifo(pipe)
        # Open before there is a writer, and never at its end before that.
        self._fd = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._fd, F_SETPIPE_SZ, 4096)
        self._running = threading.Event()
        self._running.set()
        self._ended = False
        self._path = path
        self._thread = threading.Thread(target=self._copy)
        self._thread.start()

    def _copy(self):
        with open(self._path, 'wb') as file:
            while not self._ended:
                self._running.wait()
                try:
                    data = os.read(self._fd, 65536)
                except BlockingIOError:
                    data = b''
                file.write(data)
                if not data:
                    time.sleep(0.002)

    def pause(self):
        self._running.clear()

    def resume(self):
        self._running.set()

    def close(self):
        self._ended = True
        self.resume()
        self._thread.join()
        os.close(self._fd)


class SlowBranch(Room):
    def run_blocked(self, pipeline, targets, audio=False):
        """Runs the pipeline, which records into a.pipe and b.pipe and sends to the tap; returns
        (statistics, tap, time of the block's begin)."""
        readers = [PipeReader(self.path(f'{name}.pipe'), self.path(f'{name}.mkv'))
                   for name in 'ab']
        for reader in readers:
            self.addCleanup(reader.close)
        listen, out = free_ports(2), free_ports(2)
        wave = self.enterContext_(Tap(listen, targets, [out]))
        line = self.start(Launch(pipeline.format(out=out, pipe='{pipe}'), cwd=self.folder))
        wait_for_udp_port(targets[0])
        clip = self.clip(CALM + BLOCKED + AFTER, 'h264')
        sender = self.start(ffmpeg_rtp.send(clip, listen, None, 'h264', rtcp_mux=True))
        time.sleep(CALM)
        blocked_at = time.monotonic()
        for reader in readers:
            reader.pause()
        time.sleep(BLOCKED)
        for reader in readers:
            reader.resume()
        self.assertEqual(sender.wait(AFTER + 10), 0, sender.output())
        time.sleep(0.5)
        stats = line.stats()
        self.finish(line)
        for reader in readers:
            reader.close()
        return stats, wave, out, blocked_at, line.output()

    def enterContext_(self, manager):
        """As TestCase.enterContext() of later Pythons."""
        self.addCleanup(manager.__exit__, None, None, None)
        return manager.__enter__()
