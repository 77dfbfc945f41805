// Questions to the samples of Page.collectStats().

const of = (reports, type, kind) =>
  reports.filter(report => report.type === type && (!kind || report.kind === kind));

// The streams of that type and kind, by SSRC: how the numbers in `fields` grew over all samples.
function growth(samples, type, kind, fields) {
  const streams = of(samples.at(-1), type, kind).map(last => {
    const first = of(samples[0], type, kind).find(report => report.ssrc === last.ssrc);
    const grown = Object.fromEntries(
      fields.map(field => [field, (last[field] ?? 0) - (first?.[field] ?? 0)]));
    return {...grown, last, seconds: (last.timestamp - (first ?? last).timestamp) / 1000};
  });
  if (streams.length === 0) throw new Error(`no ${type} of ${kind} in the statistics`);
  return streams;
}

// Each received stream of 'video' or 'audio'.
export function received(samples, kind) {
  return growth(samples, 'inbound-rtp', kind, [
    'framesDecoded', 'keyFramesDecoded', 'freezeCount', 'totalFreezesDuration', 'packetsReceived',
    'packetsLost', 'retransmittedPacketsReceived', 'nackCount', 'pliCount', 'totalAudioEnergy',
    'totalSamplesReceived', 'totalSamplesDuration', 'concealedSamples',
  ]);
}

// Each sent stream.
export function sent(samples, kind) {
  return growth(samples, 'outbound-rtp', kind, [
    'framesEncoded', 'framesSent', 'keyFramesEncoded', 'packetsSent',
    'retransmittedPacketsSent', 'nackCount', 'pliCount',
  ]);
}

// Each camera (or screen) that is sent: `frames` is what it has given, encoded or not.
export function captured(samples) {
  return of(samples.at(-1), 'media-source', 'video').map(last => {
    const first = samples[0].find(({id, peer}) => id === last.id && peer === last.peer);
    return {frames: last.frames - (first?.frames ?? 0), last};
  });
}

// How sent and received video went on from second to second, for a test that fails.
export function sketch(samples) {
  const fields = {
    'media-source': ['frames'],
    'outbound-rtp': ['framesEncoded', 'keyFramesEncoded', 'qpSum', 'pliCount', 'nackCount',
                     'retransmittedPacketsSent', 'qualityLimitationReason', 'totalEncodeTime'],
    'inbound-rtp': ['framesReceived', 'framesDecoded', 'framesDropped', 'keyFramesDecoded',
                    'freezeCount', 'packetsLost', 'pliCount', 'nackCount', 'totalDecodeTime'],
  };
  return samples.map((reports, second) => Object.entries(fields).flatMap(([type, names]) =>
    of(reports, type, 'video').map(report =>
      [second, type, ...names.map(name => `${name} ${report[name]}`)].join(' '))).join('\n'))
    .join('\n');
}

// 'video/VP8' of a stream of received() or sent().
export function codecOf(samples, stream) {
  return samples.at(-1).find(
    report => report.id === stream.last.codecId && report.peer === stream.last.peer)?.mimeType;
}

// The transports of peer connections that are open.
export function transports(samples) {
  return of(samples.at(-1), 'transport');
}

// For each peer connection the pair of candidates that carries the media: {local, remote}.
export function selectedPairs(samples) {
  const reports = samples.at(-1);
  const find = (id, peer) => reports.find(report => report.id === id && report.peer === peer);
  return transports(samples)
    .map(({selectedCandidatePairId, peer}) => find(selectedCandidatePairId, peer))
    .filter(pair => pair !== undefined)
    .map(pair => ({
      local: find(pair.localCandidateId, pair.peer),
      remote: find(pair.remoteCandidateId, pair.peer),
    }));
}

// How loud a stream of received() has been on average: the root of the mean square, 0 to 1.
export function loudness({totalAudioEnergy, totalSamplesDuration}) {
  return Math.sqrt(totalAudioEnergy / totalSamplesDuration);
}

// How often the picture of a stream of received() froze.
export function freezes({freezeCount, last}) {
  if (last.freezeCount === undefined) throw new Error('this browser does not count freezes');
  return freezeCount;
}
