// Browsers with a fake camera (30 frames per second) and a fake microphone (a beep each second),
// which need no permission. Chromium has two of each.

import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import puppeteer from 'puppeteer-core';

const OPTIONS = {
  chromium: {
    browser: 'chrome',
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--use-fake-device-for-media-stream=device-count=2,fps=30',
      '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required',
      // A page that nobody sees is not slowed down.
      '--disable-background-timer-throttling', '--disable-renderer-backgrounding',
    ],
  },
  firefox: {
    browser: 'firefox',
    executablePath: '/usr/bin/firefox-esr',
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
      // Candidates are addresses, as after a real permission.
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      // No OpenH264 plugin, no updates: there is no network to get them from.
      'media.gmp-manager.updateEnabled': false,
      'app.update.enabled': false,
    },
  },
};

// Makes every RTCPeerConnection of the page findable: `sfuPeers`.
function watchPeerConnections() {
  const Original = window.RTCPeerConnection;
  window.sfuPeers = [];
  window.RTCPeerConnection = class extends Original {
    constructor(...args) {
      super(...args);
      window.sfuPeers.push(this);
    }
  };
}

// All reports of all peer connections, as plain objects.
async function readStats() {
  const reports = [];
  for (const [peer, pc] of window.sfuPeers.entries()) {
    if (pc.connectionState === 'closed') continue;
    (await pc.getStats()).forEach(report => reports.push({...report, peer}));
  }
  return reports;
}

// A page, with all that its console says.
export class Page {
  constructor(page) {
    this.page = page;
    this.console = [];
    page.on('console', message => this.console.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', error => this.console.push(`uncaught: ${error.message}`));
  }

  // `prepare`: what the page is to do before its own scripts.
  async open(url, prepare) {
    await this.page.evaluateOnNewDocument(watchPeerConnections);
    if (prepare !== undefined) await this.page.evaluateOnNewDocument(prepare);
    await this.page.goto(url);
  }

  close() {
    return this.page.close();
  }

  evaluate(call, ...args) {
    return this.page.evaluate(call, ...args);
  }

  // Waits until `call` gives something true in the page.
  async waitFor(call, milliseconds = 20_000, ...args) {
    for (const end = Date.now() + milliseconds; ;) {
      const value = await this.page.evaluate(call, ...args);
      if (value) return value;
      if (Date.now() > end) {
        throw new Error(`in vain: ${call}\n${this.console.join('\n')}`);
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }

  stats() {
    return this.page.evaluate(readStats);
  }

  // The statistics at the beginning, after each second, and at the end of so many seconds.
  async collectStats(seconds) {
    const samples = [await this.stats()];
    for (let i = 0; i < seconds; ++i) {
      await new Promise(resolve => setTimeout(resolve, 1000));
      samples.push(await this.stats());
    }
    return samples;
  }
}

export class Browser {
  static async launch(name, args = []) {
    // Firefox asks its home for old profiles; both leave files wherever they can.
    const home = await mkdtemp(join(tmpdir(), `sfu-${name}-`));
    try {
      const browser = await puppeteer.launch({
        ...OPTIONS[name], args: [...OPTIONS[name].args ?? [], ...args], headless: true, userDataDir: join(home, 'profile'),
        env: {...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home},
      });
      return new Browser(name, browser, home);
    } catch (error) {
      await rm(home, {recursive: true, force: true});
      throw error;
    }
  }

  #pages = [];

  constructor(name, browser, home) {
    this.name = name;
    this.browser = browser;
    this.home = home;
  }

  get connected() {
    return this.browser.connected;
  }

  // As "Chromium 130.0.6723.91".
  async version() {
    const [, version] = (await this.browser.version()).split('/');
    return `${this.name[0].toUpperCase()}${this.name.slice(1)} ${version}`;
  }

  async open(url, prepare) {
    const page = new Page(await this.browser.newPage());
    this.#pages.push(page);
    await page.open(url, prepare);
    return page;
  }

  // Those that the test has left open.
  async closePages() {
    const pages = this.#pages.splice(0);
    await Promise.all(pages.filter(({page}) => !page.isClosed()).map(page => page.close()));
  }

  async close() {
    try {
      await this.browser.close();
    } finally {
      await rm(this.home, {recursive: true, force: true, maxRetries: 10, retryDelay: 200});
    }
  }
}
