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
