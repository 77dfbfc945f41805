// What one test has running. It ends with the test, whatever happens: what was begun last ends
// first.

import {createServer} from 'node:http';

import {Program} from './programs.mjs';

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

  program(command, options) {
    const program = new Program(command, options);
    this.defer(() => program.stop());
    return program;
  }

  // 'chromium' or 'firefox'; `args`: what else its command line has.
  async browser(name, args) {
    // Others than the browser tests have no browsers.
    const {Browser} = await import('./browsers.mjs');
    const browser = await Browser.launch(name, args);
    this.defer(() => browser.close());
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
