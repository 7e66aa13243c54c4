"""Tables with different scales are scaled inside the network: requests stay raw."""
import json
import struct
import unittest

import raw_tables
from platform_tree import Contract, Job, drawn_table
from running_endpoint import Endpoint

SETTINGS = {"num-epochs": "10", "learning-rate": "0.5", "batch-size": "32", "test-batch-size": "100"}
TRAINING_ROWS = 900
NOTE = "The network scales its columns"


def tensors(job):
    """{name: shape} of model.safetensors."""
    content = (job.base / "model/model.safetensors").read_bytes()
    length, = struct.unpack("<Q", content[:8])
    return {name: entry["shape"] for name, entry in json.loads(content[8:8 + length]).items() if name != "__metadata__"}


class Standardize(Contract):
    def trained(self, table, classes, checkpoints=False, **hyperparameters):
        job = Job(self, {**SETTINGS, **hyperparameters}, channels=("train", "validation"))
        for channel, rows in (("train", slice(TRAINING_ROWS)), ("validation", slice(TRAINING_ROWS, None))):
            (job.channel(channel) / "table.csv").write_text(raw_tables.text(table[rows], classes[rows]))
        if checkpoints:
            (job.base / "checkpoints").mkdir()
        job.result = self.assert_trained(job.run())
        return job

    def accuracy(self, job):
        return job.manifest()["metrics"]["validation_accuracy"]

    def test_raw_columns_are_learned_as_well_as_columns_scaled_by_hand(self):
        for kind, columns in raw_tables.KINDS.items():
            with self.subTest(kind):
                table, classes = raw_tables.drawn(columns)
                raw = self.trained(table, classes)
                hand = self.trained(raw_tables.by_hand(table, table[:TRAINING_ROWS]), classes)
                self.assertGreater(self.accuracy(hand), 0.85)
                self.assertAlmostEqual(self.accuracy(raw), self.accuracy(hand), delta=0.01)
                notes = [line for line in raw.result.out.splitlines() if line.startswith(NOTE)]
                self.assertEqual(len(notes), 1)
                self.assertRegex(notes[0], r"column \d \(mean .*standardize=false turns this off\.$")
                self.assertNotIn(NOTE, hand.result.out)
                self.assertNotIn("Warning: ", raw.result.out + raw.result.err)
                self.assertEqual(tensors(raw)["mean"], [len(columns)])
                self.assertEqual(tensors(raw)["std"], [len(columns)])
                self.assertEqual(set(tensors(hand)), {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"})

    def test_requests_are_raw(self):
        table, classes = raw_tables.drawn(raw_tables.KINDS["age, tenure and usage"])
        job = self.trained(table, classes)
        rows = "".join(",".join(map(repr, row)) + "\n" for row in table[TRAINING_ROWS:])
        (job.base / "rows.csv").write_text(rows)
        said = [json.loads(line)["label"] for line in job.run(str(job.base / "rows.csv"), command=("predict",)).out.splitlines()]
        right = sum(label == str(number) for label, number in zip(said, classes[TRAINING_ROWS:]))
        # A batch of another shape may break a tie differently: its last bits depend on the processor.
        self.assertAlmostEqual(right / len(said), self.accuracy(job), delta=1.5 / len(said))
        endpoint = Endpoint(self, job.base)
        answer = endpoint.request("POST", "/invocations", rows.encode(), {"Content-Type": "text/csv", "Accept": "application/jsonlines"})
        self.assertEqual(answer.status, 200, answer.text)
        answered = [json.loads(line)["label"] for line in answer.text.splitlines()]
        self.assertEqual(len(answered), len(said))
        self.assertLessEqual(sum(a != b for a, b in zip(answered, said)), 1)

    def test_false_leaves_them_raw_and_says_what_became_of_it(self):
        table, classes = raw_tables.drawn(raw_tables.KINDS["age, tenure and usage"])
        job = self.trained(table, classes, standardize="false")
        self.assertNotIn(NOTE, job.result.out)
        self.assertNotIn("mean", tensors(job))
        warnings = [line for line in job.result.out.splitlines() if line.startswith("Warning: ")]
        self.assertEqual(len(warnings), 1, job.result.out)
        self.assertRegex(warnings[0], "predicts class '[01]' for all 300 rows it was evaluated on.*learning rate.*standardize=true")

    def test_true_scales_what_auto_leaves_alone(self):
        def weights(**hyperparameters):
            job = Job(self, {"num-epochs": "2", **hyperparameters}).add_table()
            result = self.assert_trained(job.run())
            self.assertEqual(NOTE in result.out, hyperparameters.get("standardize") in ("true", "True"))
            self.assertNotIn("Warning: ", result.out + result.err)
            return (job.base / "model/model.safetensors").read_bytes(), tensors(job)

        default, names = weights()
        self.assertEqual(list(names), ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"])
        self.assertEqual(weights(standardize="false")[0], default)
        self.assertEqual(weights(standardize="auto")[0], default)
        for value in ("true", "True"):
            self.assertEqual(weights(standardize=value)[1]["std"], [15])

    def test_columns_are_called_as_their_header_calls_them(self):
        job = Job(self, {"num-epochs": "1"}).add_table()
        for part in ("train", "validation"):
            path = job.channel() / f"X_{part}.csv"
            header, *lines = path.read_text().splitlines()
            names = ["usage per month", *header.split(",")[1:]]
            lines = [f"{float(first) * 1e6},{rest}" for first, rest in (line.split(",", 1) for line in lines)]
            path.write_text("\n".join([",".join(names), *lines]) + "\n")
        result = self.assert_trained(job.run())
        self.assertIn("with different scales: column 'usage per month' (mean ", result.out)

    def test_a_continued_job_ends_with_the_same_bits(self):
        table, classes = raw_tables.drawn(raw_tables.KINDS["time stamps and years"])
        whole = self.trained(table, classes)
        part = self.trained(table, classes, checkpoints=True, **{"num-epochs": "4"})
        part.write_config("hyperparameters.json", SETTINGS)
        again = self.assert_trained(part.run())
        self.assertIn("Continuing from a checkpoint: 4 epochs finished", again.out)
        for job in (whole, part):
            self.assertIn("mean", tensors(job))
        self.assertEqual(*((job.base / "model/model.safetensors").read_bytes() for job in (whole, part)))
        part.write_config("hyperparameters.json", {**SETTINGS, "standardize": "false"})
        self.assertEqual(part.run().code, 1)  # another identity


if __name__ == "__main__":
    unittest.main()
