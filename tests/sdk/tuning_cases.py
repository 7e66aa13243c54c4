"""What tuning jobs must do with the program; test_tuning_v2.py and test_tuning_v3.py send their requests."""
import json
import math
import pathlib
import shutil
import tempfile

from platform_tree import Contract, Job, idx_bytes
from tuning_request import BIRDS, MNIST, TABULAR
from tuning_service import Service, as_float32

# Besides what the tutorial says: the script's ResNet-50 would take most of the test's time.
QUICK_BIRDS = {"backbone": "squeezenet1_1", "batch_size": 4, "initial_lr": 0.001}


def put_digits(job):
    job.add_digits(sub="MNIST/raw", compress=True)


def put_real_mnist(job):
    job.use_real("mnist")


def put_birds(job):
    job.add_photographs(BIRDS.channels)


def mean_loss(job, images, labels):
    """Minus the mean logarithm of the true class's probability, by the exported model."""
    answers = job.run(str(images), command=("predict",))
    rows = [json.loads(line)["probabilities"] for line in answers.out.splitlines()]
    return -sum(math.log(row[label]) for row, label in zip(rows, labels, strict=True)) / len(rows)


class Cases(Contract):
    """Derived classes say how their SDK's tuner makes a request of a tutorial: tuner_request(tutorial, **more)."""

    def service(self, tutorial, put_data, checkpoints=None, **more):
        return Service(self, self.tuner_request(tutorial, **more), put_data, checkpoints)

    def assert_used(self, job, hyperparameters):
        """The job has read each value as the number that it spells."""
        used = job.manifest()["hyperparameters"]
        for name, text in hyperparameters.items():
            while isinstance(text, str):
                text = json.loads(text)
            self.assertEqual(used[name], text, name)

    def assert_read(self, service, result, said):
        """The service reads what the job says about the exported weights; `said` prints that as the tutorial does."""
        manifest = result.job.manifest()
        metrics = manifest["metrics"]
        epochs = [entry for entry in result.job.journal() if "epoch" in entry]
        is_best = manifest["hyperparameters"]["keep"] == "best"
        exported = min(epochs, key=lambda entry: entry["validation_loss"]) if is_best else epochs[-1]
        self.assertEqual({name: exported[name] for name in metrics}, metrics)
        self.assertEqual(service.final_objective(result), as_float32(said(metrics)))

    def tune(self, service, drawn, said):
        results = service.run(drawn)
        for values, result in zip(drawn, results, strict=True):
            with self.subTest(values):
                self.assert_trained(result)
                self.assertEqual(result.err, "")  # no metric will stay empty, no hyperparameter is unknown
                self.assert_used(result.job, values)
                self.assert_read(service, result, said)
        return results

    def weights(self, result):
        return (result.job.base / "model/model.safetensors").read_bytes()


class Tuning:
    """The tests themselves; not a TestCase, so that unittest does not run them without an SDK."""

    def test_mnist(self):
        service = self.service(MNIST, put_digits)
        drawn = service.draw(5)
        results = self.tune(service, drawn, lambda metrics: f"{metrics['validation_loss']:.4f}")
        for result in results:
            self.assertEqual(len(service.readings(result, MNIST.objective)), 6)
        best = min(results, key=service.final_objective)
        images = best.job.channel() / "MNIST/raw/t10k-images-idx3-ubyte.gz"
        self.assertAlmostEqual(mean_loss(best.job, images, idx_bytes("t10k-labels-idx1-ubyte")[8:]),
                               service.final_objective(best), delta=0.0001)
        # Run alone, a job ends with the same bits as among others.
        self.assertEqual(self.weights(service.run(drawn[:1])[0]), self.weights(results[0]))

    def test_tabular(self):
        service = self.service(TABULAR, Job.add_table)
        # A sum of means over batches of 32, divided by the number of rows.
        results = self.tune(service, service.draw(2), lambda metrics: f"{metrics['validation_loss'] / 32:.4f}")
        self.assertEqual([len(service.readings(result, TABULAR.objective)) for result in results], [5, 10])

    def test_birds(self):
        service = self.service(BIRDS, put_birds, hyperparameters=QUICK_BIRDS)
        results = self.tune(service, service.draw(3), lambda metrics: f"{metrics['validation_accuracy']:.3f}")
        for result in results:
            metrics = result.job.manifest()["metrics"]
            self.assertAlmostEqual(service.readings(result, "validation:loss")[-1], metrics["validation_loss"], delta=0.0005)
            self.assertEqual(len(service.readings(result, "train:loss")), len(service.readings(result, BIRDS.objective)))

    def test_keep_best_makes_the_best_epoch_the_objective(self):
        service = self.service(MNIST, put_digits, hyperparameters={"keep": "best", "momentum": 0.95})
        result = self.tune(service, service.draw(1), lambda metrics: f"{metrics['validation_loss']:.4f}")[0]
        self.assertEqual(service.final_objective(result), min(service.readings(result, MNIST.objective)))

    def test_jobs_that_share_a_checkpoint_prefix(self):
        alone = self.service(TABULAR, Job.add_table)
        expected = [self.weights(result) for result in alone.run(alone.draw(2))]
        folder = tempfile.mkdtemp(prefix="smlt-checkpoints-")
        self.addCleanup(shutil.rmtree, folder)
        sharing = self.service(TABULAR, Job.add_table, checkpoints=folder, checkpoint_uri="s3://bucket/checkpoints",
                               hyperparameters={"checkpoint_interval_steps": 7})
        # Five epochs and ten, together; then, with what those have left, ten and five.
        for drawn in (sharing.draw(2), sharing.draw(2)[1:], sharing.draw(1)):
            for values, result in zip(drawn, sharing.run(drawn), strict=True):
                self.assert_trained(result)
                self.assert_used(result.job, values)
                self.assert_read(sharing, result, lambda metrics: f"{metrics['validation_loss'] / 32:.4f}")
                self.assertEqual(self.weights(result), expected[sharing.draw(2).index(values)])
        self.assertTrue(list(pathlib.Path(folder).glob("*.checkpoint")))

    def test_a_job_that_fails_has_no_objective(self):
        service = self.service(MNIST, put_digits)
        result = service.run([{"lr": "1.0E2", "batch-size": '"8"'}])[0]
        self.assert_refused(result, "finite loss")
        self.assertIsNone(service.final_objective(result))

    def test_the_real_mnist(self):
        service = self.service(MNIST, put_real_mnist)
        within = service.draw(3)[2:]  # not at the ends of the ranges
        result = self.tune(service, within, lambda metrics: f"{metrics['validation_loss']:.4f}")[0]
        self.assertLess(service.final_objective(result), 0.1)
