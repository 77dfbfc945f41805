"""FFmpeg sends picture and sound over UDP to plaintransport; one pipeline forwards, records, cuts
HLS and transcodes them at once. Every frame must come out of every branch, with the sound in time:
also when the sound comes 300 ms late by the network, and when sender reports start late.

usage: real_input_test.py [PART OF A NAME …]
"""

import os
import sys
import time

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_HERE, os.path.join(_HERE, 'media')]
import ffmpeg_rtp  # noqa: E402
from check_media import check  # noqa: E402
from pipelines import FPS, H264_CAPS, OPUS_CAPS, VP8_CAPS, Room, launch, relay, tap  # noqa: E402
from processes import free_ports, wait_for_udp_port, wait_until_receiving  # noqa: E402

# Long enough for FFmpeg's second sender report, 5 s after the first.
SECONDS = 7
FRAMES = SECONDS * FPS
SKEW_MS = 300
REPORTS_FROM_MS = 3000

# Both producers arrive at one port; {port} is RTP's, {out} the forwarding's.
INPUT = ('sfurouter name=r router=room {producers} '
         'plaintransport name=cam port={port} rtcp-mux=false src_0::caps="{video}" '
         f'src_1::caps="{OPUS_CAPS}" cam.src_0 ! r.sink_0  cam.src_1 ! r.sink_1 ')
# FFmpeg receives each stream at a port of its own, so each goes out by a transport of its own.
FORWARD = ('r.src_20 ! v.sink_0  plaintransport name=v rtcp-mux=false remote-address=127.0.0.1 '
           'remote-port={out} '
           'r.src_21 ! a.sink_0  plaintransport name=a rtcp-mux=false remote-address=127.0.0.1 '
           'remote-port={out_audio} ')
MKV = ('r.src_0 ! {depay} ! m.  r.src_1 ! rtpopusdepay ! m. '
       'matroskamux name=m offset-to-zero=true ! filesink location=out.mkv ')
AAC = 'rtpopusdepay ! opusdec ! audioconvert ! audioresample ! avenc_aac ! aacparse'
HLS = ('r.src_4 ! rtph264depay ! h264parse ! hls.video '
       f'r.src_5 ! {AAC} ! queue ! hls.audio '
       'hlssink2 name=hls target-duration=2 max-files=0 playlist-length=0 '
       'location=seg%05d.ts playlist-location=live.m3u8 ')
MP4 = ('r.src_2 ! rtph264depay ! h264parse ! mp4.  '
       'r.src_3 ! rtpopusdepay ! opusparse ! mp4.  mp4mux name=mp4 ! filesink location=out.mp4 ')
TRANSCODE = ('r.src_6 ! rtpvp8depay ! vp8dec ! videoconvert ! queue '
             '! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! rtph264pay '
             '! back.sink_0  sfurouter name=back router=room '
             'back.src_0 ! rtph264depay ! h264parse ! t.  r.src_7 ! rtpopusdepay ! t. '
             'matroskamux name=t offset-to-zero=true ! filesink location=transcoded.mkv ')


class RealInput(Room):
    def run_room(self, codec, branches, audio_relay=(), relayed=False):
        """Sends the clip through INPUT and `branches` and ends it by Ctrl-C. With `relayed` each
        stream comes by a relay of its own, the sound's with the options `audio_relay`."""
        clip = self.clip(SECONDS, codec)
        ports = free_ports(10)
        out = ports + 2
        pipeline = (INPUT + branches).format(
            port=ports, out=out, producers='src_21::producer=sink_1' * (FORWARD in branches), out_audio=out + 2,
            video=VP8_CAPS if codec == 'vp8' else H264_CAPS,
            depay='rtpvp8depay' if codec == 'vp8' else 'rtph264depay ! h264parse')
        line = self.start(launch(pipeline, cwd=self.folder))
        wait_until_receiving(line, ports)
        receiver = None
        if FORWARD in branches:
            receiver = self.start(ffmpeg_rtp.receive(self.path('forwarded.mkv'), self.folder, out,
                                                     out + 2, codec))
            wait_for_udp_port(out + 2)
        to_video, to_audio = ports, ports
        if relayed:
            to_video, to_audio = ports + 6, ports + 8
            common = ['--rtcp-from-ms', REPORTS_FROM_MS] if not audio_relay else []
            self.start(relay(to_video, ports, *common))
            self.start(relay(to_audio, ports, *common, *audio_relay))
        sender = self.start(ffmpeg_rtp.send(clip, to_video, to_audio, codec))
        self.assertEqual(sender.wait(SECONDS + 10), 0, sender.output())
        time.sleep(0.7)  # what waits for repairs, or in a relay, comes out
        self.finish(line)
        if receiver is not None:
            receiver.stop()
        return line

    def assert_forwarded(self):
        report = check(self.path('forwarded.mkv'))
        # FFmpeg keeps the last frame in if the stream ends without another packet.
        self.assertEqual([n for n in report.missing(0, FRAMES - 1) if n != FRAMES - 1], [])
        self.assertEqual((report.repeated, report.out_of_order, report.errors), ([], [], []))
        self.assertLess(abs(report.av_max), 0.04)

    def test_vp8_and_opus_are_forwarded_recorded_and_transcoded(self):
        self.run_room('vp8', FORWARD + MKV + TRANSCODE)
        self.assert_forwarded()
        self.assert_whole('out.mkv', FRAMES)
        self.assert_whole('transcoded.mkv', FRAMES)

    def test_h264_and_opus_are_forwarded_recorded_and_cut_into_hls(self):
        self.run_room('h264', FORWARD + MKV + MP4 + HLS)
        self.assert_forwarded()
        self.assert_whole('out.mkv', FRAMES)
        self.assert_whole('out.mp4', FRAMES)
        self.assert_whole('live.m3u8', FRAMES)
        with open(self.path('live.m3u8'), encoding='ascii') as playlist:
            text = playlist.read()
        self.assertIn('#EXT-X-ENDLIST', text)
        self.assertGreaterEqual(text.count('.ts'), SECONDS // 2)

    def test_vp8_with_sound_that_comes_late(self):
        self.run_room('vp8', MKV + TRANSCODE, ['--delay-ms', SKEW_MS], relayed=True)
        self.assert_whole('out.mkv', FRAMES)
        self.assert_whole('transcoded.mkv', FRAMES)

    def test_h264_with_sound_that_comes_late(self):
        self.run_room('h264', FORWARD + MP4 + HLS, ['--delay-ms', SKEW_MS], relayed=True)
        self.assert_forwarded()
        self.assert_whole('out.mp4', FRAMES)
        self.assert_whole('live.m3u8', FRAMES)

    def test_vp8_with_sender_reports_that_start_late(self):
        self.run_room('vp8', MKV, relayed=True)
        self.assert_whole('out.mkv', FRAMES)

    def test_h264_with_sender_reports_that_start_late(self):
        self.run_room('h264', MP4 + HLS, relayed=True)
        self.assert_whole('out.mp4', FRAMES)
        self.assert_whole('live.m3u8', FRAMES)


if __name__ == '__main__':
    tap.main(at_once=3)
