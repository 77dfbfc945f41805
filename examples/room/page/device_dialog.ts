// The choice of camera and microphone.
import {Choice, listDevices, loadChoice, storeChoice} from './devices';
import {byId} from './dom';

export class DeviceDialog {
  readonly #dialog = byId<HTMLDialogElement>('device-dialog');
  readonly #mic = byId<HTMLSelectElement>('choose-mic');
  readonly #cam = byId<HTMLSelectElement>('choose-cam');
  readonly #high = byId<HTMLInputElement>('choose-high');

  constructor(chosen: (choice: Choice) => Promise<void>) {
    byId<HTMLFormElement>('device-form').onsubmit = () => {
      const choice = {
        mic: this.#mic.value || undefined, cam: this.#cam.value || undefined,
        high: this.#high.checked,
      };
      storeChoice(choice);
      void chosen(choice);
    };
    byId('device-cancel').onclick = () => this.#dialog.close();
  }

  async open(): Promise<void> {
    const devices = await listDevices();
    const choice = loadChoice();
    fill(this.#mic, devices, 'audioinput', choice.mic);
    fill(this.#cam, devices, 'videoinput', choice.cam);
    this.#high.checked = choice.high ?? false;
    this.#dialog.showModal();
  }
}

function fill(select: HTMLSelectElement, devices: MediaDeviceInfo[], kind: MediaDeviceKind,
              chosen: string | undefined): void {
  select.replaceChildren(new Option('What the browser takes', ''));
  for (const [i, {deviceId, label}] of devices.filter(one => one.kind === kind).entries()) {
    if (deviceId !== '') select.append(new Option(label || `Number ${i + 1}`, deviceId));
  }
  select.value = chosen ?? '';
  if (select.selectedIndex < 0) select.value = '';
}
