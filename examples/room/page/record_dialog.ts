// Recordings of the room: start and stop them, see how they do, download them.
import {Recording, RoomApi} from './api';
import {byId, make} from './dom';
import {Refused} from './signalling';

const REFRESH_MS = 1000;
const KINDS = {composed: 'one picture of all', peers: 'a file for each person'};
const STATES = {
  recording: 'recording', stopping: 'completing the files', done: '', failed: 'failed',
  interrupted: 'the server was ended',
};

export class RecordDialog {
  readonly #dialog = byId<HTMLDialogElement>('record-dialog');
  readonly #list = byId('record-list');
  readonly #rows = new Map<string, Row>();
  #api: RoomApi | undefined;

  constructor() {
    byId<HTMLFormElement>('record-form').onsubmit = event => {
      event.preventDefault();
      const kind = new FormData(event.target as HTMLFormElement).get('kind') as Recording['kind'];
      void this.#do(api => api.startRecording(kind));
    };
    byId('record-close').onclick = () => this.#dialog.close();
  }

  async open(api: RoomApi): Promise<void> {
    this.#api = api;
    this.#rows.clear();
    this.#list.replaceChildren();
    await this.#refresh();
    if (!this.#dialog.open) this.#dialog.showModal();
    while (this.#dialog.open) {
      await new Promise(resolve => setTimeout(resolve, REFRESH_MS));
      if (this.#dialog.open) await this.#refresh();
    }
  }

  close(): void {
    this.#dialog.close();
  }

  async #do(action: (api: RoomApi) => Promise<unknown>): Promise<void> {
    try {
      await action(this.#api!);
    } catch (error) {
      return this.#say((error as Error).message);
    }
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    try {
      const recordings = await this.#api!.recordings();
      byId('record-form').hidden = false;
      this.#say(recordings.length === 0 ? 'Nothing is recorded yet.' : '');
      this.#show(recordings);
    } catch (error) {
      // There is nothing else that a list cannot be found for.
      const without = error instanceof Refused && error.code === 'not-found';
      byId('record-form').hidden = without;
      this.#say(without ? 'This server records nothing: it was started without --recordings.' :
        `The recordings cannot be listed: ${(error as Error).message}.`);
    }
  }

  #say(text: string): void {
    byId('record-words').textContent = text;
  }

  // Rows stay as they are: a button that is made anew under the finger is not pressed.
  #show(recordings: Recording[]): void {
    recordings.forEach((recording, i) => {
      let row = this.#rows.get(recording.id);
      if (row === undefined) {
        row = new Row(() => void this.#do(api => api.stopRecording(recording.id)));
        this.#rows.set(recording.id, row);
        this.#list.insertBefore(row.element, this.#list.children[i] ?? null);
      }
      row.show(recording, this.#api!);
    });
  }
}

class Row {
  readonly element = make('li', 'recording');
  readonly #title = make('b');
  readonly #facts = make('span', 'facts');
  readonly #stop = make('button', 'stop', 'Stop');
  readonly #files = make('p', 'files');
  #names = '';

  constructor(stop: () => void) {
    this.#stop.type = 'button';
    this.#stop.onclick = stop;
    this.element.append(make('div', '', this.#title, this.#facts), this.#stop, this.#files);
  }

  show(recording: Recording, api: RoomApi): void {
    const {id, state, files} = recording;
    this.element.dataset.state = state;
    const [title, text] = [titleOf(recording), facts(recording)];
    if (this.#title.textContent !== title) this.#title.textContent = title;
    if (this.#facts.textContent !== text) this.#facts.textContent = text;
    this.#stop.hidden = state !== 'recording';
    const names = JSON.stringify(files.map(({name, peer}) => [name, peer]));
    if (names === this.#names) return;
    this.#names = names;
    this.#files.replaceChildren(...files.map(({name, peer}) => {
      const link = make('a', '', peer === '' ? name : `${peer} (${name})`);
      link.href = api.fileUrl(id, name);
      link.download = `${api.room}-${id}-${name}`;
      return link;
    }));
  }
}

function titleOf({started, kind}: Recording): string {
  const time = new Date(started).toLocaleString([], {dateStyle: 'medium', timeStyle: 'short'});
  return `${time}, ${KINDS[kind]}`;
}

function facts({state, duration, bytes, packetsDropped, error}: Recording): string {
  const all = [STATES[state], clock(duration), size(bytes)];
  if (packetsDropped > 0) all.push(`${packetsDropped} packets dropped`);
  if (error !== undefined) all.push(error);
  return all.filter(one => one !== '').join(' · ');
}

// 3:07, or 1:03:07.
function clock(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e3)} kB`;
}
