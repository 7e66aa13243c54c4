"""Our decoder's result for an image file, against Pillow's convert("RGB") after exif_transpose, as torchvision's loader and
many others read it: pixels, and which files are refused."""
import io
import itertools
import os
import pathlib
import struct
import subprocess
import tempfile
import unittest
import warnings
import zlib

import numpy as np
from PIL import Image, ImageOps

TOOL = os.environ["SMLT_DECODE_IMAGE"]
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind, data, wrong=0):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) ^ wrong)


def png(width, height, depth, color, rows, before=b"", after=b"", wrong=0):
    """`rows` with their filter bytes, deflated here; `before` and `after` are chunks around IDAT."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    return SIGNATURE + header + before + chunk(b"IDAT", zlib.compress(rows), wrong) + after + chunk(b"IEND", b"")


def tiff(orientation, kind=3, order="<", count=1):
    value = {1: order + "B3x", 3: order + "H2x", 4: order + "I", 6: order + "b3x", 8: order + "h2x", 9: order + "i"}[kind]
    return (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IHHHI", 8, 1, 0x112, kind, count) + \
        struct.pack(value, orientation) + bytes(4)


def segment(number, data):
    return b"\xff" + bytes([0xE0 + number]) + struct.pack(">H", len(data) + 2) + data


def drawn(width=37, height=29, seed=0):
    random = np.random.default_rng(seed)
    small = Image.fromarray(random.integers(0, 255, (7, 9, 3), np.uint8))
    return small.resize((width, height), Image.BICUBIC)


def saved(image, form, **options):
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


class Pictures(unittest.TestCase):
    def setUp(self):
        warnings.simplefilter("ignore")  # Pillow's, about damage
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def ours(self, blob):
        """Pixels [height, width, 3], or the sentence."""
        path = pathlib.Path(self.folder.name) / "picture"
        path.write_bytes(blob)
        done = subprocess.run([TOOL, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            self.assertEqual(done.returncode, 1, done.stderr)
            return done.stderr.decode()
        head, pixels = done.stdout.split(b"\n", 1)
        shape = tuple(map(int, head.split()))
        return np.broadcast_to(np.frombuffer(pixels, np.uint8).reshape(shape), shape[:2] + (3,))

    def theirs(self, blob):
        try:
            image = Image.open(io.BytesIO(blob))
            return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
        except (OSError, SyntaxError, ValueError):
            return None

    def assert_same(self, blob, most=0):
        ours, theirs = self.ours(blob), self.theirs(blob)
        self.assertIsNotNone(theirs)
        self.assertNotIsInstance(ours, str, ours)
        self.assertEqual(ours.shape, theirs.shape)
        self.assertLessEqual(np.abs(ours.astype(int) - theirs).max(), most)

    def test_png_of_every_kind(self):
        random = np.random.default_rng(1)
        channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
        depths = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
        for color in channels:
            for depth, (width, height), is_clear in itertools.product(depths[color], ((1, 1), (13, 7)), (False, True)):
                size = (width * channels[color] * depth + 7) // 8
                rows = b"".join(b"\0" + random.bytes(size) for _ in range(height))
                before = chunk(b"PLTE", random.bytes(3 << min(depth, 8))) if color == 3 else b""
                if is_clear and color in (0, 2, 3):  # a transparent colour, or palette entries
                    before += chunk(b"tRNS", {0: b"\0\1", 2: b"\0\1\0\2\0\3", 3: b"\0\x80"}[color])
                with self.subTest(color=color, depth=depth, width=width, clear=is_clear):
                    self.assert_same(png(width, height, depth, color, rows, before))

    def test_files_of_pillow(self):
        picture = drawn()
        clear = picture.copy()
        clear.putalpha(Image.fromarray(np.tile(np.arange(37, dtype=np.uint8) * 6, (29, 1))))
        for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
            with self.subTest(mode):
                image = (clear if mode in ("LA", "RGBA") else picture).convert("L" if mode == "I;16" else mode)
                if mode == "I;16":
                    image = Image.fromarray(np.asarray(image).astype(np.uint16) * 3)
                self.assert_same(saved(image, "PNG"))
        with self.subTest("a palette with transparency"):
            self.assert_same(saved(clear.quantize(16), "PNG"))
        for mode, options in itertools.product(("L", "RGB", "CMYK"), ({}, {"progressive": True}, {"subsampling": 0}, {"quality": 30},
                                                                      {"restart_marker_blocks": 2})):
            with self.subTest(mode=mode, **options):
                self.assert_same(saved(picture.convert(mode), "JPEG", **options), most=1)

    def test_orientation(self):
        picture = drawn()
        jpeg = saved(picture, "JPEG", quality=95)
        body = np.asarray(picture).tobytes()
        rows = b"".join(b"\0" + body[i:i + 37 * 3] for i in range(0, len(body), 37 * 3))
        for kind, order, orientation in itertools.product((3, 4, 1, 6, 8, 9), "<>", range(0, 10)):
            with self.subTest(kind=kind, order=order, orientation=orientation):
                exif = tiff(orientation, kind, order)
                files = [jpeg[:2] + segment(1, b"Exif\0\0" + exif) + jpeg[2:], png(37, 29, 8, 2, rows, chunk(b"eXIf", exif)),
                         png(37, 29, 8, 2, rows, after=chunk(b"eXIf", exif))]
                if kind == 1:  # which only Pillow takes for text
                    right = [np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(blob.replace(exif, tiff(orientation, 3, order))))))
                             for blob in files[:1]]
                    self.assertTrue((self.ours(files[0]) == right[0]).all())
                    continue
                for blob in files:
                    self.assert_same(blob, most=1)

    def test_xmp(self):
        jpeg = saved(drawn(), "JPEG", quality=95)
        for text in (b'<x tiff:Orientation="6"/>', b"<tiff:Orientation>8</tiff:Orientation>", b"<x tiff:Orientation='6'/>"):
            xmp = segment(1, b"http://ns.adobe.com/xap/1.0/\0" + text)
            for first in (b"", segment(1, b"Exif\0\0" + tiff(1)), segment(1, b"Exif\0\0" + tiff(3))):
                with self.subTest(text=text, first=first):
                    self.assert_same(jpeg[:2] + first + xmp + jpeg[2:], most=1)

    def test_what_pillow_accepts(self):
        rows = bytes([0, 1, 2, 3, 4])
        whole = drawn(160, 120)
        jpeg = saved(whole, "JPEG", quality=92)
        scan = jpeg.index(b"\xff\xda")
        middle = (scan + len(jpeg)) // 2
        for name, blob in {
            "bytes after IEND": png(4, 1, 8, 0, rows) + b"junk" * 1000,
            "no IEND": png(4, 1, 8, 0, rows)[:-12],
            "check sum of IDAT": png(4, 1, 8, 0, rows, wrong=1),
            "more rows": png(4, 1, 8, 0, rows * 2),
            "iCCP": png(4, 1, 8, 0, rows, chunk(b"iCCP", b"x\0\0garbage")),
            "zTXt": png(4, 1, 8, 0, rows, chunk(b"zTXt", b"x\0\0garbage")),
            "iTXt": png(4, 1, 8, 0, rows, chunk(b"iTXt", b"x")),
            "an unknown chunk": png(4, 1, 8, 0, rows, chunk(b"ABCD", b"x")),
            "check sum of tEXt after": png(4, 1, 8, 0, rows, after=chunk(b"tEXt", b"a\0b", 1)),
            "palette too short": png(4, 1, 8, 3, bytes([0, 0, 1, 2, 200]), chunk(b"PLTE", bytes(range(10, 16)))),
            "bytes after EOI": jpeg + b"junk" * 1000,
            "bytes before a marker": jpeg[:scan] + b"junk" + jpeg[scan:],
            "fill bytes": jpeg[:scan] + b"\xff" * 5 + jpeg[scan:],
            "EXIF": jpeg[:2] + segment(1, b"Exif\0\0garbage") + jpeg[2:],
            "EXIF cut off": jpeg[:2] + segment(1, b"Exif\0\0" + tiff(6)[:15]) + jpeg[2:],
            "ICC": jpeg[:2] + segment(2, b"ICC_PROFILE\0\1\2broken") + jpeg[2:],
            "restart marker": jpeg[:middle] + b"\xff\xd7" + jpeg[middle + 2:],
            "another marker": jpeg[:middle] + b"\xff\xfe" + jpeg[middle + 2:],
            "end of image": jpeg[:middle] + b"\xff\xd9" + jpeg[middle + 2:],
            "changed bits": jpeg[:middle] + bytes([jpeg[middle] ^ 0x55]) + jpeg[middle + 1:],
        }.items():
            with self.subTest(name):
                self.assert_same(blob, most=1)

    def test_any_damage(self):
        """If Pillow accepts a file with a changed byte, we accept it too, with the same pixels."""
        taken = 0
        for form, options in (("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("JPEG", {"restart_marker_blocks": 1})):
            blob = saved(drawn(), form, **options)
            random = np.random.default_rng(2)
            for at in random.choice(len(blob), 60, replace=False):
                changed = blob[:at] + bytes([blob[at] ^ int(random.integers(1, 256))]) + blob[at + 1:]
                with self.subTest(form=form, at=int(at), **options):
                    theirs = self.theirs(changed)
                    if theirs is None or theirs.shape[:2] not in ((29, 37), (37, 29)):
                        continue
                    taken += 1
                    self.assert_same(changed, most=1)
        self.assertGreater(taken, 50)

    def test_metadata_that_pillow_does_not_bear(self):
        """The pixels are intact, so we accept it."""
        rows = bytes([0, 1, 2, 3, 4])
        for kind in (b"gAMA", b"pHYs", b"cHRM", b"tRNS", b"sRGB"):
            for position in ("before", "after"):
                with self.subTest(kind=kind, position=position):
                    ours = self.ours(png(4, 1, 8, 0, rows, **{position: chunk(kind, b"\0")}))
                    self.assertEqual(np.asarray(ours)[0, :, 0].tolist(), [1, 2, 3, 4])
        for kind in (b"tEXt", b"eXIf", b"iCCP"):
            ours = self.ours(png(4, 1, 8, 0, rows, chunk(kind, b"whatever", wrong=1)))
            self.assertEqual(np.asarray(ours)[0, :, 0].tolist(), [1, 2, 3, 4])

    def test_what_is_cut_off_is_refused(self):
        for form, options in (("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True})):
            blob = saved(drawn(160, 120), form, **options)
            for share in (0.2, 0.5, 0.9, 0.97):
                with self.subTest(form=form, share=share, **options):
                    cut = blob[:int(len(blob) * share)]
                    self.assertIsNone(self.theirs(cut))
                    self.assertIsInstance(self.ours(cut), str)

    def test_what_is_no_picture_or_another_is_refused(self):
        picture = drawn()
        for form, phrase in (("WEBP", "WebP"), ("GIF", "GIF"), ("TIFF", "TIFF"), ("BMP", "BMP"), ("PPM", "PNM"), ("AVIF", "AVIF"),
                             ("JPEG2000", "JPEG 2000")):
            with self.subTest(form):
                try:
                    blob = saved(picture, form)
                except (KeyError, OSError):
                    continue  # this Pillow cannot write it
                self.assertIn(f"found {phrase}:", self.ours(blob))
        self.assertIn("found another file:", self.ours(b"<html>"))


if __name__ == "__main__":
    unittest.main()
