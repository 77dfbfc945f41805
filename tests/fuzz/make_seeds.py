#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: corpus/TARGET/NAME.bin, from the table below.

Run it after changing the table and commit what it wrote. Inputs that a fuzzer found are added to the
folders by hand and are left alone.
"""
import pathlib

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
}


def main():
    corpus = pathlib.Path(__file__).parent / 'corpus'
    for target, seeds in SEEDS.items():
        folder = corpus / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in seeds.items():
            (folder / (name + '.bin')).write_bytes(bytes.fromhex(text))


if __name__ == '__main__':
    main()
