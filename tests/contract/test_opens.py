"""A job opens each file of its channels at most twice, to look at it and to read it: every open is a request where files are
fetched when they are opened (input mode FastFile). The opens are counted by the library of tests/contract/log_opens.cpp."""
import collections
import gzip
import os
import shutil
import tarfile
import unittest

import cifar_data
from platform_tree import Contract, Job


@unittest.skipUnless("SMLT_LOG_OPENS" in os.environ, "needs the library of tests/contract/log_opens.cpp")
class Opens(Contract):
    def opens(self, job, *arguments):
        """{path within input/data: number of opens} of a job that trains, or whatever else it is asked to do."""
        log = job.base / "opens"
        log.unlink(missing_ok=True)
        result = job.run(*arguments, environment={"LD_PRELOAD": os.environ["SMLT_LOG_OPENS"], "OPENS_LOG": str(log)})
        self.assertEqual(result.code, 0, result.err)
        data = f"{job.base}/input/data/"
        return collections.Counter(path.removeprefix(data) for path in log.read_text().splitlines() if path.startswith(data))

    def assert_few(self, job):
        """For a dry run and for training; every file is looked at or read."""
        files = {str(path.relative_to(job.base / "input/data")) for path in job.channel("").rglob("*") if path.is_file()}
        for arguments in (("--dry-run",), ()):
            opens = self.opens(job, *arguments)
            self.assertEqual({path: count for path, count in opens.items() if count > 2}, {})
            self.assertEqual(set(opens), files)

    def test_idx(self):
        for compress in (False, True):
            for sub in ("", "MNIST/raw"):
                with self.subTest(sub, compress=compress):
                    self.assert_few(Job(self, {"epochs": "1"}).add_digits(sub=sub, compress=compress))

    def test_idx_in_two_channels(self):
        job = Job(self, {"epochs": "1"}, channels=("training", "test"))
        self.assert_few(job.add_digits(parts=("train",)).add_digits("test", parts=("t10k",)))

    def test_idx_that_is_there_twice(self):
        self.assert_few(Job(self, {"epochs": "1"}).add_digits().add_digits(sub="MNIST/raw", compress=True))

    def test_cifar(self):
        for places in ([("py", False)], [("py", True)], [("bin", False)], [("py", False), ("py", True)],
                       [("bin", False), ("py", True)]):
            with self.subTest(places):
                job = Job(self, {"epochs": "1", "batch_size": "16"})
                for form, packed in places:
                    cifar_data.put(job.channel(), form, packed)
                self.assert_few(job)

    def test_tables(self):
        self.assert_few(Job(self, {"num-epochs": "1"}).add_table())
        job = Job(self, {"num-epochs": "1"}, channels=("train", "validation"))
        for channel in ("train", "validation"):
            for part in ("1", "2"):
                text = "".join(f"{row % 3},{row},{row * 7 % 11}\n" for row in range(100))
                (job.channel(channel) / f"part-{part}.csv").write_text(text)
        self.assert_few(job)

    def test_tables_that_are_packed(self):
        job = Job(self, {"num-epochs": "1"})
        (job.channel() / "a.csv.gz").write_bytes(gzip.compress("".join(f"{row % 3},{row}\n" for row in range(100)).encode()))
        self.assert_few(job)

    def birds(self, *channels):
        return Job(self, {"backbone": "squeezenet1_1", "initial_epochs": "1", "batch_size": "4", "split": "0.6,0.4,0"}, channels=channels)

    def test_a_tree_of_images_and_its_archive(self):
        source = self.birds("train", "validation").add_photographs().channel("train")
        images = sorted(source.rglob("*.jpg"))
        tree = source.parent / "CUB_200_2011"
        shutil.copytree(source, tree / "images")
        classes = sorted({path.parent.name for path in images})
        (tree / "classes.txt").write_text("".join(f"{i + 1} {name}\n" for i, name in enumerate(classes)))
        (tree / "images.txt").write_text("".join(f"{i} {path.relative_to(source)}\n" for i, path in enumerate(images)))
        (tree / "image_class_labels.txt").write_text(
            "".join(f"{i} {classes.index(path.parent.name) + 1}\n" for i, path in enumerate(images)))
        unpacked, packed = self.birds("train"), self.birds("train")
        shutil.copytree(tree, unpacked.channel("train") / tree.name)
        with tarfile.open(packed.channel("train") / "CUB_200_2011.tgz", "w:gz") as archive:
            archive.add(tree, tree.name)
        self.assert_few(unpacked)
        self.assert_few(packed)

    def test_images(self):
        job = self.birds("train", "validation").add_photographs()
        for name in ("a.txt", "a.xml"):  # before the images of its folder
            (next(job.channel("train").iterdir()) / name).write_text("an annotation")
        self.assert_few(job)


if __name__ == "__main__":
    unittest.main()
