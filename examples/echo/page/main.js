// The classic walk-through of mediasoup, in six steps: what the camera sees goes to the router on
// one transport, and comes back on another. mediasoup-client is used as it is.
//
// /?auto does all steps at once. /?auto&codec=h264 sends that codec, /?auto&tcp uses TCP only.

import {Device} from 'mediasoup-client';

import {Signalling} from './signalling.js';

const query = new URLSearchParams(location.search);
const element = id => document.getElementById(id);

const steps = {capture, load, sendtransport, produce, recvtransport, consume};
const names = Object.keys(steps);
const signalling = new Signalling(`ws://${location.host}/ws`, onEvent);
const producers = [];
const done = new Set();
let running = Promise.resolve();
let device, stream, sendTransport, recvTransport;

async function capture() {
  stream = await navigator.mediaDevices.getUserMedia(
    {audio: true, video: {width: 640, height: 480, frameRate: 30}});
  element('localvideo').srcObject = stream;
}

async function load() {
  const {rtpCapabilities} = await signalling.request('getRouterRtpCapabilities');
  device = new Device();
  await device.load({routerRtpCapabilities: rtpCapabilities});
}

async function sendtransport() {
  const parameters = await createTransport(true);
  sendTransport = device.createSendTransport(parameters);
  sendTransport.on('connect', ({dtlsParameters}, done, failed) =>
    signalling.request('connectProducerTransport', {dtlsParameters}).then(done, failed));
  sendTransport.on('produce', ({kind, rtpParameters}, done, failed) =>
    signalling.request('transport-produce', {kind, rtpParameters}).then(done, failed));
}

async function produce() {
  for (const track of stream.getTracks()) {
    const codec = track.kind === 'video' ? videoCodec() : undefined;
    producers.push(await sendTransport.produce({track, codec}));
  }
}

async function recvtransport() {
  const parameters = await createTransport(false);
  recvTransport = device.createRecvTransport(parameters);
  recvTransport.on('connect', ({dtlsParameters}, done, failed) =>
    signalling.request('connectConsumerTransport', {dtlsParameters}).then(done, failed));
}

// A Consumer begins paused, and is resumed when the browser is ready for its first key frame.
async function consume() {
  const remote = new MediaStream();
  element('remotevideo').srcObject = remote;
  for (const producer of producers) {
    const parameters = await signalling.request(
      'consumeMedia', {producerId: producer.id, rtpCapabilities: deviceCapabilities()});
    const consumer = await recvTransport.consume(parameters);
    remote.addTrack(consumer.track);
    await signalling.request('resumePausedConsumer', {id: consumer.id});
  }
}

async function createTransport(sender) {
  const parameters = await signalling.request('createTransport', {sender});
  if (query.has('tcp')) {
    parameters.iceCandidates = parameters.iceCandidates.filter(({protocol}) => protocol === 'tcp');
  }
  return parameters;
}

// Older mediasoup-clients have rtpCapabilities only.
function deviceCapabilities() {
  return device.recvRtpCapabilities ?? device.rtpCapabilities;
}

// The codec that the address asks for; undefined: the first that both sides have.
function videoCodec() {
  const name = query.get('codec');
  if (name === null) return undefined;
  const mimeType = `video/${name}`.toLowerCase();
  const {codecs} = device.sendRtpCapabilities ?? device.rtpCapabilities;
  const codec = codecs.find(one => one.mimeType.toLowerCase() === mimeType);
  if (codec === undefined) throw new Error(`there is no ${name} here`);
  return codec;
}

function say(text, failed = false) {
  element('status').textContent = text;
  element('status').classList.toggle('failed', failed);
}

async function run(step) {
  const number = names.indexOf(step) + 1;
  try {
    const next = names.findIndex(name => name === step || !done.has(name)) + 1;
    if (next !== number) throw new Error(`step ${next} comes first`);
    await steps[step]();
    done.add(step);
    element(step).classList.add('done');
    say(done.size < names.length ? `Step ${number} is done.` :
      'You see and hear yourself through the SFU.');
    return true;
  } catch (error) {
    console.error(`${step}: ${error.message}`);
    say(`Step ${number} failed: ${error.message}.`, true);
    return false;
  }
}

async function onEvent(type) {
  if (type === 'closed') say('The server has gone.', true);
  if (type !== 'connection-success' || !query.has('auto')) return;
  for (const step of names) {
    if (!await run(step)) return;
  }
}

// One step after the other, however fast the clicks come.
for (const step of names) {
  element(step).onclick = () => { running = running.then(() => run(step)); };
}
