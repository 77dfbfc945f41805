#!/usr/bin/env python3
"""The forwarding benchmark: ./dev bench forward [--repeat 3] [--quick] [--scenario NAME] [--rows NAME …]

Prints one line of JSON per row of each scenario, then one per target. Every measurement is made by
forward_probe in a process of its own; the rows of one scenario are measured in turn, `repeat` times,
and the median of each figure counts. docs/benchmarks.md tells the method and what the rows are.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys

BARE = ['bare_sendto', 'bare_gso']
FORWARDERS = ['multiudpsink', 'libsfu', 'elements']
SUITES = ['AEAD_AES_128_GCM', 'AEAD_AES_256_GCM', 'AES_CM_128_HMAC_SHA1_80']
CONSUMERS = [1, 10, 100, 400, 1000]
MAX_LOSS = 0.001

# What is wanted, at N = 400 unless said otherwise: (name, bound, is a lower bound, how to find it).
TARGETS = [
    ('libsfu / bare_gso', 0.75, True, lambda r: r.ratio('libsfu', 'bare_gso')),
    ('libsfu / bare_sendto', 1.5, True, lambda r: r.ratio('libsfu', 'bare_sendto')),
    ('elements / libsfu', 0.85, True, lambda r: r.ratio('elements', 'libsfu')),
    ('elements / libsfu, audio', 0.75, True, lambda r: r.ratio('elements', 'libsfu', 'audio')),
    ('libsfu, KiB per consumer', 12, False, lambda r: r.rss('libsfu')),
    ('elements, KiB per consumer', 20, False, lambda r: r.rss('elements')),
    ('libsfu, allocations per packet', 0, False,
     lambda r: r.figure('libsfu', 'allocations_per_packet')),
    ('elements, allocations per packet', 0, False,
     lambda r: r.figure('elements', 'allocations_per_packet')),
    ('libsfu, p99 added delay in us at N = 100', 2000, False,
     lambda r: r.figure('libsfu', 'delay_p99_us', consumers=100)),
    ('elements, p99 added delay in us at N = 100', 2000, False,
     lambda r: r.figure('elements', 'delay_p99_us', consumers=100)),
] + [
    (f'libsfu / (bare_gso + EVP + memcpy), {suite}', 0.8, True,
     lambda r, suite=suite: r.ratio('libsfu', 'bare_gso', suite=suite)) for suite in SUITES
]


class Results:
    """The medians, by scenario, consumers, suite and row."""

    def __init__(self):
        self.rows = {}

    def figure(self, row, name, scenario='main', consumers=400, suite=''):
        return self.rows.get((scenario, consumers, suite, row), {}).get(name)

    def ratio(self, row, to, scenario='main', consumers=400, suite=''):
        mine = self.figure(row, 'packets_per_cpu_s', scenario, consumers, suite)
        other = self.figure(to, 'packets_per_cpu_s', scenario, consumers, suite)
        return mine / other if mine and other else None

    def rss(self, row, consumers=400):
        """The history is warm in both; what one consumer needs as well is in the difference."""
        many = self.figure(row, 'rss_kib', consumers=consumers)
        one = self.figure(row, 'rss_kib', consumers=1)
        return (many - one) / (consumers - 1) if many is not None and one is not None else None


def probe(program, **options):
    words = [word for name, value in options.items() if value != ''
             for word in (name.replace('_', '-'), str(value))]
    run = subprocess.run([program] + words, capture_output=True, text=True, timeout=300, check=False)
    lines = run.stdout.strip().splitlines()
    if lines and lines[-1].startswith('{'):
        return json.loads(lines[-1])
    return {'ok': False, 'reason': f'exit code {run.returncode}: {run.stderr.strip()[-200:]}'}


def median_of(measurements):
    """The median of each number, and everything else of the first that worked."""
    good = [m for m in measurements if m['ok']]
    if not good:
        return measurements[0]
    merged = dict(good[0])
    for name, value in good[0].items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            merged[name] = statistics.median(m[name] for m in good)
    merged['loss'] = max(m['loss'] for m in good)
    return merged


class Benchmark:
    def __init__(self, arguments):
        build = os.environ.get('SFU_BUILD_DIR', 'build')
        self.program = os.path.join(build, 'tests', 'bench', 'forward_probe')
        self.repeat = 1 if arguments.quick else arguments.repeat
        self.quick = arguments.quick
        self.rows = arguments.rows
        self.results = Results()
        self.failed = False

    def measure(self, scenario, consumers, rows, suite='', paced=False):
        """All rows of one table, in turn; prints them."""
        rows = [row for row in rows if row in self.rows]
        runs = {row: [] for row in rows}
        slow = {row: [] for row in rows}
        for _ in range(self.repeat):
            for row in rows:
                runs[row].append(self.saturated(row, scenario, consumers, suite))
            for row in rows:
                if paced and not row.startswith('bare'):
                    slow[row].append(self.paced(row, scenario, consumers))
        for row in rows:
            line = median_of(runs[row])
            if slow[row] and line['ok']:
                line = median_of(slow[row]) | line | {'paced_loss': median_of(slow[row]).get('loss')}
            self.report(line, scenario, consumers, suite, row)

    def saturated(self, row, scenario, consumers, suite):
        time = 100 if self.quick else 1000
        return probe(self.program, row=row, scenario=scenario, consumers=consumers, suite=suite,
                     mode='saturated', milliseconds=time, warm_up=time // 5)

    def paced(self, row, scenario, consumers):
        time, warm_up = (100, 100) if self.quick else (10000, 2500)
        return probe(self.program, row=row, scenario=scenario, consumers=consumers, mode='paced',
                     milliseconds=time, warm_up=warm_up)

    def report(self, line, scenario, consumers, suite, row):
        line = {'bench': 'forward', 'repeat': self.repeat} | line
        line.pop('mode', None)
        if not line['ok'] or line['loss'] >= MAX_LOSS:
            line['ok'] = False
            self.failed = True
        self.results.rows[(scenario, consumers, suite, row)] = line
        print(json.dumps(line), flush=True)

    def report_targets(self):
        for name, bound, lower, find in TARGETS:
            value = find(self.results)
            if value is None:
                continue
            met = value >= bound if lower else value <= bound
            print(json.dumps({'target': name, 'wanted': f'{">=" if lower else "<="} {bound}',
                              'measured': round(value, 4), 'met': met}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--repeat', type=int, default=1, help='measurements per row')
    parser.add_argument('--quick', action='store_true', help='only see that every row runs')
    parser.add_argument('--scenario', choices=['main', 'audio', 'encoder', 'rooms', 'srtp'])
    parser.add_argument('--rows', nargs='+', default=BARE + FORWARDERS, choices=BARE + FORWARDERS)
    arguments = parser.parse_args()
    benchmark = Benchmark(arguments)
    counts = [5] if arguments.quick else CONSUMERS
    many = counts[-1] if arguments.quick else 400

    def wanted(scenario):
        return arguments.scenario in (None, scenario)

    if wanted('main'):
        for count in counts:
            benchmark.measure('main', count, BARE + FORWARDERS, paced=count <= many)
    for scenario in ('audio', 'encoder', 'rooms'):
        if wanted(scenario):
            benchmark.measure(scenario, many, BARE + FORWARDERS)
    if wanted('srtp'):
        for suite in SUITES:
            benchmark.measure('main', many, ['bare_gso', 'libsfu'], suite=suite)
    benchmark.report_targets()
    return 1 if benchmark.failed else 0


if __name__ == '__main__':
    sys.exit(main())
