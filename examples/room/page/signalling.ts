// The WebSocket to sfu-room: requests with answers, and notifications (docs/room-protocol.md).

// What the server answers instead of data. `code` is for programs, `message` for people.
export class Refused extends Error {
  constructor(readonly code: string, readonly field: string, reason: string) {
    super(reason);
  }
}

interface Waiting {
  resolve(data: any): void;
  reject(error: Error): void;
}

const PATIENCE_MS = 10_000;

export class Signalling {
  // Called once, when the connection has ended or could not be made. `code`: of the WebSocket.
  onClosed: (code: number) => void = () => {};
  onNotification: (method: string, data: any) => void = () => {};
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  private constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.onmessage = ({data}) => this.#receive(JSON.parse(data));
    this.#socket.onclose = ({code}) => {
      for (const {reject} of this.#waiting.values()) reject(new Error('the server has gone'));
      this.#waiting.clear();
      this.onClosed(code);
    };
  }

  // Rejects when there is no server.
  static async open(url: string): Promise<Signalling> {
    const signalling = new Signalling(url);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => signalling.close(), PATIENCE_MS);
      signalling.#socket.onopen = () => {
        clearTimeout(timer);
        resolve();
      };
      signalling.onClosed = () => {
        clearTimeout(timer);
        reject(new Error('the server does not answer'));
      };
    });
    return signalling;
  }

  request(method: string, data: object = {}): Promise<any> {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      return Promise.reject(new Error('the server has gone'));
    }
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {resolve, reject});
      this.#socket.send(JSON.stringify({id, method, data}));
    });
  }

  close(): void {
    this.#socket.close();
  }

  #receive({id, method, data, error}: any): void {
    if (method !== undefined) return this.onNotification(method, data);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(data);
    else waiting?.reject(new Refused(error.code, error.field, error.reason));
  }
}
