// Programs under test. Each has a process group of its own, and none outlives the test.

import {spawn} from 'node:child_process';

const STOP_MS = 10_000;
const groups = new Set();

function killGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

// However the test ends.
process.on('exit', () => groups.forEach(pid => killGroup(pid, 'SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

export class Program {
  // `command`: the program and its arguments. Its output is kept in `output`.
  constructor(command, {env = {}} = {}) {
    this.name = command[0].split('/').pop();
    this.output = '';
    this.child = spawn(command[0], command.slice(1), {
      detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, ...env},
    });
    groups.add(this.child.pid);
    this.child.stdout.on('data', data => { this.output += data; });
    this.child.stderr.on('data', data => { this.output += data; });
    // 'close' comes when its output has, too.
    this.ended = new Promise(resolve => {
      this.child.on('error', error => {
        this.output += error;
        resolve(null);
      });
      this.child.on('close', (code, signal) => {
        groups.delete(this.child.pid);
        resolve(code ?? signal);
      });
    });
  }

  // Waits until it has written something that matches, behind its first `from` characters; gives the
  // match.
  async waitForOutput(pattern, milliseconds = 10_000, from = 0) {
    let ended = false;
    this.ended.then(() => { ended = true; });
    for (const end = Date.now() + milliseconds; ;) {
      const match = this.output.slice(from).match(pattern);
      if (match) return match;
      if (ended || Date.now() > end) {
        throw new Error(`${this.name} did not write ${pattern}:\n${this.output}`);
      }
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }

  // At once.
  kill() {
    killGroup(this.child.pid, 'SIGKILL');
    return this.ended;
  }

  // As Ctrl-C. Gives its exit code, or the name of the signal that had to end it.
  async stop() {
    killGroup(this.child.pid, 'SIGINT');
    const timer = setTimeout(() => killGroup(this.child.pid, 'SIGKILL'), STOP_MS);
    const code = await this.ended;
    clearTimeout(timer);
    return code;
  }
}
