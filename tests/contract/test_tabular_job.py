"""The job of the tutorial on synthetic data, from the tree to the artifacts."""
import gzip
import json
import re
import unittest

from platform_tree import Contract, Job, drawn_table
from running_endpoint import Endpoint
from tutorial_table import TUTORIAL, labelled, rows_of

FILES = ("X_train.csv", "y_train.csv", "X_validation.csv", "y_validation.csv")


class TabularJob(Contract):
    def test_evaluation_columns_of_other_names_or_places(self):
        def run(header):
            job = Job(self, {"num-epochs": "1"})
            rows = "".join(f"{i % 7},{i % 5},{i % 3},{i % 2}\n" for i in range(40))
            labels = "label\n" + "".join(f"{i % 2}\n" for i in range(40))
            (job.channel() / "X_train.csv").write_text("a,b,c,d\n" + rows)
            (job.channel() / "X_validation.csv").write_text(header + "\n" + rows)
            for part in ("train", "validation"):
                (job.channel() / f"y_{part}.csv").write_text(labels)
            return job.run()

        for header in ("b,a,c,d", "b,a,c,e", "x,a,b,c"):
            self.assert_refused(run(header), "X_validation.csv", "reorder them")
        for header, place in (("a,b,c,e", "'e' as column 4 in place of 'd'"), ("w,x,y,z", "'w' as column 1 in place of 'a'")):
            result = self.assert_trained(run(header))
            self.assertRegex(result.out, rf"(?m)^Warning: The columns of .*{place}")
        self.assertNotIn("Warning: ", run("a,b,c,d").out)

    def test_numbers_that_float32_does_not_tell_apart(self):
        for offset, warns in ((1_700_000_000, True), (1_700_000, False)):
            job = Job(self, {"num-epochs": "1"})
            (job.channel() / "train.csv").write_text("".join(f"{i % 2},{offset + i % 90},{i % 9}\n" for i in range(90)))
            result = self.assert_trained(job.run())
            self.assertEqual("Warning: The numbers of column 2 (mean 1.7e+09) are kept as float32, in steps of 128" in result.out, warns)

    def test_a_channel_that_is_not_a_folder(self):
        for kind in ("file", "link"):
            job = Job(self, {"num-epochs": "1"}, ("training", "validation")).add_table()
            job.channel("validation").rmdir()
            if kind == "file":
                job.channel("validation").write_text("0,1\n1,2\n")
            else:
                job.channel("validation").symlink_to("nowhere")
            self.assert_refused(job.run(), "Expected a folder for channel 'validation'", kind)
        job = Job(self, {"num-epochs": "1"}).add_table()
        (job.base / "input/data/validation.csv").write_text("0,1\n1,2\n")
        result = self.assert_trained(job.run())
        self.assertIn("Skipped: 1 .csv, such as 'validation.csv' beside the channels.\n", result.out)

    def test_the_tutorials_job(self):
        job = Job(self, {**TUTORIAL, "sagemaker_program": '"pytorch_synthetic_data_entry.py"'}).add_table()
        result = self.assert_trained(job.run())
        epochs = re.findall(r"\nTrain epoch: (\d), Loss: \d\.\d{6}\nValidation: accuracy=([0-9.]+)\n"
                            r"Validation: loss = (0\.0[0-9]+)\n"
                            r"Test set: Average loss: (0\.0\d{3}), Accuracy: (\d+)/160 \((\d+)%\)\n\n", result.out)
        self.assertEqual([epoch[0] for epoch in epochs], ["1", "2", "3"])
        self.assertIn("\n\nTrain epoch: 1", result.out)
        for _, accuracy, loss, average, correct, percent in epochs:
            self.assertEqual(float(accuracy), int(correct) * 100.0 / 160)
            self.assertEqual(repr(float(accuracy)), accuracy)
            self.assertEqual(repr(float(loss)), loss)
            self.assertEqual(f"{float(loss):.4f}", average)
            self.assertEqual(f"{float(accuracy):.0f}", percent)
        manifest = job.manifest()
        # Five batches of 32: the mean of the batches' means is the mean over rows, and the printed one is a 32nd of it.
        self.assertAlmostEqual(float(epochs[-1][2]) * 32, manifest["metrics"]["validation_loss"], places=5)
        self.assertEqual(manifest["model"], "tabular")
        self.assertEqual(manifest["input"], {"shape": [None, 15], "dtype": "float32"})
        self.assertEqual(manifest["output"], "scores")
        self.assertEqual(manifest["labels"], ["0", "1", "2"])
        self.assertNotIn("image", manifest)
        self.assertEqual(manifest["hyperparameters"]["batch-size"], 32)
        self.assertEqual(manifest["hyperparameters"]["seed"], 1337)

    def test_every_layout_gives_the_same_bits(self):
        def weights(channels, files):
            job = Job(self, TUTORIAL, channels=channels)
            for (channel, name), content in files.items():
                (job.channel(channel) / name).write_bytes(content)
            self.assertIn("Accuracy: ", self.assert_trained(job.run()).out)
            return (job.base / "model/model.safetensors").read_bytes()

        plain = {name: (drawn_table() / "training" / name).read_bytes() for name in FILES}
        reference = weights(("training",), {("training", name): content for name, content in plain.items()})
        zipped = {("train", name + ".gz"): gzip.compress(content) for name, content in plain.items()}
        self.assertEqual(weights(("train",), zipped), reference)
        windows = {("training", name): b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n") for name, content in plain.items()}
        self.assertEqual(weights(("training",), windows), reference)
        train, validation = labelled("train"), labelled("validation")
        tables = {("train", "a.csv"): "\n".join(train[:100]).encode(), ("train", "b"): gzip.compress("\n".join(train[100:]).encode()),
                  ("validation", "validation.csv"): "\n".join(validation).encode()}
        self.assertEqual(weights(("train", "validation"), tables), reference)

    def weights_of(self, tables, hyperparameters=TUTORIAL):
        """The bits that training on label-first tables gives; names of channels and files to lists of rows."""
        job = Job(self, hyperparameters, channels=tuple(tables))
        for channel, files in tables.items():
            for name, rows in files.items():
                text = "".join(row + "\n" for row in rows).encode()
                (job.channel(channel) / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        self.assert_trained(job.run())
        return job, (job.base / "model/model.safetensors").read_bytes()

    def test_parts_whose_names_differ_in_case_or_dashes_alone_are_all_read(self):
        rows = labelled("train")
        _, whole = self.weights_of({"train": {"all.csv": rows}})
        for first, second in (("A.csv", "a.csv"), ("A.CSV.gz", "a.csv"), ("part-0.csv", "part_0.csv"), ("a-b", "a_b.gz")):
            _, parts = self.weights_of({"train": {first: rows[:300], second: rows[300:]}})
            self.assertEqual(parts, whole, (first, second))
        _, twice = self.weights_of({"train": {"a.csv": rows, "a.csv.gz": rows[:9]}})
        self.assertEqual(twice, whole)

    def test_true_and_false_are_1_and_0(self):
        def table(part, yes, no):
            return [f"{row},{yes if i % 3 == 0 else no}" for i, row in enumerate(labelled(part))]
        _, numbers = self.weights_of({"train": {"a.csv": table("train", "1", "0")}})
        for yes, no in (("True", "False"), ("true", "FALSE"), ('"TRUE"', '"false"')):
            _, words = self.weights_of({"train": {"a.csv": table("train", yes, no)}})
            self.assertEqual(words, numbers, yes)
        binary = [row.split(",", 1) for row in labelled("train")]
        _, numbers = self.weights_of({"train": {"a.csv": [f"{int(y != '0')},{x}" for y, x in binary]}})
        job, words = self.weights_of({"train": {"a.csv": [f"{y != '0'},{x}" for y, x in binary]}})
        self.assertEqual(words, numbers)
        self.assertEqual(job.manifest()["labels"], ["0", "1"])

    def test_class_names_train_to_the_same_bits_as_their_numbers(self):
        names = ["Iris, blue", "Iris-setosa", "iris virginica"]  # sorted by bytes
        def named(part):
            return [f'"{names[int(y)]}",{x}' for y, x in (row.split(",", 1) for row in labelled(part))]
        _, numbers = self.weights_of({"train": {"a.csv": labelled("train")}, "validation": {"v.csv": labelled("validation")}})
        train = named("train")
        job, words = self.weights_of({"train": {"a.csv": train[:99], "b.gz": train[99:]}, "validation": {"v.csv": named("validation")}})
        self.assertEqual(words, numbers)
        self.assertEqual(job.manifest()["labels"], names)
        table = job.base / "rows.csv"
        table.write_text("\n".join(rows_of("X_validation.csv")))
        answers = [json.loads(line) for line in job.run(str(table), command=("predict",)).out.splitlines()]
        right = sum(names.index(answer["label"]) == int(y) for answer, y in zip(answers, rows_of("y_validation.csv")))
        self.assertAlmostEqual(right / len(answers), job.manifest()["metrics"]["validation_accuracy"])
        lines = Endpoint(self, job.base).request("POST", "/invocations", table.read_bytes(),
                                                 {"Content-Type": "text/csv", "Accept": "application/jsonlines"})
        self.assertEqual([json.loads(line)["label"] for line in lines.text.splitlines()], [answer["label"] for answer in answers])
        pair = Job(self, TUTORIAL).add_table()
        for part in ("train", "validation"):
            (pair.channel() / f"y_{part}.csv").write_text("kind\n" + "\n".join(f'"{names[int(y)]}"' for y in rows_of(f"y_{part}.csv")))
        self.assert_trained(pair.run())
        self.assertEqual((pair.base / "model/model.safetensors").read_bytes(), numbers)
        self.assertEqual(pair.manifest()["labels"], names)

    def test_without_validation_rows_their_lines_are_left_out(self):
        job = Job(self, TUTORIAL).add_table(FILES[:2])
        result = self.assert_trained(job.run())
        self.assertIn("\n\nTrain epoch: 3, Loss: ", result.out)
        self.assertNotIn("alidation", result.out.split("Train epoch: 1", 1)[1])

    def test_predict_reads_rows(self):
        job = Job(self, TUTORIAL).add_table()
        self.assert_trained(job.run())
        table = job.channel() / "X_validation.csv"
        everything = job.run(str(table), command=("predict",))
        self.assertEqual(everything.code, 0, everything.err)
        answers = [json.loads(line) for line in everything.out.splitlines()]
        labels = rows_of("y_validation.csv")
        self.assertEqual(len(answers), len(labels))
        correct = sum(answer["label"] == label for answer, label in zip(answers, labels))
        self.assertAlmostEqual(correct / len(labels), job.manifest()["metrics"]["validation_accuracy"])
        self.assertEqual(list(answers[0]), ["file", "label", "score", "probabilities"])
        self.assertAlmostEqual(sum(answers[0]["probabilities"]), 1, places=6)
        one = job.run(f"{table}#7", command=("predict",))
        self.assertEqual(json.loads(one.out), answers[7])
        self.assertEqual(answers[7]["file"], f"{table}#7")
        bare = job.base / "rows.csv"  # no header, as a client would send it
        bare.write_text(rows_of("X_validation.csv")[7])
        self.assertEqual(json.loads(job.run(str(bare), command=("predict",)).out), {**answers[7], "file": f"{bare}#0"})
        wide = job.base / "labelled.csv"
        wide.write_text(labelled("validation")[0])
        empty = job.base / "empty.csv"
        empty.write_text("")
        for bad, phrase in ((f"{table}#160", "row below 160"), (str(wide), "Expected 15 columns"), (str(empty), "found none"),
                            (str(job.base / "input/config/hyperparameters.json"), "row 1, column 1")):
            refused = job.run(bad, command=("predict",))
            self.assertEqual((refused.code, refused.out), (1, ""))
            self.assertIn(phrase, refused.last_error)


if __name__ == "__main__":
    unittest.main()
