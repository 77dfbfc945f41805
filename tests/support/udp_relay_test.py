"""Runs udp_relay between two pairs of sockets: every datagram is accounted for, RTCP is lost like
RTP, the way back works, and the delay is what was asked for.

usage: udp_relay_test.py PATH_OF_UDP_RELAY
"""
import json
import select
import signal
import socket
import subprocess
import sys
import time

COUNT = 500
DELAY = 0.025
HOST = "127.0.0.1"


def open_pair():
    """Two sockets on neighbouring ports."""
    for port in range(20000, 30000, 2):
        pair = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        try:
            for i in range(2):
                pair[i].bind((HOST, port + i))
                pair[i].setblocking(False)
            return pair, port
        except OSError:
            for one in pair:
                one.close()
    sys.exit("no free ports")


def drain(sockets, wait, handle):
    ready, _, _ = select.select(sockets, [], [], wait)
    for one in ready:
        try:
            while True:
                handle(one, *one.recvfrom(2000))
        except BlockingIOError:
            pass


def main():
    (server, server_port), (client, client_port) = open_pair(), open_pair()
    free, listen = open_pair()
    for one in free:
        one.close()
    relay = subprocess.Popen(
        [sys.argv[1], "--listen", str(listen), "--to", f"{HOST}:{server_port}", "--seed", "7",
         "--client", f"{HOST}:{client_port}", "--loss", "0.1", "--delay-ms", str(DELAY * 1000),
         "--outage-at-ms", "100", "--outage-ms", "50"], stdout=subprocess.PIPE, text=True)
    assert relay.stdout.readline() == "ready\n"
    received = {one: 0 for one in server + client}
    delays = []

    def handle(one, data, sender):
        received[one] += 1
        if one in server:
            delays.append(time.monotonic() - float(data))
            one.sendto(data, sender)

    for _ in range(COUNT):
        for i in range(2):
            client[i].sendto(b"%.6f" % time.monotonic(), (HOST, listen + i))
        drain(server + client, 0.001, handle)
    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        drain(server + client, 0.02, handle)
    relay.send_signal(signal.SIGTERM)
    stats = json.loads(relay.stdout.read())
    assert relay.wait() == 0
    up, down = stats["up"], stats["down"]
    print(stats, min(delays))
    assert up["sent"] == 2 * COUNT
    assert up["delivered"] == received[server[0]] + received[server[1]] == down["sent"]
    assert down["delivered"] == received[client[0]] + received[client[1]]
    assert up["lost"] + up["lost_in_outage"] + up["delivered"] == up["sent"]
    assert up["lost_in_outage"] > 0
    assert 50 <= up["lost"] <= 150
    for rtcp in (server[1], client[1]):
        assert COUNT // 2 < received[rtcp] < COUNT
    assert min(delays) >= DELAY


main()
