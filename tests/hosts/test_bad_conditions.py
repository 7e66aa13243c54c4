"""Jobs on hosts whose network and clocks are bad end with the same bits as on good ones."""
import shutil
import time
import unittest

from network_jobs import RAW, NetworkJobs


class BadConditions(NetworkJobs):
    def test_slow_and_lossy_links(self):
        for host, link in enumerate([(1e7, 0.001, 0.01), (0, 0.02), (1e8,), (0, 0.0005, 0.03)]):
            self.network.link(host, *link)
        for hosts in (2, 4):
            cluster = self.cluster(hosts)
            self.assert_same_bits(cluster, cluster.run())

    def test_a_host_that_starts_late(self):
        for late in (0, 1):
            cluster = self.cluster(2).start(hosts=[1 - late])
            time.sleep(15)
            cluster.start_one(late)
            cluster.processes = dict(sorted(cluster.processes.items()))
            self.assert_same_bits(cluster, cluster.finish())

    def test_a_clock_that_is_wrong(self):
        cluster = self.cluster(2).start(hosts=[0])
        cluster.start_one(1, under=[shutil.which("faketime"), "-f", "-3h"], environment={"FAKETIME_DONT_FAKE_MONOTONIC": "1"})
        self.assert_same_bits(cluster, cluster.finish())

    def test_links_cut_for_ten_seconds(self):
        raw = {**RAW, "epochs": "300"}
        cluster = self.cluster(2, raw).start()
        for epoch, host in ((20, 1), (100, 0)):
            cluster.wait_for(f"Train Epoch: {epoch} [")
            self.network.cut(host)
            time.sleep(10)
            self.network.join(host)
        self.assert_same_bits(cluster, cluster.finish(), raw)


if __name__ == "__main__":
    unittest.main()
