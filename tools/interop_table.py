"""Makes the table of docs/interop.md from what the tests saw.

usage: interop_table.py RESULTS [DOCUMENT]

RESULTS is BUILD/interop-results, where each test of a peer has left one line of JSON
(tests/support/interop_result.py). Without DOCUMENT the table is printed; with it, it takes the place
of the one that stands there between the marks.
"""

import json
import os
import sys
from dataclasses import astuple, dataclass

BEGIN = '<!-- made by tools/interop_table.py -->\n'
END = '<!-- end -->\n'
HEADER = ('Peer', 'Through', 'Media', 'Codecs', 'Transport', 'SRTP', 'Remarks', 'Result')


@dataclass(order=True)
class Row:
    peer: str
    through: str
    direction: str
    codecs: str
    transport: str
    cipher: str
    note: str
    result: str

    @staticmethod
    def of(saw):
        """Of one line of a test."""
        cipher = saw['cipher'].removeprefix('SRTP_').replace('_', '-')
        return Row(saw['peer'], saw['through'], saw['direction'],
                   ', '.join(codec.split('/')[-1] for codec in saw['codecs']),
                   saw['transport'].upper(), cipher, saw['note'], saw['result'])


def read_rows(folder):
    rows = []
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding='utf-8') as file:
            rows.append(Row.of(json.load(file)))
    return sorted(rows)


def _line(cells):
    return '| ' + ' | '.join(cells) + ' |\n'


def render(rows):
    rule = '|' + '---|' * len(HEADER) + '\n'
    return _line(HEADER) + rule + ''.join(
        _line(cell.replace('|', '/') or '–' for cell in astuple(row)) for row in rows)


def parse(table):
    """The rows of a rendered table; ValueError where it is none."""
    lines = table.splitlines(keepends=True)
    rows = []
    for line in lines[2:]:
        cells = line.strip().removeprefix('| ').removesuffix(' |').split(' | ')
        if len(cells) != len(HEADER):
            raise ValueError(f'{len(cells)} cells, not {len(HEADER)}: {line}')
        rows.append(Row(*('' if cell == '–' else cell for cell in cells)))
    return rows


def split_document(text):
    """What stands before the table, the table, and what stands behind it; with the marks outside."""
    before, begin, rest = text.partition(BEGIN)
    table, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError('the marks of the table are missing')
    return before + begin, table, end + after


def main(arguments):
    table = render(read_rows(arguments[0]))
    if len(arguments) == 1:
        print(table, end='')
        return
    with open(arguments[1], encoding='utf-8') as file:
        before, _, after = split_document(file.read())
    with open(arguments[1], 'w', encoding='utf-8') as file:
        file.write(before + table + after)


if __name__ == '__main__':
    main(sys.argv[1:])
