"""One job on several hosts: it equals the job on one host, ends on all of them together, and continues after any death."""
import random
import shutil
import signal
import time
import unittest

from cluster_job import ClusterContract, ClusterJob, weights
from platform_tree import Contract, Job

CURVE = ("train_loss", "validation_loss", "validation_accuracy")
BASE = {"epochs": "2", "lr": "0.05", "log-interval": "1", "backend": "gloo"}


class Hosts(ClusterContract):
    def assert_same_curve(self, one, other, tolerance=1e-5):
        self.assertEqual(len(one.journal()), len(other.journal()))
        for left, right in zip(one.journal(), other.journal()):
            for name in CURVE:
                self.assertAlmostEqual(left[name] / right[name], 1, delta=tolerance, msg=f"{name}: {left} {right}")

    def test_they_equal_one_host_with_the_whole_batch(self):
        whole = Job(self, {**BASE, "batch-size": "48"}).add_digits()  # 400 images: the last batch has 16
        self.assert_trained(whole.run())
        for hosts in (2, 3, 4):
            with self.subTest(hosts=hosts):
                cluster = ClusterJob(self, hosts, {**BASE, "batch-size": str(48 // hosts)})
                results = cluster.run()
                self.assert_all_trained(results)
                self.assert_same_curve(cluster.jobs[0], whole)
                once = weights(cluster.jobs[0])
                for name, numbers in weights(whole).items():
                    for mine, theirs in zip(once[name], numbers):
                        self.assertAlmostEqual(mine, theirs, delta=1e-4)
                self.assert_all_trained(cluster.run())
                self.assertEqual(weights(cluster.jobs[0]), once)  # the same bits

    def test_augmentation_and_dropout_are_those_of_one_host(self):
        raw = {"backbone": "squeezenet1_1", "initial_epochs": "2", "initial_lr": "0.001", "dropout": "0.5", "augment": "true"}
        channels = ("train", "validation")

        def fill(job, host=0):
            return job.add_photographs(channels, 3, 5)

        whole = fill(Job(self, {**raw, "batch_size": "6"}, channels=channels))
        self.assert_trained(whole.run())
        plain = fill(Job(self, {**raw, "batch_size": "6", "augment": "false"}, channels=channels))
        self.assert_trained(plain.run())
        self.assertNotAlmostEqual(plain.journal()[0]["train_loss"], whole.journal()[0]["train_loss"], places=4)
        cluster = ClusterJob(self, 2, {**raw, "batch_size": "3"}, fill, channels)
        self.assert_all_trained(cluster.run())
        epochs = [[entry for entry in job.journal() if "epoch" in entry] for job in (whole, cluster.jobs[0])]
        self.assertEqual(len(epochs[0]), 2)
        for left, right in zip(*epochs):
            for name in CURVE:
                self.assertAlmostEqual(left[name], right[name], delta=1e-5 * abs(left[name]) + 1e-9, msg=name)

    def test_what_each_host_says(self):
        results = ClusterJob(self, 2, {**BASE, "batch-size": "50"}).run()
        self.assert_all_trained(results)
        first, second = results
        self.assertIn("Distributed training - True\n", first.out)
        self.assertIn("Initialized the distributed environment: 'gloo' backend on 2 nodes. Current host rank is 0. "
                      "Number of gpus: 0\n", first.out)
        self.assertIn("Processes 200/400 (50%) of train data\n", first.out)
        self.assertIn("Train Epoch: 1 [50/200 (25%)] Loss: ", first.out)
        self.assertIn("Test set: Average loss: ", first.out)
        for line in second.out.splitlines():
            self.assertTrue(line.startswith("[127.0.0.2] "), line)
        for metric in ("Loss: ", "Average loss", "epoch=1", "Accuracy"):
            self.assertNotIn(metric, second.out)

    def test_rows_of_their_own(self):
        """As ShardedByS3Key hands them out: every host takes the same number of steps, however unequal the parts."""
        draw = random.Random(1)

        def row():
            numbers = [draw.gauss(0, 1) for _ in range(3)]
            return f"{int(numbers[0] > 0)}," + ",".join(f"{number:.3f}" for number in numbers)

        test = "\n".join(row() for _ in range(100))

        def fill(job, host):
            (job.channel() / f"part-{host}.csv").write_text("\n".join(row() for _ in range((331, 69, 7)[host])))
            (job.channel("test") / "test.csv").write_text(test)

        cluster = ClusterJob(self, 3, {"num-epochs": "20", "batch-size": "20", "learning-rate": "0.5"}, fill, ("training", "test"))
        self.assert_all_trained(cluster.run())
        self.assertGreater(cluster.jobs[0].journal()[-1]["validation_accuracy"], 0.9)
        whole = cluster.jobs[0].journal()
        self.assert_all_trained(cluster.run("--processes", "2", "--batch-size", "10"))  # which divide their host's rows
        for left, right in zip(whole, cluster.jobs[0].journal()):
            self.assertAlmostEqual(left["validation_loss"], right["validation_loss"], delta=0.05)

    def test_a_host_without_the_test_channel_trains(self):
        """As with instance groups: a channel may be there for some hosts only."""
        row = "{},{:.3f},{:.3f}".format
        draw = random.Random(2)
        rows = [(draw.gauss(0, 1), draw.gauss(0, 1)) for _ in range(300)]
        table = "\n".join(row(int(x > 0), x, y) for x, y in rows)

        def fill(job, host):
            (job.channel() / "train.csv").write_text(table)
            if host == 0:
                (job.channel("test") / "test.csv").write_text(table)
            else:
                job.write_config("inputdataconfig.json", {"training": {"TrainingInputMode": "File"}})
                shutil.rmtree(job.channel("test"))

        cluster = ClusterJob(self, 2, {"num-epochs": "20", "batch-size": "20", "learning-rate": "0.5"}, fill, ("training", "test"))
        self.assert_all_trained(cluster.run())
        self.assertGreater(cluster.jobs[0].journal()[-1]["validation_accuracy"], 0.9)

    def test_a_stop_on_one_host_stops_all_after_the_same_step(self):
        for asked in (0, 1):
            cluster = ClusterJob(self, 2, {**BASE, "epochs": "100000", "batch-size": "16"}).start()
            cluster.wait_for("Train Epoch: 3 [")
            cluster.processes[asked].send_signal(signal.SIGTERM)
            results = cluster.finish()
            self.assert_all_trained(results)
            self.assertIn("Stopped by a signal: the model so far is saved.", results[0].out)

    def test_a_death_ends_all(self):
        for killed in (0, 1):
            cluster = ClusterJob(self, 3, {**BASE, "epochs": "100000", "batch-size": "16"}).start()
            cluster.wait_for("Train Epoch: 2 [")
            cluster.processes[killed].kill()
            begun = time.monotonic()
            results = cluster.finish()
            self.assertLess(time.monotonic() - begun, 90)  # 30 s are promised
            for host, result in enumerate(results):
                if host != killed:
                    self.assertEqual(result.code, 2, result.err)
                    self.assertIn(cluster.names[killed], result.failure)
                    self.assertTrue(result.last_error.endswith(result.failure), result.err)
                    self.assertEqual(result.job.model_files(), [])

    def test_bad_data_on_one_host_is_everyones_reason(self):
        def fill(job, host):
            job.add_digits()
            if host == 1:
                (job.channel() / "train-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01\0\0\x01\x90" + bytes([77]) * 400)

        results = ClusterJob(self, 2, {**BASE, "batch-size": "16"}, fill).run()
        self.assertEqual([result.code for result in results], [1, 1])
        self.assertIn("77", results[1].failure)
        self.assertIn(results[1].failure[:60], results[0].failure)
        self.assertIn("127.0.0.2", results[0].failure)

    def test_a_host_without_data_is_everyones_reason(self):
        results = ClusterJob(self, 2, {**BASE, "batch-size": "16"}, lambda job, host: host or job.add_digits()).run()
        self.assertEqual([result.code for result in results], [1, 1])
        self.assertIn("127.0.0.2", results[0].failure)

    def test_the_true_reason_stays_while_another_host_is_missing(self):
        """Both processes of the only host that came fail; the first waits to tell the other host, and outlives the second."""
        def fill(job, host):
            job.add_digits()
            job.write_config("hyperparameters.json", {**BASE, "batch-size": "16", "processes": "2", "device": "cuda"})

        result = ClusterJob(self, 2, BASE, fill).run(hosts=[0])[0]
        self.assertEqual(result.code, 1, result.err)
        self.assertIn("device", result.failure)
        self.assertTrue(result.last_error.endswith(result.failure), result.err)

    def test_killed_and_started_again_they_end_with_the_same_bits(self):
        raw = {**BASE, "batch-size": "16", "epochs": "6", "checkpoint_interval_steps": "3"}
        whole = ClusterJob(self, 2, raw)
        self.assert_all_trained(whole.run())
        cluster = ClusterJob(self, 2, raw)
        for job in cluster.jobs:
            (job.base / "checkpoints").mkdir()
        for killed, epoch in ((1, 2), (0, 4)):
            cluster.start()
            cluster.wait_for(f"Train Epoch: {epoch} [")
            cluster.processes[killed].kill()
            cluster.finish()
        results = cluster.run()
        self.assert_all_trained(results)
        self.assertIn("Continuing from a checkpoint", results[0].out)
        self.assertEqual(weights(cluster.jobs[0]), weights(whole.jobs[0]))
        self.assertEqual(list((cluster.jobs[1].base / "checkpoints").iterdir()), [])

    def test_another_number_of_hosts_continues(self):
        cluster = ClusterJob(self, 2, {**BASE, "batch-size": "20"})
        for job in cluster.jobs:
            (job.base / "checkpoints").mkdir()
        self.assert_all_trained(cluster.run())
        alone = cluster.jobs[0]
        alone.write_config("resourceconfig.json", {"current_host": "127.0.0.1", "hosts": ["127.0.0.1"]})
        alone.write_config("hyperparameters.json", {**BASE, "batch-size": "20", "epochs": "3"})
        result = self.assert_trained(alone.run())
        self.assertIn("It was written with 2 ranks of ", result.out)
        self.assertEqual(len(alone.journal()), 3)


class Processes(Contract):
    def test_they_equal_as_many_threads_to_the_last_bit(self):
        threads = Job(self, {**BASE, "batch-size": "64", "threads": "2"}).add_digits()  # two shards of 32 rows
        self.assert_trained(threads.run())
        job = Job(self, {**BASE, "batch-size": "32", "threads": "1"}).add_digits()
        self.assert_trained(job.run("--processes", "2"))
        self.assertEqual(weights(job), weights(threads))

    def test_mpi_settings_scale_the_learning_rate(self):
        mpi = {"sagemaker_mpi_enabled": "true", "sagemaker_mpi_num_of_processes_per_host": "2"}
        job = Job(self, {**BASE, "batch-size": "32", "lr": "0.025", **mpi}).add_digits()
        self.assert_trained(job.run())
        whole = Job(self, {**BASE, "batch-size": "64", "lr": "0.05"}).add_digits()
        self.assert_trained(whole.run())
        Hosts.assert_same_curve(self, job, whole)

    def test_they_equal_one_process_with_the_whole_batch(self):
        whole = Job(self, {**BASE, "batch-size": "40"}).add_digits()
        self.assert_trained(whole.run())
        job = Job(self, {**BASE, "batch-size": "20"}).add_digits()
        result = self.assert_trained(job.run("--processes", "2"))
        self.assertEqual(result.err, "")
        Hosts.assert_same_curve(self, job, whole)


if __name__ == "__main__":
    unittest.main()
