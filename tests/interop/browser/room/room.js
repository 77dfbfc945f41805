// A page for tests of several participants: speaks to sfu-echo as its own page does, but sends and
// gets what the test says. Several pages are in one room, for they share sfu-echo's router.

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

// Thirty pictures a second of a moving bar, as a screen would be.
function screenTrack() {
  const canvas = Object.assign(document.createElement('canvas'), {width: 320, height: 180});
  const context = canvas.getContext('2d');
  let x = 0;
  setInterval(() => {
    context.fillStyle = '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = '#048';
    context.fillRect(x = (x + 7) % canvas.width, 0, 40, canvas.height);
  }, 1000 / 30);
  return canvas.captureStream(30).getVideoTracks()[0];
}

async function cameraTrack() {
  const stream = await navigator.mediaDevices.getUserMedia(
    {video: {width: 320, height: 240, frameRate: 30}});
  return stream.getVideoTracks()[0];
}

// `source`: 'camera' or 'screen'. Gives the Producer's id and its payload type.
async function produce(source, mimeType) {
  const track = source === 'camera' ? await cameraTrack() : screenTrack();
  const codec = device.sendRtpCapabilities.codecs.find(one => one.mimeType === mimeType);
  const {id, rtpParameters} = await sender.produce({track, codec});
  return {id, payloadType: rtpParameters.codecs[0].payloadType};
}

// Shows a Producer of any participant. Gives the SSRC and the payload type that it comes with.
async function consume(producerId) {
  const parameters = await signalling.request(
    'consumeMedia', {producerId, rtpCapabilities: device.recvRtpCapabilities});
  const {id, track, rtpParameters} = await receiver.consume(parameters);
  const video = document.createElement('video');
  Object.assign(video, {autoplay: true, muted: true, srcObject: new MediaStream([track])});
  document.body.append(video);
  await signalling.request('resumePausedConsumer', {id});
  return {ssrc: rtpParameters.encodings[0].ssrc, payloadType: rtpParameters.codecs[0].payloadType};
}

window.room = {join, produce, consume};
