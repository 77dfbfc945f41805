"""A branch whose sink blocks for seconds: nobody else loses a packet or waits for it, and the branch
goes on at a key frame afterwards, with its drops in its statistics.

The sink writes into a named pipe that is not read for a while.
"""

import fcntl
import os
import sys
import threading
import time

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_HERE, os.path.join(_HERE, 'media')]
import ffmpeg_rtp  # noqa: E402
from check_media import check  # noqa: E402
from pipelines import ALL, FPS, H264_CAPS, Launch, Room, tap  # noqa: E402
from processes import free_ports, wait_until_receiving  # noqa: E402
from rtp_tap import Tap, percentile  # noqa: E402

CALM = 3  # seconds before the branches block
BLOCKED = 10 if ALL else 5
AFTER = 4
# Others may wait so much longer while a branch is blocked.
MAX_ADDED_DELAY = 0.005
RECORD = ('rtph264depay ! h264parse ! matroskamux streamable=true '
          '! filesink buffer-mode=unbuffered location={pipe}')


class PipeReader:
    """Copies what a named pipe gives into a file, except while paused."""

    def __init__(self, pipe, path):
        os.mkfifo(pipe)
        # Open before there is a writer, or that would wait.
        self._fd = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, 4096)
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
        if self._ended:
            return
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
        wave = self.enterContext(Tap(listen, targets, [out]))
        line = self.start(Launch(pipeline.format(out=out, pipe='{pipe}'), cwd=self.folder))
        wait_until_receiving(line, targets[0])
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

    def assert_nobody_else_noticed(self, run):
        _, wave, out, blocked_at, _ = run
        self.assertGreater(len(wave.received[out]), 100)
        self.assertEqual(wave.missing(out), 0)
        calm = wave.delays(out, blocked_at - CALM + 1, blocked_at)
        blocked = wave.delays(out, blocked_at, blocked_at + BLOCKED)
        for share in (0.5, 0.99):
            self.assertLess(percentile(blocked, share) - percentile(calm, share), MAX_ADDED_DELAY,
                            f'{share}: {percentile(calm, share)} calm, '
                            f'{percentile(blocked, share)} blocked')

    def assert_resumed(self, run, pad, name):
        """The branch dropped packets, and what it wrote goes on at a key frame to the end."""
        stats, _, _, _, output = run
        self.assertGreater(stats[pad]['packetsDropped'], 0)
        self.assertGreaterEqual(stats[pad]['queueOverflows'], 1)
        self.assertIn('message GstSfuBranchDropped', output)
        report = check(self.path(name))
        self.assertEqual((report.errors, report.repeated, report.out_of_order), ([], [], []))
        missing = report.missing(0, (CALM + BLOCKED + AFTER) * FPS - 1)
        self.assertGreater(len(missing), FPS)
        # The clip has a key frame each second.
        resumed = [number for number in report.read()[1:] if number - 1 in missing]
        self.assertEqual([number % FPS for number in resumed], [0] * len(resumed), resumed)
        self.assertNotIn((CALM + BLOCKED + AFTER) * FPS - 1, missing)

    def test_branches_of_a_router(self):
        port = free_ports(2)
        run = self.run_blocked(
            f'sfurouter name=r  plaintransport name=cam port={port} src_0::caps="{H264_CAPS}" '
            'cam.src_0 ! r.sink_0 '
            'r.src_0 ! out.sink_0  plaintransport name=out remote-address=127.0.0.1 '
            'remote-port={out} '
            f'r.src_1 ! {RECORD.format(pipe="a.pipe")} '
            f'r.src_2 ! queue ! {RECORD.format(pipe="b.pipe")}', [port])
        self.assert_nobody_else_noticed(run)
        self.assert_resumed(run, 'r.src_1', 'a.mkv')
        self.assert_resumed(run, 'r.src_2', 'b.mkv')

    def test_branches_of_transports(self):
        ports = [free_ports(2) for _ in range(3)]
        run = self.run_blocked(
            f'plaintransport name=x port={ports[0]} src_0::caps="{H264_CAPS}" '
            f'x.src_0 ! {RECORD.format(pipe="a.pipe")} '
            f'plaintransport name=y port={ports[1]} src_0::caps="{H264_CAPS}" '
            f'y.src_0 ! queue ! {RECORD.format(pipe="b.pipe")} '
            f'plaintransport name=cam port={ports[2]} src_0::caps="{H264_CAPS}" '
            'sfurouter name=r  cam.src_0 ! r.sink_0  r.src_0 ! out.sink_0 '
            'plaintransport name=out remote-address=127.0.0.1 remote-port={out}', ports)
        self.assert_nobody_else_noticed(run)
        self.assert_resumed(run, 'x.src_0', 'a.mkv')
        self.assert_resumed(run, 'y.src_0', 'b.mkv')


if __name__ == '__main__':
    tap.main()
