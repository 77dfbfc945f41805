// Several participants in one room of sfu-echo, with codecs, payload types and extension ids of their
// own. usage: room_test.mjs SFU_ECHO ROOM: the program, and the folder of the page room/.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Session} from './support/session.mjs';
import {codecOf, received, sent} from './support/stats.mjs';

const [sfuEcho, room] = process.argv.slice(2);
const SECONDS = 20;
const skip = process.env.SFU_TEST_ALL === '1' ? false : 'takes long: SFU_TEST_ALL=1';

const produce = (source, mimeType) => window.room.produce(source, mimeType);
const consume = id => window.room.consume(id);

async function join(browser, url) {
  const page = await browser.open(url);
  await page.evaluate(() => window.room.join());
  return page;
}

test('one viewer gets H264, VP8 and what Firefox sends', {skip}, () => Session.run(async session => {
  const echo = session.program([sfuEcho, '--port=0', '--address=192.0.2.1', `--page=${room}`]);
  const [, url] = await echo.waitForOutput(/open (http\S+\/)\?auto/);
  const [chromium, firefox] = await Promise.all(
    ['chromium', 'firefox'].map(name => session.browser(name)));
  const [host, guest, viewer] = [
    await join(chromium, url), await join(firefox, url), await join(chromium, url)];
  const producers = [
    {page: host, mimeType: 'video/H264', ...await host.evaluate(produce, 'camera', 'video/H264')},
    {page: host, mimeType: 'video/VP8', ...await host.evaluate(produce, 'screen', 'video/VP8')},
    {page: guest, mimeType: 'video/VP8', ...await guest.evaluate(produce, 'camera', 'video/VP8')},
  ];
  for (const producer of producers) {
    producer.consumer = await viewer.evaluate(consume, producer.id);
  }
  await viewer.waitFor(() => [...document.querySelectorAll('video')].every(
    video => video.currentTime > 0.5));
  const [atHost, atGuest, atViewer] = await Promise.all(
    [host, guest, viewer].map(page => page.collectStats(SECONDS)));
  for (const {page, mimeType, payloadType, consumer} of producers) {
    const samples = page === host ? atHost : atGuest;
    const source = sent(samples, 'video').find(one => codecOf(samples, one) === mimeType);
    const video = received(atViewer, 'video').find(one => one.last.ssrc === consumer.ssrc);
    assert.equal(codecOf(atViewer, video), mimeType);
    assert.ok(source.framesEncoded > 5 * SECONDS, `${mimeType}: ${source.framesEncoded} encoded`);
    assert.ok(video.framesDecoded >= 0.9 * source.framesEncoded,
              `${mimeType}: ${video.framesDecoded} of ${source.framesEncoded} frames decoded`);
    assert.notEqual(payloadType, consumer.payloadType);
  }
}));
