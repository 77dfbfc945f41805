// A page for tests of several participants: speaks to room-server as the page of sfu-echo does, but
// sends and gets what the test says. Several pages are in one room, for they share a router.

import {Device} from 'mediasoup-client';

import {Signalling} from '../../../../examples/echo/page/signalling.js';

let signalling, device, sender, receiver;

async function createTransport(isSender, connect) {
  const parameters = await signalling.request('createTransport', {sender: isSender});
  const transport = isSender ?
    device.createSendTransport(parameters) : device.createRecvTransport(parameters);
  transport.on('connect', ({dtlsParameters}, done, failed) =>
    signalling.request(connect, {dtlsParameters}).then(done, failed));
  return transport;
}

async function join() {
  await new Promise(resolve => {
    signalling = new Signalling(`ws://${location.host}/ws`, resolve);
  });
  device = new Device();
  const {rtpCapabilities} = await signalling.request('getRouterRtpCapabilities');
  await device.load({routerRtpCapabilities: rtpCapabilities});
  sender = await createTransport(true, 'connectProducerTransport');
  sender.on('produce', ({kind, rtpParameters}, done, failed) =>
    signalling.request('transport-produce', {kind, rtpParameters}).then(done, failed));
  receiver = await createTransport(false, 'connectConsumerTransport');
}

// `source`: 'camera' or 'screen'. Gives the Producer's id and what it sends with.
async function produce(source, mimeType) {
  const video = {width: 320, height: 240, frameRate: 30};
  const stream = source === 'camera' ? await navigator.mediaDevices.getUserMedia({video}) :
    await navigator.mediaDevices.getDisplayMedia({video});
  const [track] = stream.getVideoTracks();
  const codec = device.sendRtpCapabilities.codecs.find(one => one.mimeType === mimeType);
  const {id, rtpParameters} = await sender.produce({track, codec});
  return {id, ...numbers(rtpParameters)};
}

// Payload type, SSRC and extension ids.
function numbers({codecs, encodings, headerExtensions}) {
  return {
    payloadType: codecs[0].payloadType, ssrc: encodings[0].ssrc,
    extensions: Object.fromEntries(headerExtensions.map(({uri, id}) => [uri, id])),
  };
}

// Shows a Producer of any participant. Gives the numbers that it comes with.
async function consume(producerId) {
  const parameters = await signalling.request(
    'consumeMedia', {producerId, rtpCapabilities: device.recvRtpCapabilities});
  const {id, track, rtpParameters} = await receiver.consume(parameters);
  const video = document.createElement('video');
  Object.assign(video, {autoplay: true, muted: true, srcObject: new MediaStream([track])});
  document.body.append(video);
  await signalling.request('resumePausedConsumer', {id});
  return numbers(rtpParameters);
}

window.room = {join, produce, consume};
