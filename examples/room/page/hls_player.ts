// Plays a broadcast by HLS: with hls.js, or where that cannot run (older iPhones), by the browser itself.
import Hls, {ErrorTypes, Events} from 'hls.js/light';

import {Player, PlayerEvents} from './player';

// Two segments behind the newest: less than players usually are, for ours are a second or two long.
const SEGMENTS_BEHIND = 2;
// Who has fallen further behind than this jumps.
const MAX_SEGMENTS_BEHIND = 8;
const CATCH_UP = 1.1;  // times as fast
// What cannot be right: somebody's clock is wrong.
const MAX_DELAY_SECONDS = 60;

class HlsJsPlayer implements Player {
  readonly #hls = new Hls({
    // Its worker would come from a blob, which the page's Content-Security-Policy does not allow.
    enableWorker: false,
    liveSyncDurationCount: SEGMENTS_BEHIND,
    liveMaxLatencyDurationCount: MAX_SEGMENTS_BEHIND,
    maxLiveSyncPlaybackRate: CATCH_UP,
    backBufferLength: 10,
  });
  #mended = false;

  constructor(readonly video: HTMLVideoElement, url: string, events: PlayerEvents) {
    this.#hls.on(Events.MANIFEST_PARSED, (_, {levels}) =>
      events.qualities(levels.map(({height}) => height ? `${height}p` : '')));
    this.#hls.on(Events.ERROR, (_, {fatal, type, details}) => {
      if (!fatal) return;
      // A decoder that gave up begins anew, once.
      if (type === ErrorTypes.MEDIA_ERROR && !this.#mended) {
        this.#mended = true;
        return this.#hls.recoverMediaError();
      }
      events.failed(details);
    });
    this.#hls.loadSource(url);
    this.#hls.attachMedia(video);
  }

  delay(): number | undefined {
    const shown = this.#hls.playingDate;
    const behind = shown === null ? NaN : (Date.now() - shown.getTime()) / 1000;
    return behind > 0 && behind < MAX_DELAY_SECONDS ? behind : undefined;
  }

  choose(quality: number): void {
    this.#hls.nextLevel = quality;
  }

  stop(): void {
    this.#hls.destroy();
  }
}

class NativePlayer implements Player {
  readonly #failed: () => void;

  constructor(readonly video: HTMLVideoElement, url: string, events: PlayerEvents) {
    this.#failed = () => events.failed(video.error?.message ?? '');
    video.addEventListener('error', this.#failed);
    video.src = url;
  }

  delay(): undefined {}

  choose(): void {}

  stop(): void {
    this.video.removeEventListener('error', this.#failed);
    this.video.removeAttribute('src');
    this.video.load();
  }
}

// Undefined: this browser cannot.
export function playHls(video: HTMLVideoElement, url: string, events: PlayerEvents): Player | undefined {
  if (Hls.isSupported()) return new HlsJsPlayer(video, url, events);
  if (video.canPlayType('application/vnd.apple.mpegurl')) return new NativePlayer(video, url, events);
  return undefined;
}
