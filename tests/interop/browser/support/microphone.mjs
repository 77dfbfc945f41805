// What mediasoup-client makes of a microphone.
export function microphoneTrack(ssrc) {
  return {
    kind: 'audio',
    rtpParameters: {
      mid: '0',
      codecs: [{mimeType: 'audio/opus', payloadType: 111, clockRate: 48000, channels: 2,
                parameters: {useinbandfec: 1}, rtcpFeedback: []}],
      headerExtensions: [{uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4}],
      encodings: [{ssrc}],
      rtcp: {cname: 'tester'},
    },
  };
}
