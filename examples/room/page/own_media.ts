// What we send: it outlives a lost connection, after which it is produced again.
import {Call, Source} from './call';
import {Choice, explain, openCam, openMic, openScreen} from './devices';
import {Tile} from './tiles';

export type State = 'off' | 'on' | 'muted';

export class OwnMedia {
  readonly #tracks = new Map<Source, MediaStreamTrack>();
  #muted = false;
  #call: Call | undefined;

  // `changed`: a button looks different now. `complain`: words for the user.
  constructor(readonly tile: Tile, public choice: Choice, readonly changed: () => void,
              readonly complain: (text: string) => void) {}

  state(source: Source): State {
    const track = this.#tracks.get(source);
    if (track === undefined) return 'off';
    return source === 'mic' && this.#muted ? 'muted' : 'on';
  }

  // Everything that is open goes out by this call, too.
  async use(call: Call): Promise<void> {
    this.#call = call;
    for (const [source, track] of this.#tracks) await this.#produce(source, track);
  }

  async toggleMic(): Promise<void> {
    if (!this.#tracks.has('mic')) {
      this.#muted = false;
      return this.#open('mic', 'microphone', () => openMic(this.choice));
    }
    this.#muted = !this.#muted;
    this.#changed();
    await this.#call?.setPaused('mic', this.#muted);
  }

  // Off means that the camera's light goes out.
  toggleCam(): Promise<void> {
    return this.#tracks.has('cam') ? this.close('cam') :
      this.#open('cam', 'camera', () => openCam(this.choice));
  }

  async toggleScreen(): Promise<void> {
    if (this.#tracks.has('screen')) return this.close('screen');
    try {
      const stream = await openScreen();
      for (const track of stream.getTracks()) {
        await this.#take(track.kind === 'video' ? 'screen' : 'screen-audio', track);
      }
    } catch (error) {
      // Who has chosen no screen knows it.
      if ((error as Error).name !== 'NotAllowedError') this.complain(explain('screen', error));
    }
  }

  // Other devices: those that are open change over.
  async choose(choice: Choice): Promise<void> {
    this.choice = choice;
    await this.#replace('mic', 'microphone', () => openMic(choice));
    await this.#replace('cam', 'camera', () => openCam(choice));
  }

  async close(source: Source): Promise<void> {
    const track = this.#tracks.get(source);
    if (track === undefined) return;
    this.#tracks.delete(source);
    track.onended = null;
    track.stop();
    if (source === 'cam') this.tile.set('video', null);
    this.#changed();
    await this.#call?.closeProducer(source);
    if (source === 'screen') await this.close('screen-audio');
  }

  async closeAll(): Promise<void> {
    this.#call = undefined;
    for (const source of [...this.#tracks.keys()]) await this.close(source);
  }

  async #open(source: Source, what: string, open: () => Promise<MediaStreamTrack>): Promise<void> {
    try {
      await this.#take(source, await open());
    } catch (error) {
      this.complain(explain(what, error));
    }
  }

  async #replace(source: Source, what: string,
                 open: () => Promise<MediaStreamTrack>): Promise<void> {
    const before = this.#tracks.get(source);
    if (before === undefined) return;
    before.onended = null;
    before.stop();  // some machines open a device only once
    try {
      const track = await open();
      this.#keep(source, track);
      await this.#call?.replaceTrack(source, track);
    } catch (error) {
      this.complain(explain(what, error));
      await this.close(source);
    }
  }

  async #take(source: Source, track: MediaStreamTrack): Promise<void> {
    this.#keep(source, track);
    await this.#produce(source, track);
  }

  #keep(source: Source, track: MediaStreamTrack): void {
    this.#tracks.set(source, track);
    // The user pulled the plug, or ended the sharing in the browser's own bar.
    track.onended = () => void this.close(source);
    if (source === 'cam') {
      this.tile.set('video', track);
      void this.tile.play().catch(() => {});  // it has no sound, so nothing can forbid it
    }
    if (source === 'screen') track.contentHint = 'detail';
    this.#changed();
  }

  // A connection that is lost just now is not the device's fault: use() does it again.
  async #produce(source: Source, track: MediaStreamTrack): Promise<void> {
    await this.#call?.produce(source, track, source === 'mic' && this.#muted).catch(
      error => console.warn(`${source}: ${error.message}`));
  }

  #changed(): void {
    this.tile.mark('muted', this.state('mic') !== 'on');
    this.changed();
  }
}
