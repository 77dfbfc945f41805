// One stay in a room: from join to the end of the connection. What is sent and received goes through
// mediasoup-client; what others do is told to `CallEvents`.
import {Device, types} from 'mediasoup-client';

import {Signalling} from './signalling';

export type Source = 'mic' | 'cam' | 'screen' | 'screen-audio';

export interface Person {
  id: string;
  name: string;
  handRaised: boolean;
  score: number;  // how well the server hears him: 10 is perfect
}

export interface ChatLine {
  name: string;
  text: string;
  time: number;  // ms since 1970
}

// What of the room goes elsewhere.
export interface Output {
  type: 'recording' | 'broadcast';
  id: string;
  kind: string;
}

export interface CallEvents {
  // `self`: our own id.
  joined(self: string, people: Person[], chat: ChatLine[], speaker: string): void;
  personCame(person: Person): void;
  personWent(id: string): void;
  trackCame(personId: string, source: Source, track: MediaStreamTrack, paused: boolean): void;
  trackWent(personId: string, source: Source): void;
  trackPaused(personId: string, source: Source, paused: boolean): void;
  notConsumable(personId: string, source: Source): void;
  speaker(id: string): void;
  levels(levels: Record<string, number>): void;
  handRaised(id: string, raised: boolean): void;
  score(id: string, score: number): void;
  chat(line: ChatLine): void;
  outputs(outputs: Output[]): void;
  // The connection is lost. `code`: of the WebSocket; 0: the media do not get through.
  lost(code: number): void;
}

export interface Entrance {
  room: string;
  name: string;
  token?: string;
  session: string;
}

export interface Owner {
  personId: string;  // '': ourselves
  source: Source;
}

// How long a path may be silent before another is looked for, and how long that may take.
const RESTART_AFTER_MS = 1500;
const GIVE_UP_AFTER_MS = 15_000;

interface Received {
  consumer: types.Consumer;
  personId: string;
  source: Source;
}

export class Call {
  readonly #producers = new Map<Source, types.Producer>();
  readonly #consumers = new Map<string, Received>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #device = new Device();
  #send!: types.Transport;
  #receive!: types.Transport;
  #over = false;

  private constructor(readonly signalling: Signalling, readonly events: CallEvents) {}

  static async join(url: string, entrance: Entrance, events: CallEvents): Promise<Call> {
    const call = new Call(await Signalling.open(url), events);
    try {
      await call.#start(entrance);
    } catch (error) {
      call.leave();
      throw error;
    }
    return call;
  }

  async #start(entrance: Entrance): Promise<void> {
    const welcome = await this.signalling.request('join', entrance);
    this.signalling.onClosed = code => this.#lose(code);
    this.signalling.onNotification = (method, data) => this.#hear(method, data);
    this.events.joined(welcome.peerId, welcome.peers, welcome.chat, welcome.speaker);
    this.events.outputs(welcome.outputs);
    await this.#device.load({routerRtpCapabilities: welcome.rtpCapabilities});
    [this.#send, this.#receive] = await Promise.all([this.#transport('send'), this.#transport('recv')]);
    await this.signalling.request('receive', {rtpCapabilities: this.#device.recvRtpCapabilities});
  }

  async #transport(direction: 'send' | 'recv'): Promise<types.Transport> {
    const options = await this.signalling.request('createTransport', {direction});
    const transport = direction === 'send' ? this.#device.createSendTransport(options) :
      this.#device.createRecvTransport(options);
    transport.on('connect', ({dtlsParameters}, done, failed) =>
      this.signalling.request('connectTransport', {transportId: transport.id, dtlsParameters})
        .then(done, failed));
    transport.on('produce', ({kind, rtpParameters, appData}, done, failed) =>
      this.signalling.request('produce', {kind, rtpParameters, ...appData}).then(done, failed));
    transport.on('connectionstatechange', state => this.#watch(transport, state));
    return transport;
  }

  // A path that was lost: first the same connection by another path, then all anew.
  #watch(transport: types.Transport, state: types.ConnectionState): void {
    if (state !== 'disconnected' && state !== 'failed') return;
    const lostStill = () => ['disconnected', 'failed'].includes(transport.connectionState);
    this.#later(state === 'failed' ? 0 : RESTART_AFTER_MS, () => {
      if (lostStill()) this.restartIce(transport).catch(() => {});
    });
    this.#later(GIVE_UP_AFTER_MS, () => {
      if (lostStill()) this.#lose(0);
    });
  }

  async restartIce(transport: types.Transport): Promise<void> {
    const {iceParameters} = await this.signalling.request('restartIce', {transportId: transport.id});
    await transport.restartIce({iceParameters});
  }

  // The machine has another network now.
  restartAll(): void {
    for (const transport of [this.#send, this.#receive]) this.restartIce(transport).catch(() => {});
  }

  #later(milliseconds: number, call: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      call();
    }, milliseconds);
    this.#timers.add(timer);
  }

  async produce(source: Source, track: MediaStreamTrack, paused: boolean): Promise<void> {
    const producer = await this.#send.produce({
      track, stopTracks: false, appData: {source, paused},
      codecOptions: source === 'screen-audio' ? {opusStereo: true} : {opusDtx: true},
    });
    this.#producers.set(source, producer);
    if (paused) producer.pause();
  }

  async closeProducer(source: Source): Promise<void> {
    const producer = this.#producers.get(source);
    if (producer === undefined) return;
    this.#producers.delete(source);
    producer.close();
    await this.signalling.request('closeProducer', {producerId: producer.id});
  }

  async setPaused(source: Source, paused: boolean): Promise<void> {
    const producer = this.#producers.get(source);
    if (producer === undefined) return;
    if (paused) producer.pause();
    else producer.resume();
    await this.signalling.request(paused ? 'pauseProducer' : 'resumeProducer',
                                  {producerId: producer.id});
  }

  // The same Producer, from another device.
  async replaceTrack(source: Source, track: MediaStreamTrack): Promise<void> {
    await this.#producers.get(source)?.replaceTrack({track});
  }

  // What getStats says of both directions, and whose each track is by its id.
  async stats(): Promise<{reports: RTCStats[], owners: Map<string, Owner>}> {
    const both = await Promise.all([this.#send.getStats(), this.#receive.getStats()]);
    const owners = new Map<string, Owner>();
    for (const {consumer, personId, source} of this.#consumers.values()) {
      owners.set(consumer.track.id, {personId, source});
    }
    for (const [source, {track}] of this.#producers) {
      if (track !== null) owners.set(track.id, {personId: '', source});
    }
    return {reports: both.flatMap(report => [...report.values()]), owners};
  }

  leave(): void {
    this.#over = true;
    this.#timers.forEach(clearTimeout);
    this.#send?.close();
    this.#receive?.close();
    this.signalling.close();
  }

  #lose(code: number): void {
    if (this.#over) return;
    this.leave();
    this.events.lost(code);
  }

  #hear(method: string, data: any): void {
    switch (method) {
      case 'peerJoined': return this.events.personCame(data);
      case 'peerLeft': return this.events.personWent(data.peerId);
      case 'newConsumer': return void this.#consume(data);
      case 'consumerClosed': return this.#closeConsumer(data.consumerId);
      case 'producerPaused':
        return this.events.trackPaused(data.peerId, data.source, data.paused);
      case 'notConsumable': return this.events.notConsumable(data.peerId, data.source);
      case 'activeSpeaker': return this.events.speaker(data.peerId);
      case 'audioLevels': return this.events.levels(data.levels);
      case 'handRaised': return this.events.handRaised(data.peerId, data.raised);
      case 'peerScore': return this.events.score(data.peerId, data.score);
      case 'chat': return this.events.chat(data);
      case 'outputs': return this.events.outputs(data.outputs);
      default: return;  // a newer server's
    }
  }

  // It begins at a key frame, when we are ready for one.
  async #consume({id, producerId, kind, rtpParameters, peerId, source, producerPaused}: any) {
    try {
      const consumer = await this.#receive.consume({
        id, producerId, kind, rtpParameters,
        // Lips and voice belong together, screen and its sound as well.
        streamId: `${peerId}-${String(source).startsWith('screen') ? 'screen' : 'person'}`,
      });
      this.#consumers.set(id, {consumer, personId: peerId, source});
      this.events.trackCame(peerId, source, consumer.track, producerPaused);
      await this.signalling.request('resumeConsumer', {consumerId: id});
    } catch (error) {
      // It was closed meanwhile, or the call is over.
      if (!this.#over) console.warn(`${source} of ${peerId}: ${error}`);
    }
  }

  #closeConsumer(id: string): void {
    const received = this.#consumers.get(id);
    if (received === undefined) return;
    this.#consumers.delete(id);
    received.consumer.close();
    this.events.trackWent(received.personId, received.source);
  }
}
