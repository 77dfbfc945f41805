"""What examples/deploy has for a server's administrator: systemd takes the unit, sfu-room the command
line in it, nginx the proxy's settings, and the kernel has the switches.

usage: deploy_test.py SOURCE BUILD
"""

import base64
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'interop', 'media')]
import tap  # noqa: E402
from processes import Process, free_ports  # noqa: E402

SOURCE, BUILD = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
DEPLOY = os.path.join(SOURCE, 'examples', 'deploy')
NAME = 'rooms.example.com'
# As the unit says it.
INSTALLED = '/opt/gst-sfu/build'
STOP_SECONDS = 30
# First byte of a WebSocket's frame that closes it (RFC 6455 5.5.1).
CLOSE = 0x88


def read(name):
    with open(os.path.join(DEPLOY, name), encoding='utf-8') as file:
        return file.read()


def make_secrets(folder):
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                    'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', f'/CN={NAME}',
                    '-keyout', os.path.join(folder, 'privkey.pem'),
                    '-out', os.path.join(folder, 'fullchain.pem')],
                   check=True, stderr=subprocess.DEVNULL)
    with open(os.path.join(folder, 'room.key'), 'wb') as file:
        file.write(base64.b64encode(os.urandom(32)))


def get(url):
    """The answer to GET, whoever made the certificate."""
    with urllib.request.urlopen(url, timeout=10, context=ssl._create_unverified_context()) as got:
        return got.status, got.read().decode()


class Deploy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        with open(os.path.join(self.folder, 'index.html'), 'w', encoding='ascii') as page:
            page.write('<title>Rooms</title>')

    def start(self, command, **options):
        process = Process(command, **options)
        self.addCleanup(process.__exit__)
        return process

    def start_room(self, command):
        room = self.start([*command, f'--page={self.folder}'], env={
            'GST_PLUGIN_PATH': os.path.join(BUILD, 'gst'),
            'GST_REGISTRY': os.path.join(self.folder, 'registry.bin')})
        room.wait_for_output('open http', 20)
        return room

    @unittest.skipUnless(shutil.which('systemd-analyze'), 'systemd is not installed')
    def test_systemd_takes_the_unit(self):
        path = os.path.join(self.folder, 'sfu-room.service')
        with open(path, 'w', encoding='utf-8') as unit:
            unit.write(read('sfu-room.service').replace(INSTALLED, BUILD))
        done = subprocess.run(['systemd-analyze', 'verify', '--recursive-errors=no', path],
                              check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        self.assertEqual((done.returncode, done.stdout.strip()), (0, ''))

    def test_the_unit_starts_the_server_and_ends_it_in_time(self):
        make_secrets(self.folder)
        text = read('sfu-room.service').replace('\\\n', ' ')
        command = re.search(r'^ExecStart=(.*)$', text, re.MULTILINE).group(1)
        port, media_port = free_ports(2), free_ports(8)
        for stands, here in ((INSTALLED, BUILD), ('%d', self.folder), ('%S', self.folder),
                             ('--port=443 ', f'--port={port} '),
                             ('--media-port=44444', f'--media-port={media_port}')):
            self.assertIn(stands, command)
            command = command.replace(stands, here)
        room = self.start_room(shlex.split(command))
        self.assertIn('"status":"ok"', get(f'https://127.0.0.1:{port}/healthz')[1])
        self.assertIn(f'TimeoutStopSec={STOP_SECONDS}\n', text)
        self.assertEqual(room.stop(signal.SIGTERM, STOP_SECONDS), 0, room.output())

    @unittest.skipUnless(shutil.which('nginx'), 'nginx is not installed')
    def test_nginx_lets_pages_and_web_sockets_through(self):
        make_secrets(self.folder)
        port, room_port = free_ports(2), free_ports(2)
        self.start_room([os.path.join(BUILD, 'examples', 'room', 'sfu-room'),
                         f'--port={room_port}'])
        server = read('nginx.conf').replace('listen 443', f'listen 127.0.0.1:{port}') \
            .replace(f'/etc/letsencrypt/live/{NAME}', self.folder) \
            .replace('127.0.0.1:4443', f'127.0.0.1:{room_port}')
        path = os.path.join(self.folder, 'nginx.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f'daemon off; pid {self.folder}/pid; error_log stderr; events {{}}\n'
                       'http { access_log off; client_body_temp_path body; proxy_temp_path proxy;\n'
                       'fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;\n'
                       f'{server}\n}}\n')
        proxy = self.start(['nginx', '-p', self.folder, '-c', path, '-e', 'stderr'])
        for _ in range(100):
            try:
                status, text = get(f'https://127.0.0.1:{port}/')
                break
            except OSError:
                self.assertIsNone(proxy.returncode, proxy.output())
        self.assertEqual((status, text), (200, '<title>Rooms</title>'))
        with self.assertRaisesRegex(urllib.error.HTTPError, '404'):
            get(f'https://127.0.0.1:{port}/metrics')
        # Nobody has said a word yet; who comes from another page is told to go.
        self.assertEqual(self.open_socket(port, NAME), b'')
        self.assertEqual(self.open_socket(port, 'elsewhere.example.com')[0], CLOSE)

    def open_socket(self, port, origin):
        """What a page of that host gets by its WebSocket within a second."""
        with socket.create_connection(('127.0.0.1', port), 10) as plain, \
             ssl._create_unverified_context().wrap_socket(plain) as tls:
            tls.sendall((f'GET /ws HTTP/1.1\r\nHost: {NAME}\r\nOrigin: https://{origin}\r\n'
                         'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
                         f'Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n\r\n')
                        .encode())
            said = b''
            while b'\r\n\r\n' not in said:
                said += tls.recv(1000)
            head, _, rest = said.partition(b'\r\n\r\n')
            self.assertIn(b'HTTP/1.1 101 ', head)
            tls.settimeout(1)
            try:
                return rest or tls.recv(1000)
            except TimeoutError:
                return b''

    def test_the_kernel_has_the_switches(self):
        for line in read('90-sfu-room.conf').splitlines():
            if line.startswith('#'):
                continue
            name, _, value = line.partition(' = ')
            path = '/proc/sys/' + name.replace('.', '/')
            # A network of its own does not show those of the machine.
            if os.path.exists('/proc/sys/net/core/rmem_max'):
                self.assertTrue(os.path.exists(path), path)
            self.assertRegex(value, r'^\d+$')

    def test_the_guide_names_all_files(self):
        with open(os.path.join(SOURCE, 'docs', 'guides', 'deployment.md'), encoding='utf-8') as file:
            guide = file.read()
        for name in os.listdir(DEPLOY):
            self.assertIn(f'../../examples/deploy/{name}', guide)


if __name__ == '__main__':
    tap.main()
