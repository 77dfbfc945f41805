// Plays one person of a room by WHEP: a fraction of a second behind, and no other qualities.
import {Player, PlayerEvents} from './player';

const LOOK_MS = 3000;

// What the server says that there is nobody to see, or nobody any more.
export const NOBODY = 'nobody';

export class WhepPlayer implements Player {
  readonly #connection = new RTCPeerConnection();
  readonly #headers: Record<string, string>;
  #session: string | undefined;  // its address
  #timer: number | undefined;
  #stopped = false;

  // `peer`: his name; undefined: the first who sends pictures. events.failed is told NOBODY if it is that.
  constructor(readonly video: HTMLVideoElement, room: string, peer: string | undefined, token: string | undefined,
              readonly events: PlayerEvents) {
    this.#headers = token === undefined ? {} : {Authorization: `Bearer ${token}`};
    const query = peer === undefined ? '' : `?${new URLSearchParams({peer})}`;
    const tracks = new MediaStream();
    video.srcObject = tracks;
    this.#connection.ontrack = ({track}) => tracks.addTrack(track);
    this.#connection.onconnectionstatechange = () => {
      if (this.#connection.connectionState === 'failed') this.#fail('the connection failed');
    };
    void this.#begin(`rooms/${encodeURIComponent(room)}/whep${query}`).catch(error => this.#fail(`${error}`));
  }

  async #begin(path: string): Promise<void> {
    for (const kind of ['video', 'audio']) this.#connection.addTransceiver(kind, {direction: 'recvonly'});
    await this.#connection.setLocalDescription();
    const response = await fetch(path, {
      method: 'POST', headers: {...this.#headers, 'Content-Type': 'application/sdp'},
      body: this.#connection.localDescription!.sdp});
    const text = await response.text();
    if ([404, 409].includes(response.status)) return this.#fail(NOBODY);
    if (response.status !== 201) throw new Error(text);
    this.#session = new URL(response.headers.get('Location')!, response.url).href;
    if (this.#stopped) return this.#leave();
    await this.#connection.setRemoteDescription({type: 'answer', sdp: text});
    this.#timer = window.setInterval(() => void this.#look(), LOOK_MS);
  }

  // Whether there still is something to see.
  async #look(): Promise<void> {
    const response = await fetch(this.#session!, {headers: this.#headers}).catch(() => undefined);
    if (response?.status === 404) this.#fail(NOBODY);
  }

  #fail(reason: string): void {
    if (!this.#stopped) this.events.failed(reason);
  }

  #leave(): void {
    if (this.#session === undefined) return;
    void fetch(this.#session, {method: 'DELETE', headers: this.#headers, keepalive: true}).catch(() => {});
  }

  delay(): undefined {}

  choose(): void {}

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#connection.close();
    this.video.srcObject = null;
    this.#leave();
  }
}
