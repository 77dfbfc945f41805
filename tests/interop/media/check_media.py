"""Reads back what make_clip.py put into a clip: which frames are there, and whether the sound fits.

usage: check_media.py FILE [--frames FIRST LAST] [--fps N] [--max-av-ms N]

Prints a report as JSON. With --frames every number from FIRST to LAST must be there once and in
order, with --max-av-ms each beep must be that near to its flash; the exit code is 1 if not, or if
the file does not decode without errors.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from array import array
from dataclasses import dataclass, field

from make_clip import (BLOCKS, CHECK_BITS, FLASH_H, FLASH_W, FLASH_X, FLASH_Y, STRIP_HEIGHT,
                       checksum)

AUDIO_RATE = 48000
# Sound is looked at in steps of this many samples: 1 ms.
STEP = AUDIO_RATE // 1000
# A beep begins where the mean level rises above this part of the loudest, after this much quiet.
BEEP_LEVEL = 0.3
QUIET_STEPS = 300
# Below this mean sample value a file is silent, and has no beeps.
SILENCE = 300
# A flash and a beep further apart than this are not a pair: they come once a second.
PAIR_SECONDS = 0.5
# Audio timestamps that jump by more than this leave a gap (or an overlap).
AUDIO_GAP_SECONDS = 0.005


@dataclass
class Report:
    """What was found in a file. Times are seconds, on the file's own clock."""
    streams: dict = field(default_factory=dict)  # 'video', 'audio': what ffprobe says of it
    duration: float = 0.0
    errors: list = field(default_factory=list)  # FFmpeg's messages while decoding
    numbers: list = field(default_factory=list)  # frame numbers as shown; None: not readable
    times: list = field(default_factory=list)  # when each was shown
    audio_duration: float = 0.0
    audio_gaps: list = field(default_factory=list)  # (when, how long)
    flashes: list = field(default_factory=list)
    beeps: list = field(default_factory=list)
    av_offsets: list = field(default_factory=list)  # beep minus flash; positive: sound is late

    @property
    def unreadable(self):
        return self.numbers.count(None)

    @property
    def unreadable_at(self):
        """Which frames of the file those are, counted from 0."""
        return [index for index, number in enumerate(self.numbers) if number is None]

    @property
    def repeated(self):
        """Numbers seen more than once, each as often as it came again."""
        seen, again = set(), []
        for number in self.read():
            if number in seen:
                again.append(number)
            seen.add(number)
        return again

    @property
    def out_of_order(self):
        numbers = self.read()
        return [number for before, number in zip(numbers, numbers[1:]) if number < before]

    def read(self):
        return [number for number in self.numbers if number is not None]

    def missing(self, first=None, last=None):
        """Numbers of first … last (default: the least and greatest seen) that are not there."""
        numbers = set(self.read())
        if not numbers and (first is None or last is None):
            return []
        first = min(numbers) if first is None else first
        last = max(numbers) if last is None else last
        return [number for number in range(first, last + 1) if number not in numbers]

    def timing_error(self, fps):
        """How far frame times stray from number / fps plus a constant: the worst, in seconds."""
        lags = [time - number / fps for number, time in zip(self.numbers, self.times)
                if number is not None]
        middle = statistics.median(lags) if lags else 0.0
        return max((abs(lag - middle) for lag in lags), default=0.0)

    @property
    def av_median(self):
        return statistics.median(self.av_offsets) if self.av_offsets else None

    @property
    def av_max(self):
        """The offset furthest from zero."""
        return max(self.av_offsets, key=abs) if self.av_offsets else None

    def problems(self, first=None, last=None, max_av=None):
        """What is wrong with the file, as sentences; empty if nothing is."""
        found = [f'decode error: {line}' for line in self.errors[:5]]
        if not self.numbers:
            found.append('no video frames')
        for name, value in [('unreadable frames', self.unreadable),
                            ('missing', self.missing(first, last)),
                            ('repeated', self.repeated), ('out of order', self.out_of_order)]:
            if value:
                found.append(f'{name}: {value}')
        if max_av is not None:
            if not self.av_offsets:
                found.append('no beep with a flash')
            elif abs(self.av_max) > max_av:
                found.append(f'sound is off by {self.av_max * 1000:.1f} ms')
        return found

    def summary(self, fps):
        """The report as plain values for JSON."""
        return {'streams': self.streams, 'duration': self.duration, 'frames': len(self.numbers),
                'first': min(self.read(), default=None), 'last': max(self.read(), default=None),
                'missing': self.missing(), 'repeated': self.repeated,
                'out_of_order': self.out_of_order, 'unreadable': self.unreadable,
                'unreadable_at': self.unreadable_at,
                'timing_error': self.timing_error(fps), 'audio_duration': self.audio_duration,
                'audio_gaps': self.audio_gaps, 'beeps': self.beeps, 'flashes': self.flashes,
                'av_median': self.av_median, 'av_max': self.av_max, 'errors': self.errors}


def probe(path):
    """ffprobe's streams by kind, and the duration of the whole (0 if the file does not tell)."""
    done = subprocess.run(['ffprobe', '-v', 'error', '-show_streams', '-show_format', '-of', 'json',
                           path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          text=True)
    if done.returncode != 0:
        return {}, 0.0, [line for line in done.stderr.splitlines() if line]
    info = json.loads(done.stdout)
    wanted = ('codec_name', 'width', 'height', 'avg_frame_rate', 'sample_rate', 'channels',
              'start_time', 'duration')
    streams = {stream['codec_type']: {key: stream[key] for key in wanted if key in stream}
               for stream in info.get('streams', []) if 'codec_type' in stream}
    return streams, float(info.get('format', {}).get('duration', 0.0)), []


def _video_filter():
    """Each frame becomes 21 grey pixels: the blocks of the strip, then the flashing block. Only the
    middle of each is looked at, for encoders smear the edges."""
    strip_y = 1 - STRIP_HEIGHT * 0.75
    return (f'[0:v:0]format=gray,split[a][b];'
            f'[a]crop=w=iw:h=ih*{STRIP_HEIGHT * 0.5}:x=0:y=ih*{strip_y}:exact=1,'
            f'scale={BLOCKS}:1:flags=area[strip];'
            f'[b]crop=w=iw*{FLASH_W / 2}:h=ih*{FLASH_H / 2}:x=iw*{FLASH_X + FLASH_W / 4}:'
            f'y=ih*{FLASH_Y + FLASH_H / 4}:exact=1,scale=1:1:flags=area[flash];'
            '[strip][flash]hstack,split[v1][v2]')


def _decode(path, streams, folder):
    """Decodes to FOLDER/v.raw, v.crc, a.raw, a.crc (the latter hold the times); returns FFmpeg's
    complaints. All times are moved by the same amount, so they can be compared."""
    graphs, outputs = [], []
    if 'video' in streams:
        graphs.append(_video_filter())
        outputs += ['-map', '[v1]', '-fps_mode', 'passthrough', '-enc_time_base', '1/90000',
                    '-f', 'rawvideo', 'v.raw',
                    '-map', '[v2]', '-fps_mode', 'passthrough', '-enc_time_base', '1/90000',
                    '-c:v', 'rawvideo', '-f', 'framecrc', 'v.crc']
    if 'audio' in streams:
        graphs.append(f'[0:a:0]aformat=s16:{AUDIO_RATE}:mono,asplit[a1][a2]')
        outputs += ['-map', '[a1]', '-f', 's16le', 'a.raw',
                    '-map', '[a2]', '-c:a', 'pcm_s16le', '-f', 'framecrc', 'a.crc']
    command = ['ffmpeg', '-v', 'error', '-nostdin', '-y', '-i', os.path.abspath(path),
               '-filter_complex', ';'.join(graphs)] + outputs
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False, cwd=folder, text=True,
                          errors='replace')
    errors = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode != 0 and not errors:
        errors.append(f'ffmpeg ended with {done.returncode}')
    return errors


def _frame_times(path):
    """(time, size) of each frame in a framecrc file."""
    frames, base = [], 1.0
    with open(path, encoding='ascii') as file:
        for line in file:
            if line.startswith('#tb 0:'):
                numerator, denominator = line.split(':')[1].split('/')
                base = int(numerator) / int(denominator)
            elif not line.startswith('#'):
                columns = [column.strip() for column in line.split(',')]
                frames.append((int(columns[2]) * base, int(columns[4])))
    return frames


def read_number(pixels):
    """The frame number in the grey pixels of a strip, or None if the checksum is wrong."""
    bits = 0
    for pixel in pixels[:BLOCKS]:
        bits = bits << 1 | (pixel > 127)
    number, check = bits >> CHECK_BITS, bits & (1 << CHECK_BITS) - 1
    return number if check == checksum(number) else None


def _read_video(report, folder):
    with open(os.path.join(folder, 'v.raw'), 'rb') as file:
        data = file.read()
    width = BLOCKS + 1
    lit = True
    for index, (time, _) in enumerate(_frame_times(os.path.join(folder, 'v.crc'))):
        pixels = data[index * width:(index + 1) * width]
        report.numbers.append(read_number(pixels))
        report.times.append(time)
        was_lit, lit = lit, pixels[BLOCKS] > 127
        if lit and not was_lit:
            report.flashes.append(time)


def _read_audio(report, folder):
    samples = array('h')
    with open(os.path.join(folder, 'a.raw'), 'rb') as file:
        samples.frombytes(file.read())
    frames = _frame_times(os.path.join(folder, 'a.crc'))
    if not frames:
        return
    # Where each frame of samples begins: (first sample, time).
    starts, position, expected = [], 0, None
    for time, size in frames:
        if expected is not None and abs(time - expected) > AUDIO_GAP_SECONDS:
            report.audio_gaps.append((expected, time - expected))
        starts.append((position, time))
        position += size // 2
        expected = time + size / 2 / AUDIO_RATE
    report.audio_duration = expected - frames[0][0]
    report.beeps = _beeps(samples, starts)


def _beeps(samples, starts):
    levels = [sum(map(abs, samples[at:at + STEP])) / STEP
              for at in range(0, len(samples) - STEP + 1, STEP)]
    loudest = max(levels, default=0)
    if loudest < SILENCE:
        return []
    beeps, quiet, part = [], 0, 0
    for step, level in enumerate(levels):
        if level < loudest * BEEP_LEVEL:
            quiet += 1
            continue
        if quiet >= QUIET_STEPS:
            sample = step * STEP
            while part + 1 < len(starts) and starts[part + 1][0] <= sample:
                part += 1
            beeps.append(starts[part][1] + (sample - starts[part][0]) / AUDIO_RATE)
        quiet = 0
    return beeps


def check(path):
    """Decodes a file (or a playlist) and returns its Report. Never raises on a bad file."""
    report = Report()
    report.streams, report.duration, report.errors = probe(path)
    if not report.streams:
        return report
    with tempfile.TemporaryDirectory() as folder:
        report.errors += _decode(path, report.streams, folder)
        if os.path.exists(os.path.join(folder, 'v.crc')):
            _read_video(report, folder)
        if os.path.exists(os.path.join(folder, 'a.crc')):
            _read_audio(report, folder)
    for beep in report.beeps:
        nearest = min(report.flashes, key=lambda flash: abs(beep - flash), default=None)
        if nearest is not None and abs(beep - nearest) < PAIR_SECONDS:
            report.av_offsets.append(beep - nearest)
    return report


def main():
    parser = argparse.ArgumentParser(description='Checks a file made from a test clip.')
    parser.add_argument('file')
    parser.add_argument('--frames', type=int, nargs=2, metavar=('FIRST', 'LAST'))
    parser.add_argument('--fps', type=float, default=25)
    parser.add_argument('--max-av-ms', type=float)
    args = parser.parse_args()
    report = check(args.file)
    print(json.dumps(report.summary(args.fps), indent=1))
    first, last = args.frames or (None, None)
    problems = report.problems(first, last,
                               None if args.max_av_ms is None else args.max_av_ms / 1000)
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == '__main__':
    main()
