"""Loss on the way to the SFU and behind it, with peers that answer NACK: our own plaintransport in
processes of their own. What is still missing is told by the receiver's counters and by the frame
numbers in what it recorded. The archive tests have a patient branch on a worse uplink.
"""

import math
import os
import sys
import time

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_HERE, os.path.join(_HERE, 'media')]
from check_media import check  # noqa: E402
from pipelines import ALL, FPS, VP8_CAPS, Launch, Room, relay, relay_stats, tap  # noqa: E402
from processes import free_ports, wait_for_udp_port  # noqa: E402
from rtp_tap import Tap, percentile  # noqa: E402

SECONDS = 60 if ALL else 12
# The sender leaves with its last packet, so what is lost of the last second may stay lost.
FRAMES = (SECONDS - 1) * FPS
LAST_SECOND_PACKETS = 10
DELAY_MS = 25  # one way
# Some 230 packets a second.
BITRATE = '2M'
CAPS = f'{VP8_CAPS},rtcp-fb-nack=(boolean)true,rtcp-fb-nack-pli=(boolean)true'
SENDER = ('filesrc location={clip} ! matroskademux ! rtpvp8pay mtu=1200 pt=96 ! out.sink_0 '
          'plaintransport name=out remote-address=127.0.0.1 remote-port={port} '
          'sink_0::repair-share={share}')
RECORD = 'rtpvp8depay ! matroskamux offset-to-zero=true ! filesink location={file}'
# How long the archive's branch waits for repairs.
ARCHIVE_MS = 3000


class LossyRoom(Room):
    def assert_frames(self, name, breaks=0):
        """Every frame is there once and decodes, but for the last second and so many breaks: a lost
        packet spoils the picture until the next key frame."""
        report = check(self.path(name))
        self.assertEqual(report.errors, [])
        missing = report.missing(0, FRAMES - 1)
        begun = [number for number in missing if number - 1 not in missing]
        self.assertLessEqual(len(begun), breaks, missing)
        if not missing:
            self.assertEqual([n for n in report.repeated if n < FRAMES], [])


class Loss(LossyRoom):
    def sent_and_repaired(self, stats):
        """Packets sent for the first time, and again."""
        pad = stats['out.sink_0']
        repaired = pad['retransmittedPacketsSent']
        return pad['packetsSent'] - repaired, repaired

    def run_chain(self, loss, seed):
        """sender → relay → SFU → relay → receiver, which records; returns (the three programs'
        statistics, the two relays')."""
        clip, share = self.clip(SECONDS, audio=False, bitrate=BITRATE), 0.25
        up, sfu, down, end = (free_ports(2) for _ in range(4))
        options = ['--loss', loss, '--delay-ms', DELAY_MS, '--rtcp', 0]
        receiver = self.start(Launch(
            f'plaintransport name=in port={end} comedia=true src_0::caps="{CAPS}" '
            f'in.src_0 ! {RECORD.format(file="out.mkv")}', 'receiver', cwd=self.folder))
        wait_for_udp_port(end)
        second = self.start(relay(down, end, *options, '--seed', seed + 1))
        room = self.start(Launch(
            f'sfurouter name=r  plaintransport name=in port={sfu} comedia=true '
            f'src_0::caps="{CAPS}"  in.src_0 ! r.sink_0  r.src_0 ! out.sink_0 '
            f'plaintransport name=out remote-address=127.0.0.1 remote-port={down}', 'sfu'))
        wait_for_udp_port(sfu)
        first = self.start(relay(up, sfu, *options, '--seed', seed))
        sender = self.start(Launch(SENDER.format(clip=clip, port=up, share=share), 'sender'))
        self.assertEqual(sender.wait(SECONDS + 15), 0, sender.output())
        time.sleep(0.5)
        stats = [sender.stats(), room.stats(), receiver.stats()]
        self.finish(room)
        self.finish(receiver)
        return stats, [relay_stats(first), relay_stats(second)]

    def check_chain(self, loss, residual, seed=1):
        (sender, room, receiver), relays = self.run_chain(loss, seed)
        sent, _ = self.sent_and_repaired(sender)
        received = receiver['in.src_0']['packetsReceived']
        note = f'{sent} sent, {received} received, relays {relays}'
        print(f'# loss {loss}: {note}')
        self.assertLessEqual(sent - received, residual * sent + LAST_SECOND_PACKETS, note)
        # So few packets scatter: two standard deviations more than the mean are allowed.
        mean = residual * sent
        self.assert_frames('out.mkv', breaks=int(mean + 2 * math.sqrt(mean)))
        lost = [path['up']['lost'] for path in relays]
        repaired = [self.sent_and_repaired(stats)[1] for stats in (sender, room)]
        print(f'# lost {lost}, sent again {repaired}')
        self.assertLessEqual(sum(repaired), 1.2 * sum(lost) + 5, note)

    def test_five_percent_on_both_ways(self):
        self.check_chain(0.05, 0.0001)

    def test_ten_percent_on_both_ways(self):
        self.check_chain(0.10, 0.002)


class Archive(LossyRoom):
    def run_uplink(self, *options):
        """sender → bad uplink → tap → SFU with a patient recording and a live consumer; returns the
        delays of the live consumer's packets in the SFU, sorted, and the SFU's statistics."""
        # Whoever wants to repair 20 % needs to send more than that again.
        clip, share = self.clip(SECONDS, audio=False, bitrate=BITRATE), 1.0
        up, tapped, sfu, live = (free_ports(2) for _ in range(4))
        wave = self.enterContext(Tap(tapped, [sfu], [live]))
        room = self.start(Launch(
            f'sfurouter name=r src_1::latency={ARCHIVE_MS}  plaintransport name=in port={sfu} '
            f'comedia=true src_0::caps="{CAPS}"  in.src_0 ! r.sink_0 '
            f'r.src_0 ! out.sink_0  plaintransport name=out remote-address=127.0.0.1 '
            f'remote-port={live} '
            f'r.src_1 ! {RECORD.format(file="archive.mkv")}',
            'sfu', cwd=self.folder))
        wait_for_udp_port(sfu)
        bad = self.start(relay(up, tapped, '--delay-ms', DELAY_MS, '--rtcp', 0, *options))
        sender = self.start(Launch(SENDER.format(clip=clip, port=up, share=share), 'sender'))
        start = time.monotonic()
        self.assertEqual(sender.wait(SECONDS + 15), 0, sender.output())
        time.sleep(ARCHIVE_MS / 1000 + 0.5)
        self.finish(room)
        print(f'# {options}: {relay_stats(bad)}')
        return wave.delays(live, start, time.monotonic())

    def check_archive(self, *options):
        delays = self.run_uplink(*options)
        self.assert_frames('archive.mkv')
        print(f'# live: median {percentile(delays, 0.5) * 1000:.2f} ms, '
              f'p99 {percentile(delays, 0.99) * 1000:.2f} ms')
        # What the SFU adds; the archive's patience must not be in it.
        self.assertLess(percentile(delays, 0.5), 0.005)

    def test_twenty_percent_loss(self):
        self.check_archive('--loss', 0.2)

    def test_an_outage_of_a_second(self):
        self.check_archive('--outage-at-ms', 4000, '--outage-ms', 1000)


if __name__ == '__main__':
    tap.main()
