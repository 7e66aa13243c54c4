"""Jobs that clearly went wrong say so in a line that begins with "Warning: "; sound ones have no such line."""
import shutil
import unittest

import cifar_data
from platform_tree import Contract, Job, idx_bytes

QUICK_TABLE = {"num-epochs": "1"}
QUICK_BIRDS = {"backbone": "squeezenet1_1", "initial_epochs": "1", "batch_size": "4", "initial_lr": "0.001", "augment": "false"}


def warnings_of(result):
    return [line for line in (result.out + result.err).splitlines() if line.startswith("Warning: ")]


class Warnings(Contract):
    def warned(self, job, *phrases):
        """The job continues, and one warning contains all phrases."""
        found = warnings_of(self.assert_trained(job.run()))
        self.assertTrue([line for line in found if all(phrase in line for phrase in phrases)], found)

    def table(self, lines, validation=None):
        job = Job(self, QUICK_TABLE, channels=("train", "validation") if validation else ("train",))
        (job.channel("train") / "table.csv").write_text("\n".join(lines))
        if validation:
            (job.channel("validation") / "table.csv").write_text("\n".join(validation))
        return job

    def rows(self, labels):
        return [f"{label},{i % 7},{(i * 5) % 3}.5" for i, label in enumerate(labels)]

    def test_sound_jobs_have_none(self):
        table = Job(self, {"num-epochs": "20", "learning-rate": "0.05"}).add_table()
        digits = Job(self, {"epochs": "3", "lr": "0.05"}).add_digits()
        cifar = Job(self, {"epochs": "2", "lr": "0.01"})
        cifar_data.put(cifar.channel(), "py")
        birds = Job(self, {**QUICK_BIRDS, "initial_epochs": "3", "initial_lr": "0.01"}, ("train", "validation")).add_photographs()
        for job in (table, digits, cifar, birds):
            self.assertEqual(warnings_of(self.assert_trained(job.run())), [])

    def test_a_class_per_row(self):
        self.warned(self.table(self.rows(range(80))), "80 rows", "80 classes, nearly one per row", "check where the labels come from")
        self.warned(self.table(self.rows(i * 2 % 79 for i in range(80))), "nearly one per row")
        index = self.table(self.rows(range(1, 81)))  # counted from 1
        self.assert_refused(index.run(), "below the number of rows (80)", "found 80", "an index, or a number to be predicted")
        regression = self.table(self.rows(i * 0.75 for i in range(80)))
        self.assert_refused(regression.run(), "row 2 of", "table.csv", "found 0.75, as a number to be predicted (regression)")

    def test_rare_classes(self):
        self.warned(self.table(self.rows([0] * 9 + [1] * 9 + [2])), "Of 3 classes", "1 with a single row (such as '2')")
        self.warned(self.table(self.rows([0] * 9 + [4] * 9)), "Of 5 classes", "3 without a row (such as '1')")
        digits = Job(self, {"epochs": "1"}).add_digits(parts=("train",))
        labels = bytearray(idx_bytes("train-labels-idx1-ubyte"))
        labels[8:] = bytes(3 if label == 7 else label for label in labels[8:])
        (digits.channel() / "train-labels-idx1-ubyte").write_bytes(labels)
        self.warned(digits, "Of 10 classes", "1 without a row (such as '7')")
        birds = Job(self, QUICK_BIRDS, ("train", "validation")).add_photographs()
        folder = sorted(birds.channel("train").iterdir())[1]
        for image in list(folder.iterdir())[1:]:
            image.unlink()
        self.warned(birds, "Of 3 classes", "1 with a single row (such as '002.Bird ä 1')")

    def test_one_class_alone_is_refused_for_every_model(self):
        table = self.table(self.rows([1] * 20))
        digits = Job(self, {"epochs": "1"}).add_digits(parts=("train",))
        labels = bytearray(idx_bytes("train-labels-idx1-ubyte"))
        labels[8:] = bytes([4]) * (len(labels) - 8)
        (digits.channel() / "train-labels-idx1-ubyte").write_bytes(labels)
        cifar = Job(self, {"epochs": "1"})
        (cifar.channel() / "data_batch_1.bin").write_bytes(cifar_data.binary((3, pixels) for _, pixels in cifar_data.rows(20, "a")))
        birds = Job(self, QUICK_BIRDS, ("train", "validation")).add_photographs(classes=1)
        for job, name in ((table, "found only '1' (20 rows)"), (digits, "found only '4' (400 rows)"), (cifar, "found only 'cat' (20 rows)"),
                          (birds, "found only '001.Bird ä 0' (5 rows)")):
            self.assert_refused(job.run(), "Expected training data of two or more classes", name)

    def test_a_row_of_data_as_header(self):
        job = Job(self, QUICK_TABLE).add_table()
        for name in ("X_train.csv", "y_train.csv"):
            path = job.channel() / name
            path.write_text(path.read_text().split("\n", 1)[1])
        self.warned(job, "X_train.csv' is numbers and was taken for its header", "put a row of names before it")

    def test_a_header_of_numbers_before_a_table_without_one(self):
        lines = self.rows(i % 2 for i in range(20))
        self.warned(self.table(["0,1,2,3", *(line + ",1" for line in lines)]), "table.csv' is the numbers 0 to 3", "without a header")

    def test_images_of_one_colour(self):
        digits = Job(self, {"epochs": "1"}).add_digits(parts=("train",))
        images = bytearray(idx_bytes("train-images-idx3-ubyte"))
        size = (len(images) - 16) // 400
        for row, value in ((3, 0), (7, 255)):
            images[16 + row * size:16 + (row + 1) * size] = bytes([value]) * size
        (digits.channel() / "train-images-idx3-ubyte").write_bytes(images)
        self.warned(digits, "2 of 400 images to train on are nothing but one colour, such as the image at index 3")
        digits.channel().joinpath("train-images-idx3-ubyte").write_bytes(images[:16] + bytes(len(images) - 16))
        self.warned(digits, "400 of 400 images to train on are nothing but one colour")
        cifar = Job(self, {"epochs": "1"})
        rows = list(cifar_data.rows(40, "a"))
        rows[5] = (rows[5][0], bytes(1024) + b"\x09" * 2048)
        (cifar.channel() / "data_batch_1.bin").write_bytes(cifar_data.binary(rows))
        self.warned(cifar, "1 of 40 images to train on is nothing but one colour", "index 5")

    def test_a_network_that_gives_one_answer(self):
        birds = Job(self, {**QUICK_BIRDS, "initial_lr": "1e-12"}, ("train", "validation")).add_photographs()
        for folder in birds.channel("validation").iterdir():  # one picture under every name
            for image in list(folder.iterdir()):
                image.unlink()
            shutil.copy(sorted(birds.channel("train").rglob("*.jpg"))[0], folder / "a.jpg")
        self.warned(birds, "The network predicts class ", "for all 3 rows it was evaluated on", "learning rate")
        digits = Job(self, {"epochs": "1", "lr": "1e-12"}).add_digits()
        images = idx_bytes("t10k-images-idx3-ubyte")
        (digits.channel() / "t10k-images-idx3-ubyte").write_bytes(images[:16] + images[16:800] * 100)
        self.warned(digits, "The network predicts class ", "for all 100 rows it was evaluated on", "more epochs or more data")
        of_one_class = self.table(self.rows(i % 2 for i in range(20)), validation=self.rows([1] * 3))
        self.assertEqual(warnings_of(self.assert_trained(of_one_class.run())), [])


if __name__ == "__main__":
    unittest.main()
