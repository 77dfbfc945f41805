// What plays a broadcast into a video element, from when it is made until stop().
export interface Player {
  // From what happens to what is seen, in seconds; undefined: not known.
  delay(): number | undefined;
  // One of the qualities; -1: as the network allows.
  choose(quality: number): void;
  stop(): void;
}

export interface PlayerEvents {
  // What there is to choose of, by name.
  qualities(names: string[]): void;
  // It cannot go on. `reason` is for the console.
  failed(reason: string): void;
}
