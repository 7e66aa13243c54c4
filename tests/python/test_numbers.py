"""Bodies of numbers beside the package sagemaker-inference: its own encoder and decoder, and what its default handlers
make of them (torch.FloatTensor of JSON and CSV, .tolist() of every answer), over many random arrays."""
import io
import os
import random
import struct
import subprocess
import unittest
import warnings

import numpy as np
import scipy.sparse
import torch
from sagemaker_inference import content_types, decoder, encoder

TOOL = os.environ["SMLT_CONVERT_NUMBERS"]
REFUSED = 2**64 - 1
TYPES = ["bool", "u1", "i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]
SPECIAL = [0.0, -0.0, 1.0, np.nan, np.inf, -np.inf, 1e-4, 9.999e-5, 1e15, 1e16, 123456789.0, 1e22, 5e-324, 0.1, 1 / 3, 65504.0,
           3.4028234663852886e38, 1.7976931348623157e308, 1.1754943508222875e-38, 1e-45, 2**53 + 2.0, 0.30000000000000004]


def converted(source, target, bodies):
    """Each body in the other format; for a refused one, its sentence as a ValueError."""
    sent = b"".join(struct.pack("<Q", len(body)) + body for body in bodies)
    done = subprocess.run([TOOL, source, target], input=sent, check=True, stdout=subprocess.PIPE)
    out, at, answers = done.stdout, 0, []
    while at < len(out):
        (length,) = struct.unpack_from("<Q", out, at)
        refused = length == REFUSED
        at += 8 * refused
        (length,) = struct.unpack_from("<Q", out, at)
        answer = out[at + 8:at + 8 + length]
        answers.append(ValueError(answer.decode()) if refused else answer)
        at += 8 + length
    assert len(answers) == len(bodies), (len(answers), len(bodies))
    return answers


def arrays(bodies):
    return [body if isinstance(body, ValueError) else np.load(io.BytesIO(body)) for body in bodies]


def npy(array, **options):
    body = io.BytesIO()
    np.lib.format.write_array(body, array, **options)
    return body.getvalue()


def random_array(draw, dtype, dimensions=(0, 1, 1, 2, 2, 3, 4)):
    shape = tuple(int(size) for size in draw.integers(0 if draw.random() < 0.2 else 1, 6, draw.choice(dimensions)))
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        return np.frombuffer(draw.bytes(int(np.prod(shape)) * dtype.itemsize), dtype).reshape(shape).astype(dtype) \
            if dtype.kind != "b" else draw.integers(0, 2, shape).astype(bool)
    bits = np.frombuffer(draw.bytes(int(np.prod(shape)) * dtype.itemsize), dtype).reshape(shape).copy()
    kind = draw.integers(0, 3)
    values = bits if kind == 0 else draw.normal(size=shape) if kind == 1 else draw.choice(SPECIAL, size=shape)
    return np.asarray(values).astype(dtype)


class Numbers(unittest.TestCase):
    def setUp(self):
        warnings.simplefilter("ignore")  # casts that overflow, on purpose
        self.draw = np.random.default_rng(7)

    def assert_same(self, found, expected, of):
        self.assertNotIsInstance(found, ValueError, of)
        self.assertEqual((found.shape, found.dtype), (expected.shape, expected.dtype), of)
        # Bit for bit, except for the kind of nan.
        np.testing.assert_array_equal(found, expected, of if isinstance(of, str) else "")
        np.testing.assert_array_equal(np.signbit(found) & ~np.isnan(found), np.signbit(expected) & ~np.isnan(expected))

    def test_npy(self):
        sent = [random_array(self.draw, dtype) for dtype in TYPES for _ in range(60)]
        sent += [np.asfortranarray(random_array(self.draw, dtype, (2, 3, 4))) for dtype in TYPES for _ in range(20)]
        for version in ((1, 0), (2, 0), (3, 0)):
            bodies = [npy(array, version=version) for array in sent]
            expected = [decoder.decode(body, content_types.NPY) for body in bodies]
            for body, found, array in zip(bodies, converted("npy", "npy", bodies), expected):
                native = np.ascontiguousarray(array).reshape(array.shape).astype(array.dtype.newbyteorder("="))
                self.assertEqual(found, npy(native, version=(1, 0)), body[:80])

    def test_npy_of_unsigned_integers(self):
        for dtype, signed in (("<u2", "i4"), (">u2", "i4"), ("<u4", "i8"), (">u4", "i8"), ("<u8", "i8"), (">u8", "i8")):
            top = np.iinfo(dtype).max if dtype[1:] != "u8" else 2**63 - 1
            array = self.draw.integers(0, top, (3, 5), np.uint64, endpoint=True).astype(dtype)
            (found,) = arrays(converted("npy", "npy", [npy(array)]))
            self.assert_same(found, array.astype(signed), dtype)
        (refused,) = converted("npy", "npy", [npy(np.array([1, 2**63], "u8"))])
        self.assertIn("below 2^63", str(refused))

    def test_npy_of_other_types_is_refused(self):
        others = [np.array([{}, 1], object), np.zeros(2, "c8"), np.zeros(2, "S3"), np.zeros(2, "U3"), np.zeros(2, "M8[s]"),
                  np.zeros(2, [("a", "i4")]), np.zeros(2, np.longdouble)]
        bodies = []
        for array in others:
            body = io.BytesIO()
            np.save(body, array, allow_pickle=True)
            bodies.append(body.getvalue())
        for array, found in zip(others, converted("npy", "npy", bodies)):
            self.assertIsInstance(found, ValueError, array.dtype)

    def test_json_out(self):
        sent = [random_array(self.draw, dtype) for dtype in TYPES for _ in range(80)]
        sent += [self.draw.normal(size=200000).astype("f4"), np.frombuffer(self.draw.bytes(8 * 200000), "f8")]
        for array, found in zip(sent, converted("npy", "json", [npy(array) for array in sent])):
            self.assertEqual(found.decode(), encoder.encode(array.tolist(), content_types.JSON))

    def test_csv_out(self):
        sent = [random_array(self.draw, dtype, (1, 2)) for dtype in TYPES for _ in range(80)]
        for array, found in zip(sent, converted("npy", "csv", [npy(array) for array in sent])):
            self.assertEqual(found.decode(), encoder.encode(array.tolist(), content_types.CSV))

    def json_bodies(self):
        for dtype in TYPES:
            for _ in range(60):
                array = random_array(self.draw, dtype, (1, 2, 3, 4))
                yield encoder.encode(array.tolist(), content_types.JSON)
        for text in ("[1, 2.5, true]", "[[], []]", "[]", "[\n1 ,\t2\r]", "[1E5, 1e-7, 12.5e+3]", "[1e400, -1e400, 1e-400]",
                     "[123456789012.25, 0.1000000000000000055511151231257827]", "[[[[1]]]]", "[1e39]", "[4503599627370497.5]"):
            yield text

    def test_json_in(self):
        bodies = list(self.json_bodies())
        for body, found in zip(bodies, arrays(converted("json", "npy", [body.encode() for body in bodies]))):
            expected = torch.FloatTensor(decoder.decode(body, content_types.JSON)).numpy()
            self.assert_same(found, expected, body[:100])

    def test_json_that_their_handlers_refuse(self):
        for body in ("null", "[null]", '["1"]', "[[1, 2], [3]]", "[1, [2]]", "[[], [1]]", "[01]", "[1.]", "[.5]", "[-]", "[1,]",
                     "[1 2]", "", "[", "]", "nan", "{}", "[1]]", "\ufeff[1]", "[+1]", "[0x1]", "[1_0]"):
            with self.assertRaises((TypeError, ValueError), msg=body):
                torch.FloatTensor(decoder.decode(body, content_types.JSON))
            (found,) = converted("json", "npy", [body.encode()])
            self.assertIsInstance(found, ValueError, body)

    def csv_bodies(self):
        for dtype in TYPES:
            for _ in range(60):
                array = random_array(self.draw, dtype, (2,))
                if array.size > 1:
                    yield encoder.encode(array.tolist(), content_types.CSV)
        yield from ("1,2,3", "1\n2\n", "1,2\n3,4", "1.5,2.5\r\n3.5,4.5\r\n", " 1 , 2 ", "\n\n1,2\r\n\r\n3,4\r\n", "# a\n1,2 # b\n3,4",
                    "1.5,\n2.5,3.5", "1.5,1e400", "1e3,2e-3", "nan,inf\n-INF,infinity", "true,FALSE")

    def test_csv_in(self):
        bodies = list(self.csv_bodies())
        for body, found in zip(bodies, arrays(converted("csv", "npy", [body.encode() for body in bodies]))):
            self.assert_same(found, torch.FloatTensor(decoder.decode(body, content_types.CSV)).numpy(), body[:100])

    def test_csv_that_their_handlers_refuse(self):
        for body in ("a,1\n", "1,2\n3\n", "1,NA", "1.5;2.5", "0x10,1", "1 2,3", "1,--1"):
            with self.assertRaises((TypeError, ValueError), msg=body):
                torch.FloatTensor(decoder.decode(body, content_types.CSV))
            (found,) = converted("csv", "npy", [body.encode()])
            self.assertIsInstance(found, ValueError, body)

    def test_npz(self):
        bodies, expected = [], []
        for form in ("csr", "csc", "coo"):
            for dtype in ("u1", "i1", "i2", "i4", "i8", "f4", "f8"):
                for packed in (True, False):
                    matrix = scipy.sparse.random(*self.draw.integers(1, 40, 2), density=0.2, format=form, rng=self.draw) * 100
                    matrix = matrix.astype(dtype).asformat(form)
                    body = io.BytesIO()
                    scipy.sparse.save_npz(body, matrix, compressed=packed)
                    bodies.append(body.getvalue())
                    expected.append(decoder.decode(body.getvalue(), content_types.NPZ).toarray())
        for save in (np.savez, np.savez_compressed):
            for dtype in TYPES:
                array = np.ascontiguousarray(random_array(self.draw, dtype, (1, 2, 3)).astype(np.dtype(dtype).newbyteorder("=")))
                body = io.BytesIO()
                save(body, array)
                bodies.append(body.getvalue())
                expected.append(array)
        for found, array in zip(arrays(converted("npz", "npy", bodies)), expected):
            self.assert_same(found, array, str(array.dtype))

    def test_npz_of_duplicates_is_summed(self):
        matrix = scipy.sparse.coo_matrix(([1.0, 2.0, 4.0], ([0, 0, 1], [1, 1, 0])), shape=(2, 3))
        bodies = []
        for form in (matrix, scipy.sparse.csr_matrix(([1.0, 2.0, 4.0], [1, 1, 0], [0, 2, 3]), shape=(2, 3))):
            body = io.BytesIO()
            scipy.sparse.save_npz(body, form)
            bodies.append(body.getvalue())
        for found in arrays(converted("npz", "npy", bodies)):
            self.assert_same(found, matrix.toarray(), "duplicates")

    def test_npz_that_is_no_array_is_refused(self):
        several, other, huge = io.BytesIO(), io.BytesIO(), io.BytesIO()
        np.savez(several, np.zeros(1), np.zeros(1))
        scipy.sparse.save_npz(other, scipy.sparse.dia_matrix(np.eye(3)))
        scipy.sparse.save_npz(huge, scipy.sparse.coo_matrix((2**31 - 1, 2**31 - 1)))
        bomb = io.BytesIO()
        np.savez_compressed(bomb, np.zeros(2**26, "f8"))
        found = converted("npz", "npy", [body.getvalue() for body in (several, other, huge, bomb)])
        for answer, phrase in zip(found, ("found 2 files", "csr, csc or coo", "fewer rows", "bytes unpacked")):
            self.assertIn(phrase, str(answer))

    def test_damaged_bodies_are_refused_or_read_but_never_fatal(self):
        shuffle = random.Random(3)
        matrix, plain = io.BytesIO(), io.BytesIO()
        scipy.sparse.save_npz(matrix, scipy.sparse.random(9, 9, 0.3, "csr", rng=self.draw))
        np.savez_compressed(plain, self.draw.normal(size=(4, 4)))
        for form, body in (("npz", matrix.getvalue()), ("npz", plain.getvalue()), ("npy", npy(np.arange(9.0))),
                           ("json", b"[[1.5, 2], [3, NaN]]"), ("csv", b"1,2\n3,4\n")):
            damaged = []
            for _ in range(500):
                changed = bytearray(body)
                for _ in range(shuffle.randrange(1, 4)):
                    changed[shuffle.randrange(len(changed))] = shuffle.randrange(256)
                damaged.append(bytes(changed[:shuffle.randrange(len(changed) + 1)] if shuffle.random() < 0.3 else changed))
            converted(form, "npy", damaged)


if __name__ == "__main__":
    unittest.main()
