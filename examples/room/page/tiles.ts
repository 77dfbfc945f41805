// The grid: a tile for each person, and one for each screen that is shared. A screen, or with many
// people who speaks, is on the stage: the large place.
import {icon, make} from './dom';

// With more people than that who speaks is shown large.
const EVEN_GRID = 6;
const QUIETEST = -60;  // dBov that is shown as nothing
const GAP = 10;  // px, as in style.css
const COLORS = ['#4f7cac', '#7a6fb0', '#b0697a', '#5a9367', '#b08a4f', '#4f9aa3'];

export class Tile {
  readonly element: HTMLElement;
  readonly video: HTMLVideoElement;
  readonly #stream = new MediaStream();
  readonly #badge = make('span', 'badge');

  // `kind`: the video's data attribute that names the person: peer, screen or self.
  constructor(readonly name: string, kind: 'peer' | 'screen' | 'self') {
    this.video = make('video');
    Object.assign(this.video, {autoplay: true, playsInline: true, muted: kind === 'self'});
    this.video.dataset[kind] = name;
    const avatar = make('div', 'avatar', initials(name));
    avatar.style.background = COLORS[hash(name) % COLORS.length];
    const label = make('div', 'label');
    const muted = make('span', 'muted-sign', icon('mic-off'));
    muted.title = 'muted';
    const voice = make('span', 'voice', make('i'), make('i'), make('i'));
    label.append(muted, voice, make('span', 'name', kind === 'screen' ? `${name}'s screen` : name));
    const hand = make('div', 'hand', icon('hand'));
    hand.title = 'has raised a hand';
    this.element = make('div', `tile ${kind}`, avatar, this.video, hand, this.#badge, label);
    this.element.dataset.tile = name;
    this.#badge.append(make('i'), make('i'), make('i'));
  }

  set(kind: 'audio' | 'video', track: MediaStreamTrack | null): void {
    for (const old of this.#stream.getTracks()) {
      if (old.kind === kind) this.#stream.removeTrack(old);
    }
    if (track !== null) this.#stream.addTrack(track);
    // A player that waits for its first track would keep the whole page from being loaded.
    const source = this.#stream.getTracks().length > 0 ? this.#stream : null;
    if (this.video.srcObject !== source) this.video.srcObject = source;
    if (kind === 'video') this.element.classList.toggle('has-video', track !== null);
  }

  // Rejects where the browser wants a click first.
  play(): Promise<void> {
    return this.#stream.getTracks().length === 0 ? Promise.resolve() : this.video.play();
  }

  mark(what: 'muted' | 'hand-up' | 'speaking' | 'unplayable', on: boolean): void {
    this.element.classList.toggle(what, on);
  }

  // How loud it is, in dBov; undefined: silent.
  level(decibels: number | undefined): void {
    const part = decibels === undefined ? 0 : Math.min(1, Math.max(0, 1 - decibels / QUIETEST));
    this.element.style.setProperty('--level', part.toFixed(2));
  }

  // 3 good, 2 fair, 1 poor.
  quality(bars: number, text: string): void {
    this.element.dataset.quality = String(bars);
    this.#badge.title = text;
  }
}

export class Grid {
  readonly #tiles = new Map<string, Tile>();
  #lastSpeaker = '';  // but for ourselves: nobody wants to see himself large

  constructor(readonly grid: HTMLElement, readonly stage: HTMLElement) {
    new ResizeObserver(() => this.arrange()).observe(grid);
  }

  get(key: string): Tile | undefined {
    return this.#tiles.get(key);
  }

  add(key: string, tile: Tile): void {
    this.#tiles.set(key, tile);
    this.arrange();
  }

  remove(key: string): void {
    this.#tiles.get(key)?.element.remove();
    this.#tiles.delete(key);
    this.arrange();
  }

  // All but what is our own.
  clear(): void {
    for (const key of [...this.#tiles.keys()]) if (key !== 'self') this.remove(key);
  }

  values(): Iterable<[string, Tile]> {
    return this.#tiles.entries();
  }

  speaker(key: string): void {
    if (key !== '' && key !== 'self') this.#lastSpeaker = key;
    for (const [other, tile] of this.#tiles) tile.mark('speaking', other === key);
    this.arrange();
  }

  // Puts each tile where it belongs, and makes them as large as there is room for.
  arrange(): void {
    const screen = [...this.#tiles.keys()].reverse().find(key => key.startsWith('screen '));
    const large = screen ?? (this.#tiles.size > EVEN_GRID ? this.#lastSpeaker : '');
    let count = 0;
    for (const [key, {element}] of this.#tiles) {
      const place = key === large ? this.stage : this.grid;
      if (element.parentElement !== place) place.append(element);
      if (place === this.grid) ++count;
    }
    const staged = this.stage.childElementCount > 0;
    document.body.classList.toggle('staged', staged);
    if (staged) return;
    this.grid.style.setProperty('--tile', `${widest(count, this.grid)}px`);
  }
}

// How wide so many tiles of 16:9 can be, in px.
function widest(count: number, {clientWidth, clientHeight}: HTMLElement): number {
  let best = 0;
  for (let columns = 1; columns <= count; ++columns) {
    const rows = Math.ceil(count / columns);
    best = Math.max(best, Math.floor(Math.min(
      (clientWidth - (columns - 1) * GAP) / columns,
      (clientHeight - (rows - 1) * GAP) / rows * 16 / 9)));
  }
  return best;
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return (words.length > 1 ? words[0][0] + words.at(-1)![0] : [...name][0] ?? '?').toUpperCase();
}

function hash(text: string): number {
  return [...text].reduce((sum, c) => (sum * 31 + c.codePointAt(0)!) >>> 0, 7);
}
