"""One epoch on the real MNIST, if SMLT_DATA has it."""
import unittest

from platform_tree import Contract, Job


class RealMnist(Contract):
    def test_one_epoch_reads_more_than_95_percent(self):
        job = Job(self, {"epochs": "1", "lr": "0.09758212303501858", "batch-size": "128"}).use_real("mnist")
        result = self.assert_trained(job.run())
        self.assertIn("Processes 60000/60000 (100%) of train data", result.out)
        self.assertGreater(job.manifest()["metrics"]["validation_accuracy"], 0.95)


if __name__ == "__main__":
    unittest.main()
