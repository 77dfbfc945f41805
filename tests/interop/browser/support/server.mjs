// Launch lines with an sfuserver.

import assert from 'node:assert/strict';

const PORT = 8080;
export const URL = `http://127.0.0.1:${PORT}/`;
export const SERVER = `sfuserver name=s address=127.0.0.1 port=${PORT}`;

// gst-launch-1.0, once its server answers. `line` is split at blanks.
export async function launch(session, line) {
  const program = session.program(
    ['gst-launch-1.0', '-e', ...line.split(' ').filter(word => word)]);
  for (const end = Date.now() + 10_000; ;) {
    try {
      const response = await fetch(URL);
      await response.text();
      if (response.ok) return program;
    } catch {
      // Not yet.
    }
    assert.ok(Date.now() < end, `no server:\n${program.output}`);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}
