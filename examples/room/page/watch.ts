// Watches what is broadcast of a room. /watch.html?room=R; &token=T shows a token to the server, &id=ID
// is one broadcast, which needs no token. &mode=whep begins with one person, at once.
import './style.css';
import './watch.css';

import {Broadcast, RoomApi} from './api';
import {byId, make} from './dom';
import {playHls} from './hls_player';
import {Player} from './player';
import {Refused} from './signalling';
import {NOBODY, WhepPlayer} from './whep_player';

const LOOK_MS = 2000;
const DELAY_MS = 1000;
// So many looks in vain, and we say so.
const PATIENCE = 2;

type State = 'looking' | 'nowhere' | 'idle' | 'starting' | 'playing' | 'ended' | 'lost' | 'refused' | 'unplayable';

const query = new URLSearchParams(location.search);
const room = query.get('room') ?? '';
const id = query.get('id') ?? undefined;
const token = query.get('token') ?? undefined;
const api = new RoomApi(room, token);
const video = byId<HTMLVideoElement>('video');
const quality = byId<HTMLSelectElement>('quality');
const mode = byId<HTMLSelectElement>('mode');
const volume = byId<HTMLInputElement>('volume');

let player: Player | undefined;
let watched: Broadcast | undefined;  // what the player plays, by HLS
let ended = '';                      // the id of the last that we saw the end of
let failures = 0;                    // looks in vain

const WORDS: Record<State, [string, string]> = {
  looking: ['One moment…', 'Asking the server what is on air.'],
  nowhere: ['Watch a broadcast', 'Which room would you like to see?'],
  idle: ['Nothing is on air', `As soon as somebody broadcasts from “${room}”, it begins here by itself.`],
  starting: ['It begins in a moment', 'The first seconds are on their way.'],
  playing: ['', ''],
  ended: ['The broadcast has ended', 'Thank you for watching. Should there be another one, it begins here by itself.'],
  lost: ['The server does not answer', 'Perhaps it, or your network, is away for a moment. We keep trying.'],
  refused: ['You cannot watch this room', ''],
  unplayable: ['This browser cannot play it', 'It needs Media Source Extensions, or HLS of its own. Try a newer one.'],
};

function show(state: State, text = WORDS[state][1]): void {
  document.body.dataset.state = state;
  byId('title').textContent = WORDS[state][0];
  byId('text').textContent = text;
  byId('notice').hidden = true;
  if (state !== 'playing') byId('delay').textContent = '';
}

function stop(): void {
  player?.stop();
  player = undefined;
  watched = undefined;
}

function end(): void {
  ended = watched?.id ?? ended;
  stop();
  showEnd();
}

// Another broadcast has another id.
function showEnd(): void {
  show('ended', id === undefined ? undefined : 'Thank you for watching.');
}

function start(broadcast: Broadcast): void {
  stop();
  watched = broadcast;
  showQualities([]);
  player = playHls(video, broadcast.playlist, {
    qualities: showQualities,
    failed: reason => {
      console.warn(`the player failed: ${reason}`);
      stop();
      show('looking');
    },
  });
  if (player === undefined) return show('unplayable');
  void begin();
}

// Browsers let a page make no sound before somebody touches it, unless he often listens here.
async function begin(): Promise<void> {
  video.muted = false;
  try {
    await video.play();
  } catch {
    video.muted = true;
    await video.play().catch(() => {});  // then it was stopped meanwhile
  }
}

// One person, without waiting for anything.
function startAtOnce(): void {
  stop();
  showQualities([]);
  player = new WhepPlayer(video, room, query.get('peer') ?? undefined, token, {
    qualities: () => {},
    failed: reason => {
      const seen = document.body.dataset.state === 'playing';
      stop();
      if (reason === NOBODY && seen) return show('ended');
      if (reason === NOBODY) return show('idle', `As soon as somebody in “${room}” is to be seen, it begins here.`);
      console.warn(`the player failed: ${reason}`);
      show('looking');
    },
  });
  void begin();
}

function showQualities(names: string[]): void {
  byId('quality-label').hidden = names.length < 2;
  const choices = names.map((name, index) => ({name, index}));
  choices.sort((one, other) => parseInt(other.name) - parseInt(one.name));
  const option = (text: string, value: number) => {
    const element = make('option', '', text);
    element.value = `${value}`;
    return element;
  };
  quality.replaceChildren(option('Auto', -1), ...choices.map(({name, index}) => option(name, index)));
}

// What is on air: the newest that runs, or else that which is about to.
async function find(): Promise<Broadcast | undefined> {
  if (id !== undefined) return api.broadcast(id);
  const all = (await api.broadcasts()).filter(({state}) => state !== 'ended');
  all.sort((one, other) => other.started - one.started);
  return all.find(({state}) => state === 'running') ?? all[0];
}

function judge(found: Broadcast | undefined): void {
  byId('notice').hidden = true;
  if (watched !== undefined) {
    // The end of what is played tells the video itself, when all of it was seen.
    if (found === undefined || found.id !== watched.id) setTimeout(endIfStill, LOOK_MS, watched.id);
    return;
  }
  if (found === undefined || found.state === 'ended') {
    if (ended !== '' || id !== undefined) showEnd();
    else show('idle');
  } else if (found.state === 'starting') {
    show('starting');
  } else {
    start(found);
  }
}

function endIfStill(which: string): void {
  if (watched?.id === which && (video.paused || video.ended || video.readyState < video.HAVE_FUTURE_DATA)) end();
}

async function look(): Promise<void> {
  try {
    if (mode.value === 'whep') {
      await api.broadcasts();  // is the server there, and are we welcome?
      failures = 0;
      byId('notice').hidden = true;
      if (player === undefined) startAtOnce();
      return;
    }
    const found = await find();
    failures = 0;
    judge(found);
  } catch (error) {
    if (error instanceof Refused) {
      failures = 0;
      if (error.code === 'not-found') return judge(undefined);
      stop();
      return show('refused', `${error.message[0].toUpperCase()}${error.message.slice(1)}.` +
                             (error.code === 'token' ? ' Ask for a link that has one.' : ''));
    }
    if (++failures < PATIENCE) return;
    // What has come by now is still played.
    if (player === undefined || watched === undefined || video.readyState < video.HAVE_FUTURE_DATA) {
      stop();
      show('lost');
    } else {
      byId('notice').textContent = 'The server does not answer. Trying again…';
      byId('notice').hidden = false;
    }
  }
}

function showDelay(): void {
  const seconds = player?.delay();
  byId('delay').textContent = seconds === undefined || video.paused ? '' : `${seconds.toFixed(1)} s behind`;
  // For whoever measures.
  document.body.dataset.delay = seconds === undefined ? '' : seconds.toFixed(3);
}

function showSound(): void {
  const off = video.muted || video.volume === 0;
  byId('sound').dataset.state = off ? 'off' : 'on';
  byId('unmute').hidden = !video.muted || document.body.dataset.state !== 'playing';
  volume.value = video.muted ? '0' : `${video.volume}`;
}

video.addEventListener('playing', () => {
  if (player !== undefined) show('playing');
  showSound();
});
video.addEventListener('ended', end);
video.addEventListener('volumechange', showSound);
byId('unmute').addEventListener('click', () => video.muted = false);
byId('sound').addEventListener('click', () => {
  video.muted = !video.muted;
  if (!video.muted && video.volume === 0) video.volume = 1;
});
volume.addEventListener('input', () => {
  video.volume = Number(volume.value);
  video.muted = video.volume === 0;
});
quality.addEventListener('change', () => player?.choose(Number(quality.value)));
mode.addEventListener('change', () => {
  stop();
  show('looking');
  void look();
});
byId('again').addEventListener('click', () => void look());
byId('full').addEventListener('click', () => {
  if (document.fullscreenElement !== null) return void document.exitFullscreen();
  if (document.documentElement.requestFullscreen) return void document.documentElement.requestFullscreen();
  // iPhones only know of videos.
  (video as HTMLVideoElement & {webkitEnterFullscreen?: () => void}).webkitEnterFullscreen?.();
});

async function run(): Promise<never> {
  for (;;) {
    await look();
    await new Promise(resolve => setTimeout(resolve, LOOK_MS));
  }
}

byId('choose-room').addEventListener('submit', event => {
  event.preventDefault();
  location.search = `?${new URLSearchParams({room: byId<HTMLInputElement>('room').value})}`;
});
byId('room-name').textContent = room;
if (room === '') {
  show('nowhere');
} else {
  document.title = `${room} – broadcast`;
  show('looking');
  if (query.get('mode') === 'whep') mode.value = 'whep';
  mode.hidden = id !== undefined && token === undefined;
  setInterval(showDelay, DELAY_MS);
  void run();
}
