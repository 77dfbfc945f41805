"""FFmpeg as a peer: sends a clip as RTP in real time, and receives RTP into a file."""

import os

from processes import Process

VIDEO_PAYLOAD_TYPE = 96
AUDIO_PAYLOAD_TYPE = 111
# Room for the headers that a transport may add to a packet of this size.
PACKET_SIZE = 1200
# How long a receiver waits for a packet before it takes the stream for ended.
SILENCE_SECONDS = 3


def _url(address, port, rtcp_port, local_port):
    options = {'rtcpport': rtcp_port, 'pkt_size': PACKET_SIZE}
    if local_port is not None:
        options.update(localrtpport=local_port, localrtcpport=local_port + 1)
    return f'rtp://{address}:{port}?' + '&'.join(f'{key}={options[key]}' for key in options)


def send(clip, video_port=None, audio_port=None, codec='vp8', address='127.0.0.1', rtcp_mux=False,
         loop=False, local_port=None):
    """Starts FFmpeg sending the streams of `clip` (of make_clip.py, in webm or mkv) as they are:
    picture to `video_port`, sound to `audio_port` (None: not sent). RTCP goes to the next port, or
    with `rtcp_mux` to the same. With `local_port` the packets come from there, the sound's from
    local_port + 2. Returns the Process; it ends by itself after the clip's length unless `loop`."""
    command = ['ffmpeg', '-v', 'error', '-nostdin', '-re']
    if loop:
        command += ['-stream_loop', '-1']
    command += ['-i', clip]
    step = 0 if rtcp_mux else 1
    if video_port is not None:
        command += ['-map', '0:v', '-c:v', 'copy']
        if codec == 'h264':
            # Parameter sets travel in the stream: a receiver may have no SDP.
            command += ['-bsf:v', 'h264_mp4toannexb,dump_extra=freq=keyframe']
        command += ['-payload_type', str(VIDEO_PAYLOAD_TYPE), '-f', 'rtp',
                    _url(address, video_port, video_port + step, local_port)]
    if audio_port is not None:
        audio_local = None if local_port is None else local_port + 2
        command += ['-map', '0:a', '-c:a', 'copy', '-payload_type', str(AUDIO_PAYLOAD_TYPE),
                    '-f', 'rtp', _url(address, audio_port, audio_port + step, audio_local)]
    return Process(command, name='ffmpeg sender')


def sdp(video_port=None, audio_port=None, codec='vp8', address='127.0.0.1'):
    """The session description of what send() sends."""
    lines = ['v=0', f'o=- 0 0 IN IP4 {address}', 's=test', f'c=IN IP4 {address}', 't=0 0']
    if video_port is not None:
        lines += [f'm=video {video_port} RTP/AVP {VIDEO_PAYLOAD_TYPE}',
                  f'a=rtpmap:{VIDEO_PAYLOAD_TYPE} {codec.upper()}/90000']
        if codec == 'h264':
            lines.append(f'a=fmtp:{VIDEO_PAYLOAD_TYPE} packetization-mode=1')
    if audio_port is not None:
        lines += [f'm=audio {audio_port} RTP/AVP {AUDIO_PAYLOAD_TYPE}',
                  f'a=rtpmap:{AUDIO_PAYLOAD_TYPE} opus/48000/2']
    return '\n'.join(lines) + '\n'


def receive(path, folder, video_port=None, audio_port=None, codec='vp8', address='127.0.0.1'):
    """Starts FFmpeg writing the RTP that comes to these ports into `path`, as it is. It ends by
    itself after SILENCE_SECONDS without a packet (also before the first one); stop() it and it ends
    with the next packet, or as late. `folder` takes the SDP file."""
    description = os.path.join(folder, os.path.basename(path) + '.sdp')
    with open(description, 'w', encoding='ascii') as file:
        file.write(sdp(video_port, audio_port, codec, address))
    # To analyse the input for longer would hold back its first seconds.
    options = ['-protocol_whitelist', 'file,udp,rtp', '-listen_timeout', str(SILENCE_SECONDS),
               '-analyzeduration', '2000000']
    return Process(['ffmpeg', '-v', 'error', '-nostdin', '-y', *options, '-i', description,
                    '-c', 'copy', path], name='ffmpeg receiver')

