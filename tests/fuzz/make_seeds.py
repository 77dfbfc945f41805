#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: corpus/TARGET/NAME.bin, from the table below.

Run it after changing the table and commit what it wrote. Inputs that a fuzzer found are added to the
folders by hand and are left alone.
"""
import json
import pathlib
import re

# Target -> name -> bytes in hexadecimal; blanks are free.
SEEDS = {
    # Two bytes of profile, then the block.
    'header_extension': {
        'one-byte': 'bede 10ff 51abcd 0000 9261626300',
        'one-byte-16': 'bede 3f 000102030405060708090a0b0c0d0e0f 000000',
        'one-byte-stop-15': 'bede 10aa f0bb 20cc 00000000',
        'one-byte-zero-with-length': 'bede 10aa 03bbccdd 20ee',
        'one-byte-overrun': 'bede 10aa 2f0102',
        'two-byte': '1000 0101ff 0f02abcd ff00 000000',
        'two-byte-appbits': '100f 0503010203 00 0600',
        'two-byte-overrun': '1000 01ff0000',
        'other-profile': '1234 10ff0000',
    },
    # The length of the pieces, then a stream.
    'tcp_framing': {
        'frames': '03 0001aa 0004bbbbbbbb 0002cccc',
        'empty': '01 0000 0001aa 0000 0000',
        'cut': '02 0003aabb',
        'too-big': '05 05dd ' + '11' * 1501 + ' 0001aa',
        'largest': '40 05dc ' + '22' * 1500 + ' 0001aa',
        'stall': '07 ffff 0001',
    },
    # A whole datagram.
    'rtp': {
        'plain': '80e01234 01020304 aabbccdd 112233',
        'all-parts': 'b1e01234 01020304 aabbccdd 09090909 bede0001 01020304 11223300 02',
        'two-byte-extension': '90601234 01020304 aabbccdd 10000001 0102ffff 11',
        'only-padding': 'a0601234 01020304 aabbccdd 00000004',
        'csrc-short': '8f601234 01020304 aabbccdd 09090909',
        'extension-overrun': '90601234 01020304 aabbccdd bedeffff 00',
        'padding-zero': 'a0601234 01020304 aabbccdd 11220000',
        'rtx': '80611234 01020304 aabbccdd 0fff9012',
    },
    # A whole datagram.
    'rtcp': {
        'sr-sdes': '81c8000c 01020304 e1e2e3e4d1d2d3d4 11121314 00000064 0000c350'
                   '0a0b0c0d 40fffffe 0001ffff 00000020 b7052000 00054000'
                   '81ca0003 01020304 01056162 63646500 00000000',
        'rr': '82c9000d 01020304 0a0b0c0d 40fffffe 0001ffff 00000020 b7052000 00054000'
              '0a0b0c0e ff7fffff 00000001 ffffffff 00000000 00000000',
        'rr-count-31': '9fc90007 01020304 0a0b0c0d 40fffffe 0001ffff 00000020 b7052000 00054000',
        'sdes-two-chunks': '82ca0007 00000001 01026162 00000000 00000002 06017801 03616263 00000000',
        'sdes-no-end': '82ca0006 00000001 01026162 00000000 00000002 06017801 03616263',
        'bye-reason': '82cb0004 00000001 00000002 05686170 70790000',
        'bye-reason-overrun': '81cb0002 00000001 ff686170',
        'app': '80cc0002 00000001 41424344',
        'nack': '81cd0004 00000001 00000002 fffe8005 00100000',
        'nack-pli': '80c90001 00000001 81cd0003 00000001 00000002 0010ffff'
                    '81ce0002 00000001 00000002',
        'fir': '84ce0006 01020304 00000000 0a0b0c0d 07000000 0a0b0c0e ff000000',
        'remb': '8fce0006 01020304 00000000 52454d42 020fffff 0a0b0c0d 0a0b0c0e',
        'remb-largest': '8fce0004 00000001 00000000 52454d42 00ffffff',
        'xr': '80cf000b 01020304 04000002 1112131421222324'
              '05000006 0a0b0c0d b7052000 00054000 0a0b0c0e 00000000 00000000',
        'xr-length-0': '80cf0003 00000001 01000000 04000000',
        'twcc-run': '8fcd0006 00000001 00000002 fffe0003 00000a05 20030a00 ff000000',
        'twcc-vectors': '8fcd0008 00000001 00000002 fffe0017 fffffe07 d801a001 20020101'
                        '00020304 05060000',
        'twcc-large': '8fcd0006 00000001 00000002 00050002 000000ff 40027fff 80000000',
        'twcc-count-lie': '8fcd0005 00000001 00000002 0005ffff 000000ff 1fff1fff',
        'padding': 'a1ce0003 00000001 00000002 00000004',
        'padding-overrun': 'a1ce0003 00000001 00000002 000000ff',
        'length-overrun': '80c90001 00000001 81ce0003 00000001 00000002',
        'version-1': '40c90001 00000001',
    },
    # What to do (see the target), then a packet.
    'srtp_unprotect': {
        'gcm256-rtp-plain': '08 8060000100000000000000070102030405060708',
        'gcm256-rtcp-plain': '0c 81c9000700000007000000000000000000000000000000000000000000000000',
        'gcm256-rtp-forged': '00 8060000100000000000000070102030405060708'
                             '11111111111111111111111111111111',
        'gcm256-rtcp-forged': '04 81c90007000000070000000000000000'
                              '11111111111111111111111111111111 80000001',
        'gcm128-rtp-plain': '09 8060000100000000000000070102030405060708',
        'gcm128-rtcp-plain': '0d 81c9000700000007000000000000000000000000000000000000000000000000',
        'gcm128-rtp-forged': '01 8060000100000000000000070102030405060708'
                             '11111111111111111111111111111111',
        'gcm128-rtcp-forged': '05 81c90007000000070000000000000000'
                              '11111111111111111111111111111111 80000001',
        'sha1-80-rtp-plain': '0a 8060000100000000000000070102030405060708',
        'sha1-80-rtcp-plain': '0e 81c9000700000007000000000000000000000000000000000000000000000000',
        'sha1-80-rtp-forged': '02 8060000100000000000000070102030405060708'
                              '11111111111111111111111111111111',
        'sha1-80-rtcp-forged': '06 81c90007000000070000000000000000'
                               '11111111111111111111111111111111 80000001',
        'sha1-32-rtp-plain': '0b 8060000100000000000000070102030405060708',
        'sha1-32-rtcp-plain': '0f 81c9000700000007000000000000000000000000000000000000000000000000',
        'sha1-32-rtp-forged': '03 8060000100000000000000070102030405060708'
                              '11111111111111111111111111111111',
        'sha1-32-rtcp-forged': '07 81c90007000000070000000000000000'
                               '11111111111111111111111111111111 80000001',
        'header-plain-in-place': '19 b2e1000100000000000000070000000100000002bede000110ff0000aabbccdd',
        'header-overrun': '01 90e100010000000000000007bedeffff 11111111111111111111111111111111',
    },
    # Each descriptor behind its length.
    'dependency_descriptor': {
        'l1t3': '14 c00001800214eaa860414d1410208427013f00b3 03 c30002 03 c20003 03 c40004 03 c10005',
        'l2t3': '34 c10001c00514853abfaaa18f04304302a02a006001001b934515e082704608c0c78700'
                '4321651111543276809f8059813f80b38e'
                '07 c300021a000800 08 c200035fe8804040 03 c60006 05 c6000747e0',
        'l2t3-key': '31 c00001800514853aaaa8018004004002a02a0060010015d34514174d144c7008743216'
                    '51118543276809f8059813f80b38 03 c50003',
        'l1t2': '0b c0000180011ea851410108 03 c20002 05 c200022300 08 c2000213f7ffffe0',
    },
}


def payload_seeds():
    """The payloads that the unit tests parse, as seeds of payload_CODEC."""
    header = pathlib.Path(__file__).parent.parent / 'unit/rtp/codecs/golden_payloads.h'
    # Adjacent string literals are one.
    text = re.sub(r'"\s*\n\s*"', '', header.read_text())
    lists = re.findall(r'CodecId::k(\w+),\s*\{(.*?)\}\}', text, re.S)
    return {
        'payload_' + codec.lower(): {
            'golden-%02d' % i: payload
            for i, payload in enumerate(re.findall(r'"([0-9a-f ]+)"', body))
        }
        for codec, body in lists
    }


def transport_seeds():
    """Short calls, as (milliseconds, from a stranger, datagram in hexadecimal)."""
    def rtp(ssrc, sequence, payload, payload_type=96):
        return '80%02x%04x%08x%08x' % (payload_type, sequence, sequence * 3000, ssrc) + payload

    key_frame = '10 00 00 00 9d 01 2a 10 00 10 00'
    delta = '90 f0 8123 45 60 01 02 03'
    report = '80c80006 00000007 e1e2e3e4d1d2d3d4 00000bb8 00000001 00000064'
    name = '81ca0003 00000007 01056162 63646500'
    pli = '81ce0002 00000001 00000060'
    nack = '81cd0003 00000001 00000060 00010007'
    reference = '80cf0004 00000007 04000002 1112131421222324'
    bye = '81cb0001 00000007'
    calls = {
        'call': [(0, 0, report + name), (5, 0, rtp(7, 1, key_frame)), (9, 0, rtp(7, 2, delta)),
                 (9, 0, rtp(8, 1, 'fc0102', 111)), (9, 0, rtp(7, 5, delta)), (20, 0, pli),
                 (20, 0, nack), (90, 0, report + name + reference)],
        'rtx': [(0, 0, rtp(7, 1, key_frame)), (5, 0, rtp(7, 3, delta)),
                (9, 0, rtp(70, 1, '0002' + delta, 97)), (9, 0, rtp(70, 2, '', 97))],
        'new-source': [(0, 0, rtp(7, 1, key_frame)), (5, 0, bye), (5, 1, rtp(9, 60000, key_frame)),
                       (70, 0, rtp(7, 30000, key_frame)), (5, 0, rtp(7, 30001, delta))],
        'jumps': [(5, 0, rtp(7, n, key_frame)) for n in (1, 30000, 30001, 1, 2, 65535, 0, 32768)],
    }
    def write(datagrams, flags=0):
        return ''.join(
            '%02x%04x' % (time | stranger << 7, flags | len(bytes.fromhex(datagram))) + datagram
            for time, stranger, datagram in datagrams)

    # For WebRTC; no bytes are a valid check. The times grow with their square.
    media = [(2, 0, rtp(7, 1, key_frame)), (2, 0, rtp(7, 4, delta)), (2, 0, ''), (5, 0, report + nack)]
    alert = '15fefd0001000000000000000202 28'
    record = '17fefd0001000000000001001a' + '11' * 26
    hello = '16fefd0000000000000000000d 01000001 0000 000000 000001 fe'
    webrtc = {
        'call': '03' + write(media + [(2, 0, rtp(8, 1, 'fc0102', 111)), (2, 0, pli), (5, 0, bye)]),
        'call-forged': '01' + write(media),
        'call-early': '0b' + write(media),
        'roam': '03' + write(media[:1] + [(2, 1, rtp(7, 2, delta)), (0, 1, ''), (2, 1, rtp(7, 3, delta))]),
        'consent': '03' + write(media[:1] + [(100, 0, ''), (127, 0, rtp(7, 2, delta)), (0, 0, '')]),
        'restart': '03' + write(media[:1], 0x4000) + write([(2, 0, ''), (2, 0, rtp(7, 2, delta))]),
        'data': '01' + write([(2, 0, '00051388000000000000'), (2, 0, '15')], 0x8000),
        'records': '01' + write([(2, 0, alert), (2, 0, record), (2, 1, record), (2, 0, hello)]),
        'stall': '00' + write([(2, 0, hello), (100, 0, hello), (0, 0, '')]),
        'stranger': '04' + write([(2, 1, hello), (2, 1, '00010000 2112a442' + '00' * 12), (0, 1, ''),
                                  (0, 1, hello)]),
    }
    return {'webrtc_transport': webrtc, 'plain_transport': {
        '%s-%s' % (name, mode): '%02x' % bits + write(datagrams)
        for name, datagrams in calls.items()
        for mode, bits in (('plain', 0), ('srtp', 3), ('forged', 1), ('comedia', 4), ('open', 8))}}


def ortc_seeds():
    """The objects of the unit tests' golden/, and short ones: a byte that says which, then JSON."""
    golden = pathlib.Path(__file__).parent.parent / 'unit/ortc/golden'
    texts = {}
    for path in sorted(golden.glob('*.json')):
        value = json.loads(path.read_text())
        kind = 2 if path.stem == 'media_codecs' else 1 if 'capabilities' in path.stem else 0
        if 'expected' not in path.stem:
            texts[path.stem] = (kind, value)
    fingerprint = {'algorithm': 'sha-1', 'value': ':'.join(['0F'] * 20)}
    candidate = {'foundation': 'tcpcandidate', 'priority': 1076302079, 'ip': '192.0.2.1',
                 'protocol': 'tcp', 'port': 9, 'type': 'host', 'tcpType': 'passive'}
    texts.update({
        'ice': (3, {'usernameFragment': 'l0ad', 'password': 'p' * 22, 'iceLite': True}),
        'candidates': (4, [candidate, dict(candidate, protocol='udp', address='::1')]),
        'dtls': (5, {'role': 'client', 'fingerprints': [fingerprint]}),
        'sctp': (6, {'port': 5000, 'OS': 1024, 'MIS': 1024, 'maxMessageSize': 262144}),
        'stream': (7, {'streamId': 1, 'ordered': False, 'maxRetransmits': 3}),
        'deep': (0, [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]),
        'numbers': (6, {'port': 1e300, 'OS': -1, 'MIS': 0.5, 'maxMessageSize': 2**64}),
    })
    vp8 = {'mimeType': 'video/VP8', 'payloadType': 101, 'clockRate': 90000}
    capabilities = {'codecs': [dict(vp8, kind='video', preferredPayloadType=100)]}
    texts.update({
        'produce': (8, {'id': 'x', 'kind': 'video', 'keyFrameRequestDelay': 1, 'paused': True,
                        'rtpParameters': {'codecs': [vp8], 'encodings': [{'ssrc': 1}]}}),
        'consume': (9, {'producerId': 'x', 'rtpCapabilities': capabilities, 'mid': '0',
                        'preferredLayers': {'spatialLayer': 1}}),
        'can_consume': (10, {'producerId': 'x', 'rtpCapabilities': capabilities}),
        'plain_connect': (11, {'ip': '::1', 'port': 1, 'rtcpPort': 2, 'srtpParameters': {
            'cryptoSuite': 'AEAD_AES_128_GCM', 'keyBase64': 'AA=='}}),
    })
    return {'ortc_json': {
        name: bytes([kind]).hex() + json.dumps(value, separators=(',', ':')).encode().hex()
        for name, (kind, value) in texts.items()}}


def sdp_seeds():
    """Offers and fragments, short enough to be changed: two codecs of what the browsers offer."""
    head = 'v=0\n' 'o=- 1 2 IN IP4 127.0.0.1\n' 's=-\n' 't=0 0\n'
    transport = ('a=ice-ufrag:P40j\n' 'a=ice-pwd:6CnT0Yiv/hyfQMk5HaeEtFZT\n'
                 'a=fingerprint:sha-1 ' + ':'.join(['AB'] * 20) + '\n' 'a=setup:actpass\n')
    candidates = ('a=candidate:1 1 udp 2122194687 192.0.2.2 53088 typ host generation 0\n'
                  'a=candidate:2 1 tcp 1518214911 fd00::2 9 typ host tcptype active\n')
    audio = ('m=audio 9 UDP/TLS/RTP/SAVPF 111 0\n' 'c=IN IP4 0.0.0.0\n' + transport + candidates +
             'a=mid:0\n' 'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\n' 'a=%s\n'
             'a=rtcp-mux\n' 'a=rtpmap:111 opus/48000/2\n' 'a=fmtp:111 minptime=10;useinbandfec=1\n')
    video = ('m=video 0 UDP/TLS/RTP/SAVPF 96 97 108\n' 'a=bundle-only\n' 'a=mid:1\n' 'a=%s\n'
             'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\n'
             'a=extmap:10/sendonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\n'
             'a=rtcp-mux\n' 'a=rtcp-rsize\n' 'a=rtpmap:96 VP8/90000\n' 'a=rtcp-fb:96 nack\n'
             'a=rtcp-fb:* nack pli\n' 'a=rtpmap:97 rtx/90000\n' 'a=fmtp:97 apt=96\n'
             'a=rtpmap:108 H264/90000\n'
             'a=fmtp:108 packetization-mode=1;profile-level-id=42e01f\n')
    streams = ('a=msid:s t\n' 'a=ssrc-group:FID 5 6\n' 'a=ssrc:5 cname:x\n' 'a=ssrc:6 cname:x\n')
    rids = 'a=rid:l send\n' 'a=rid:h send pt=96\n' 'a=simulcast:send l;~h\n'
    bundle = head + 'a=group:BUNDLE 0 1\n' 'a=extmap-allow-mixed\n'
    texts = {
        'publish': (0, bundle + audio % 'sendonly' + video % 'sendonly' + streams),
        'simulcast': (0, bundle + audio % 'sendrecv' + video % 'sendrecv' + rids),
        'watch': (0, bundle + audio % 'recvonly' + video % 'recvonly'),
        'audio': (0, head + transport + audio % 'sendonly'),
        'data': (0, bundle + audio % 'inactive' + 'm=application 9 UDP/DTLS/SCTP x\na=mid:1\n'),
        'trickle': (1, 'a=ice-ufrag:P40j\na=ice-pwd:6CnT0Yiv/hyfQMk5HaeEtFZT\n'
                    'm=audio 9 RTP/AVP 0\na=mid:0\n' + candidates + 'a=end-of-candidates\n'),
    }
    return {'sdp': {name: bytes([kind]).hex() + text.encode().hex()
                    for name, (kind, text) in texts.items()}}


def dtls_seeds():
    """Datagrams for a session in each role and at each step of its handshake."""
    def record(kind, epoch, payload, sequence=0):
        size = len(bytes.fromhex(payload))
        return '%02x fefd %04x %012x %04x' % (kind, epoch, sequence, size) + payload

    def message(kind, number, body, total=None, offset=0):
        size = len(bytes.fromhex(body))
        return '%02x%06x%04x%06x%06x' % (kind, size if total is None else total, number, offset,
                                         size) + body

    hello = ('fefd' + '5a' * 32 + '00 00 0004 c02b c02f 01 00 002e'
             '000a0004 0002 0017' '000b0002 0100' '000d0006 0004 0403 0804'
             '000e000b 0008 0007 0008 0001 0002 00' '00170000' 'ff010001 00')
    half = len(bytes.fromhex(hello)) // 2
    raw = bytes.fromhex(hello)
    attacks = {
        'hello': [record(22, 0, message(1, 0, hello))],
        'hello-in-two': [
            record(22, 0, message(1, 0, raw[half:].hex(), len(raw), half), 1),
            record(22, 0, message(1, 0, raw[:half].hex(), len(raw), 0), 0)],
        'server-hello': [record(22, 0, message(2, 0, 'fefd' + '5a' * 32 + '00 c02b 00 0000'))],
        'verify-request': [record(22, 0, message(3, 0, 'feff 04 01020304'))],
        'alerts': [record(21, 0, '0100') + record(21, 0, '0228', 1) + record(21, 1, '0100')],
        'ccs': [record(20, 0, '01'), record(22, 1, '00' * 48), record(20, 0, '01', 9)],
        'data': [record(23, 0, '010203'), record(23, 1, '00' * 40), record(23, 2, '00' * 40)],
        'lies': [record(22, 0, message(1, 0, '0102', 0xffffff)),
                 record(22, 0, message(1, 0, '0102', 8192, 8190)),
                 record(22, 0, message(11, 3, '', 8192, 1)), record(22, 0, '01'), '16fefd'],
    }
    steps = [('server', flights << 1) for flights in (0, 1, 2, 4)] + [
        ('client', 1 | flights << 1) for flights in (1, 2, 4)]
    seeds = {}
    for role, bits in steps + [('late', 0x18)]:
        for name, datagrams in attacks.items():
            seeds['%s-%s-%d' % (role, name, bits >> 1 & 7)] = '%02x' % bits + ''.join(
                '%04x' % len(bytes.fromhex(datagram)) + datagram for datagram in datagrams)
    for role, bits in (('server', 0x28), ('client', 0x29), ('late', 0x38)):
        seeds['%s-honest' % role] = '%02x 0005 0102030405 0000 0001 ff 0300' % bits + '77' * 768
    return {'dtls_record': seeds}


def stun_seeds():
    """Calls to a shared port: steps as fuzz_stun.cc reads them."""
    def step(flags, message):
        return '%02x%04x' % (flags, len(bytes.fromhex(message))) + message

    # A flag of 1 has the target complete these with a right MESSAGE-INTEGRITY and FINGERPRINT.
    name = '0006000b616263643a72656d6f746500'
    priority, use = '002400046e0001ff', '00250000'
    controlling, controlled = '802a00080102030405060708', '802900080102030405060708'
    check = name + controlling + priority
    whole = '000100242112a442000000000000000000000001' + check
    return {'stun': {
        'check': step(1, check),
        'regular': step(1, check) + step(1, check + use) + step(0, '16fefd00') + step(0, '80600001'),
        'aggressive': step(1, check + use) + step(3, check + use) + step(5, check + use),
        'renomination': step(1, check + 'c001000400000002') + step(3, check + use + '0030000400000001'),
        'many-tuples': ''.join(step(1 | n << 1, check) for n in range(12)) + step(0x80, ''),
        'tcp': step(0x21, check + use) + step(0x20, '80c80001') + step(0x40, ''),
        'conflict': step(1, name + controlled + priority),
        'unknown': step(1, check + '7fff0000'),
        'no-priority': step(1, name),
        'no-name': step(1, priority),
        'other-name': step(1, '00060004' + '78797a3a' + priority),
        'twice': step(1, name + check),
        'no-integrity': step(0, whole),
        'indication': step(0, '001100002112a442000000000000000000000001'),
        'response': step(0, '010100002112a442000000000000000000000001'),
        'overrun': step(0, whole[:44] + 'ffff' + whole[48:]),
        'short-integrity': step(0, '000100182112a442000000000000000000000001' + name + '0008000401020304'),
        'consent': step(1, check) + step(0x80, '') * 8 + step(1, check),
    }}


def whip_seeds():
    """Requests as fuzz_whip.cc reads them."""
    # Methods, by their numbers; and where they go.
    post, patch, delete, options, get = 0, 1, 2, 3, 4
    whip, whep, session = 0, 1, 2

    def request(method, place, header='', body='', flags=0):
        size = len(body.encode())
        return ('%02x%02x%02x' % (method, place | flags, len(header)) + header.encode().hex() +
                '%04x' % size + body.encode().hex())

    names = 'a=ice-ufrag:%s\na=ice-pwd:6CnT0Yiv/hyfQMk5HaeEtFZT\nm=audio 9 RTP/AVP 0\na=mid:0\n'
    opened = request(post, whip)
    return {'whip': {
        'publish': opened + request(delete, session),
        'watch': request(post, whep) + request(get, session) + request(options, whep),
        'restart': opened + request(patch, session, '*', names % 'fresh') +
                   request(patch, session, '*', names % 'again'),
        'trickle': opened + request(patch, session, '"ourname1"', names % 'abcd'),
        'headers': request(post, whip, 'Bearer  token') + request(post, whip, '*/*, text/html;q=1'),
        # 8: 4 s pass before; 16: from somebody else.
        'full': opened * 6 + request(post, whip, flags=16) * 5 + request(post, whep, flags=24) * 9,
        'faults': request(post, whip, flags=32) + request(post, whip, flags=64),
        'bodies': request(post, whip, body='v=0') + request(post, whep, body='x' * 300),
    }}


def main():
    corpus = pathlib.Path(__file__).parent / 'corpus'
    made = {**SEEDS, **payload_seeds(), **transport_seeds(), **ortc_seeds(), **dtls_seeds(),
            **stun_seeds(), **sdp_seeds(), **whip_seeds()}
    for target, seeds in made.items():
        folder = corpus / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in seeds.items():
            (folder / (name + '.bin')).write_bytes(bytes.fromhex(text))


if __name__ == '__main__':
    main()
