"""Do the tools that judge media tell the truth? Clips with known faults must be reported so."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', '..', 'support'))
import tap  # noqa: E402
from check_media import check, read_number  # noqa: E402
from make_clip import Clip, checksum, make_clip  # noqa: E402

SECONDS = 5
FPS = 25
FRAMES = SECONDS * FPS


class MediaTools(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def report(self, name='clip.webm', **clip):
        path = os.path.join(self.folder, name)
        make_clip(path, Clip(seconds=SECONDS, **clip))
        return check(path)

    def assert_whole(self, report):
        self.assertEqual(report.problems(0, FRAMES - 1, max_av=0.005), [])
        self.assertEqual(report.numbers, list(range(FRAMES)))
        self.assertEqual(len(report.beeps), SECONDS - 1)
        self.assertEqual(len(report.flashes), SECONDS - 1)
        self.assertLess(report.timing_error(FPS), 0.002)
        self.assertEqual(report.audio_gaps, [])
        self.assertAlmostEqual(report.duration, SECONDS, delta=0.05)
        self.assertAlmostEqual(report.audio_duration, SECONDS, delta=0.05)

    def test_vp8_opus_webm_is_whole(self):
        report = self.report()
        self.assert_whole(report)
        self.assertEqual(report.streams['video']['codec_name'], 'vp8')
        self.assertEqual(report.streams['audio']['codec_name'], 'opus')

    def test_h264_aac_mp4_is_whole(self):
        report = self.report('clip.mp4', codec='h264')
        self.assert_whole(report)
        self.assertEqual(report.streams['video']['codec_name'], 'h264')
        self.assertEqual(report.streams['audio']['codec_name'], 'aac')

    def test_h264_opus_mkv_is_whole(self):
        self.assert_whole(self.report('clip.mkv', codec='h264'))

    def test_numbers_survive_a_low_bitrate_and_another_size(self):
        report = self.report(bitrate='60k', width=176, height=144)
        self.assertEqual(report.numbers, list(range(FRAMES)))

    def test_late_and_early_sound_is_measured(self):
        for delay in (0.12, -0.2):
            report = self.report(audio_delay=delay)
            self.assertAlmostEqual(report.av_median, delay, delta=0.005)
            self.assertAlmostEqual(report.av_max, delay, delta=0.005)
            self.assertEqual(len(report.problems(0, FRAMES - 1, max_av=0.04)), 1)

    def test_dropped_frames_are_reported(self):
        report = self.report(drop=(30, 31, 60))
        self.assertEqual(report.missing(0, FRAMES - 1), [30, 31, 60])
        self.assertEqual(report.problems(0, FRAMES - 1), ['missing: [30, 31, 60]'])
        # The others keep their time.
        self.assertLess(report.timing_error(FPS), 0.002)

    def test_missing_ends_are_reported(self):
        report = self.report(drop=(0, FRAMES - 1))
        self.assertEqual(report.missing(), [])
        self.assertEqual(report.missing(0, FRAMES - 1), [0, FRAMES - 1])

    def test_repeated_and_disordered_frames_are_reported(self):
        report = self.report(drop=(10,))
        report.numbers[20:22] = report.numbers[21:19:-1]
        report.numbers[40] = report.numbers[39]
        self.assertEqual(report.repeated, [40])
        self.assertEqual(report.out_of_order, [21])
        self.assertEqual(report.missing(0, FRAMES - 1), [10, 41])

    def test_a_damaged_file_is_reported(self):
        path = os.path.join(self.folder, 'damaged.mkv')
        make_clip(path, Clip(seconds=2, codec='h264'))
        with open(path, 'r+b') as file:
            file.seek(os.path.getsize(path) // 2)
            file.write(bytes(range(256)) * 8)
        self.assertNotEqual(check(path).problems(0, 2 * FPS - 1), [])

    def test_no_media_at_all_is_reported(self):
        path = os.path.join(self.folder, 'text.mkv')
        with open(path, 'w', encoding='ascii') as file:
            file.write('this is not a film')
        self.assertTrue(check(path).errors)
        self.assertTrue(check(os.path.join(self.folder, 'absent')).errors)

    def test_silence_has_no_beeps(self):
        report = self.report(audio=False)
        self.assertEqual(report.beeps, [])
        self.assertEqual(report.problems(0, FRAMES - 1, max_av=0.04), ['no beep with a flash'])

    def test_a_grey_or_black_strip_is_no_number(self):
        self.assertIsNone(read_number(bytes(20)))
        self.assertIsNone(read_number(bytes([255] * 20)))

    def test_a_flipped_block_never_reads_as_another_number(self):
        for number in (0, 1, 0x1234, 0xffff):
            bits = number << 4 | checksum(number)
            strip = [255 * (bits >> 19 - at & 1) for at in range(20)]
            self.assertEqual(read_number(strip), number)
            for at in range(20):
                flipped = list(strip)
                flipped[at] ^= 255
                self.assertIsNone(read_number(flipped))


if __name__ == '__main__':
    tap.main()
