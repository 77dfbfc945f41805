"""Many participants in one room of sfu-room: headless clients of our own (main.cc), all in one process,
who send a camera and a microphone each and receive all the others'.

usage: load_test.py ROOM_LOAD SFU_ROOM               as a test: 5 participants; 25 with SFU_TEST_ALL=1
       load_test.py ROOM_LOAD SFU_ROOM PARTICIPANTS SECONDS    prints a report, and judges nothing

What it costs is read from /proc, of server and clients apart; `others` is how many cores all other
programs took meanwhile.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', '..', 'support'), os.path.join(HERE, '..', 'media')]
import tap  # noqa: E402
from processes import Process  # noqa: E402

LOAD, ROOM = os.path.abspath(sys.argv.pop(1)), os.path.abspath(sys.argv.pop(1))
ALL = os.environ.get('SFU_TEST_ALL') == '1'
PORT = 4443
URL = f'http://127.0.0.1:{PORT}/'
VIDEO_RATE, AUDIO_RATE = 25, 50  # frames of a stream per second
TICKS = os.sysconf('SC_CLK_TCK')
# Connecting takes some seconds on a slow machine.
START_SECONDS = 60
MAX_P99_MS = 20
# Cores that other programs may take meanwhile.
MAX_OTHERS = 0.2


def cpu_seconds(pid):
    with open(f'/proc/{pid}/stat', encoding='ascii') as file:
        fields = file.read().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        return int(re.search(r'VmRSS:\s+(\d+) kB', file.read()).group(1)) / 1024


def machine_seconds():
    """CPU time of all programs, and what a hypervisor took."""
    with open('/proc/stat', encoding='ascii') as file:
        user, nice, system, _idle, _iowait, irq, softirq, steal = map(
            int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


def overflows():
    """Datagrams that found a socket's buffer full, of all programs of this network."""
    with open('/proc/net/snmp', encoding='ascii') as file:
        names, values = (line.split() for line in file if line.startswith('Udp:'))
    return int(dict(zip(names, values))['RcvbufErrors'])


def metrics():
    with urllib.request.urlopen(URL + 'metrics', timeout=10) as response:
        lines = response.read().decode().splitlines()
    return {name: float(value) for name, _, value in
            (line.rpartition(' ') for line in lines if not line.startswith('#'))}


def start_server(folder):
    with open(os.path.join(folder, 'index.html'), 'w', encoding='ascii') as page:
        page.write('<!doctype html>')
    server = Process([ROOM, f'--port={PORT}', '--media-address=127.0.0.1', f'--page={folder}'])
    try:
        server.wait_for_output('open http', 20)
    except TimeoutError:
        server.kill()
        raise
    return server


def run(participants, seconds):
    """The report of the clients, with what both processes cost and what /metrics says."""
    with tempfile.TemporaryDirectory() as folder, start_server(folder) as server:
        empty = resident_mib(server.pid)
        with subprocess.Popen([LOAD, URL, str(participants), str(seconds)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as clients:
            assert clients.stdout.readline() == 'measuring\n', server.output()[-2000:]
            pids = {'server': server.pid, 'clients': clients.pid}
            all_before = machine_seconds()
            before = {name: cpu_seconds(pid) for name, pid in pids.items()}
            begin = time.monotonic()
            time.sleep(seconds)
            took = time.monotonic() - begin
            cost = {name: {'cores': round((cpu_seconds(pid) - before[name]) / took, 3),
                           'mib': round(resident_mib(pid), 1)} for name, pid in pids.items()}
            others = max(0, (machine_seconds() - all_before) / took - sum(
                one['cores'] for one in cost.values()))
            line = clients.stdout.readline()
            assert line.startswith('measured '), server.output()[-2000:]
            report = dict(json.loads(line.removeprefix('measured ')), seconds=seconds,
                          others=round(others, 2), **cost)
            report['server']['mib_empty'] = round(empty, 1)
            report['metrics'] = metrics()
            report['socket_overflows'] = overflows()
            clients.stdin.close()
            assert clients.wait(30) == 0
        assert server.stop() == 0
    return report


def summary(report):
    return json.dumps({name: value for name, value in report.items() if name != 'metrics'})


class Load(unittest.TestCase):
    def judge(self, report):
        people, seconds, figures = report['participants'], report['seconds'], report['metrics']
        for kind, rate in (('video', VIDEO_RATE), ('audio', AUDIO_RATE)):
            with self.subTest(kind):
                media = report[kind]
                wanted = people * (people - 1)
                self.assertEqual(media['streams'], wanted)
                self.assertAlmostEqual(media['frames'] / (wanted * rate * seconds), 1, delta=0.05)
                self.assertEqual(media['missing'], 0)
                # The server counts what it was sent and what it sent; so do the clients.
                self.assertEqual(figures[f'sfu_producers{{kind="{kind}"}}'], people)
                self.assertEqual(figures[f'sfu_consumers{{kind="{kind}"}}'], wanted)
                self.assertEqual(figures[f'sfu_inbound_rtp_packets_total{{kind="{kind}"}}'],
                                 media['sent'])
                self.assertEqual(figures[f'sfu_outbound_rtp_packets_total{{kind="{kind}"}}'],
                                 media['packets'])
        self.assertEqual(figures['sfu_peers'], people)

    def test_a_few(self):
        self.judge(run(participants=5, seconds=3))

    @unittest.skipUnless(ALL, 'the full one takes a minute: SFU_TEST_ALL=1')
    def test_twenty_five(self):
        # What others disturbed is measured again, up to twice.
        for _ in range(3):
            report = run(participants=25, seconds=20)
            print('# ' + summary(report))
            if self.smooth(report) or report['others'] <= MAX_OTHERS:
                break
        self.judge(report)
        self.assertTrue(self.smooth(report))

    def smooth(self, report):
        """Nobody's picture stood still, and next to nothing was late."""
        return report['video']['long_gaps'] == 0 and all(
            report[kind]['missing'] == 0 and report[kind]['delay_ms']['p99'] <= MAX_P99_MS
            for kind in ('video', 'audio'))


if __name__ == '__main__':
    if len(sys.argv) == 3:
        print(summary(run(int(sys.argv[1]), int(sys.argv[2]))))
    else:
        tap.main()
