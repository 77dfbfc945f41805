"""A camera: an RTSP server for one viewer, who gets a clip's H.264 over UDP, again and again.

usage: rtsp_camera.py PORT CLIP

The parameter sets of the stream are in the SDP only, as some cameras have it.
"""

import os
import re
import socket
import subprocess
import sys

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'interop', 'media')]
from processes import free_ports  # noqa: E402


def describe(clip):
    """The SDP that FFmpeg writes of the stream, without addresses."""
    text = subprocess.run(
        ['ffmpeg', '-v', 'error', '-i', clip, '-map', '0:v', '-c', 'copy', '-t', '0', '-f', 'rtp',
         '-sdp_file', '/dev/stdout', 'rtp://127.0.0.1:9'], check=True, text=True,
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL).stdout
    text = text[text.index('v=0'):]
    return re.sub(r'm=video \d+', 'm=video 0', text) + 'a=control:video\r\n'


def serve(port, clip):
    sdp, sender, local = describe(clip), None, free_ports(2)
    with socket.create_server(('127.0.0.1', port)) as listener:
        print('listening', flush=True)
        connection, _ = listener.accept()
    requests = connection.makefile('rb')
    while (first := requests.readline()):
        method, url, _ = first.decode().split()
        headers = {}
        while (line := requests.readline().strip()):
            name, _, value = line.decode().partition(':')
            headers[name.lower()] = value.strip()
        answer, body = {'CSeq': headers['cseq'], 'Session': '1'}, ''
        if method == 'OPTIONS':
            answer['Public'] = 'OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN'
        elif method == 'DESCRIBE':
            body = sdp
            answer.update({'Content-Type': 'application/sdp', 'Content-Base': url + '/'})
        elif method == 'SETUP':
            ports = re.search(r'client_port=(\d+)-(\d+)', headers['transport'])
            answer['Transport'] = f'RTP/AVP;unicast;{ports[0]};server_port={local}-{local + 1}'
            rtp, rtcp = ports.groups()
        elif method == 'PLAY':
            sender = subprocess.Popen(
                ['ffmpeg', '-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', clip,
                 '-map', '0:v', '-c', 'copy', '-f', 'rtp',
                 f'rtp://127.0.0.1:{rtp}?rtcpport={rtcp}&localrtpport={local}'
                 f'&localrtcpport={local + 1}&pkt_size=1200'])
        lines = ''.join(f'{name}: {value}\r\n' for name, value in answer.items())
        connection.sendall(f'RTSP/1.0 200 OK\r\n{lines}Content-Length: {len(body)}\r\n\r\n{body}'
                           .encode())
        if method == 'TEARDOWN':
            break
    if sender:
        sender.kill()


if __name__ == '__main__':
    serve(int(sys.argv[1]), sys.argv[2])
