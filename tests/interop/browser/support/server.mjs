// Launch lines with an sfuserver.

import assert from 'node:assert/strict';

const PORT = 8080;
let started = 0;

// gst-launch-1.0, once its server answers. `makeLine` gets the words of the server, whose name is s, and
// gives the line, which is split at blanks. Gives {program, url}. Each server has a port of its own,
// unless it is to have that of another one's `url`.
export async function launch(session, makeLine, url = `http://127.0.0.1:${PORT + started++}/`) {
  const {port} = new URL(url);
  const line = makeLine(`sfuserver name=s address=127.0.0.1 port=${port}`);
  const program = session.program(
    ['gst-launch-1.0', '-e', ...line.split(' ').filter(word => word)]);
  for (const end = Date.now() + 10_000; ;) {
    try {
      const response = await fetch(url);
      await response.text();
      if (response.ok) return {program, url};
    } catch {
      // Not yet.
    }
    assert.ok(Date.now() < end, `no server:\n${program.output}`);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}
