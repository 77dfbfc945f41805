"""mediasoup's recipes for FFmpeg and GStreamer, with our elements in its place: plain transports,
produce() and consume() as JSON, and tools that know of each other only what those answer.

The sender's payload types are not the router's, so whoever gets the picture sees that they are
translated.
"""

import json
import os
import shlex
import subprocess
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_HERE, os.path.join(_HERE, 'media')]
from check_media import check  # noqa: E402
from pipelines import BUILD, FPS, Room, environment, launch, tap  # noqa: E402
from processes import Process, free_ports, wait_for_udp_port  # noqa: E402
from interop_result import interop_result  # noqa: E402

SECONDS = 6
MEDIA = {'codecs': ['VP8', 'opus'], 'transport': 'udp', 'through': 'plaintransport, JSON'}
VIDEO_PT, AUDIO_PT = 97, 96
VIDEO_SSRC, AUDIO_SSRC = 22222222, 11111111


def produce(transport, kind, codec, payload_type, ssrc, **more):
    return {'element': 'r', 'action': 'produce', 'transport': transport, 'json': {
        'id': kind, 'kind': kind, 'rtpParameters': {
            'codecs': [{'mimeType': f'{kind}/{codec}', 'payloadType': payload_type, **more}],
            'encodings': [{'ssrc': ssrc}]}}}


def consume(transport, kind):
    return {'element': 'r', 'action': 'consume', 'transport': transport, 'json': {
        'producerId': kind, 'rtpCapabilities': True}}


def connect(transport, port):
    return {'element': transport, 'action': 'connect', 'json': {
        'ip': '127.0.0.1', 'port': port, 'rtcpPort': port + 1}}


def actor(calls, pipeline):
    process = Process([os.path.join(BUILD, 'tests', 'interop', 'ortc_actor'), json.dumps(calls),
                       *shlex.split(pipeline)], name='ortc_actor', env=environment())
    process.wait_for_output('ready\n', 10)
    return process


def payload_type(answer):
    return answer['rtpParameters']['codecs'][0]['payloadType']


class Recipes(Room):
    def broadcast(self, clip, video_port, audio_port):
        """mediasoup's FFmpeg line: both streams by one tee, with payload types and SSRCs of its
        own."""
        tee = '|'.join(
            f'[select={kind}:f=rtp:ssrc={ssrc}:payload_type={number}]'
            f'rtp\\://127.0.0.1\\:{port}?rtcpport={port + 1}&pkt_size=1200'
            for kind, ssrc, number, port in (('a', AUDIO_SSRC, AUDIO_PT, audio_port),
                                             ('v', VIDEO_SSRC, VIDEO_PT, video_port)))
        return Process(['ffmpeg', '-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', clip,
                        '-map', '0:a:0', '-map', '0:v:0', '-c', 'copy', '-f', 'tee', tee],
                       name='ffmpeg sender')

    def room(self, viewers):
        """A router, FFmpeg's two transports, and one per stream of each viewer. Returns the answers
        to the viewers' consume()."""
        self.in_ports = {'video': free_ports(2), 'audio': free_ports(2)}
        pipeline = 'sfurouter name=r'
        calls = [produce('in-video', 'video', 'vp8', VIDEO_PT, VIDEO_SSRC, clockRate=90000),
                 produce('in-audio', 'audio', 'opus', AUDIO_PT, AUDIO_SSRC, clockRate=48000,
                         channels=2)]
        for kind, port in self.in_ports.items():
            pipeline += (f'  plaintransport name=in-{kind} address=127.0.0.1 port={port} '
                         'rtcp-mux=false comedia=true')
        for name, ports in viewers.items():
            for kind, port in ports.items():
                transport = f'{name}-{kind}'
                pipeline += f'  plaintransport name={transport} address=127.0.0.1 rtcp-mux=false'
                calls += [connect(transport, port), consume(transport, kind)]
        process = self.start(actor(calls, pipeline))
        answers = [json.loads(line) for line in process.output().splitlines()
                   if line.startswith('{')]
        consumed = [answer for answer in answers if 'rtpParameters' in answer]
        names = [(name, kind) for name, ports in viewers.items() for kind in ports]
        return dict(zip(names, consumed))

    def ffmpeg_receiver(self, name, ports, answers):
        numbers = {kind: payload_type(answers[kind]) for kind in ports}
        with open(self.path(f'{name}.sdp'), 'w', encoding='ascii') as file:
            file.write('v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n'
                       f'm=video {ports["video"]} RTP/AVP {numbers["video"]}\n'
                       f'a=rtpmap:{numbers["video"]} VP8/90000\n'
                       f'm=audio {ports["audio"]} RTP/AVP {numbers["audio"]}\n'
                       f'a=rtpmap:{numbers["audio"]} opus/48000/2\n')
        process = self.start(Process(
            ['ffmpeg', '-v', 'error', '-nostdin', '-y', '-protocol_whitelist', 'file,udp,rtp',
             '-analyzeduration', '2000000', '-i', self.path(f'{name}.sdp'), '-c', 'copy', '-t',
             str(SECONDS), self.path(f'{name}.mkv')], name='ffmpeg receiver'))
        for port in ports.values():
            wait_for_udp_port(port)
        return process

    def gstreamer_receiver(self, name, ports, answers):
        def source(kind, encoding, clock_rate, rest):
            return (f'udpsrc address=127.0.0.1 port={ports[kind]} '
                    f'caps="application/x-rtp,media={kind},encoding-name={encoding},'
                    f'payload={payload_type(answers[kind])},clock-rate={clock_rate}" '
                    f'! rtpjitterbuffer ! {rest} ! m.')
        process = self.start(launch(
            source('video', 'VP8', 90000, 'rtpvp8depay') + '  ' +
            source('audio', 'OPUS', 48000, 'rtpopusdepay') +
            f'  matroskamux name=m ! filesink location={name}.mkv', cwd=self.folder))
        for port in ports.values():
            wait_for_udp_port(port)
        return process

    def assert_seen(self, name):
        """A clip that is played over and over: no frame is missing from the first one on."""
        report = check(self.path(name))
        self.assertEqual(report.errors, [], name)
        self.assertGreater(len(report.numbers), (SECONDS - 3) * FPS, name)
        steps = [(after - before) % (SECONDS * FPS)
                 for before, after in zip(report.numbers, report.numbers[1:])]
        self.assertEqual(set(steps), {1}, name)
        self.assertIn('audio', ' '.join(map(str, report.streams)), name)

    def test_ffmpeg_to_ffmpeg_and_gstreamer(self):
        ffmpeg, gstreamer = (
            subprocess.run([name, option], check=True, text=True, stdout=subprocess.PIPE)
            .stdout.split()[2] for name, option in
            (('ffmpeg', '-version'), ('gst-launch-1.0', '--version')))
        with interop_result('recipe ffmpeg', peer=f'FFmpeg {ffmpeg}', direction='both ways',
                            **MEDIA), \
             interop_result('recipe gstreamer', peer=f'GStreamer {gstreamer}', direction='from us',
                            **MEDIA):
            self.check_ffmpeg_to_ffmpeg_and_gstreamer()

    def check_ffmpeg_to_ffmpeg_and_gstreamer(self):
        viewers = {name: {'video': free_ports(2), 'audio': free_ports(2)}
                   for name in ('ffmpeg', 'gstreamer')}
        answers = self.room(viewers)
        for answer in answers.values():
            self.assertNotIn(payload_type(answer), (VIDEO_PT, AUDIO_PT))
        of = {name: {kind: answers[name, kind] for kind in ports}
              for name, ports in viewers.items()}
        recorder = self.ffmpeg_receiver('ffmpeg', viewers['ffmpeg'], of['ffmpeg'])
        viewer = self.gstreamer_receiver('gstreamer', viewers['gstreamer'], of['gstreamer'])
        self.start(self.broadcast(self.clip(SECONDS), self.in_ports['video'],
                                  self.in_ports['audio']))
        self.assertEqual(recorder.wait(SECONDS + 20), 0, recorder.output())
        self.finish(viewer)
        self.assert_seen('ffmpeg.mkv')
        self.assert_seen('gstreamer.mkv')


if __name__ == '__main__':
    tap.main()
