"""Makes test clips whose every frame can be told apart after any number of encodings.

usage: make_clip.py OUT [--codec vp8|h264] [--seconds N] [--fps N] [--size WxH] [--audio-delay S]
                        [--drop N …] [--bitrate B]

The picture is a moving test picture with a readable timer; below it stands a strip of 20 black or
white blocks: the frame number (16 bits) and a checksum (4 bits). Once a second, from second 1 on, a
block in the picture flashes white for 100 ms and a tone of 1 kHz beeps for just as long.
check_media.py reads all that back. OUT's ending chooses the container: webm, mkv or mp4.
"""

import argparse
import os
import subprocess
from dataclasses import dataclass

NUMBER_BITS = 16
CHECK_BITS = 4
BLOCKS = NUMBER_BITS + CHECK_BITS
# Added to the checksum, so that an all-black strip is not the number 0.
CHECK_SALT = 5
FLASH_SECONDS = 0.1
# FFmpeg 5.1 writes Opus into Matroska earlier by the encoder's look-ahead; this makes up for it.
OPUS_MATROSKA_DELAY = 0.0065
# The strip's part of the height, and the flashing block, as fractions of width and height of all.
STRIP_HEIGHT = 1 / 8
FLASH_X, FLASH_Y, FLASH_W, FLASH_H = 0.65, 0.1, 0.3, 0.3
_FONT = '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf'


@dataclass
class Clip:
    codec: str = 'vp8'  # vp8 or h264
    seconds: int = 5
    fps: int = 25
    width: int = 320
    height: int = 240
    bitrate: str = '400k'
    audio: bool = True
    audio_delay: float = 0.0  # seconds by which the sound is late (negative: early)
    drop: tuple = ()  # numbers of frames to leave out


def checksum(number):
    """The 4-bit checksum of a 16-bit frame number: the sum of its hexadecimal digits, salted."""
    return (sum(number >> shift & 15 for shift in (0, 4, 8, 12)) + CHECK_SALT) % 16


def _strip_filter(clip, height):
    """A source of strips: one pixel per block, from the frame number N, then scaled up."""
    digits = '+'.join(f'mod(floor(N/{1 << shift}),16)' for shift in (0, 4, 8, 12))
    bit = (f'if(lt(X,{NUMBER_BITS}),mod(floor(N/pow(2,{NUMBER_BITS - 1}-X)),2),'
           f'mod(floor(mod({digits}+{CHECK_SALT},16)/pow(2,{BLOCKS - 1}-X)),2))')
    return (f'color=black:s={BLOCKS}x2:r={clip.fps}:d={clip.seconds},format=gray,'
            f"geq=lum='16+219*{bit}',"
            f'scale={clip.width}:{height}:flags=neighbor,format=yuv420p')


def video_filter(clip):
    """The whole picture as a filter graph with the output [v]."""
    strip = int(clip.height * STRIP_HEIGHT) // 2 * 2
    top = clip.height - strip
    box = (f'x={int(clip.width * FLASH_X)}:y={int(clip.height * FLASH_Y)}:'
           f'w={int(clip.width * FLASH_W)}:h={int(clip.height * FLASH_H)}:t=fill')
    flash_frames = round(FLASH_SECONDS * clip.fps)
    picture = [f'testsrc2=s={clip.width}x{top}:r={clip.fps}:d={clip.seconds}',
               f'drawbox={box}:c=black',
               f"drawbox={box}:c=white:enable='gte(n,{clip.fps})*"
               f"lt(mod(n,{clip.fps}),{flash_frames})'"]
    if os.path.exists(_FONT):
        picture.append(f"drawtext=fontfile={_FONT}:text='%{{pts\\:hms}}':fontsize={top // 9}:"
                       'fontcolor=white:box=1:boxcolor=black:x=8:y=8')
    graph = (f'{",".join(picture)},format=yuv420p[picture];{_strip_filter(clip, strip)}[strip];'
             '[picture][strip]vstack[all]')
    dropped = '+'.join(f'eq(n,{number})' for number in clip.drop)
    return graph + (f";[all]select='not({dropped})'[v]" if dropped else ';[all]null[v]')


def _encoders(clip, container):
    if clip.codec == 'vp8':
        video = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8',
                 '-threads', '1']
    else:
        video = ['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency',
                 '-profile:v', 'baseline']
    video += ['-b:v', clip.bitrate, '-g', str(clip.fps), '-pix_fmt', 'yuv420p']
    if not clip.audio:
        return video
    codec = 'aac' if container == 'mp4' else 'libopus'
    return video + ['-c:a', codec, '-b:a', '64k', '-ac', '2']


def make_clip(path, clip=Clip()):
    """Writes `clip` to `path`; raises CalledProcessError if FFmpeg fails."""
    command = ['ffmpeg', '-v', 'error', '-nostdin', '-y']
    if clip.audio:
        tone = (f"aevalsrc='0.5*sin(2*PI*1000*t)*gte(t,1)*lt(mod(t,1),{FLASH_SECONDS})':"
                f's=48000:d={clip.seconds}')
        delay = clip.audio_delay + (0 if path.endswith('.mp4') else OPUS_MATROSKA_DELAY)
        command += ['-itsoffset', str(delay)]
        command += ['-f', 'lavfi', '-i', tone]
    command += ['-filter_complex', video_filter(clip), '-map', '[v]', '-fps_mode', 'passthrough']
    if clip.audio:
        command += ['-map', '0:a']
    command += _encoders(clip, path.rsplit('.', 1)[-1]) + [path]
    subprocess.run(command, check=True)


def main():
    parser = argparse.ArgumentParser(description='Makes a test clip.')
    parser.add_argument('out')
    parser.add_argument('--codec', choices=['vp8', 'h264'], default='vp8')
    parser.add_argument('--seconds', type=int, default=5)
    parser.add_argument('--fps', type=int, default=25)
    parser.add_argument('--size', default='320x240')
    parser.add_argument('--bitrate', default='400k')
    parser.add_argument('--audio-delay', type=float, default=0.0)
    parser.add_argument('--drop', type=int, nargs='*', default=[])
    args = parser.parse_args()
    width, height = (int(number) for number in args.size.split('x'))
    make_clip(args.out, Clip(codec=args.codec, seconds=args.seconds, fps=args.fps, width=width,
                             height=height, bitrate=args.bitrate, audio_delay=args.audio_delay,
                             drop=tuple(args.drop)))


if __name__ == '__main__':
    main()
