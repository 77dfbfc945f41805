"""Programs under supervision, and free ports: for tests that put FFmpeg and GStreamer together."""

import errno
import os
import random
import signal
import socket
import subprocess
import tempfile
import time

# Below the range the kernel itself takes ports from (net.ipv4.ip_local_port_range).
FIRST_PORT, LAST_PORT = 20000, 32000
# After this a program that was asked to end is killed.
STOP_SECONDS = 10


class Process:
    """A program in a process group of its own, whose output is kept. As a context manager it never
    outlives its block."""

    def __init__(self, command, name=None, env=None, cwd=None):
        self.name = name or os.path.basename(command[0])
        self._log = tempfile.TemporaryFile()
        self._popen = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT,
            env=dict(os.environ, **(env or {})), cwd=cwd, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self._log.close()

    @property
    def pid(self):
        return self._popen.pid

    @property
    def returncode(self):
        """None while it runs."""
        return self._popen.poll()

    def output(self):
        """What it has written so far, standard output and error together."""
        return os.pread(self._log.fileno(), os.fstat(self._log.fileno()).st_size,
                        0).decode(errors='replace')

    def send_signal(self, number):
        if self._popen.poll() is None:
            os.killpg(self._popen.pid, number)

    def wait(self, seconds):
        """Its exit code; TimeoutError with its output if it does not end by itself in time."""
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f'{self.name} still runs after {seconds} s:\n{self.output()}') \
                from None

    def wait_for_output(self, text, seconds):
        """Waits until it has written `text`; TimeoutError if it does not or ends first."""
        end = time.monotonic() + seconds
        while text not in self.output():
            if self.returncode is not None or time.monotonic() > end:
                raise TimeoutError(f'{self.name} did not write "{text}":\n{self.output()}')
            time.sleep(0.02)

    def stop(self, number=signal.SIGINT, seconds=STOP_SECONDS):
        """Asks it to end, as Ctrl-C does, and returns its exit code; TimeoutError if it will not."""
        self.send_signal(number)
        return self.wait(seconds)

    def kill(self):
        if self._popen.poll() is None:
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()


def _is_free(port):
    for family, address in ((socket.AF_INET, '0.0.0.0'), (socket.AF_INET6, '::')):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as udp:
                if family == socket.AF_INET6:
                    udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                udp.bind((address, port))
        except OSError as error:
            # A machine without IPv6 has no such address; that takes no port.
            if error.errno == errno.EADDRINUSE:
                return False
    return True


def free_ports(count=2):
    """The first, even number of `count` UDP ports in a row that nobody has. Where to look is random,
    so that tests at the same time do not meet."""
    for _ in range(1000):
        first = random.randrange(FIRST_PORT, LAST_PORT - count, 2)
        if all(_is_free(first + offset) for offset in range(count)):
            return first
    raise OSError(f'no {count} free UDP ports in a row')


def wait_until_receiving(pipeline, port, seconds=10):
    """Waits until a pipeline run by gst-launch-1.0 (or launch_stats) takes what comes to the UDP port.
    It has the port before it plays, and drops what comes in between."""
    wait_for_udp_port(port, seconds)
    pipeline.wait_for_output('New clock', seconds)


def wait_for_udp_port(port, seconds=10):
    """Waits until some program has the UDP port; TimeoutError if none takes it."""
    end = time.monotonic() + seconds
    wanted = f':{port:04X}'
    while time.monotonic() < end:
        for table in ('/proc/net/udp', '/proc/net/udp6'):
            if os.path.exists(table):
                with open(table, encoding='ascii') as file:
                    if any(line.split()[1].endswith(wanted) for line in file):
                        return
        time.sleep(0.02)
    raise TimeoutError(f'nobody took UDP port {port}')
