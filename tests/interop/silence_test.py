"""A microphone that stops in mid-call, comes back, or never sends: the recording goes on growing and
ends in sync, and HLS goes on making segments. FFmpeg sends; a relay of its own for the sound is what
makes it stop.
"""

import os
import sys
import time

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_HERE, os.path.join(_HERE, 'media')]
import ffmpeg_rtp  # noqa: E402
from check_media import check  # noqa: E402
from pipelines import FPS, H264_CAPS, MAX_AV_SECONDS, OPUS_CAPS, VP8_CAPS, Room  # noqa: E402
from pipelines import launch, relay, tap  # noqa: E402
from processes import free_ports, wait_until_receiving  # noqa: E402

SECONDS = 9
FRAMES = SECONDS * FPS
# The sound stops here.
STOP = 3
# The pipeline runs on for so long after the last frame. The silence comes half a second late, and is
# there before the first frame too.
LINGER = 1
MAX_END = 1
# A file that grows does so at least so often.
GROWTH_SECONDS = 2

INPUT = ('sfurouter name=r src_1::fill-silence=true src_3::fill-silence=true '
         'plaintransport name=cam port={port} rtcp-mux=false src_0::caps="{video}" '
         f'src_1::caps="{OPUS_CAPS}" cam.src_0 ! r.sink_0  cam.src_1 ! r.sink_1 ')
MKV = ('r.src_0 ! rtpvp8depay ! m.  r.src_1 ! rtpopusdepay ! m. '
       'matroskamux name=m offset-to-zero=true ! filesink location=out.mkv buffer-mode=unbuffered')
HLS = ('r.src_2 ! rtph264depay ! h264parse ! hls.video '
       'r.src_3 ! rtpopusdepay ! opusdec ! audioconvert ! audioresample ! avenc_aac ! hls.audio '
       'hlssink2 name=hls target-duration=1 max-files=0 playlist-length=0 '
       'location=seg%05d.ts playlist-location=live.m3u8')


class Silence(Room):
    def run_room(self, branches, codec, sound=(), watched=None):
        """Sends the clip through `branches`, the sound by a relay with the options `sound` (None: not
        at all). What `watched` measures must grow all the time that the sender sends."""
        clip = self.clip(SECONDS, codec)
        port, to_audio = free_ports(2), free_ports(2)
        video = VP8_CAPS if codec == 'vp8' else H264_CAPS
        line = self.start(launch((INPUT + branches).format(port=port, video=video),
                                 cwd=self.folder))
        wait_until_receiving(line, port)
        if sound is not None:
            self.start(relay(to_audio, port, *sound))
        sender = self.start(ffmpeg_rtp.send(clip, port, None if sound is None else to_audio, codec))
        begin = time.monotonic()
        sizes = [0]
        while watched and time.monotonic() < begin + SECONDS - GROWTH_SECONDS:
            time.sleep(GROWTH_SECONDS)
            sizes.append(watched())
            self.assertGreater(sizes[-1], sizes[-2], f'{sizes} each {GROWTH_SECONDS} s')
        self.assertEqual(sender.wait(SECONDS + 10), 0, sender.output())
        time.sleep(LINGER)
        self.finish(line)

    def size(self, name):
        return lambda: os.path.getsize(self.path(name))

    def segments(self):
        return sum(name.endswith('.ts') for name in os.listdir(self.folder))

    def assert_heard(self, name, heard):
        """The whole picture, and the beeps of the seconds `heard` with their flashes."""
        report = check(self.path(name))
        self.assertEqual(report.problems(0, FRAMES - 1, MAX_AV_SECONDS if heard else None), [])
        self.assertEqual([round(beep - report.times[0]) for beep in report.beeps], heard)
        return report

    def assert_recorded(self, heard):
        """So much was heard, and there is sound, if only silence, as long as the picture."""
        report = self.assert_heard('out.mkv', heard)
        self.assertAlmostEqual(report.audio_duration, FRAMES / FPS, delta=MAX_END)
        self.assertAlmostEqual(report.duration, FRAMES / FPS, delta=MAX_END)
        # Where it stops and begins there may be a step of a packet, no more.
        self.assertEqual([gap for gap in report.audio_gaps if abs(gap[1]) > 0.05], [])

    def test_a_recording_of_sound_that_stops(self):
        self.run_room(MKV, 'vp8', ['--outage-at-ms', STOP * 1000 - 500, '--outage-ms', 3600_000],
                      self.size('out.mkv'))
        self.assert_recorded(list(range(1, STOP)))

    def test_a_recording_of_sound_that_stops_and_comes_back(self):
        self.run_room(MKV, 'vp8', ['--outage-at-ms', STOP * 1000 - 500, '--outage-ms', 3000],
                      self.size('out.mkv'))
        self.assert_recorded([*range(1, STOP), *range(STOP + 3, SECONDS)])

    def test_a_recording_of_sound_that_never_comes(self):
        self.run_room(MKV, 'vp8', None, self.size('out.mkv'))
        self.assert_recorded([])

    def test_hls_of_sound_that_never_comes(self):
        self.run_room(HLS, 'h264', None, self.segments)
        self.assert_heard('live.m3u8', [])
        # The clip has a key frame each second.
        self.assertGreaterEqual(self.segments(), SECONDS - 1)

    def test_hls_of_sound_that_stops(self):
        self.run_room(HLS, 'h264', ['--outage-at-ms', STOP * 1000 - 500, '--outage-ms', 3600_000],
                      self.segments)
        self.assert_heard('live.m3u8', list(range(1, STOP)))
        self.assertGreaterEqual(self.segments(), SECONDS - 1)


if __name__ == '__main__':
    tap.main(at_once=3)
