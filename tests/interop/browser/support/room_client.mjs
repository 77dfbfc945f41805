// A client of sfu-room that is no browser: its WebSocket, and what it says.

import assert from 'node:assert/strict';

import WebSocket from 'ws';

import {microphoneTrack} from './microphone.mjs';

export class Client {
  #waiting = new Map();
  #lastId = 0;
  notifications = [];
  lastError = undefined;  // of all answers

  static async connect(url, options = {}) {
    const client = new Client();
    client.socket = new WebSocket(url.replace('http', 'ws') + 'ws', options);
    client.closed = new Promise(resolve => client.socket.on('close', resolve));
    client.socket.on('message', data => {
      const {id, method, data: content, error} = JSON.parse(data);
      if (method !== undefined) return client.notifications.push([method, content]);
      client.lastError = error ?? client.lastError;
      client.#waiting.get(id)?.(error ?? content);
      client.#waiting.delete(id);
    });
    await new Promise((resolve, reject) => client.socket.on('open', resolve).on('error', reject));
    return client;
  }

  // The data of the answer, or its error.
  request(method, data = {}) {
    const id = ++this.#lastId;
    this.socket.send(JSON.stringify({id, method, data}));
    return new Promise(resolve => this.#waiting.set(id, resolve));
  }

  join(name, room = 'test', more = {}) {
    return this.request('join', {room, name, ...more});
  }

  // What it was told by that method; undefined: nothing yet.
  heardOf(method) {
    const all = this.notifications.filter(([name]) => name === method).map(([, data]) => data);
    return all.length > 0 ? all : undefined;
  }
}

// The request `produce` of a microphone.
export function microphone(ssrc) {
  return {...microphoneTrack(ssrc), source: 'mic'};
}

export async function eventually(check, milliseconds = 5000) {
  for (const end = Date.now() + milliseconds; ;) {
    const value = await check();
    if (value) return value;
    assert.ok(Date.now() < end, `in vain: ${check}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
