"""Recordings of a room, each participant in a file of his own: FFmpeg sends clips in which every frame
shows its number and flashes and beeps come together; the files must show them at their times.

usage: recorder_test.py RECORDER_DRIVER [PART OF A NAME …]
"""

import json
import os
import shutil
import signal
import sys
import time

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(_HERE, '..'), os.path.join(_HERE, '..', 'media')]
import ffmpeg_rtp  # noqa: E402
from check_media import check  # noqa: E402
from pipelines import (FPS, H264_CAPS, MAX_AV_SECONDS, OPUS_CAPS, VP8_CAPS, Room,  # noqa: E402
                       environment, relay, tap)
from processes import Process, free_ports, wait_for_udp_port  # noqa: E402

DRIVER = os.path.abspath(sys.argv.pop(1))
SECONDS = 8
# How late the last packets may be, with what waits for repairs.
LINGER = 0.5
# A frame's time in the file may differ so much from its number's.
MAX_TIMING_SECONDS = 0.04
# All files of a recording, one length.
MAX_DURATION_SECONDS = 0.2
# The gap of an outage or a pause ends with the next key frame; there is one each second.
KEY_FRAME_SECONDS = 1
CODECS = {'vp8': ('video/VP8', VP8_CAPS), 'h264': ('video/H264', H264_CAPS)}


def stream(peer, source, codec):
    return {'producer': f'{peer}-{source}', 'peer': peer, 'source': source, 'codec': codec}


class Recorder(Room):
    def record(self, peers, steps=(), folder=None, prefix=(), kind='peers'):
        """Starts the driver for `peers`: {name: (port, codec)}; the sound comes to port + 2."""
        line, pads = 'sfurouter name=r router=room', 0
        for name, (port, codec) in peers.items():
            line += (f' sink_{pads}::producer-id={name}-cam sink_{pads + 1}::producer-id={name}-mic')
            pads += 2
        pads = 0
        for name, (port, codec) in peers.items():
            line += (f' plaintransport name={name} port={port} rtcp-mux=false'
                     f' src_0::caps="{CODECS[codec][1]}" src_1::caps="{OPUS_CAPS}"'
                     f' {name}.src_0 ! r.sink_{pads} {name}.src_1 ! r.sink_{pads + 1}')
            pads += 2
        process = self.start(Process([*prefix, DRIVER, folder or self.folder, json.dumps(list(steps)), line, kind],
                                     name='recorder_driver', env=environment()))
        process.wait_for_output('recording\n', 20)
        for port, _ in peers.values():
            wait_for_udp_port(port)
        return process

    def add(self, name, codec, at=0):
        return [{'at': at, 'do': 'add', 'stream': stream(name, 'cam', CODECS[codec][0])},
                {'at': at, 'do': 'add', 'stream': stream(name, 'mic', 'audio/opus')}]

    def send(self, clip, port, codec, audio_port=None):
        return self.start(ffmpeg_rtp.send(clip, port, port if audio_port is None else audio_port, codec))

    def end(self, driver):
        """Its own account of the files."""
        self.finish(driver)
        return json.loads(driver.output().splitlines()[-1])['files']

    def assert_in_time(self, name, missing=()):
        """Whatever is in the file is whole, and where it belongs."""
        report = check(self.path(name))
        said = f'{name}: {report.summary(FPS)}'
        self.assertEqual(report.errors, [], said)
        self.assertEqual([report.unreadable, report.repeated, report.out_of_order], [0, [], []], said)
        self.assertLess(report.timing_error(FPS), MAX_TIMING_SECONDS, said)
        self.assertGreater(len(report.av_offsets), 0, said)
        self.assertLess(abs(report.av_max), MAX_AV_SECONDS, said)
        return report

    def test_each_participant_has_a_whole_file(self):
        ports = [free_ports(2), free_ports(2)]
        driver = self.record({'ann': (ports[0], 'vp8'), 'bob': (ports[1], 'h264')},
                             self.add('ann', 'vp8') + self.add('bob', 'h264'))
        senders = [self.send(self.clip(SECONDS, codec), port, codec)
                   for codec, port in zip(('vp8', 'h264'), ports)]
        for sender in senders:
            self.assertEqual(sender.wait(SECONDS + 10), 0, sender.output())
        time.sleep(LINGER)
        files = self.end(driver)
        self.assertEqual([(file['name'], file['peer'], file['error']) for file in files],
                         [('peer-1.mkv', 'ann', ''), ('peer-2.mkv', 'bob', '')])
        for file in files:
            report = self.assert_whole(file['name'], SECONDS * FPS)
            self.assertAlmostEqual(report.duration, SECONDS, delta=MAX_DURATION_SECONDS)
            self.assertAlmostEqual(file['duration'], report.duration, delta=0.01)
            self.assertAlmostEqual(len(report.beeps), SECONDS - 1, delta=1)

    def gap(self, report):
        """The frames that are not there: the first, and how many; they are in one piece."""
        missing = report.missing()
        self.assertEqual(missing, list(range(missing[0], missing[-1] + 1)), 'more than one gap')
        return missing[0], len(missing)

    def assert_gap(self, name, at, seconds):
        """The only gap of picture and sound, up to a key frame."""
        report = self.assert_in_time(name)
        first, length = self.gap(report)
        self.assertAlmostEqual(first / FPS, at, delta=KEY_FRAME_SECONDS)
        self.assertGreaterEqual(length / FPS, seconds - 0.2)
        self.assertLess(length / FPS, seconds + KEY_FRAME_SECONDS + 0.2)
        silent = [length for _, length in report.audio_gaps if abs(length) > 0.1]
        self.assertEqual(len(silent), 1, report.audio_gaps)
        self.assertAlmostEqual(silent[0], seconds, delta=0.2)
        return report

    def test_a_drop_out_of_5_s_leaves_a_gap_of_5_s(self):
        seconds, port, to = 12, free_ports(2), free_ports(2)
        driver = self.record({'ann': (port, 'vp8')}, self.add('ann', 'vp8'))
        self.start(relay(to, port, '--outage-at-ms', 3000, '--outage-ms', 5000))
        sender = self.send(self.clip(seconds, 'vp8'), to, 'vp8')
        self.assertEqual(sender.wait(seconds + 10), 0, sender.output())
        time.sleep(LINGER)
        [file] = self.end(driver)
        report = self.assert_gap('peer-1.mkv', 3, 5)
        self.assertAlmostEqual(report.duration, seconds, delta=MAX_DURATION_SECONDS)
        self.assertAlmostEqual(file['duration'], seconds, delta=MAX_DURATION_SECONDS)

    def pads(self, what, at):
        return [{'at': at, 'do': what, 'pad': pad} for pad in ('sink_0', 'sink_1')]

    def test_a_pause_of_the_producers_leaves_a_gap(self):
        seconds, port = 12, free_ports(2)
        clip = self.clip(seconds, 'h264')
        driver = self.record({'ann': (port, 'h264')}, [
            *self.add('ann', 'h264'), *self.pads('pause', 4), *self.pads('resume', 8)])
        sender = self.send(clip, port, 'h264')
        self.assertEqual(sender.wait(seconds + 10), 0, sender.output())
        time.sleep(LINGER)
        self.end(driver)
        self.assert_gap('peer-1.mkv', 4, 4)

    def test_who_is_taken_off_and_comes_back_goes_on_in_his_file(self):
        seconds, port = 12, free_ports(2)
        clip = self.clip(seconds, 'vp8')
        removed = [{'at': 4, 'do': 'remove', 'producer': f'ann-{source}'} for source in ('cam', 'mic')]
        driver = self.record({'ann': (port, 'vp8')}, [
            *self.add('ann', 'vp8'), *self.pads('pause', 4), *removed,
            *self.add('ann', 'vp8', at=8), *self.pads('resume', 8)])
        sender = self.send(clip, port, 'vp8')
        self.assertEqual(sender.wait(seconds + 10), 0, sender.output())
        time.sleep(LINGER)
        files = self.end(driver)
        self.assertEqual([file['name'] for file in files], ['peer-1.mkv'])
        self.assert_gap('peer-1.mkv', 4, 4)

    def test_who_comes_later_has_a_file_that_says_when(self):
        ports = [free_ports(2), free_ports(2)]
        driver = self.record({'ann': (ports[0], 'vp8'), 'bob': (ports[1], 'vp8')},
                             self.add('ann', 'vp8') + self.add('bob', 'vp8', at=4))
        for port in ports:
            self.send(self.clip(SECONDS, 'vp8'), port, 'vp8')
        time.sleep(SECONDS + LINGER)
        ann, bob = self.end(driver)
        for file in ann, bob:
            self.assert_in_time(file['name'])
        self.assertAlmostEqual(bob['start'], 4, delta=0.3)
        self.assertAlmostEqual(bob['start'] + bob['duration'], ann['start'] + ann['duration'], delta=0.2)

    def test_what_a_killed_process_leaves_can_be_played(self):
        port = free_ports(2)
        driver = self.record({'ann': (port, 'vp8')}, self.add('ann', 'vp8'))
        self.send(self.clip(SECONDS, 'vp8'), port, 'vp8')
        # In the middle of it.
        time.sleep(SECONDS - 2)
        driver.kill()
        report = self.assert_in_time('peer-1.mkv')
        self.assertEqual(report.missing(), [])
        # Starting takes a moment; a cluster of a second may be lost.
        self.assertGreater(len(report.numbers) / FPS, SECONDS - 4)
        self.assertAlmostEqual(report.duration, len(report.numbers) / FPS, delta=0.2)

    def test_vp9(self):
        # FFmpeg's RTP has none.
        line = ('sfurouter name=r router=room sink_0::producer-id=ann-cam'
                ' videotestsrc is-live=true num-buffers=100 ! video/x-raw,framerate=25/1,width=320,height=180'
                ' ! vp9enc deadline=1 cpu-used=8 keyframe-max-dist=25 ! rtpvp9pay ! r.sink_0')
        steps = [{'at': 0, 'do': 'add', 'stream': stream('ann', 'cam', 'video/VP9')}]
        driver = self.start(Process([DRIVER, self.folder, json.dumps(steps), line],
                                    name='recorder_driver', env=environment()))
        driver.wait_for_output('recording\n', 20)
        time.sleep(100 / FPS + LINGER)
        self.end(driver)
        report = check(self.path('peer-1.mkv'))
        self.assertEqual(report.errors, [])
        self.assertEqual(report.streams['video']['codec_name'], 'vp9')
        self.assertEqual(report.streams['video']['width'], 320)
        self.assertGreater(len(report.times), 90)
        self.assertAlmostEqual(report.duration, 100 / FPS, delta=MAX_DURATION_SECONDS)

    def composed(self, codec, steps=()):
        """Records one participant, alone in the picture, and gives driver and report."""
        seconds, port = 12, free_ports(2)
        clip = self.clip(seconds, codec, width=640, height=360)
        driver = self.record({'ann': (port, codec)}, [*self.add('ann', codec), *steps], kind='composed')
        sender = self.send(clip, port, codec)
        self.assertEqual(sender.wait(seconds + 10), 0, sender.output())
        [file] = self.end(driver)
        report = check(self.path('room.mkv'))
        self.assertEqual([file['name'], file['peer'], file['error']], ['room.mkv', '', ''])
        self.assertEqual(report.errors, [])
        self.assertEqual([report.streams[kind]['codec_name'] for kind in ('video', 'audio')],
                         ['h264', 'aac'])
        self.assertAlmostEqual(report.duration, file['duration'], delta=0.05)
        # It begins and ends with the recording, to which starting the sender belongs.
        self.assertAlmostEqual(file['start'], 0, delta=MAX_DURATION_SECONDS)
        self.assertGreater(file['duration'], seconds)
        self.assertEqual(report.out_of_order, [])
        self.assertLess(abs(report.av_median), MAX_AV_SECONDS, report.av_offsets)
        return report

    def test_a_composed_recording(self):
        report = self.composed('vp8')
        self.assertEqual([gap for gap in report.audio_gaps if abs(gap[1]) > 0.1], [])
        # A mixer at the same rate may take a frame twice, or none, now and then.
        self.assertGreater(len(set(report.read())), 0.95 * 12 * FPS)
        self.assertGreater(len(report.beeps), 10)

    def test_a_composed_recording_shows_who_is_there(self):
        removed = [{'at': 5, 'do': 'remove', 'producer': f'ann-{source}'} for source in ('cam', 'mic')]
        report = self.composed('h264', [*removed, *self.add('ann', 'h264', at=8)])
        self.assertEqual([gap for gap in report.audio_gaps if abs(gap[1]) > 0.1], [])
        first, length = self.gap(report)
        self.assertAlmostEqual(length / FPS, 3, delta=KEY_FRAME_SECONDS)

    def test_sound_is_where_it_belongs_behind_a_silence_without_packets(self):
        # As browsers send it (DTX): a beep each second, and between them next to nothing.
        line = ('sfurouter name=r router=room sink_0::producer-id=ann-mic'
                ' audiotestsrc is-live=true wave=ticks sine-periods-per-tick=80 freq=880'
                ' ! audio/x-raw,rate=48000,channels=1'
                ' ! opusenc audio-type=voice dtx=true bitrate=32000 ! rtpopuspay dtx=true ! r.sink_0')
        steps = [{'at': 0, 'do': 'add', 'stream': stream('ann', 'mic', 'audio/opus')}]
        driver = self.start(Process([DRIVER, self.folder, json.dumps(steps), line, 'composed'],
                                    name='recorder_driver', env=environment()))
        driver.wait_for_output('recording\n', 20)
        time.sleep(SECONDS)
        self.end(driver)
        report = check(self.path('room.mkv'))
        self.assertEqual(report.errors, [])
        self.assertGreaterEqual(len(report.beeps), SECONDS - 2)
        for beep, after in zip(report.beeps, report.beeps[1:]):
            self.assertAlmostEqual(after - beep, 1, delta=MAX_AV_SECONDS, msg=f'{report.beeps}')

    def test_what_a_killed_process_leaves_of_a_composed_recording(self):
        port = free_ports(2)
        clip = self.clip(SECONDS, 'vp8', width=640, height=360)
        driver = self.record({'ann': (port, 'vp8')}, self.add('ann', 'vp8'), kind='composed')
        self.send(clip, port, 'vp8')
        time.sleep(SECONDS - 2)
        driver.kill()
        report = check(self.path('room.mkv'))
        self.assertEqual(report.errors, [])
        self.assertGreater(len(report.times) / FPS, SECONDS - 6)
        self.assertAlmostEqual(report.duration, report.times[-1] + 1 / FPS, delta=0.2)
        self.assertEqual(report.out_of_order, [])

    def test_a_full_disk_ends_the_file_and_nothing_else(self):
        port, disk = free_ports(2), self.path('disk')
        os.mkdir(disk)
        driver = self.record({'ann': (port, 'vp8')}, self.add('ann', 'vp8'), disk, [
            'unshare', '-m', 'sh', '-c', 'mount -t tmpfs -o size=256k none "$0" && exec "$@"', disk])
        self.send(self.clip(SECONDS, 'vp8', bitrate='1M'), port, 'vp8')
        driver.wait_for_output('No space left on device', SECONDS)
        time.sleep(1)
        # The disk is only there as long as the process.
        shutil.copy(f'/proc/{driver.pid}/root{disk}/peer-1.mkv', self.path('copy.mkv'))
        [file] = self.end(driver)
        self.assertEqual(file['error'], 'No space left on device')
        report = self.assert_in_time('copy.mkv')
        self.assertGreater(len(report.numbers), 5)
        self.assertNotRegex(driver.output(), 'CRITICAL|WARNING')


if __name__ == '__main__':
    tap.main(at_once=3)
