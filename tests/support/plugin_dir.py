"""Makes a folder of links to the few GStreamer plugins a test needs, and GStreamer's registry of them.

usage: plugin_dir.py FOLDER REGISTRY PLUGIN …   (coreelements for libgstcoreelements.so)

A sanitized test program loads every plugin it scans, and some of the system's leak or race when they
are scanned: so element tests see this folder and our plugin, nothing else, and find the folder
scanned already. A plugin that is not installed is an error.
"""

import os
import subprocess
import sys


def main(folder, registry, names):
    system = subprocess.run(['pkg-config', '--variable=pluginsdir', 'gstreamer-1.0'], check=True,
                            stdout=subprocess.PIPE, text=True).stdout.strip()
    os.makedirs(folder, exist_ok=True)
    for name in names:
        file = f'libgst{name}.so'
        target, link = os.path.join(system, file), os.path.join(folder, file)
        if not os.path.exists(target):
            sys.exit(f'the GStreamer plugin {target} is missing')
        if not os.path.lexists(link):
            os.symlink(target, link)
    env = dict(os.environ, GST_PLUGIN_SYSTEM_PATH_1_0='', GST_PLUGIN_PATH_1_0=folder,
               GST_REGISTRY_1_0=registry)
    subprocess.run(['gst-inspect-1.0', 'coreelements'], check=True, env=env,
                   stdout=subprocess.DEVNULL)


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
