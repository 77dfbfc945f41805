"""What `./dev run` starts, for some seconds: it ends on Ctrl-C, and its files play.

usage: demo_test.py PATH_OF_SFU_DEMO [PART OF A NAME …]
"""

import os
import re
import sys
import time

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_HERE, os.path.join(_HERE, 'media')]
from check_media import check  # noqa: E402
from pipelines import Room, environment, tap  # noqa: E402
from processes import Process, wait_for_udp_port  # noqa: E402

PROGRAM = os.path.abspath(sys.argv.pop(1))
SECONDS = 6
# It makes its clip first.
START_SECONDS = 60
FPS = 30
PORT = 5004


class Demo(Room):
    def test_it_runs_until_ctrl_c_and_leaves_files_that_play(self):
        demo = self.start(Process([PROGRAM, '--directory', self.folder], name='sfu-demo',
                                  env=environment()))
        wait_for_udp_port(PORT, START_SECONDS)
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
