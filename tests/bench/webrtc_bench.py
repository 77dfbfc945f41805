#!/usr/bin/env python3
"""The WebRTC benchmark: ./dev bench webrtc [--repeat 3] [--quick] [--consumers N] [--verbose]

One sender's packets forwarded to N browsers, with all that they negotiate, against the system calls
and the cryptography alone. Prints one line of JSON per row, then one per target, as ./dev bench
forward does and by its method; docs/benchmarks.md tells what the rows are.
"""

import argparse
import sys

import forward_bench

ROWS = ['bare_gso', 'libsfu', 'webrtc']
SUITE = 'AEAD_AES_128_GCM'


def targets(consumers):
    return [
        ('webrtc / (bare_gso + EVP + memcpy)', 0.7, True,
         lambda r: r.ratio('webrtc', 'bare_gso', consumers=consumers, suite=SUITE)),
        ('webrtc, KiB per transport with one consumer', 24, False,
         lambda r: r.rss('webrtc', consumers=consumers, suite=SUITE)),
        ('webrtc, allocations per packet', 0, False,
         lambda r: r.figure('webrtc', 'allocations_per_packet', consumers=consumers, suite=SUITE)),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--repeat', type=int, default=1, help='measurements per row')
    parser.add_argument('--quick', action='store_true', help='only see that every row runs')
    parser.add_argument('--verbose', action='store_true', help='every measurement, to stderr')
    parser.add_argument('--consumers', type=int, default=400, help='browsers')
    arguments = parser.parse_args()
    arguments.rows = ROWS
    benchmark = forward_bench.Benchmark(arguments, 'webrtc')
    consumers = 5 if arguments.quick else arguments.consumers
    # What one more browser needs is in the difference.
    benchmark.measure('main', 1, ['webrtc'], suites=[SUITE], paced=True)
    benchmark.measure('main', consumers, ROWS, suites=[SUITE], paced=True)
    benchmark.report_targets(targets(consumers))
    return 1 if benchmark.failed else 0


if __name__ == '__main__':
    sys.exit(main())
