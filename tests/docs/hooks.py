"""What the commands of the documents need beside them, and what must come of them, by test name.

A block named here must stand in a document, or the test fails; a block in a document that is not
named here only has to end by itself with exit code 0.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'interop', 'media')]
import ffmpeg_rtp  # noqa: E402
from check_media import check  # noqa: E402
from make_clip import Clip, make_clip  # noqa: E402
from processes import Process, wait_for_udp_port  # noqa: E402
from shell_blocks import shell_blocks  # noqa: E402

PORT = 5004  # that the documents receive on
FPS = 25
CLIP_SECONDS = 4
# A receiver that has only just begun may miss the first frames; a file that is cut may lack the last.
EDGE_FRAMES = 3
MAX_AV_SECONDS = 0.04


@dataclass
class Hook:
    # Puts files into the folder before the command starts: prepare(folder).
    prepare: Optional[Callable] = None
    # Starts what must be there before: before(folder) returns Process objects.
    before: Optional[Callable] = None
    # Starts what feeds it, once it runs: feed(folder) returns Process objects. It may wait for a port.
    feed: Optional[Callable] = None
    # It is fed once gst-launch-1.0 says that the pipeline plays.
    fed_when_playing: bool = False
    # Ctrl-C comes so many seconds after the feeders started; None: it ends by itself.
    interrupt_after: Optional[float] = None
    # What it ends with.
    exit_code: int = 0
    # Looks at what it wrote: check(folder, output) raises AssertionError.
    check: Optional[Callable] = None


def _clip(codec='vp8', name='clip.webm', audio=True):
    return lambda folder: make_clip(os.path.join(folder, name),
                                    Clip(codec=codec, seconds=CLIP_SECONDS, fps=FPS, audio=audio))


def _send(codec='vp8', name='clip.webm', audio=True):
    """FFmpeg sends the clip once."""
    def feed(folder):
        wait_for_udp_port(PORT)
        sender = ffmpeg_rtp.send(os.path.join(folder, name), PORT, PORT if audio else None, codec)
        return [sender]
    return feed


def _page(folder):
    """Nobody feeds it, but the page of its sfuserver is there."""
    del folder
    for end in range(100):
        try:
            with urllib.request.urlopen('http://127.0.0.1:8080/', timeout=10) as response:
                assert b'<title>sfuserver</title>' in response.read()
                return []
        except urllib.error.URLError:
            if end == 99:
                raise
            time.sleep(0.1)


def _whole(name, audio=True, last=CLIP_SECONDS * FPS - 1):
    """The file holds the clip: every frame once, sound and picture together."""
    def look(folder, _output):
        report = check(os.path.join(folder, name))
        problems = report.problems(EDGE_FRAMES, last - EDGE_FRAMES,
                                   MAX_AV_SECONDS if audio else None)
        assert not problems, f'{name}: {problems}'
    return look


def _received(name='clip.webm', codec='vp8', audio=True, check_file=None):
    """A pipeline that gets the clip over the network and is ended by Ctrl-C."""
    return Hook(prepare=_clip(codec, name, audio), feed=_send(codec, name, audio),
                fed_when_playing=True,
                interrupt_after=CLIP_SECONDS + 1, check=check_file)


def _at_rate(name, fps):
    """The file shows the clip at another frame rate: as long as the clip, as many frames as that
    takes, so that some come twice, and none of the clip's is missing."""
    def look(folder, _output):
        report = check(os.path.join(folder, name))
        assert not report.errors, f'{name}: {report.errors[:3]}'
        assert abs(report.duration - CLIP_SECONDS) < 0.3, f'{name} is {report.duration} s long'
        shown = len(report.numbers)
        assert abs(shown - CLIP_SECONDS * fps) <= EDGE_FRAMES * 2, f'{name}: {shown} frames'
        missing = report.missing(EDGE_FRAMES, CLIP_SECONDS * FPS - 1 - EDGE_FRAMES)
        assert not missing and not report.out_of_order, f'{name}: missing {missing}'
        assert abs(report.av_max) <= MAX_AV_SECONDS, f'{name}: sound is off by {report.av_max} s'
    return look


# FFmpeg moves a stream's timestamps when the first sender report of another one has come; which comes
# first is chance, as each has a socket of its own. Two packets may then have one time.
_SAME_TIME = 'non monotonically increasing dts'


def _plays(name, least_seconds, by_ffmpeg=False):
    """The file decodes, and is at least so long. `by_ffmpeg`: FFmpeg has received it."""
    def look(folder, _output):
        report = check(os.path.join(folder, name))
        errors = [e for e in report.errors if not (by_ffmpeg and _SAME_TIME in e)]
        assert not errors, f'{name}: {errors[:3]}'
        assert report.duration >= least_seconds, f'{name} is {report.duration} s long'
    return look


def _playlist(folder, _output):
    text = Path(folder, 'live.m3u8').read_text(encoding='ascii')
    assert text.count('#EXTINF') >= 2 and '#EXT-X-ENDLIST' in text, text
    _whole('live.m3u8', audio=False)(folder, '')


def _playlist_begun(folder, _output):
    text = Path(folder, 'live.m3u8').read_text(encoding='ascii')
    assert '#EXTINF' in text, text


def _both(*looks):
    def look(folder, output):
        for one in looks:
            one(folder, output)
    return look


def _document_line(page, name):
    """The command of that name in a page of the documents."""
    text = Path(HERE, '..', '..', page).read_text(encoding='utf-8')
    return next(block.text for block in shell_blocks(page, text) if block.name == name)


def _beside(page, name):
    """Starts another block of the documents."""
    return lambda folder: [Process(['sh', '-c', _document_line(page, name)], name=name, cwd=folder)]


def _example(script):
    """Starts a script of examples/launch."""
    path = os.path.join(HERE, '..', '..', 'examples', 'launch', script)
    return lambda folder: [Process([path], name=script, cwd=folder)]


def _records(folder, _output):
    """The recording holds some seconds of picture and sound."""
    report = check(os.path.join(folder, 'out.mkv'))
    assert {'video', 'audio'} <= set(report.streams), report.streams
    assert report.duration > 2, f'{report.duration} s'


# FFmpeg's, when it is interrupted.
FFMPEG_INTERRUPTED = 255
VIEWER = os.path.join(HERE, '..', 'unit', 'signalling', 'golden', 'chromium_watch.sdp')


def _watched(page, sender):
    """What that block sends is there for viewers: each of a browser's sections gets a stream."""
    def feed(folder):
        _page(folder)
        senders = _beside(page, sender)(folder)
        request = urllib.request.Request('http://127.0.0.1:8080/whep', Path(VIEWER).read_bytes(),
                                         {'Content-Type': 'application/sdp'})
        end = time.monotonic() + 10
        while True:
            try:
                with urllib.request.urlopen(request, timeout=10) as response:
                    answer = response.read().decode()
                assert answer.count('a=sendonly') == 2, answer
                return senders
            except urllib.error.HTTPError as error:
                # 409: nothing to watch yet.
                if error.code != 409 or time.monotonic() > end:
                    raise
            time.sleep(0.1)
    return feed


def _room(folder):
    """sfu-room, and in the room "board" a guest whose camera and microphone are FFmpeg's."""
    page = Path(folder, 'page')
    page.mkdir()
    (page / 'index.html').write_text('', encoding='ascii')
    # The build folder, by that of the plugin.
    build = Path(os.environ['GST_PLUGIN_PATH']).parent
    room = Process([str(build / 'examples' / 'room' / 'sfu-room'), f'--page={page}',
                    f'--recordings={folder}/recordings'], name='sfu-room')
    room.wait_for_output('open http', 20)
    request = urllib.request.Request('http://127.0.0.1:4443/rooms/board/plain', b'{"name": "Guest"}',
                                     {'Content-Type': 'application/json'})
    with urllib.request.urlopen(request, timeout=10) as answer:
        ffmpeg = Process(['sh', '-c', json.load(answer)['ffmpeg']], name='ffmpeg')
    return [room, ffmpeg]


def _both_tracks(folder, _output):
    """A recorded guest: some seconds of picture and sound."""
    report = check(os.path.join(folder, 'peer-1.mkv'))
    assert {'video', 'audio'} <= set(report.streams), report.streams
    assert report.duration > 3, f'{report.duration} s'


def _served():
    """Until Ctrl-C; with browsers it is tried in interop/browser/whip_test.mjs."""
    return Hook(feed=_page, interrupt_after=1)


HOOKS = {
    # README.md
    'receive-record-forward': _received(check_file=_whole('out.mkv')),
    'ffmpeg-feeds': Hook(feed=_beside('README.md', 'receive-record-forward'), interrupt_after=6,
                         exit_code=FFMPEG_INTERRUPTED, check=_records),
    'whip': _served(),
    'hls': _received('clip.mkv', 'h264', audio=False, check_file=_playlist),
    'transcode': _received(audio=False, check_file=_whole('h264.mkv', audio=False)),
    'no-network': Hook(interrupt_after=4, check=_plays('test.webm', 2)),
    'file': Hook(prepare=_clip(), check=_whole('copy.webm', audio=False)),
    # examples/
    'launch-feed': Hook(feed=_example('record.sh'), interrupt_after=6,
                        exit_code=FFMPEG_INTERRUPTED, check=_records),
    # docs/elements/
    'router-two-branches': Hook(),
    'ffmpeg-to-plain': _received(check_file=_whole('out.mkv')),
    'ffmpeg-sends': Hook(feed=_beside('docs/elements/plaintransport.md', 'ffmpeg-to-plain'),
                         interrupt_after=6, exit_code=FFMPEG_INTERRUPTED, check=_records),
    'plain-to-ffmpeg': Hook(feed=_beside('docs/elements/plaintransport.md', 'ffmpeg-receives'),
                            interrupt_after=9, check=_plays('received.mkv', 2, by_ffmpeg=True)),
    'ffmpeg-receives': Hook(feed=_beside('docs/elements/plaintransport.md', 'plain-to-ffmpeg'),
                            check=_plays('received.mkv', 2, by_ffmpeg=True)),
    'srtp': Hook(interrupt_after=5, check=_plays('srtp.webm', 2.5)),
    'server-fed': _served(),
    'server-file': _served(),
    # docs/guides/
    'record-mkv': _received(check_file=_whole('out.mkv')),
    'record-mp4': _received('clip.mkv', 'h264', check_file=_whole('out.mp4')),
    'record-patient': _received(check_file=_whole('archive.mkv')),
    'record-room': Hook(before=_room, check=_both_tracks),
    'record-silent-audio': _received(check_file=_whole('out.mkv')),
    'hls-h264': _received('clip.mkv', 'h264', audio=False, check_file=_playlist),
    'hls-feed': Hook(feed=_beside('docs/guides/hls.md', 'hls-h264'), interrupt_after=6,
                     exit_code=FFMPEG_INTERRUPTED, check=_playlist_begun),
    'hls-vp8': _received(check_file=_playlist),
    'browser-watches': _served(),
    'browser-publishes': _served(),
    'whip-page': _served(),
    'whip-token': _served(),
    'whip-obs': _served(),
    'whip-ffmpeg': Hook(feed=_watched('docs/guides/whip-whep.md', 'whip-ffmpeg-sends'),
                        interrupt_after=2),
    'whip-ffmpeg-sends': Hook(feed=_beside('docs/guides/whip-whep.md', 'whip-ffmpeg'),
                              interrupt_after=3, exit_code=FFMPEG_INTERRUPTED),
    'whip-sound': _served(),
    'whip-file': _served(),
    'transcode-h264': _received(audio=False, check_file=_both(
        _whole('h264.mkv', audio=False), _whole('vp8.webm', audio=False))),
    'transcode-mp4': _received(check_file=_at_rate('out.mp4', 30)),
    'transcode-small': _received(audio=False, check_file=_plays('small.webm', 3)),
}
