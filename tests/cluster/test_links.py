"""Ranks on hosts of their own: network namespaces on one bridge, whose links are cut. Needs root; skipped if
namespaces cannot be made. SMLT_REAL_LIMITS=1 uses the watch's real limits."""
import os
import subprocess
import time
import unittest

from ranks import Ranks

ADDRESSES = ["10.77.0.1", "10.77.0.2", "10.77.0.3"]
REAL = os.environ.get("SMLT_REAL_LIMITS") == "1"
INTERVAL, SILENCE = (2, 20) if REAL else (0.3, 3)
BOUND = 30 if REAL else 3 * 4.5
SHORT_CUT = 10 if REAL else 1.2
NAME = f"smlt{os.getpid()}"


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


def inside(rank, *words):
    return subprocess.run(["ip", "netns", "exec", f"{NAME}-{rank}", *words], check=True, capture_output=True)


def make_hosts():
    """A namespace per rank, and one more with the bridge between them."""
    ip("netns", "add", f"{NAME}-bridge")
    ip("-n", f"{NAME}-bridge", "link", "add", "bridge", "type", "bridge")
    ip("-n", f"{NAME}-bridge", "link", "set", "bridge", "up")
    for rank, address in enumerate(ADDRESSES):
        ip("netns", "add", f"{NAME}-{rank}")
        ip("-n", f"{NAME}-{rank}", "link", "add", "eth7", "type", "veth", "peer", "name", f"port{rank}", "netns",
           f"{NAME}-bridge")
        ip("-n", f"{NAME}-{rank}", "addr", "add", f"{address}/24", "dev", "eth7")
        ip("-n", f"{NAME}-{rank}", "link", "set", "eth7", "up")
        ip("-n", f"{NAME}-{rank}", "link", "set", "lo", "up")
        ip("-n", f"{NAME}-bridge", "link", "set", f"port{rank}", "master", "bridge", "up")


def remove_hosts():
    for host in ["bridge", *range(len(ADDRESSES))]:
        subprocess.run(["ip", "netns", "del", f"{NAME}-{host}"], capture_output=True)


def cut(rank, joined=False):
    """Cuts a host's cable, or joins it again."""
    ip("-n", f"{NAME}-bridge", "link", "set", f"port{rank}", *(["master", "bridge"] if joined else ["nomaster"]))


class Links(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(remove_hosts)
        try:
            make_hosts()
        except (OSError, subprocess.CalledProcessError) as e:
            raise unittest.SkipTest(f"no network namespaces here: {e}")

    def ranks(self, mode):
        ranks = Ranks(mode, ADDRESSES, INTERVAL, SILENCE, [["ip", "netns", "exec", f"{NAME}-{r}"] for r in range(3)])
        self.addCleanup(ranks.__exit__)
        return ranks

    def check_ends(self, what, ranks, lost):
        codes, seconds = ranks.end_of(range(3), BOUND)
        print(f"{what}: all ended after {seconds:.1f} s", *(ranks.error(rank) for rank in range(3)), sep="\n  ")
        self.assertEqual(codes, [2, 2, 2])
        for rank, names in enumerate(lost):
            self.assertTrue(any(f"Lost {name}" in ranks.error(rank) for name in names), ranks.error(rank))

    def test_host_cut_off(self):
        one, two, three = ADDRESSES
        for victim, lost in ((2, ([three], [three], [one, two])), (0, ([two, three], [one], [one]))):
            ranks = self.ranks("forever")
            ranks.wait_for_line("step 20")
            cut(victim)
            self.addCleanup(cut, victim, joined=True)
            self.check_ends(f"link of rank {victim} cut", ranks, lost)
            cut(victim, joined=True)

    def test_link_cut_between_two_others(self):
        ranks = self.ranks("forever")
        ranks.wait_for_line("step 20")
        inside(1, "ip", "route", "add", "blackhole", f"{ADDRESSES[2]}/32")
        self.addCleanup(inside, 1, "ip", "route", "del", "blackhole", f"{ADDRESSES[2]}/32")
        inside(2, "ip", "route", "add", "blackhole", f"{ADDRESSES[1]}/32")
        self.addCleanup(inside, 2, "ip", "route", "del", "blackhole", f"{ADDRESSES[1]}/32")
        self.check_ends("link between ranks 1 and 2 cut", ranks, [ADDRESSES[1:]] * 3)

    def test_link_cut_for_a_while(self):
        ranks = self.ranks("forever")
        ranks.wait_for_line("step 20")
        for victim in (0, 2):
            cut(victim)
            time.sleep(SHORT_CUT)
            cut(victim, joined=True)
            time.sleep(SILENCE)
        self.assertEqual([process.poll() for process in ranks.processes], [None] * 3)


if __name__ == "__main__":
    unittest.main()
