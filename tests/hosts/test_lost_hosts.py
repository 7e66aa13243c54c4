"""A host or a link that is lost ends the job on all hosts with the reason; all started again, it continues."""
import time
import unittest

from network_jobs import RAW, NetworkJobs

LONG = {**RAW, "epochs": "100000"}


class LostHosts(NetworkJobs):
    def check_ends(self, cluster, lost, hosts):
        begun = time.monotonic()
        results = cluster.finish()
        seconds = time.monotonic() - begun
        print(f"ended after {seconds:.1f} s", *(result.failure for result in results), sep="\n  ")
        self.assertLess(seconds, 40)  # 30 s are promised, of a machine that computes nothing else
        for host in hosts:
            result = results[host]
            self.assertEqual(result.code, 2, result.err)
            self.assertTrue(result.last_error.endswith(result.failure), result.err)
            self.assertTrue(any(self.network.names[i] in result.failure for i in lost), result.failure)

    def test_a_host_cut_off(self):
        for victim in (0, 3):
            cluster = self.cluster(4, LONG).start()
            cluster.wait_for("Train Epoch: 3 [")
            self.network.cut(victim)
            self.addCleanup(self.network.join, victim)
            others = [host for host in range(4) if host != victim]
            self.check_ends(cluster, [victim], others)
            self.network.join(victim)

    def test_a_link_between_two_cut(self):
        cluster = self.cluster(4, LONG).start()
        cluster.wait_for("Train Epoch: 3 [")
        self.network.cut(1, 2)
        self.addCleanup(self.network.join, 1, 2)
        self.check_ends(cluster, [1, 2], range(4))

    def test_a_host_lost_and_all_started_again(self):
        raw = {**RAW, "epochs": "300", "checkpoint_interval_steps": "7"}
        cluster = self.cluster(2, raw)
        for job in cluster.jobs:
            (job.base / "checkpoints").mkdir()
        cluster.start().wait_for("Train Epoch: 20 [")
        self.network.cut(1)
        self.addCleanup(self.network.join, 1)
        self.check_ends(cluster, [0, 1], [0, 1])
        self.network.join(1)
        self.assert_same_bits(cluster, cluster.run(), raw)


if __name__ == "__main__":
    unittest.main()
