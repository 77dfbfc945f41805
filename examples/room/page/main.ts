// The page of sfu-room. /?room=R&name=N&join=1 joins by itself, &token=T shows a token to the server.
import './style.css';

import {RoomApi} from './api';
import {BroadcastPanel} from './broadcast_panel';
import {Call, CallEvents, Entrance} from './call';
import {Chat} from './chat';
import {DeviceDialog} from './device_dialog';
import {loadChoice} from './devices';
import {byId} from './dom';
import {OwnMedia, State} from './own_media';
import {People} from './people';
import {RecordDialog} from './record_dialog';
import {Refused} from './signalling';
import {Overlay, Sampler} from './statistics';
import {Grid, Tile} from './tiles';

const REPLACED = 4001;           // the server's close code: we have joined from elsewhere
const RETRY_MS = [300, 700, 1500, 3000, 5000];
const STATISTICS_MS = 1000;

const query = new URLSearchParams(location.search);
const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`;
const grid = new Grid(byId('grid'), byId('stage'));
const people = new People(grid, () => byId('unblock').hidden = false);
const chat = new Chat(text => void call?.signalling.request('chat', {text}).catch(warn));
const api = () => new RoomApi(entrance!.room, entrance!.token);
const recordings = new RecordDialog();
const broadcast = new BroadcastPanel(api);
const overlay = new Overlay(byId('statistics'));
let own: OwnMedia;
let call: Call | undefined;
let entrance: Entrance | undefined;  // unset: we are not in, and do not want to be
let sampler = new Sampler();
let handUp = false;

const events: CallEvents = {
  joined: (self, all, lines, speaker) => {
    people.reset(self, all, speaker);
    chat.reset(lines);
    showCount();
  },
  personCame: person => { people.came(person); showCount(); },
  personWent: id => { people.went(id); showCount(); },
  trackCame: (...facts) => people.trackCame(...facts),
  trackWent: (...facts) => people.trackWent(...facts),
  trackPaused: (...facts) => people.trackPaused(...facts),
  notConsumable: (...facts) => people.notConsumable(...facts),
  speaker: id => people.speaker(id),
  levels: levels => people.levels(levels),
  handRaised: (id, raised) => {
    people.handRaised(id, raised);
    if (raised) say(`${people.nameOf(id)} has raised a hand.`);
  },
  score: (id, score) => people.score(id, score),
  chat: line => chat.add(line),
  outputs: outputs => {
    for (const type of ['recording', 'broadcast']) {
      byId(`${type}-mark`).hidden = !outputs.some(output => output.type === type);
    }
    byId('record').dataset.state = outputs.length > 0 ? 'on' : 'off';
    broadcast.show(outputs, entrance!.room);
  },
  lost: code => {
    call = undefined;
    if (code === REPLACED) return void leave('You have joined from another window.');
    say('The connection to the server is lost. Trying again…', true);
    void rejoin(0);
  },
};

function warn(error: Error): void {
  say(error.message);
}

// Words at the top; `stay`: until others come, or sayNothing().
let silence: ReturnType<typeof setTimeout> | undefined;
function say(text: string, stay = false): void {
  clearTimeout(silence);
  const notice = byId('notice');
  notice.textContent = text;
  notice.hidden = false;
  if (!stay) silence = setTimeout(sayNothing, 5000);
}

function sayNothing(): void {
  byId('notice').hidden = true;
}

function showCount(): void {
  byId('count').textContent = String(people.count + 1);
  byId('alone').hidden = people.count > 0;
}

// The same tab is the same person after a reload, so that it replaces itself.
function session(): string {
  let id = sessionStorage.getItem('sfu-room-session');
  if (id === null) {
    id = [...crypto.getRandomValues(new Uint8Array(16))].map(b => b.toString(16)).join('');
    sessionStorage.setItem('sfu-room-session', id);
  }
  return id;
}

async function connect(): Promise<void> {
  performance.mark('join');
  call = await Call.join(url, entrance!, events);
  sampler = new Sampler();
  await own.use(call);
  if (handUp) await call.signalling.request('raiseHand', {raised: true});
}

async function enter(room: string, name: string): Promise<void> {
  entrance = {room, name, session: session(), token: query.get('token') ?? undefined};
  byId('join-error').textContent = '';
  byId<HTMLButtonElement>('join-button').disabled = true;
  const self = new Tile(name, 'self');
  self.mark('muted', true);
  own = new OwnMedia(self, loadChoice(), showButtons, text => say(text));
  try {
    await connect();
    grid.add('self', self);
    remember(room, name);
    byId('room-name').textContent = room;
    document.body.classList.add('in-room');
    showButtons();
    // Others see us as soon as we are there, with what is allowed.
    await Promise.all([own.toggleCam(), own.toggleMic()]);
  } catch (error) {
    entrance = undefined;
    byId('join-error').textContent = explainRefusal(error as Error);
  } finally {
    byId<HTMLButtonElement>('join-button').disabled = false;
  }
}

function explainRefusal(error: Error): string {
  if (!(error instanceof Refused)) return `${capital(error.message)}.`;
  if (error.code === 'full') return `Sorry, ${error.message}. Try again later.`;
  if (error.code === 'token') return `You cannot enter: ${error.message}. Ask for a new link.`;
  return `${capital(error.message)}.`;
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

// The address of the room, so that a reload comes back and the link can be sent.
function remember(room: string, name: string): void {
  localStorage.setItem('sfu-room-name', name);
  query.set('room', room);
  query.set('name', name);
  query.set('join', '1');
  history.replaceState(null, '', `?${query}`);
}

async function rejoin(attempt: number): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]));
  if (entrance === undefined || call !== undefined) return;
  try {
    await connect();
    sayNothing();
  } catch (error) {
    // A full room may have a place again; what else is refused stays so.
    if (error instanceof Refused && error.code !== 'full') return leave(explainRefusal(error));
    say('The server cannot be reached. Trying again…', true);
    return rejoin(attempt + 1);
  }
}

async function leave(words = ''): Promise<void> {
  entrance = undefined;
  handUp = false;
  call?.leave();
  call = undefined;
  await own.closeAll();
  recordings.close();
  people.reset('', [], '');
  grid.remove('self');
  sayNothing();
  document.body.classList.remove('in-room', 'chatting');
  query.delete('join');
  history.replaceState(null, '', `?${query}`);
  byId('join-error').textContent = words;
}

function showButtons(): void {
  const show = (id: string, state: State, label: string) => {
    const button = byId(id);
    button.dataset.state = state;
    button.setAttribute('aria-pressed', String(state === 'on'));
    button.title = label;
    button.setAttribute('aria-label', label);
  };
  const mic = own.state('mic');
  show('mic', mic, mic === 'on' ? 'Mute' : 'Unmute');
  show('cam', own.state('cam'), own.state('cam') === 'on' ? 'Camera off' : 'Camera on');
  show('screen', own.state('screen'), own.state('screen') === 'on' ? 'Stop sharing' : 'Share screen');
  show('hand', handUp ? 'on' : 'off', handUp ? 'Lower hand' : 'Raise hand');
}

async function raiseHand(): Promise<void> {
  handUp = !handUp;
  own.tile.mark('hand-up', handUp);
  showButtons();
  await call?.signalling.request('raiseHand', {raised: handUp});
}

function inviteLink(): string {
  const link = new URL(location.href);
  link.search = '';
  link.searchParams.set('room', entrance!.room);
  if (entrance!.token !== undefined) link.searchParams.set('token', entrance!.token);
  return link.href;
}

async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(inviteLink());
    say('The link is copied. Send it to whom you want to meet.');
  } catch {
    say(inviteLink(), true);
  }
}

async function sampleForever(): Promise<void> {
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, STATISTICS_MS));
    if (call === undefined) continue;
    try {
      const sample = await sampler.take(call);
      people.judge(sample);
      overlay.show(sample, id => people.nameOf(id));
    } catch {
      // The call has just ended.
    }
  }
}

function wire(): void {
  const click = (id: string, action: () => unknown) => {
    byId(id).onclick = () => void Promise.resolve(action()).catch(warn);
  };
  click('mic', () => own.toggleMic());
  click('cam', () => own.toggleCam());
  click('screen', () => own.toggleScreen());
  click('hand', raiseHand);
  click('leave', () => leave());
  click('link', copyLink);
  click('copy', copyLink);
  click('stats', () => overlay.element.hidden = !overlay.element.hidden);
  click('record', () => recordings.open(api()));
  click('unblock', () => {
    byId('unblock').hidden = true;
    people.playAll();
  });
  const dialog = new DeviceDialog(choice => own.choose(choice));
  click('devices', () => dialog.open());
  window.addEventListener('online', () => call?.restartAll());
  byId<HTMLFormElement>('join').onsubmit = event => {
    event.preventDefault();
    void enter(byId<HTMLInputElement>('room').value.trim(), byId<HTMLInputElement>('name').value.trim());
  };
}

wire();
const room = query.get('room') ?? `room-${Math.random().toString(36).slice(2, 8)}`;
const name = query.get('name') ?? localStorage.getItem('sfu-room-name') ?? '';
byId<HTMLInputElement>('room').value = room;
byId<HTMLInputElement>('name').value = name;
if (query.get('join') === '1' && name !== '') void enter(room, name);
void sampleForever();
