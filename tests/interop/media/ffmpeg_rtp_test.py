"""The helpers that start programs, tried without the SFU: FFmpeg sends to FFmpeg."""

import os
import signal
import socket
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', '..', 'support'))
import ffmpeg_rtp  # noqa: E402
import tap  # noqa: E402
from check_media import check  # noqa: E402
from make_clip import Clip, make_clip  # noqa: E402
from processes import Process, free_ports, wait_for_udp_port  # noqa: E402

SECONDS = 4
FPS = 25


class FfmpegRtp(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def send_and_receive(self, codec):
        clip = os.path.join(self.folder, 'clip.mkv')
        out = os.path.join(self.folder, 'out.mkv')
        make_clip(clip, Clip(seconds=SECONDS, codec=codec))
        port = free_ports(4)
        with ffmpeg_rtp.receive(out, self.folder, port, port + 2, codec) as receiver:
            wait_for_udp_port(port + 2)
            with ffmpeg_rtp.send(clip, port, port + 2, codec) as sender:
                self.assertEqual(sender.wait(SECONDS + 5), 0, sender.output())
            receiver.stop()
        return check(out)

    def assert_received(self, report):
        # FFmpeg has no jitter buffer that keeps to the end: only the very last frame may stay in.
        last = SECONDS * FPS - 1
        self.assertEqual([number for number in report.missing(0, last) if number != last], [])
        self.assertEqual(report.repeated, [])
        self.assertLess(abs(report.av_max), 0.04)

    def test_vp8_and_opus_arrive_whole(self):
        self.assert_received(self.send_and_receive('vp8'))

    def test_h264_and_opus_arrive_whole(self):
        self.assert_received(self.send_and_receive('h264'))


class Processes(unittest.TestCase):
    def test_free_ports_are_even_and_not_taken(self):
        port = free_ports(4)
        self.assertEqual(port % 2, 0)
        for offset in range(4):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                udp.bind(('127.0.0.1', port + offset))

    def test_a_port_is_waited_for(self):
        port = free_ports(2)
        with self.assertRaises(TimeoutError):
            wait_for_udp_port(port, 0.1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(('127.0.0.1', port))
            wait_for_udp_port(port, 0.1)

    def test_output_and_exit_code_are_kept(self):
        with Process(['sh', '-c', 'echo out; echo err >&2; exit 3']) as process:
            self.assertEqual(process.wait(5), 3)
            self.assertEqual(process.output(), 'out\nerr\n')

    def test_a_program_that_does_not_end_is_told_and_killed(self):
        with Process(['sh', '-c', 'trap "" INT; echo ready; sleep 60 & wait; wait']) as process:
            process.wait_for_output('ready', 5)
            with self.assertRaises(TimeoutError):
                process.stop(seconds=0.2)
        self.assertEqual(process.returncode, -signal.SIGKILL)

    def test_waiting_for_output_ends_with_the_program(self):
        with Process(['true']) as process:
            with self.assertRaises(TimeoutError):
                process.wait_for_output('never', 5)


if __name__ == '__main__':
    tap.main(at_once=3)
