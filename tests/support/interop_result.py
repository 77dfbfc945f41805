"""What an interop test saw of its peer, for the table in docs/interop.md (tools/interop_table.py).

    with interop_result('webrtcbin sends', peer='webrtcbin 1.22.0', direction='to us',
                        codecs=['VP8', 'opus'], transport='udp') as saw:
        ...                       # the test; what is learnt on the way is added:
        saw['cipher'] = 'SRTP_AEAD_AES_128_GCM'

One file per name, BUILD/interop-results/NAME.json, holds one line. The result in it is 'passes' when
the block ends well, else 'fails'. The build folder is in the environment as SFU_BUILD; without it
nothing is written.
"""

import json
import os
import re
from contextlib import contextmanager

DIRECTIONS = ('to us', 'from us', 'both ways')
# What every result has. Those with a default may be left out.
FIELDS = {
    'peer': None,  # its name and version
    'through': '',  # the library or protocol that made the connection: 'WHIP', 'werift 0.24.4'
    'direction': None,  # of DIRECTIONS
    'codecs': None,  # as MIME types have them: ['VP8', 'opus']
    'transport': None,  # 'udp' or 'tcp'
    'cipher': '',  # the SRTP profile, as the peer calls it
    'note': '',  # what was special: '5 % loss'
    'result': 'fails',  # or 'passes'
}


def _write(name, saw):
    build = os.environ.get('SFU_BUILD')
    if build is None:
        return
    folder = os.path.join(build, 'interop-results')
    os.makedirs(folder, exist_ok=True)
    file_name = re.sub(r'[^a-z0-9.]+', '-', name.lower()).strip('-') + '.json'
    with open(os.path.join(folder, file_name), 'w', encoding='utf-8') as file:
        file.write(json.dumps(saw) + '\n')


@contextmanager
def interop_result(name, **facts):
    """`name` is unique among all tests. A fact that FIELDS does not have is a TypeError."""
    saw = {**FIELDS, **facts}
    try:
        yield saw
        saw['result'] = 'passes'
    finally:
        if set(saw) != set(FIELDS) or None in saw.values():
            raise TypeError(f'{name}: {saw}')
        _write(name, saw)
