// A network that loses packets: that of the test, see tests/support/in_network.sh.

import {execFileSync} from 'node:child_process';

import {selectedPairs} from './stats.mjs';

// From now on each datagram of the media port that `page` is connected to is lost with a chance of
// 5 %: media, RTCP, and what repairs them. `way`: 'in' to us, 'out' from us.
export async function loseFivePercent(session, page, way) {
  let pair;
  while ((pair = selectedPairs([await page.stats()])[0]) === undefined) {
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  const {port} = pair.remote;
  const rule = ['INPUT', '-p', 'udp', way === 'in' ? '--dport' : '--sport', `${port}`,
                '-m', 'statistic', '--mode', 'random', '--probability', '0.05', '-j', 'DROP'];
  execFileSync('iptables', ['-A', ...rule]);
  session.defer(() => execFileSync('iptables', ['-D', ...rule]));
}
