"""Each bad input gets its one sentence, a non-zero exit and a failure file, and leaves nothing behind."""
import gzip
import struct
import unittest

from platform_tree import Contract, Job, idx_bytes

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


class BadData(Contract):
    def test_no_channel(self):
        self.assert_refused(Job(self, {}, channels=()).run(), "found no channel", "IDX files")

    def test_an_empty_channel(self):
        self.assert_refused(Job(self).run(), "found an empty directory in channel 'training'", "IDX files")

    def test_a_channel_that_is_not_there(self):
        job = Job(self)
        job.channel().rmdir()
        self.assert_refused(job.run(), "'training'")

    def test_a_channel_with_something_else_in_it(self):
        job = Job(self)
        (job.channel() / "notes.txt").write_text("hello")
        (job.channel() / b"caf\xe9.csv".decode("utf-8", "surrogateescape")).write_text("one,two")
        self.assert_refused(job.run(), "'notes.txt'", "IDX files")

    def test_images_without_labels(self):
        job = Job(self).add_digits()
        (job.channel() / LABELS).unlink()
        self.assert_refused(job.run(), "Expected labels beside the images", IMAGES)

    def test_more_images_than_labels(self):
        job = Job(self).add_digits()
        (job.channel() / LABELS).write_bytes(idx_bytes("t10k-labels-idx1-ubyte"))
        self.assert_refused(job.run(), "found 400 images", "100 labels")

    def test_a_gzip_cut_in_the_middle(self):
        job = Job(self).add_digits(compress=True)
        path = job.channel() / (IMAGES + ".gz")
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        self.assert_refused(job.run(), IMAGES + ".gz", "cut off or damaged")

    def test_a_file_cut_in_the_middle(self):
        job = Job(self).add_digits()
        (job.channel() / IMAGES).write_bytes(idx_bytes(IMAGES)[:1000])
        self.assert_refused(job.run(), IMAGES)

    def test_a_header_that_claims_too_many_images(self):
        for compress in (False, True):
            job = Job(self).add_digits()
            data = struct.pack(">IIII", 0x803, 2**31, 28, 28) + bytes(784)
            (job.channel() / IMAGES).write_bytes(gzip.compress(data) if compress else data)
            self.assert_refused(job.run(), IMAGES, "2147483648")

    def test_test_data_that_cannot_be_read_is_never_passed_over(self):
        for damage in (b"", idx_bytes("t10k-images-idx3-ubyte")[:10]):
            job = Job(self).add_digits()
            (job.channel() / "t10k-images-idx3-ubyte").write_bytes(damage)
            self.assert_refused(job.run(), "t10k-images-idx3-ubyte")
        job = Job(self, channels=("training", "test")).add_digits(parts=("train",))
        (job.channel("test") / "a.txt").write_text("not images")
        self.assert_refused(job.run(), "'test'", "found none")

    def test_a_plain_file_and_a_gzip_that_differ(self):
        job = Job(self).add_digits()
        (job.channel() / (IMAGES + ".gz")).write_bytes(gzip.compress(idx_bytes("t10k-images-idx3-ubyte")))
        (job.channel() / (LABELS + ".gz")).write_bytes(gzip.compress(idx_bytes("t10k-labels-idx1-ubyte")))
        self.assertEqual(job.run().code, 1)

    def test_pipe_mode(self):
        job = Job(self).add_digits()
        job.write_config("inputdataconfig.json", {"training": {"TrainingInputMode": "Pipe"}})
        self.assert_refused(job.run(), "'training'", "found Pipe", "FastFile")

    def test_a_named_model_without_its_data(self):
        for model, expected in (("mnist", "IDX files"), ("cifar10", "cifar-10-batches-py"), ("birds", "a folder of JPEG"),
                                ("tabular", "X_train.csv and y_train.csv")):
            self.assert_refused(Job(self, {"model": model}).run(), f"Expected {expected}" if model != "birds" else expected,
                                f"for the model {model}", "found an empty directory in channel 'training'")
            self.assert_refused(Job(self, {"model": model}, channels=()).run(), "found no channel", expected)
        for model in ("mnist", "cifar10", "birds"):
            job = Job(self, {"model": model})
            (job.channel() / "train.csv").write_text("0,1\n1,2\n0,3\n")
            self.assert_refused(job.run(), f"for the model {model}", "found 'train.csv' in channel 'training'", "data for the model tabular")
        job = Job(self, {"model": "tabular"}).add_digits()
        self.assert_refused(job.run(), "Expected X_train.csv", "for the model tabular", IMAGES, "data for the model mnist")

    def test_labels_outside_the_classes(self):
        job = Job(self).add_digits()
        labels = bytearray(idx_bytes("t10k-labels-idx1-ubyte"))
        labels[8 + 5] = 77
        (job.channel() / "t10k-labels-idx1-ubyte").write_bytes(labels)
        self.assert_refused(job.run(), "labels from 0 to 9", "found 77 at index 5")

    def test_two_data_sets_in_one_channel(self):
        job = Job(self).add_digits(sub="MNIST/raw")
        other = job.channel() / "FashionMNIST/raw"
        other.mkdir(parents=True)
        (other / IMAGES).write_bytes(idx_bytes(IMAGES))
        labels = idx_bytes(LABELS)
        (other / LABELS).write_bytes(labels[:8] + bytes((label + 1) % 10 for label in labels[8:]))
        self.assert_refused(job.run(), "MNIST/raw", "FashionMNIST/raw", "keep one of them")

    def test_both_train_and_training(self):
        job = Job(self, channels=("train", "training")).add_digits("train").add_digits("training")
        self.assert_refused(job.run(), "both 'train' and 'training'")

    def test_a_model_directory_that_is_a_file(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        (job.base / "model").rmdir()
        (job.base / "model").write_text("")
        self.assert_refused(job.run(), "Cannot create the directory", "model", code=2)


class BadHyperparameters(Contract):
    def refused(self, hyperparameters, *phrases):
        self.assert_refused(Job(self, hyperparameters).add_digits().run(), *phrases)

    def test_values_out_of_type_or_range(self):
        for name, value in {"epochs": "ten", "EPOCHS": "-1", "lr": "nan", "batch-size": "0", "batch_size": "2.5",
                            "momentum": "1", "keep": "first", "seed": "99999999999999999999", "device": "tpu"}.items():
            with self.subTest(name=name, value=value):
                self.refused({name: value}, name.lower().replace("_", "-"), f"'{value}'", "hyperparameters.json")
        self.refused({"epochs": "1e9999"}, "epochs", "'1e9999'")
        self.refused({"lr": "Infinity"}, "lr", "'Infinity'")

    def test_an_unknown_name_is_answered_with_the_nearest(self):
        self.refused({"bacth-size": "64"}, "'bacth-size'", "batch-size")
        result = Job(self).add_digits().run("--bacth-size", "64")
        self.assert_refused(result, "'bacth-size'", "batch-size", "command line")

    def test_an_unknown_variable_only_warns(self):
        result = Job(self, {"epochs": "1"}).add_digits().run(environment={"SM_HP_BACTH-SIZE": "64"})
        self.assertIn("batch-size", self.assert_trained(result).err)

    def test_files_that_are_not_hyperparameters(self):
        self.refused("not json", "hyperparameters.json", "JSON")
        self.refused('["epochs", 1]', "hyperparameters.json", "object")
        self.refused('{"epochs": "1"', "hyperparameters.json", "JSON")

    def test_a_huge_file_is_not_read(self):
        job = Job(self).add_digits()
        with open(job.base / "input/config/hyperparameters.json", "wb") as file:
            file.write(b'{"epochs": "1"}')
            file.truncate(100 << 20)
        self.assert_refused(job.run(), "hyperparameters.json", "bytes")

    def test_options_that_make_no_sense(self):
        for arguments, phrase in ((["--epochs"], "epochs"), (["stray"], "stray"), (["--epochs", "1", "--epochs", "2"], "epochs")):
            with self.subTest(arguments):
                self.assert_refused(Job(self).add_digits().run(*arguments), phrase)

    def test_a_device_or_model_that_is_not_there(self):
        self.refused({"device": "cuda"}, "GPU image", "device=auto")
        self.refused({"model": "resnet"}, "model", "'resnet'", "mnist")

    def test_a_loss_that_is_not_finite(self):
        job = Job(self, {"lr": "90", "epochs": "20", "batch-size": "8"}).add_digits()
        result = job.run()
        self.assertEqual(result.code, 1)
        for phrase in ("finite loss", "epoch ", "step ", "learning rate 90", "lower the learning rate"):
            self.assertIn(phrase, result.last_error)
        self.assertEqual(job.model_files(), [])

    def test_thread_counts_that_make_no_sense_are_passed_over(self):
        for value in ("999999999", "nonsense", "-1", ""):
            result = Job(self, {"epochs": "1"}).add_digits().run(environment={"OMP_NUM_THREADS": value})
            self.assert_trained(result)

    def test_an_unknown_command(self):
        result = Job(self).run(command=("trian",))
        self.assertEqual(result.code, 1)
        self.assertIn("'trian'", result.last_error)


if __name__ == "__main__":
    unittest.main()
