"""Lines as people write them for gst-launch-1.0, without a network: a file or a live source goes
through sfurouter into files."""

import os
import sys
import time

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_HERE, os.path.join(_HERE, 'media')]
from check_media import check  # noqa: E402
from pipelines import FPS, OPUS_CAPS, VP8_CAPS, Room, launch, tap  # noqa: E402

SECONDS = 4
FRAMES = SECONDS * FPS
RECORD = ('matroskamux name=m offset-to-zero=true ! filesink location=out.mkv  '
          'r.src_0 ! rtpvp8depay ! m.')


class Lines(Room):
    def run_to_end(self, pipeline, seconds):
        """Runs a line that ends by itself; returns how long it took."""
        start = time.monotonic()
        with launch(pipeline, cwd=self.folder) as line:
            self.assertEqual(line.wait(seconds), 0, line.output())
        return time.monotonic() - start

    def test_a_file_is_played_at_its_own_pace(self):
        clip = self.clip(SECONDS, audio=False)
        took = self.run_to_end(f'filesrc location={clip} ! matroskademux ! rtpvp8pay ! r.sink_0 '
                               f'sfurouter name=r  {RECORD}', SECONDS + 5)
        self.assertGreater(took, SECONDS - 0.5)
        self.assert_whole('out.mkv', FRAMES, audio=False)

    def test_picture_and_sound_of_a_file_stay_together(self):
        clip = self.clip(SECONDS)
        self.run_to_end(f'filesrc location={clip} ! matroskademux name=d  sfurouter name=r '
                        'd.video_0 ! queue ! rtpvp8pay ! r.sink_0 '
                        'd.audio_0 ! queue ! rtpopuspay ! r.sink_1 '
                        f'{RECORD}  r.src_1 ! rtpopusdepay ! m.', SECONDS + 5)
        self.assert_whole('out.mkv', FRAMES)

    def test_a_live_source_is_recorded_until_ctrl_c(self):
        line = self.start(launch(
            'videotestsrc is-live=true ! vp8enc deadline=1 ! rtpvp8pay ! r.sink_0 '
            f'sfurouter name=r {RECORD}', cwd=self.folder))
        time.sleep(SECONDS)
        self.finish(line)
        report = check(self.path('out.mkv'))
        self.assertEqual(report.errors, [])
        # videotestsrc makes 30 pictures a second; starting takes a part of the time.
        self.assertGreater(len(report.times), 30 * (SECONDS - 1.5))
        steps = [after - before for before, after in zip(report.times, report.times[1:])]
        self.assertLess(max(steps), 0.05)

    def test_a_file_is_transcoded_in_the_same_room(self):
        clip = self.clip(SECONDS, audio=False)
        self.run_to_end(
            f'filesrc location={clip} ! matroskademux ! rtpvp8pay ! r.sink_0 '
            'sfurouter name=r router=room '
            'r.src_0 ! rtpvp8depay ! vp8dec ! videoconvert ! queue '
            '! x264enc tune=zerolatency key-int-max=25 ! rtph264pay ! back.sink_0 '
            'sfurouter name=back router=room '
            'back.src_0 ! rtph264depay ! h264parse ! matroskamux offset-to-zero=true '
            '! filesink location=out.mkv', 20)
        self.assert_whole('out.mkv', FRAMES, audio=False)

    def test_an_unbound_source_pad_ends_with_the_rest(self):
        line = self.start(launch(
            'videotestsrc is-live=true ! vp8enc deadline=1 ! rtpvp8pay ! r.sink_0 '
            f'sfurouter name=r {RECORD} '
            f'r.src_1 ! {OPUS_CAPS} ! rtpopusdepay ! fakesink', cwd=self.folder))
        time.sleep(3)
        self.finish(line)
        report = check(self.path('out.mkv'))
        self.assertEqual(report.errors, [])
        self.assertGreater(len(report.times), 30)
        self.assertGreater(report.duration, 1)

    def test_a_router_without_producers_ends(self):
        line = self.start(launch(
            f'sfurouter name=r  r.src_0 ! {VP8_CAPS} ! rtpvp8depay ! fakesink', cwd=self.folder))
        time.sleep(1)
        self.finish(line, seconds=5)


if __name__ == '__main__':
    tap.main(at_once=3)
