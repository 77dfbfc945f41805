// What one test has running. It ends with the test, whatever happens: what was begun last ends
// first.

import {createServer} from 'node:http';
import {after} from 'node:test';

import {Program} from './programs.mjs';

// One browser of each kind serves all tests of a program, for starting one takes seconds.
const shared = new Map();
after(() => Promise.all([...shared.values()].map(browser => browser.close())));

export class Session {
  #cleanups = [];

  // Runs `body` with a session that ends afterwards.
  static async run(body) {
    const session = new Session();
    try {
      return await body(session);
    } finally {
      await session.#end();
    }
  }

  // Calls that at the end.
  defer(cleanup) {
    this.#cleanups.push(cleanup);
  }

  // Who wants to see it end well stops it in the test.
  program(command, options) {
    const program = new Program(command, options);
    this.defer(() => program.kill());
    return program;
  }

  // 'chromium' or 'firefox'. With `args`, what else its command line has, it is one of the session's
  // own; else only its pages end with the session.
  async browser(name, args) {
    // Others than the browser tests have no browsers.
    const {Browser} = await import('./browsers.mjs');
    if (args !== undefined) {
      const own = await Browser.launch(name, args);
      this.defer(() => own.close());
      return own;
    }
    if (!shared.get(name)?.connected) shared.set(name, await Browser.launch(name));
    const browser = shared.get(name);
    this.defer(() => browser.closePages());
    return browser;
  }

  // Serves one page on 127.0.0.1, where cameras are allowed. Gives its URL.
  async serve(html) {
    const server = createServer((request, response) => {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(request.url === '/' ? html : '');
    });
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
    this.defer(() => {
      server.closeAllConnections();
      return new Promise(resolve => server.close(resolve));
    });
    return `http://127.0.0.1:${server.address().port}/`;
  }

  async #end() {
    let first;
    for (const cleanup of this.#cleanups.reverse()) {
      try {
        await cleanup();
      } catch (error) {
        first ??= error;
      }
    }
    if (first) throw first;
  }
}
