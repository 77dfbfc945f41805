"""Each script of examples/launch and each program of examples/embed does what it is for: media come out
of it that went into it.

usage: examples_test.py WEBRTC_GUEST RECORD_PARTICIPANT ENCODE_TO_VIEWERS
"""

import os
import re
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'interop'), os.path.join(HERE, '..', 'interop', 'media')]
import ffmpeg_rtp  # noqa: E402
from check_media import check  # noqa: E402
from pipelines import FPS, OPUS_CAPS, VP8_CAPS, Room, environment, launch, tap  # noqa: E402
from processes import Process, free_ports, wait_until_receiving  # noqa: E402

GUEST, RECORD, ENCODE = (os.path.abspath(sys.argv.pop(1)) for _ in range(3))
EXAMPLES = os.path.join(HERE, '..', '..', 'examples')
CAMERA = os.path.join(HERE, '..', 'support', 'rtsp_camera.py')
# python3-gi is Debian's, and so for Debian's Python only.
PYTHON = '/usr/bin/python3'
SECONDS = 4
FRAMES = SECONDS * FPS
# Frames at both ends that a receiver may miss which comes and goes while a stream flows.
EDGE_FRAMES = 5
HTTP_PORT = 8080
SAME_TIME = re.compile(r'non monotonically increasing dts.*: (\d+) >= \1$|Last message repeated')


class Examples(Room):
    def script(self, name, *arguments):
        return self.start(Process([os.path.join(EXAMPLES, 'launch', name), *map(str, arguments)],
                                  env=environment(), cwd=self.folder))

    def send(self, clip, port=5004, audio=True, **options):
        return self.start(ffmpeg_rtp.send(clip, port, port if audio else None, **options))

    def send_to(self, program, clip, audio=True, **options):
        """Sends the clip once, when the program plays, and ends the program."""
        wait_until_receiving(program, 5004)
        sender = self.send(clip, audio=audio, **options)
        self.assertEqual(sender.wait(SECONDS + 15), 0, sender.output())
        time.sleep(0.5)
        self.finish(program)

    def guest(self, *arguments):
        return self.start(Process([GUEST, *map(str, arguments)], env=environment()))

    def watch(self, frames=2 * FPS, *options, port=HTTP_PORT):
        """Somebody watches so many pictures; returns what he says of them."""
        viewer = self.guest('watch', port, frames, *options)
        self.assertEqual(viewer.wait(30), 0, viewer.output())
        return viewer.output()

    def assert_seen(self, name, audio=True):
        """The clip, but for what was sent before or after there was somebody."""
        report = check(self.path(name))
        self.assertEqual(report.errors, [], name)
        numbers = report.numbers
        self.assertGreater(len(numbers), FRAMES - 2 * EDGE_FRAMES - FPS, name)
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))), name)
        self.assertEqual('audio' in report.streams, audio, report.streams)

    def assert_published(self, name):
        """What a guest has published."""
        report = check(self.path(name))
        # His first packets may come in a burst, and have the same time then.
        errors = [line for line in report.errors if not SAME_TIME.search(line)]
        self.assertEqual(errors, [], name)
        self.assertEqual(set(report.streams), {'video', 'audio'})
        self.assertGreater(report.duration, SECONDS - 2)

    def test_record(self):
        self.send_to(self.script('record.sh'), self.clip(SECONDS))
        self.assert_whole('out.mkv', FRAMES)

    def test_hls(self):
        self.send_to(self.script('hls.sh', self.folder), self.clip(SECONDS, 'h264', audio=False),
                     audio=False, codec='h264')
        with open(self.path('live.m3u8'), encoding='ascii') as playlist:
            text = playlist.read()
        self.assertGreaterEqual(text.count('#EXTINF'), 2, text)
        self.assert_whole('live.m3u8', FRAMES, audio=False)

    def test_transcode(self):
        receiver = self.start(ffmpeg_rtp.receive(self.path('vp8.mkv'), self.folder, 6000))
        self.send_to(self.script('transcode.sh'), self.clip(SECONDS, audio=False), audio=False)
        self.assert_whole('h264.mkv', FRAMES, audio=False)
        self.assertEqual(receiver.wait(15), 0, receiver.output())
        self.assert_seen('vp8.mkv', audio=False)

    def test_forward(self):
        ports = {'first.mkv': 6000, 'second.mkv': 6100}
        receivers = [self.start(launch(
            f'plaintransport name=t port={port} src_0::caps="{VP8_CAPS}" src_1::caps="{OPUS_CAPS}" '
            't.src_0 ! rtpvp8depay ! m.  t.src_1 ! rtpopusdepay ! m.  '
            f'matroskamux name=m offset-to-zero=true ! filesink location={name}', cwd=self.folder))
            for name, port in ports.items()]
        for receiver, port in zip(receivers, ports.values()):
            wait_until_receiving(receiver, port)
        self.send_to(self.script('forward.sh', 5004, *(f'127.0.0.1:{p}' for p in ports.values())),
                     self.clip(SECONDS))
        for receiver, name in zip(receivers, ports):
            self.finish(receiver)
            self.assert_whole(name, FRAMES)

    def test_mix(self):
        clip = self.clip(SECONDS)
        mix = self.script('mix.sh')
        for port in (5004, 5006):
            wait_until_receiving(mix, port)
            self.send(clip, port, loop=True)
        said = self.watch(3 * FPS)
        left, right = map(int, re.search(r'halves: (\d+) (\d+)', said).groups())
        # Black is 16. Both show the clip, so they are about as bright.
        self.assertGreater(min(left, right), 40, said)
        self.assertLess(abs(left - right), 40, said)
        mix.stop()

    def test_watch(self):
        script = self.script('watch.sh')
        self.watch()
        script.stop()

    def test_publish(self):
        script = self.script('publish.sh')
        script.wait_for_output('New clock', 15)
        publisher = self.guest('publish', HTTP_PORT, SECONDS)
        self.watch(FPS)
        self.assertEqual(publisher.wait(20), 0, publisher.output())
        self.assertEqual(script.wait(15), 0, script.output())
        self.assert_published('cam.mkv')

    def test_relay_rtp(self):
        script = self.script('relay-rtp.sh')
        wait_until_receiving(script, 5004)
        self.send(self.clip(SECONDS), loop=True)
        self.watch()
        script.stop()

    def test_relay_rtsp(self):
        port = free_ports(2)
        camera = self.start(Process([sys.executable, CAMERA, str(port),
                                     self.clip(SECONDS, 'h264', audio=False)], name='camera'))
        camera.wait_for_output('listening', 10)
        script = self.script('relay-rtsp.sh', f'rtsp://127.0.0.1:{port}/camera')
        self.watch(2 * FPS, 'h264', 'video')
        script.stop()

    def test_play(self):
        script = self.script('play.sh', self.clip(2 * SECONDS))
        self.watch()
        self.assertEqual(script.wait(2 * SECONDS + 10), 0, script.output())

    def test_all_scripts_are_tried_and_listed(self):
        with open(os.path.join(EXAMPLES, 'launch', 'README.md'), encoding='utf-8') as file:
            listed = set(re.findall(r'\]\(([a-z0-9-]+\.sh)\)', file.read()))
        names = {name for name in os.listdir(os.path.join(EXAMPLES, 'launch'))
                 if name.endswith('.sh')}
        tried = {name[len('test_'):].replace('_', '-') + '.sh' for name in dir(self)
                 if name.startswith('test_')}
        self.assertEqual(listed, names)
        self.assertEqual(names - tried, set())

    def test_record_participant_in_c(self):
        program = self.start(Process([RECORD, 'out.mkv'], env=environment(), cwd=self.folder))
        program.wait_for_output('src_1: 0 packets', 10)
        sender = self.send(self.clip(SECONDS))
        self.assertEqual(sender.wait(SECONDS + 15), 0, sender.output())
        program.wait_for_output(f'src_1: {SECONDS * 50 + 1} packets', 5)
        self.finish(program)
        self.assert_whole('out.mkv', FRAMES)

    def test_encode_to_viewers_in_cpp(self):
        program = self.start(Process([ENCODE], env=environment()))
        program.wait_for_output('serving', 10)
        # Its encoder makes a key frame only when it is asked for one.
        time.sleep(1)
        for _ in range(2):
            self.watch(FPS, 'vp8', 'video')
        self.finish(program)

    def test_record_publishers_in_python(self):
        present = subprocess.run([PYTHON, '-c', 'import gi; gi.require_version("Gst", "1.0")'],
                                 check=False, stderr=subprocess.DEVNULL)
        if present.returncode:
            self.skipTest('Debian\'s python3-gi is not installed')
        program = self.start(Process(
            [PYTHON, os.path.join(EXAMPLES, 'embed', 'python', 'record_publishers.py'), '.'],
            env=environment(), cwd=self.folder))
        program.wait_for_output('producer-added sink_0', 10)
        # One after the other, both at once for a while.
        publishers = []
        for number in (1, 2):
            publishers.append(self.guest('publish', HTTP_PORT, SECONDS))
            program.wait_for_output(f'recording into ./publisher-{number}.mkv', 15)
        self.watch(FPS, 'vp8', 'video')
        for number, publisher in enumerate(publishers, 1):
            self.assertEqual(publisher.wait(20), 0, publisher.output())
            program.wait_for_output(f'complete: ./publisher-{number}.mkv', 10)
            self.assert_published(f'publisher-{number}.mkv')
        program.stop()


if __name__ == '__main__':
    tap.main(at_once=4)
