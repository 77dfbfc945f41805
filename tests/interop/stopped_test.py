"""The SFU's process does not run for some seconds, as in a debugger, a suspended machine or a
starved container: afterwards it forwards and records again at once, and makes no storm of what was
due meanwhile.
"""

import os
import signal
import sys
import time

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_HERE, os.path.join(_HERE, 'media')]
import ffmpeg_rtp  # noqa: E402
from check_media import check  # noqa: E402
from pipelines import FPS, VP8_CAPS, Launch, Room, tap  # noqa: E402
from processes import free_ports, wait_until_receiving  # noqa: E402
from rtp_tap import Tap  # noqa: E402

BEFORE, STOPPED, AFTER = 2, 5, 4
# The clip has a key frame each second, and FFmpeg makes none sooner.
RESUME_SECONDS = 2.5
# Share of one core after the stop, at most. Forwarding and recording a clip takes a few hundredths.
MAX_LOAD = 0.4


def cpu_seconds(pid):
    """What a process has used, by itself and for the kernel."""
    with open(f'/proc/{pid}/stat', encoding='ascii') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


class Stopped(Room):
    def test_it_goes_on_after_five_seconds_without_a_processor(self):
        clip = self.clip(BEFORE + STOPPED + AFTER, audio=False)
        listen, port, out = free_ports(2), free_ports(2), free_ports(2)
        wave = self.enterContext(Tap(listen, [port], [out]))
        line = self.start(Launch(
            f'sfurouter name=r  plaintransport name=cam port={port} src_0::caps="{VP8_CAPS}" '
            'cam.src_0 ! r.sink_0 '
            'r.src_0 ! out.sink_0  plaintransport name=out remote-address=127.0.0.1 '
            f'remote-port={out} '
            'r.src_1 ! rtpvp8depay ! matroskamux ! filesink location=out.mkv', cwd=self.folder))
        wait_until_receiving(line, port)
        sender = self.start(ffmpeg_rtp.send(clip, listen, rtcp_mux=True))
        time.sleep(BEFORE)
        line.send_signal(signal.SIGSTOP)
        time.sleep(STOPPED)
        line.send_signal(signal.SIGCONT)
        resumed, used = time.monotonic(), cpu_seconds(line.pid)
        time.sleep(RESUME_SECONDS)
        load = (cpu_seconds(line.pid) - used) / RESUME_SECONDS
        self.assertEqual(sender.wait(AFTER + 10), 0, sender.output())
        time.sleep(0.5)
        self.finish(line)
        # What is sent from a while after the stop on is all forwarded.
        end = resumed + RESUME_SECONDS
        sent = sum(when > end for when in wave.sent.values())
        numbers = [number for when, number, _, _ in wave.received[out] if when > end]
        self.assertGreater(sent, FPS)
        self.assertAlmostEqual(len(numbers), sent, delta=3)
        steps = {(after - before) % 0x10000 for before, after in zip(numbers, numbers[1:])}
        self.assertEqual(steps, {1})
        self.assertLess(load, MAX_LOAD)
        report = check(self.path('out.mkv'))
        # Pictures that waited in the socket meanwhile have the time at which they were read, all of
        # them nearly the same: only their order counts.
        self.assertEqual((report.repeated, report.out_of_order), ([], []))
        frames = (BEFORE + STOPPED + AFTER) * FPS
        self.assertEqual(report.missing(frames - FPS, frames - 1), [])


if __name__ == '__main__':
    tap.main()
