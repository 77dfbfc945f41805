// GStreamer's leaks tracer, in a program that a test runs with LEAKS_ENV.

import assert from 'node:assert/strict';

export const LEAKS_ENV = {
  GST_TRACERS: 'leaks', GST_LEAKS_TRACER_SIG: '1', GST_DEBUG: 'GST_TRACER:7', GST_DEBUG_NO_COLOR: '1',
};

// The tracer is asked what there is now, and lists an object of this type: so it would list what stays.
export async function checkTracerSees(program, type) {
  process.kill(program.child.pid, 'SIGUSR1');
  await program.waitForOutput(new RegExp(`object-alive, type-name=\\(string\\)${type}`));
}

// The program ends well, and leaves nothing.
export async function checkNoLeaks(program) {
  const before = program.output.length;
  assert.equal(await program.stop(), 0, program.output.slice(-1000));
  const alive = /object-alive, type-name=\(string\)(?!%)\w+.*/g;
  assert.deepEqual(program.output.slice(before).match(alive) ?? [], []);
  assert.doesNotMatch(program.output, /CRITICAL/);
}
