"""Ranks on hosts of their own, whose links are cut. SMLT_REAL_LIMITS=1 uses the watch's real limits."""
import os
import time
import unittest

from network import Network
from ranks import Ranks

REAL = os.environ.get("SMLT_REAL_LIMITS") == "1"
INTERVAL, SILENCE = (2, 20) if REAL else (0.3, 3)
BOUND = 30 if REAL else 3 * 4.5
SHORT_CUT = 10 if REAL else 1.2


class Links(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.network = Network(cls, 3)

    def ranks(self, mode):
        ranks = Ranks(mode, self.network.addresses, INTERVAL, SILENCE, [self.network.inside(rank) for rank in range(3)])
        self.addCleanup(ranks.__exit__)
        return ranks

    def check_ends(self, what, ranks, lost):
        codes, seconds = ranks.end_of(range(3), BOUND)
        print(f"{what}: all ended after {seconds:.1f} s", *(ranks.error(rank) for rank in range(3)), sep="\n  ")
        self.assertEqual(codes, [2, 2, 2])
        for rank, names in enumerate(lost):
            self.assertTrue(any(f"Lost {name}" in ranks.error(rank) for name in names), ranks.error(rank))

    def test_host_cut_off(self):
        one, two, three = self.network.addresses
        for victim, lost in ((2, ([three], [three], [one, two])), (0, ([two, three], [one], [one]))):
            ranks = self.ranks("forever")
            ranks.wait_for_line("step 20")
            self.network.cut(victim)
            self.addCleanup(self.network.join, victim)
            self.check_ends(f"link of rank {victim} cut", ranks, lost)
            self.network.join(victim)

    def test_link_cut_between_two_others(self):
        ranks = self.ranks("forever")
        ranks.wait_for_line("step 20")
        self.network.cut(1, 2)
        self.addCleanup(self.network.join, 1, 2)
        self.check_ends("link between ranks 1 and 2 cut", ranks, [self.network.addresses[1:]] * 3)

    def test_link_cut_for_a_while(self):
        ranks = self.ranks("forever")
        ranks.wait_for_line("step 20")
        for victim in (0, 2):
            self.network.cut(victim)
            time.sleep(SHORT_CUT)
            self.network.join(victim)
            time.sleep(SILENCE)
        self.assertEqual([process.poll() for process in ranks.processes], [None] * 3)


if __name__ == "__main__":
    unittest.main()
