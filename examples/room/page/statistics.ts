// What the connection does: a quality for each person, and the overlay with bitrate, loss, round trip
// and a small live graph.
import {Call, Owner} from './call';
import {make} from './dom';

const HISTORY = 60;  // points of the graph, one a second
const POOR_LOSS = 0.08;
const FAIR_LOSS = 0.02;

export interface Stream extends Owner {
  kbps: number;
  loss: number;      // 0 to 1, of the last interval
  picture: string;   // "640×360, 30/s"
}

export interface Sample {
  streams: Stream[];
  sendKbps: number;
  receiveKbps: number;
  rtt: number | undefined;  // ms
}

interface Counted {
  time: number;
  bytes: number;
  packets: number;
  lost: number;
}

// Makes rates of the counters that getStats gives.
export class Sampler {
  #before = new Map<string, Counted>();

  async take(call: Call): Promise<Sample> {
    const {reports, owners} = await call.stats();
    const sample: Sample = {streams: [], sendKbps: 0, receiveKbps: 0, rtt: undefined};
    const counted = new Map<string, Counted>();
    for (const report of reports as any[]) {
      if (report.type === 'candidate-pair' && report.nominated &&
          report.currentRoundTripTime !== undefined) {
        sample.rtt = Math.max(sample.rtt ?? 0, report.currentRoundTripTime * 1000);
      }
      const incoming = report.type === 'inbound-rtp';
      if (!incoming && report.type !== 'outbound-rtp') continue;
      const media = incoming ? report : reports.find(({id}) => id === report.mediaSourceId);
      const owner = owners.get(media?.trackIdentifier);
      if (owner === undefined) continue;
      counted.set(report.id, counters(report));
      const stream = this.#stream(report, owner, counted.get(report.id)!, sourceLoss(report, reports));
      sample[incoming ? 'receiveKbps' : 'sendKbps'] += stream.kbps;
      sample.streams.push(stream);
    }
    this.#before = counted;
    return sample;
  }

  #stream(report: any, owner: Owner, now: Counted, remoteLoss: number): Stream {
    const before = this.#before.get(report.id) ?? now;
    const seconds = (now.time - before.time) / 1000;
    const packets = now.packets - before.packets;
    const lost = Math.max(0, now.lost - before.lost);
    return {
      ...owner,
      kbps: seconds > 0 ? (now.bytes - before.bytes) * 8 / 1000 / seconds : 0,
      loss: report.type === 'inbound-rtp' ? lost / Math.max(1, packets + lost) : remoteLoss,
      picture: report.frameWidth === undefined ? '' :
        `${report.frameWidth}×${report.frameHeight}, ${Math.round(report.framesPerSecond ?? 0)}/s`,
    };
  }
}

function counters(report: any): Counted {
  return {
    time: report.timestamp,
    bytes: report.bytesReceived ?? report.bytesSent ?? 0,
    packets: report.packetsReceived ?? report.packetsSent ?? 0,
    lost: report.packetsLost ?? 0,
  };
}

// What the server says has not arrived of a stream that we send.
function sourceLoss(report: any, reports: any[]): number {
  return reports.find(one => one.id === report.remoteId)?.fractionLost ?? 0;
}

// 3 good, 2 fair, 1 poor; `score` is what the server hears of that person, `loss` what we miss.
export function quality(score: number, loss: number): number {
  if (score <= 4 || loss > POOR_LOSS) return 1;
  return score <= 7 || loss > FAIR_LOSS ? 2 : 3;
}

export class Overlay {
  readonly #sent: number[] = [];
  readonly #received: number[] = [];
  readonly #canvas = make('canvas');
  readonly #facts = make('dl');
  readonly #rows = make('tbody');

  constructor(readonly element: HTMLElement) {
    const head = make('tr');
    for (const title of ['', 'kbit/s', 'loss', 'picture']) head.append(make('th', '', title));
    const legend = make('p', 'legend', make('i', 'in'), 'received', make('i', 'out'), 'sent');
    element.append(this.#facts, this.#canvas, legend,
                   make('table', '', make('thead', '', head), this.#rows));
  }

  show({streams, sendKbps, receiveKbps, rtt}: Sample, nameOf: (id: string) => string): void {
    for (const [list, value] of [[this.#sent, sendKbps], [this.#received, receiveKbps]] as const) {
      list.push(value);
      if (list.length > HISTORY) list.shift();
    }
    if (this.element.hidden) return;
    this.#facts.replaceChildren();
    const facts = {
      received: `${Math.round(receiveKbps)} kbit/s`, sent: `${Math.round(sendKbps)} kbit/s`,
      'round trip': rtt === undefined ? '–' : `${rtt < 10 ? rtt.toFixed(1) : Math.round(rtt)} ms`,
    };
    for (const [term, value] of Object.entries(facts)) {
      this.#facts.append(make('div', '', make('dt', '', term), make('dd', '', value)));
    }
    // You, and then the others in the order in which they came.
    const rows = [...streams].sort(
      (a, b) => a.personId.localeCompare(b.personId, 'en', {numeric: true}));
    this.#rows.replaceChildren(...rows.map(({personId, source, kbps, loss, picture}) =>
      make('tr', '', make('th', '', `${personId === '' ? 'You' : nameOf(personId)} · ${source}`),
           make('td', '', String(Math.round(kbps))),
           make('td', loss > FAIR_LOSS ? 'bad' : '', `${(loss * 100).toFixed(1)} %`),
           make('td', '', picture))));
    this.#draw();
  }

  #draw(): void {
    const {clientWidth, clientHeight} = this.#canvas;
    const scale = window.devicePixelRatio;
    Object.assign(this.#canvas, {width: clientWidth * scale, height: clientHeight * scale});
    const context = this.#canvas.getContext('2d')!;
    context.scale(scale, scale);
    const most = Math.max(100, ...this.#sent, ...this.#received) * 1.15;
    context.fillStyle = '#8b95a5';
    context.font = '11px system-ui, sans-serif';
    context.fillText(`${Math.round(most)} kbit/s`, 4, 12);
    for (const [list, color] of [[this.#received, '#5cc8ff'], [this.#sent, '#ffb454']] as const) {
      context.beginPath();
      context.strokeStyle = color;
      context.lineWidth = 2;
      list.forEach((value, i) => context.lineTo(
        clientWidth * (HISTORY - list.length + i) / (HISTORY - 1),
        clientHeight - 2 - (clientHeight - 4) * value / most));
      context.stroke();
    }
  }
}
