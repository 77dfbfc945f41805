// The text chat beside the grid.
import {ChatLine} from './call';
import {byId, make} from './dom';

export class Chat {
  readonly #lines = byId('chat-lines');

  constructor(send: (text: string) => void) {
    const input = byId<HTMLInputElement>('chat-text');
    byId<HTMLFormElement>('chat-form').onsubmit = event => {
      event.preventDefault();
      const text = input.value.trim();
      if (text !== '') send(text);
      input.value = '';
    };
    for (const id of ['chat', 'chat-close']) {
      byId(id).onclick = () => {
        if (document.body.classList.toggle('chatting')) {
          byId('chat').classList.remove('unread');
          input.focus();
        }
      };
    }
  }

  reset(lines: ChatLine[]): void {
    this.#lines.replaceChildren();
    lines.forEach(line => this.#append(line));
  }

  add(line: ChatLine): void {
    this.#append(line);
    if (!document.body.classList.contains('chatting')) byId('chat').classList.add('unread');
  }

  #append({name, text, time}: ChatLine): void {
    const clock = new Date(time).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'});
    this.#lines.append(make('li', '', make('header', '', make('b', '', name), make('time', '', clock)),
                            make('p', '', text)));
    this.#lines.scrollTop = this.#lines.scrollHeight;
  }
}
