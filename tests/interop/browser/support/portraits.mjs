// Cameras and microphones for pictures of the page: a drawn person in a room of his own, who moves a
// little, and one of them speaks.

// In the page, before its own scripts: it becomes the camera and microphone of who is named in the address.
export function portrait() {
  const LOOKS = {
    Ann: {wall: ['#f6d9c0', '#d98f6c'], shirt: '#2f6f8f', skin: '#f0c8a6', hair: '#5b3423', long: true},
    Bob: {wall: ['#c9dbe8', '#6f93ad'], shirt: '#c8553d', skin: '#8d5a3b', hair: '#1f1a17', speaks: true},
    Cleo: {wall: ['#d5e3cf', '#7f9f77'], shirt: '#5a4a78', skin: '#d9a577', hair: '#2c2220', long: true},
  };
  const look = LOOKS[new URLSearchParams(location.search).get('name')];
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 360];
  const context = canvas.getContext('2d');
  const blob = (color, x, y, width, height) => {
    context.fillStyle = color;
    context.beginPath();
    context.ellipse(x, y, width, height, 0, 0, 2 * Math.PI);
    context.fill();
  };
  const draw = () => {
    const time = performance.now() / 1000;
    const [sway, nod] = [Math.sin(time * 1.1) * 7, Math.sin(time * 1.9) * 3];
    const wall = context.createLinearGradient(0, 0, 640, 360);
    look.wall.forEach((color, i) => wall.addColorStop(i, color));
    context.fillStyle = wall;
    context.fillRect(0, 0, 640, 360);
    context.fillStyle = '#ffffff38';
    context.fillRect(60, 40, 110, 140);
    context.fillRect(500, 60, 90, 70);
    const [x, y] = [320 + sway, 165 + nod];
    if (look.long) blob(look.hair, x, y + 25, 84, 118);
    blob(look.shirt, 320 + sway / 2, 375, 165, 120);
    blob(look.skin, x, y + 85, 32, 45);
    blob(look.skin, x, y, 66, 82);
    blob(look.hair, x, y - 52, 70, 42);
    const blink = time % 3.7 < 0.12 ? 0.8 : 5.5;
    for (const side of [-25, 25]) {
      blob('#2a2320', x + side, y - 2, 5.5, blink);
    }
    context.strokeStyle = '#7a3b2e';
    context.lineWidth = 4;
    context.beginPath();
    context.ellipse(x, y + 30, 20, 8 + 3 * Math.sin(time * 5), 0, 0.15, Math.PI - 0.15);
    context.stroke();
  };
  // A hum whose strength goes up and down as that of words does.
  const speak = () => {
    const sound = new AudioContext();
    const [hum, words] = [110, 3].map(frequency => new OscillatorNode(sound, {frequency, type: 'sawtooth'}));
    const [depth, strength] = [new GainNode(sound), new GainNode(sound)];
    depth.gain.value = strength.gain.value = look.speaks ? 0.15 : 0.0005;
    const out = new MediaStreamAudioDestinationNode(sound);
    hum.connect(strength).connect(out);
    words.connect(depth).connect(strength.gain);
    [hum, words].forEach(one => one.start());
    return out.stream;
  };
  navigator.mediaDevices.getUserMedia = async wanted => {
    if (wanted.audio) return speak();
    draw();
    setInterval(draw, 40);
    return canvas.captureStream(25);
  };
}
