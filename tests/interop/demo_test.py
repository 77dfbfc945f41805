"""What `./dev demo` starts, for some seconds: it ends on Ctrl-C, and its files play.

usage: demo_test.py PATH_OF_SFU_DEMO [PART OF A NAME …]
"""

import os
import re
import socket
import sys
import time

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_HERE, os.path.join(_HERE, 'media')]
from check_media import check  # noqa: E402
from pipelines import Room, environment, tap  # noqa: E402
from processes import Process, free_ports, wait_for_udp_port  # noqa: E402

PROGRAM = os.path.abspath(sys.argv.pop(1))
SECONDS = 6
# It makes its clip first.
START_SECONDS = 60
FPS = 30
# Where it looks for a free port first.
FIRST_PORT = 5004


class Demo(Room):
    def demo(self, *options):
        return self.start(Process([PROGRAM, '--directory', self.folder, *map(str, options)],
                                  name='sfu-demo', env=environment()))

    def take_port(self, port):
        """Someone else has the port; it may be taken already."""
        udp = self.enterContext(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        try:
            udp.bind(('', port))
        except OSError:
            pass

    def test_a_taken_port_is_named_with_the_option_to_change_it(self):
        port = free_ports(2)
        for taken in (port, port + 1):
            self.take_port(taken)
            demo = self.demo('--port', port)
            self.assertEqual(demo.wait(10), 1, demo.output())
            self.assertIn(f'UDP port {port} is taken. --port', demo.output())

    def test_a_wrong_port_is_refused(self):
        for port in (-1, 65535, 'x'):
            self.assertEqual(self.demo('--port', port).wait(10), 2)

    def test_without_a_port_it_finds_a_free_one(self):
        self.take_port(FIRST_PORT)
        demo = self.demo('--forward-port', free_ports(1), '--seconds', 1)
        self.assertEqual(demo.wait(START_SECONDS + 20), 0, demo.output())
        port = int(re.search('to udp port ([0-9]+)', demo.output()).group(1))
        self.assertGreater(port, FIRST_PORT)
        self.assertRegex(demo.output(), r'video in [1-9]')

    def test_it_runs_until_ctrl_c_and_leaves_files_that_play(self):
        port = free_ports(2)
        demo = self.demo('--port', port, '--forward-port', free_ports(1))
        wait_for_udp_port(port, START_SECONDS)
        time.sleep(SECONDS)
        self.finish(demo)
        output = demo.output()
        counts = re.findall(r'video in (\d+), forwarded (\d+), recorded (\d+) \(dropped (\d+)\), '
                            r'transcoded (\d+) packets', output)
        self.assertGreater(len(counts), SECONDS, output)
        video, forwarded, recorded, dropped, transcoded = map(int, counts[-1])
        self.assertGreater(video, 100, output)
        # What waits for repairs is not recorded yet.
        self.assertAlmostEqual(forwarded, video, delta=5)
        self.assertGreater(recorded, 0.8 * video)
        self.assertEqual(dropped, 0)
        self.assertGreater(transcoded, 100)
        for name in ('out.mkv', 'live.m3u8'):
            report = check(self.path(name))
            self.assertEqual(report.errors, [], name)
            self.assertEqual(set(report.streams), {'video', 'audio'}, name)
            self.assertGreater(len(report.times), (SECONDS - 2) * FPS, name)
            self.assertGreater(report.audio_duration, SECONDS - 2, name)


if __name__ == '__main__':
    tap.main()
