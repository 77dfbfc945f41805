"""Our DTLS sessions against openssl s_client and s_server, over a loopback socket.

usage: dtls_test.py DTLS_PEER [CASE …]
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(_HERE, 'media'), os.path.join(_HERE, '..', 'support')]
import tap  # noqa: E402
from processes import free_ports  # noqa: E402

SECONDS = 20
# OpenSSL's name, ours, and how many bytes the exporter gives.
SUITES = [('SRTP_AEAD_AES_128_GCM', 'AEAD_AES_128_GCM', 56),
          ('SRTP_AEAD_AES_256_GCM', 'AEAD_AES_256_GCM', 88),
          ('SRTP_AES128_CM_SHA1_80', 'AES_CM_128_HMAC_SHA1_80', 60),
          ('SRTP_AES128_CM_SHA1_32', 'AES_CM_128_HMAC_SHA1_32', 60)]
PEER = ''


class Talk:
    """A program that is talked with by pipes; what it says is gathered by a thread."""

    def __init__(self, command):
        self.text = ''
        self._popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT)
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._popen.kill()
        self._popen.wait()
        self._reader.join()
        self._popen.stdin.close()
        self._popen.stdout.close()

    def _read(self):
        while True:
            data = os.read(self._popen.stdout.fileno(), 4096)
            with self._more:
                self.text += data.decode(errors='replace')
                self._more.notify_all()
            if not data:
                return

    def expect(self, pattern):
        """The first group of `pattern` once it has been said."""
        deadline = time.monotonic() + SECONDS
        with self._more:
            while not (match := re.search(pattern, self.text, re.MULTILINE)):
                left = deadline - time.monotonic()
                if left <= 0 or not self._more.wait(left):
                    raise AssertionError(f'no {pattern!r} in:\n{self.text}')
        return match.group(1) if match.groups() else ''

    def say(self, line):
        self._popen.stdin.write(line.encode())
        self._popen.stdin.flush()

    def wait(self):
        return self._popen.wait(SECONDS)


class Openssl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory()
        cls.certificate = os.path.join(cls._folder.name, 'cert.pem')
        cls.key = os.path.join(cls._folder.name, 'key.pem')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                        'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=test',
                        '-keyout', cls.key, '-out', cls.certificate],
                       check=True, stderr=subprocess.DEVNULL)
        text = subprocess.run(['openssl', 'x509', '-in', cls.certificate, '-noout', '-fingerprint',
                               '-sha256'], check=True, stdout=subprocess.PIPE, text=True).stdout
        cls.fingerprint = text.strip().split('=')[1]

    @classmethod
    def tearDownClass(cls):
        cls._folder.cleanup()

    def openssl(self, role, profile, size, *more):
        return Talk(['openssl', role, '-dtls', '-cert', self.certificate, '-key', self.key,
                     '-use_srtp', profile, '-keymatexport', 'EXTRACTOR-dtls_srtp',
                     '-keymatexportlen', str(size), *more])

    def client(self, port, profile, size, *more):
        return self.openssl('s_client', profile, size, '-connect', f'127.0.0.1:{port}', *more)

    def check_agreement(self, ours, theirs, suite):
        self.assertEqual(ours.expect(r'^suite (\S+)$'), suite)
        self.assertEqual(ours.expect(r'^keys (\S+)$'),
                         theirs.expect(r'Keying material: (\S+)$'))

    def test_s_client_in_every_suite(self):
        for profile, suite, size in SUITES:
            with self.subTest(suite), Talk([PEER, 'server', '0', self.fingerprint]) as ours:
                port = ours.expect(r'^port (\d+)$')
                with self.client(port, profile, size) as theirs:
                    ours.expect('^state connected$')
                    self.check_agreement(ours, theirs, suite)
                    theirs.say('hello\n')
                    self.assertEqual(bytes.fromhex(ours.expect(r'^data (\S+)$')), b'hello\n')
                    theirs.expect('^hello$')  # it has come back
                    theirs.say('Q\n')  # close_notify
                    ours.expect('^state closed$')
                    self.assertEqual(ours.wait(), 0)

    def test_s_server_in_every_suite(self):
        for profile, suite, size in SUITES:
            with self.subTest(suite):
                port = free_ports()
                with self.openssl('s_server', profile, size, '-accept', f'127.0.0.1:{port}',
                                  '-Verify', '1') as theirs:
                    theirs.expect('^ACCEPT$')
                    with Talk([PEER, 'client', str(port), self.fingerprint]) as ours:
                        ours.expect('^state connected$')
                        self.check_agreement(ours, theirs, suite)
                        theirs.say('hello\n')
                        self.assertEqual(bytes.fromhex(ours.expect(r'^data (\S+)$')), b'hello\n')
                        theirs.expect('^hello$')
                        theirs.say('close\n')
                        ours.expect('^state closed$')
                        self.assertEqual(ours.wait(), 0)
                        theirs.expect('^DONE$')  # it has our close_notify

    def test_our_order_decides(self):
        offer = ':'.join(profile for profile, _, _ in reversed(SUITES))
        with Talk([PEER, 'server', '0', self.fingerprint]) as ours:
            with self.client(ours.expect(r'^port (\d+)$'), offer, 56) as theirs:
                self.check_agreement(ours, theirs, 'AEAD_AES_128_GCM')

    def test_every_cipher(self):
        for cipher in ('ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384',
                       'ECDHE-ECDSA-CHACHA20-POLY1305'):
            with self.subTest(cipher), Talk([PEER, 'server', '0', self.fingerprint]) as ours:
                port = ours.expect(r'^port (\d+)$')
                with self.client(port, SUITES[0][0], 56, '-cipher', cipher) as theirs:
                    ours.expect('^state connected$')
                    theirs.expect(f'Cipher is ({cipher})')
                    theirs.say('over\n')
                    theirs.expect('^over$')

    def test_small_datagrams(self):
        with Talk([PEER, 'server', '0', self.fingerprint]) as ours:
            port = ours.expect(r'^port (\d+)$')
            # Its ClientHello and its certificate come in pieces.
            with self.client(port, SUITES[0][0], 56, '-mtu', '256') as theirs:
                ours.expect('^state connected$')
                self.check_agreement(ours, theirs, 'AEAD_AES_128_GCM')

    def test_another_certificate_is_refused(self):
        wrong = ':'.join(['00'] * 32)
        with Talk([PEER, 'server', '0', wrong]) as ours:
            with self.client(ours.expect(r'^port (\d+)$'), SUITES[0][0], 56) as theirs:
                ours.expect('^state failed$')
                self.assertEqual(ours.wait(), 1)
                self.assertNotIn('keys', ours.text)
                theirs.expect('bad certificate')

    def test_renegotiation_is_ignored(self):
        with Talk([PEER, 'server', '0', self.fingerprint]) as ours:
            with self.client(ours.expect(r'^port (\d+)$'), SUITES[0][0], 56) as theirs:
                ours.expect('^state connected$')
                theirs.expect('Keying material')
                theirs.say('R\n')
                theirs.expect('RENEGOTIATING')
                time.sleep(0.3)
                self.assertNotIn('failed', ours.text)
                self.assertNotIn('closed', ours.text)


if __name__ == '__main__':
    PEER = sys.argv.pop(1)
    tap.main()
