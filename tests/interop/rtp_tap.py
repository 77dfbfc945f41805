"""Looks at RTP on its way: before the SFU and behind it, to tell what was lost in between and how
long the rest took.

A forwarded packet has another header, so packets are known by the end of their payload.
"""

import select
import socket
import threading
import time

HOST = '127.0.0.1'
BUFFER = 4 * 1024 * 1024
TAIL = 24
RTP_HEADER = 12


def is_rtp(data):
    """RTCP (RFC 5761) has 192 … 223 where RTP has its payload type."""
    return len(data) > RTP_HEADER and data[0] >> 6 == 2 and not 192 <= data[1] <= 223


def _open(port=0):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    udp.bind((HOST, port))
    udp.setblocking(False)
    return udp


class Tap:
    """Forwards datagrams from 127.0.0.1:`listen` to the ports `targets` (answers of the first go
    back to the sender), takes what the SFU sends to the ports `receive`, and notes when each RTP
    packet came. A thread of its own; a context manager."""

    def __init__(self, listen, targets, receive):
        self.sent = {}  # tail of the payload: when it went to the SFU
        self.received = {port: [] for port in receive}  # of (when, sequence number, SSRC, tail)
        self._source = _open(listen)
        self._towards = _open()
        self._targets = [(HOST, port) for port in targets]
        self._sinks = {_open(port): port for port in receive}
        self._client = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
        for udp in (self._source, self._towards, *self._sinks):
            udp.close()

    def _run(self):
        sockets = [self._source, self._towards, *self._sinks]
        while not self._ended.is_set():
            for udp in select.select(sockets, [], [], 0.05)[0]:
                try:
                    while True:
                        self._take(udp, *udp.recvfrom(65536))
                except OSError:  # nothing more, or an answer of ICMP to an earlier send
                    continue

    def _take(self, udp, data, sender):
        now = time.monotonic()
        if udp is self._source:
            self._client = sender
            if is_rtp(data):
                self.sent.setdefault(data[-TAIL:], now)
            for target in self._targets:
                self._towards.sendto(data, target)
        elif udp is self._towards:
            if self._client and sender == self._targets[0]:
                self._source.sendto(data, self._client)
        elif is_rtp(data):
            self.received[self._sinks[udp]].append(
                (now, int.from_bytes(data[2:4], 'big'), data[8:12], data[-TAIL:]))

    def missing(self, port):
        """How many sequence numbers between the first and the last never came."""
        count = 0
        packets = self.received[port]
        for ssrc in {packet[2] for packet in packets}:
            numbers = [packet[1] for packet in packets if packet[2] == ssrc]
            unwrapped = {(number - numbers[0] + 0x8000) % 0x10000 for number in numbers}
            count += max(unwrapped) - min(unwrapped) + 1 - len(unwrapped)
        return count

    def delays(self, port, start, end):
        """How long packets took that went to the SFU in this time, least first, in seconds."""
        return sorted(when - self.sent[tail] for when, _, _, tail in self.received[port]
                      if tail in self.sent and start <= self.sent[tail] < end)


def percentile(values, share):
    """Of sorted values."""
    return values[min(int(len(values) * share), len(values) - 1)]
