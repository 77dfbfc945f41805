// What an interop test saw of its peer, for the table in docs/interop.md. The form is that of
// tests/support/interop_result.py, which says what the facts are.
//
//   await interopResult('werift sends', {peer: 'werift 0.24.4', direction: 'to us',
//                                        codecs: ['VP8'], transport: 'udp'}, async saw => {
//     …                        // the test; what is learnt on the way is added:
//     saw.cipher = 'SRTP_AEAD_AES_128_GCM';
//   });

import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

const REQUIRED = ['peer', 'direction', 'codecs', 'transport'];
const OPTIONAL = {through: '', cipher: '', note: ''};

// Runs the test `body` and gives what it gives. `name` is unique among all tests.
export async function interopResult(name, facts, body) {
  const saw = {...OPTIONAL, ...facts, result: 'fails'};
  try {
    const value = await body(saw);
    check(name, saw);
    saw.result = 'passes';
    return value;
  } finally {
    write(name, saw);
  }
}

function check(name, saw) {
  const known = [...REQUIRED, ...Object.keys(OPTIONAL), 'result'];
  const wrong = [...REQUIRED.filter(field => saw[field] === undefined),
                 ...Object.keys(saw).filter(field => !known.includes(field))];
  if (wrong.length > 0) throw new TypeError(`${name}: ${wrong}`);
}

function write(name, saw) {
  const build = process.env.SFU_BUILD;
  if (build === undefined) return;
  const folder = join(build, 'interop-results');
  mkdirSync(folder, {recursive: true});
  const file = name.toLowerCase().replace(/[^a-z0-9.]+/g, '-').replace(/^-|-$/g, '') + '.json';
  writeFileSync(join(folder, file), JSON.stringify(saw) + '\n');
}
