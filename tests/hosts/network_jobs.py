"""Jobs on a network of hosts."""
from cluster_job import ClusterContract, ClusterJob, weights
from network import Network

RAW = {"epochs": "2", "lr": "0.05", "batch-size": "12", "log-interval": "1"}


class NetworkJobs(ClusterContract):
    @classmethod
    def setUpClass(cls):
        cls.network = Network(cls, 4)

    def setUp(self):
        for host in range(4):
            self.network.link(host)

    def cluster(self, hosts, hyperparameters=None):
        return ClusterJob(self, hosts, hyperparameters or RAW, network=self.network)

    def weights_on_a_good_network(self, hosts, hyperparameters=None):
        cluster = ClusterJob(self, hosts, hyperparameters or RAW)
        self.assert_all_trained(cluster.run())
        return weights(cluster.jobs[0])

    def assert_same_bits(self, cluster, results, hyperparameters=None):
        self.assert_all_trained(results)
        self.assertEqual(weights(cluster.jobs[0]), self.weights_on_a_good_network(len(cluster.jobs), hyperparameters))
