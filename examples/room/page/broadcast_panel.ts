// The part of the dialog by which the room is broadcast: whether it is, and where it is watched.
import {RoomApi} from './api';
import {Output} from './call';
import {byId} from './dom';

export class BroadcastPanel {
  readonly #button = byId<HTMLButtonElement>('broadcast');
  readonly #link = byId<HTMLAnchorElement>('broadcast-link');
  #id = '';  // of the one that runs; '': none does

  constructor(api: () => RoomApi) {
    this.#button.onclick = () => void this.#toggle(api());
    byId('broadcast-copy').onclick = () => {
      navigator.clipboard.writeText(this.#link.href).then(
        () => this.#say('The address is copied.'), () => this.#say('Copy it from here, please.'));
    };
  }

  // By the server's word, whoever has begun or ended it.
  show(outputs: Output[], room: string): void {
    this.#id = outputs.find(({type, kind}) => type === 'broadcast' && kind === 'composed')?.id ?? '';
    const live = this.#id !== '';
    this.#button.textContent = live ? 'End the broadcast' : 'Go live';
    this.#button.classList.toggle('danger', live);
    byId('broadcast-address').hidden = !live;
    this.#say('');
    const address = new URL('watch.html', location.href);
    address.search = new URLSearchParams({room, id: this.#id}).toString();
    this.#link.href = this.#link.textContent = address.href;
  }

  async #toggle(api: RoomApi): Promise<void> {
    this.#button.disabled = true;
    try {
      await (this.#id === '' ? api.startBroadcast() : api.stopBroadcast(this.#id));
    } catch (error) {
      this.#say(`It cannot be done: ${(error as Error).message}.`);
    }
    this.#button.disabled = false;
  }

  #say(text: string): void {
    byId('broadcast-words').textContent = text;
  }
}
