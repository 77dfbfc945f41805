// Who is in the room, and their tiles: what the call tells becomes what the page shows.
import {Person, Source} from './call';
import {Grid, Tile} from './tiles';
import {quality, Sample} from './statistics';

const QUALITY = ['', 'poor connection', 'fair connection', 'good connection'];

export class People {
  readonly #people = new Map<string, Person>();
  #self = '';  // our own id

  // `blocked`: the browser plays nothing before a click.
  constructor(readonly grid: Grid, readonly blocked: () => void) {}

  get count(): number {
    return this.#people.size;
  }

  nameOf(id: string): string {
    return this.#people.get(id)?.name ?? 'Somebody';
  }

  reset(self: string, people: Person[], speaker: string): void {
    this.#self = self;
    this.#people.clear();
    this.grid.clear();
    people.forEach(person => this.came(person));
    this.speaker(speaker);
  }

  came(person: Person): void {
    this.#people.set(person.id, person);
    const tile = new Tile(person.name, 'peer');
    tile.mark('hand-up', person.handRaised);
    tile.mark('muted', true);  // until a microphone comes
    this.grid.add(person.id, tile);
  }

  went(id: string): void {
    this.#people.delete(id);
    this.grid.remove(id);
    this.grid.remove(`screen ${id}`);
  }

  trackCame(id: string, source: Source, track: MediaStreamTrack, paused: boolean): void {
    const tile = this.#tile(id, source) ?? this.#addScreen(id);
    if (tile === undefined) return;
    tile.set(track.kind as 'audio' | 'video', track);
    this.trackPaused(id, source, paused);
    tile.play().catch(error => {
      if (error.name === 'NotAllowedError') this.blocked();
    });
  }

  trackWent(id: string, source: Source): void {
    const tile = this.#tile(id, source);
    if (source === 'screen') this.grid.remove(`screen ${id}`);
    else tile?.set(source === 'cam' ? 'video' : 'audio', null);
    if (source === 'mic') tile?.mark('muted', true);
  }

  trackPaused(id: string, source: Source, paused: boolean): void {
    if (source === 'mic') this.#tile(id, source)?.mark('muted', paused);
  }

  notConsumable(id: string, source: Source): void {
    if (source === 'cam') this.#tile(id, source)?.mark('unplayable', true);
  }

  handRaised(id: string, raised: boolean): void {
    this.grid.get(id)?.mark('hand-up', raised);
  }

  score(id: string, score: number): void {
    const person = this.#people.get(id);
    if (person !== undefined) person.score = score;
  }

  // How loud each is, in dBov; who is not in it is silent.
  levels(levels: Record<string, number>): void {
    for (const [key, tile] of this.grid.values()) tile.level(levels[key === 'self' ? this.#self : key]);
  }

  speaker(id: string): void {
    this.grid.speaker(id === this.#self && id !== '' ? 'self' : id);
  }

  // The badges, by what came and was lost since the last time.
  judge({streams}: Sample): void {
    for (const [id, {score}] of this.#people) {
      const losses = streams.filter(({personId}) => personId === id).map(({loss}) => loss);
      const bars = quality(score, Math.max(0, ...losses));
      this.grid.get(id)?.quality(bars, QUALITY[bars]);
    }
  }

  playAll(): void {
    for (const [, tile] of this.grid.values()) tile.play().catch(() => {});
  }

  #tile(id: string, source: Source): Tile | undefined {
    return this.grid.get(source.startsWith('screen') ? `screen ${id}` : id);
  }

  #addScreen(id: string): Tile | undefined {
    if (!this.#people.has(id)) return undefined;
    const tile = new Tile(this.nameOf(id), 'screen');
    this.grid.add(`screen ${id}`, tile);
    return tile;
  }
}
