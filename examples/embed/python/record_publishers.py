#!/usr/bin/env python3
"""Shows a camera to browsers, and records each browser that publishes, picture and sound in one file.

usage: record_publishers.py [--camera] [--port HTTP_PORT] [FOLDER]

Open http://127.0.0.1:8080/ and watch, or publish. Without --camera there is a test picture. Needs
python3-gi, and the plugin in GST_PLUGIN_PATH.
"""

import argparse
import os

import gi
gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402

# async=false: its state holds up nobody. message-forward: we hear when this branch alone has ended.
RECORDING = ('rtpvp8depay name=video ! m.  rtpopusdepay name=audio ! m.  '
             'matroskamux name=m offset-to-zero=true ! filesink name=file async=false')


class Recording:
    """A branch that waits for somebody who publishes. Its pads say what he is to send: VP8, Opus."""

    def __init__(self, server, path, on_taken):
        self.path, self.pads = path, []
        self.branch = Gst.parse_bin_from_description(RECORDING, False)
        self.branch.get_by_name('file').set_property('location', path)
        self.branch.set_property('message-forward', True)
        server.get_parent().add(self.branch)
        self.branch.sync_state_with_parent()
        for name in ('video', 'audio'):
            sink = self.branch.get_by_name(name).get_static_pad('sink')
            self.branch.add_pad(Gst.GhostPad.new(name, sink))
            if name == 'video':
                # The stream's caps come: the branch is taken.
                sink.connect('notify::caps', lambda *_: GLib.idle_add(on_taken, self))
            pad = server.request_pad_simple('src_%u')
            pad.link(self.branch.get_static_pad(name))
            self.pads.append(pad)

    def remove(self, server):
        self.branch.set_state(Gst.State.NULL)
        self.branch.get_parent().remove(self.branch)
        for pad in self.pads:
            server.release_request_pad(pad)


class Server:
    def __init__(self, options):
        self.folder, self.recordings, self.count = options.folder, {}, 0
        source = 'v4l2src' if options.camera else 'videotestsrc is-live=true pattern=ball'
        self.pipeline = Gst.parse_launch(
            f'{source} ! videoconvert ! vp8enc deadline=1 cpu-used=8 ! rtpvp8pay ! s.sink_0  '
            f'sfuserver name=s address=127.0.0.1 port={options.port}')
        self.server = self.pipeline.get_by_name('s')
        self.loop = GLib.MainLoop()
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect('message::element', self.on_element_message)
        bus.connect('message::error', self.on_error)

    def run(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        self.add_recording()
        print('serving', flush=True)
        try:
            self.loop.run()
        finally:
            self.pipeline.set_state(Gst.State.NULL)

    def add_recording(self, taken=None):
        """There is always one that waits."""
        if taken:
            print('recording into', taken.path, flush=True)
        self.count += 1
        path = os.path.join(self.folder, f'publisher-{self.count}.mkv')
        recording = Recording(self.server, path, self.add_recording)
        self.recordings[recording.branch] = recording

    def on_element_message(self, _bus, message):
        what = message.get_structure()
        if what.get_name() == 'GstSfuEvent':
            # A Producer has come or gone: the camera's, or a track that somebody publishes.
            print(what.get_string('event'), what.get_string('pad'), flush=True)
        elif what.get_name() == 'GstBinForwarded' and message.src in self.recordings:
            if what.get_value('message').type == Gst.MessageType.EOS:
                recording = self.recordings.pop(message.src)
                recording.remove(self.server)
                print('complete:', recording.path, flush=True)

    def on_error(self, _bus, message):
        error, details = message.parse_error()
        print(f'{message.src.get_name()}: {error.message} ({details})', flush=True)
        self.loop.quit()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--camera', action='store_true')
    parser.add_argument('--port', type=int, default=8080)
    parser.add_argument('folder', nargs='?', default='.')
    Gst.init(None)
    try:
        Server(parser.parse_args()).run()
    except KeyboardInterrupt:
        pass


if __name__ == '__main__':
    main()
