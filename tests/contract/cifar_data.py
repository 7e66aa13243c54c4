"""Small data sets in CIFAR's formats, made without numpy: pickles like the original ones from Python 2, and rows of bytes."""
import io
import random
import struct
import tarfile

NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
COUNTS = {"data_batch_1": 200, "data_batch_2": 120, "test_batch": 80}


def rows(count, seed, classes=10):
    """(label, 3072 bytes) each: the label is the height of the colours' steps."""
    source = random.Random(seed)
    for _ in range(count):
        label = source.randrange(classes)
        levels = [(label * 25 + 60 * channel) % 250 for channel in range(3)]
        yield label, b"".join(bytes(level + source.randrange(6) for _ in range(1024)) for level in levels)


def pickled(images, key="labels"):
    """A batch as Python 2 and numpy 1 pickled it, protocol 2."""
    images = list(images)
    labels = b"".join(b"K" + bytes([label]) for label, _ in images)
    data = b"".join(pixels for _, pixels in images)
    name = key.encode()
    return (b"\x80\x02}q\x01(U" + bytes([len(name)]) + name + b"q\x02](" + labels + b"eU\x04dataq\x03cnumpy.core.multiarray\n_reconstruct\n"
            b"cnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01M" + struct.pack("<H", len(images)) + b"M" + struct.pack("<H", 3072) +
            b"\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T" +
            struct.pack("<I", len(data)) + data + b"tbu.")


def pickled_names(names=NAMES, key="label_names"):
    items = b"".join(b"U" + bytes([len(name)]) + name.encode() for name in names)
    return b"\x80\x02}q\x01U" + bytes([len(key)]) + key.encode() + b"](" + items + b"es."


def binary(images, coarse=b""):
    return b"".join(coarse + bytes([label]) + pixels for label, pixels in images)


def files(form):
    """{name: content} of cifar-10-batches-py ("py") or cifar-10-batches-bin ("bin"), the same images in both."""
    made = {name: list(rows(count, name)) for name, count in COUNTS.items()}
    if form == "py":
        return {**{name: pickled(images) for name, images in made.items()}, "batches.meta": pickled_names(), "readme.html": b"<p>"}
    return {**{name + ".bin": binary(images) for name, images in made.items()}, "batches.meta.txt": "\n".join(NAMES).encode() + b"\n\n"}


def archive(form, content=None):
    """The .tar.gz of such a folder."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as tar:
        for name, data in (content or files(form)).items():
            entry = tarfile.TarInfo(f"cifar-10-batches-{form}/{name}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def put(channel, form, packed=False):
    if packed:
        (channel / {"py": "cifar-10-python.tar.gz", "bin": "cifar-10-binary.tar.gz"}[form]).write_bytes(archive(form))
        return
    folder = channel / f"cifar-10-batches-{form}"
    folder.mkdir()
    for name, data in files(form).items():
        (folder / name).write_bytes(data)
