// Talks to sfu-echo over a WebSocket. A message is {type, id, data}; the answer to it has the same
// id, and either data or error. What the server says by itself has no id.

export class Signalling {
  #socket;
  #waiting = new Map();
  #lastId = 0;

  // `onEvent(type, data)` hears what the server says by itself.
  constructor(url, onEvent) {
    this.#socket = new WebSocket(url);
    this.#socket.onmessage = ({data: text}) => {
      const {type, id, data, error} = JSON.parse(text);
      if (id === undefined) return onEvent(type, data);
      const {resolve, reject} = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) resolve(data);
      else reject(new Error(error));
    };
    this.#socket.onclose = () => {
      for (const {reject} of this.#waiting.values()) reject(new Error('the server has gone'));
      this.#waiting.clear();
      onEvent('closed');
    };
  }

  request(type, data = {}) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {resolve, reject});
      this.#socket.send(JSON.stringify({type, id, data}));
    });
  }
}
