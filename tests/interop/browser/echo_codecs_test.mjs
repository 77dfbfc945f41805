// Every codec, and TCP, with both browsers and both lines of mediasoup-client, as in echo_test.mjs.
// usage: echo_codecs_test.mjs SFU_ECHO NEWEST OLDER

import {test} from 'node:test';

import {BOTH, clientsOf, startEcho, watchThemselves} from './support/echo.mjs';
import {Session} from './support/session.mjs';

const [sfuEcho, ...folders] = process.argv.slice(2);
const server = page => [sfuEcho, '--port=0', '--address=192.0.2.1', `--page=${page}`];
const skip = process.env.SFU_TEST_ALL === '1' ? false : 'takes long: SFU_TEST_ALL=1';

const RUNS = [
  {codec: 'H264', names: ['chromium']},  // Debian's Firefox would have to download OpenH264.
  {codec: 'VP9'},
  {codec: 'AV1'},
  {tcp: true},
];
for (const client of clientsOf(...folders)) {
  for (const {names = BOTH, ...options} of RUNS) {
    test(`${options.codec ?? 'TCP'} in ${names.join(' and ')}, mediasoup-client ${client.line}`, {skip},
         () => Session.run(async session => {
      const {url} = await startEcho(session, server, client);
      await watchThemselves(session, {url, client, names, ...options});
    }));
  }
}
