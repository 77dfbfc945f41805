"""The example sfu-recorder: recordings that come and go in a room that plays.

usage: recorder_test.py PROGRAM
"""

import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'interop', 'media')]
import tap  # noqa: E402
from check_media import check  # noqa: E402
from processes import Process  # noqa: E402

PROGRAM = os.path.abspath(sys.argv.pop(1))
SECONDS = 3
FPS = 25
PIPELINE = ('videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=25/1 ! '
            'vp8enc deadline=1 ! rtpvp8pay ! r.sink_0 '
            'audiotestsrc is-live=true ! audioconvert ! opusenc ! rtpopuspay ! r.sink_1 '
            'sfurouter name=r')


class Recorder(unittest.TestCase):
    def test_two_recordings_one_after_the_other_are_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [PROGRAM, PIPELINE, str(SECONDS), 'first.mkv', 'second.mkv']
            with Process(command, cwd=folder) as recorder:
                self.assertEqual(recorder.wait(20), 0, recorder.output())
            for name in ('first.mkv', 'second.mkv'):
                report = check(os.path.join(folder, name))
                self.assertEqual(report.errors, [], name)
                self.assertEqual(set(report.streams), {'video', 'audio'}, name)
                self.assertAlmostEqual(report.duration, SECONDS, delta=0.4)
                self.assertAlmostEqual(len(report.numbers), SECONDS * FPS, delta=8)
                self.assertEqual(report.audio_gaps, [], name)

    def test_a_pipeline_without_a_router_is_refused(self):
        with Process([PROGRAM, 'fakesrc ! fakesink', '1', 'none.mkv']) as recorder:
            self.assertEqual(recorder.wait(10), 1)
            self.assertIn('no element named r', recorder.output())


if __name__ == '__main__':
    tap.main()
