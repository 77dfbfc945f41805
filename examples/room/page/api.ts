// The REST API of the room: what is recorded and broadcast of it (docs/api/room.openapi.json).
import {Refused} from './signalling';

export interface RecordedFile {
  name: string;
  peer: string;  // '': all
}

export interface Recording {
  id: string;
  kind: 'composed' | 'peers';
  state: 'recording' | 'stopping' | 'done' | 'failed' | 'interrupted';
  started: number;   // ms since 1970
  duration: number;  // seconds
  bytes: number;
  packetsDropped: number;
  files: RecordedFile[];
  error?: string;
}

export interface Broadcast {
  id: string;
  state: 'starting' | 'running' | 'ended';
  started: number;   // ms since 1970
  playlist: string;  // its address
}

export class RoomApi {
  constructor(readonly room: string, readonly token: string | undefined) {}

  async recordings(): Promise<Recording[]> {
    return (await this.#ask('GET', 'recordings')).recordings;
  }

  startRecording(kind: Recording['kind']): Promise<Recording> {
    return this.#ask('POST', 'recordings', {kind});
  }

  stopRecording(id: string): Promise<Recording> {
    return this.#ask('DELETE', `recordings/${id}`);
  }

  async broadcasts(): Promise<Broadcast[]> {
    return (await this.#ask('GET', 'hls')).broadcasts;
  }

  broadcast(id: string): Promise<Broadcast> {
    return this.#ask('GET', `hls/${encodeURIComponent(id)}`);
  }

  // All in one picture.
  startBroadcast(): Promise<Broadcast> {
    return this.#ask('POST', 'hls', {kind: 'composed'});
  }

  stopBroadcast(id: string): Promise<Broadcast> {
    return this.#ask('DELETE', `hls/${id}`);
  }

  // Where a file is downloaded from. A link has no headers, so the token stands in it.
  fileUrl(id: string, file: string): string {
    const token = this.token === undefined ? '' : `?${new URLSearchParams({token: this.token})}`;
    return this.#url(`recordings/${id}/${encodeURIComponent(file)}`) + token;
  }

  #url(path: string): string {
    return `api/rooms/${encodeURIComponent(this.room)}/${path}`;
  }

  // Rejects with Refused, or when there is no server.
  async #ask(method: string, path: string, body?: object): Promise<any> {
    const headers: Record<string, string> = {};
    if (this.token !== undefined) headers.Authorization = `Bearer ${this.token}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const response = await fetch(this.#url(path), {method, headers, body: body && JSON.stringify(body)});
    const json = await response.json();
    if (response.ok) return json;
    const {code, field, reason} = json.error;
    throw new Refused(code, field, reason);
  }
}
