// Camera, microphone and screen, and clear words when one is refused.

export interface Choice {
  mic?: string;   // device ids; unset: what the browser takes
  cam?: string;
  high?: boolean; // 720p in place of 360p
}

const STORED = 'sfu-room-devices';

export function loadChoice(): Choice {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? '{}');
  } catch {
    return {};
  }
}

export function storeChoice(choice: Choice): void {
  localStorage.setItem(STORED, JSON.stringify(choice));
}

export async function openMic({mic}: Choice): Promise<MediaStreamTrack> {
  const stream = await chosen('audio', mic, {
    echoCancellation: true, noiseSuppression: true, autoGainControl: true});
  return stream.getAudioTracks()[0];
}

export async function openCam({cam, high}: Choice): Promise<MediaStreamTrack> {
  const stream = await chosen('video', cam, {
    width: {ideal: high ? 1280 : 640}, height: {ideal: high ? 720 : 360}, frameRate: {ideal: 30}});
  return stream.getVideoTracks()[0];
}

// Browsers pass over a device that is only wished for. One that is not there any more keeps nobody
// from meeting.
async function chosen(kind: 'audio' | 'video', id: string | undefined,
                      wanted: MediaTrackConstraints): Promise<MediaStream> {
  if (id === undefined) return media({[kind]: wanted});
  try {
    return await media({[kind]: {...wanted, deviceId: {exact: id}}});
  } catch (error) {
    if ((error as Error).name !== 'OverconstrainedError') throw error;
    return media({[kind]: wanted});
  }
}

export async function openScreen(): Promise<MediaStream> {
  if (navigator.mediaDevices?.getDisplayMedia === undefined) {
    throw new Error('This browser cannot share a screen.');
  }
  return navigator.mediaDevices.getDisplayMedia({video: {frameRate: {max: 15}}, audio: true});
}

async function media(constraints: MediaStreamConstraints): Promise<MediaStream> {
  if (navigator.mediaDevices === undefined) {
    throw new Error('Browsers open cameras and microphones only for https and for this machine ' +
                    '(localhost). Open the page by https.');
  }
  return navigator.mediaDevices.getUserMedia(constraints);
}

// In plain words why `what` ("camera") could not be opened.
export function explain(what: string, error: unknown): string {
  switch ((error as Error).name) {
    case 'NotAllowedError':
      return `The ${what} was refused. Allow it beside the page's address, then switch it on again.`;
    case 'NotFoundError': return `There is no ${what} on this machine.`;
    case 'NotReadableError': return `The ${what} is in use by another program.`;
    default: return `The ${what} does not start: ${(error as Error).message}`;
  }
}

export function listDevices(): Promise<MediaDeviceInfo[]> {
  return navigator.mediaDevices?.enumerateDevices() ?? Promise.resolve([]);
}
