#!/usr/bin/env python3
"""What `meson install` puts in place is complete: a program builds against the installed headers and
pkg-config file, and GStreamer finds the installed plugin.

Usage: install_test.py BUILD_DIR
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'support'))
import tap  # noqa: E402

BUILD_DIR = pathlib.Path(sys.argv.pop(1)).resolve()

PROGRAM = r'''
// A room with one Producer and one Consumer, as an application would make it.
#include <base/time.h>
#include <router/router.h>

#include <cstdio>

int main() {
  sfu::Router router(1);
  sfu::ProducerOptions options;
  options.id = "cam";
  options.codec.payload_type = 96;
  if (!router.CreateProducer(options)) return 1;
  auto consumer = router.CreateConsumer({.producer_id = "cam"});
  if (!consumer) return 1;
  std::printf("%s\n", consumer.value()->producer()->id().c_str());
}
'''


def run(*command, **kwargs):
    return subprocess.run(command, check=True, text=True, capture_output=True, timeout=120,
                          **kwargs).stdout


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tmp = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.tmp.name)
        run('meson', 'install', '--no-rebuild', '--destdir', str(cls.root), '-C', str(BUILD_DIR))
        cls.pc = next(cls.root.rglob('sfu.pc'))

    @classmethod
    def tearDownClass(cls):
        cls.tmp.cleanup()

    def find(self, pattern):
        found = sorted(self.root.rglob(pattern))
        self.assertTrue(found, f'{pattern} is not installed')
        return found[0]

    def test_a_program_builds_against_libsfu(self):
        env = dict(os.environ, PKG_CONFIG_PATH=str(self.pc.parent),
                   PKG_CONFIG_SYSROOT_DIR=str(self.root))
        flags = run('pkg-config', '--cflags', '--libs', 'sfu', env=env).split()
        source = self.root / 'program.cc'
        source.write_text(PROGRAM)
        program = self.root / 'program'
        run('g++', '-std=c++20', str(source), '-o', str(program), *flags)
        library_dir = self.find('libsfu.so').parent
        out = run(str(program), env=dict(os.environ, LD_LIBRARY_PATH=str(library_dir)))
        self.assertEqual(out, 'cam\n')

    def test_every_header_stands_alone(self):
        include = self.find('sfu/base/time.h').parents[1]
        headers = sorted(path.relative_to(include) for path in include.rglob('*.h'))
        self.assertGreater(len(headers), 40)
        source = self.root / 'headers.cc'
        source.write_text(''.join(f'#include <{header}>\n' for header in headers))
        run('g++', '-std=c++20', '-fsyntax-only', f'-I{include}', str(source))

    def test_gstreamer_finds_the_installed_plugin(self):
        plugin = self.find('libgstsfu.so')
        env = dict(os.environ, GST_PLUGIN_PATH=str(plugin.parent),
                   LD_LIBRARY_PATH=str(self.find('libsfu.so').parent),
                   GST_REGISTRY_1_0=str(self.root / 'registry.bin'))
        text = run('gst-inspect-1.0', 'sfu', env=env)
        self.assertIn('sfurouter', text)


if __name__ == '__main__':
    tap.main()
