"""The ranks of a job end together, on loopback: whatever happens to one, the others end with the reason. The limits are
about a seventh of the real ones, so 30 s there are 4.5 s here; the machine may be busy, so three times as long is allowed."""
import signal
import time
import unittest

from ranks import Ranks

HOSTS = ["algo-1", "algo-2", "algo-3"]
INTERVAL, SILENCE = 0.3, 3
BOUND = 3 * 4.5


class Ends(unittest.TestCase):
    def ranks(self, mode, hosts=HOSTS):
        ranks = Ranks(mode, hosts, INTERVAL, SILENCE)
        self.addCleanup(ranks.__exit__)
        return ranks

    def check_others(self, number, victims, reason):
        """Gives one rank of a running job a signal, for each of the victims in a job of its own."""
        jobs = {victim: self.ranks("forever") for victim in victims}
        for victim, ranks in jobs.items():
            ranks.wait_for_line("step 20")
            ranks.processes[victim].send_signal(number)
        for victim, ranks in jobs.items():
            others = [rank for rank in range(len(HOSTS)) if rank != victim]
            codes, seconds = ranks.end_of(others, BOUND)
            print(f"{number.name} of rank {victim}: the others ended {seconds:.1f} s later")
            self.assertEqual(codes, [2, 2])
            for rank in others:
                self.assertIn(f"Lost {HOSTS[victim]}: {reason}", ranks.error(rank))

    def test_in_good_order(self):
        ranks = self.ranks("short")
        self.assertEqual(ranks.end_of(range(3), 60)[0], [0, 0, 0])
        for rank in range(3):
            self.assertTrue(ranks.output(rank).endswith("done\n"))
            self.assertEqual(ranks.error(rank), "")

    def test_killed(self):
        self.check_others(signal.SIGKILL, (0, 1, 2), "")

    def test_hanging(self):
        self.check_others(signal.SIGSTOP, (0, 2), f"no sign of life for {SILENCE} s")

    def test_error_of_one_rank(self):
        ranks = self.ranks("error")
        self.assertEqual(ranks.end_of(range(3), BOUND)[0], [1, 1, 1])
        reason = "Expected a number in row 7, found 'x'."
        self.assertEqual([ranks.error(rank) for rank in range(3)], [f"algo-3: {reason}"] * 2 + [reason])

    def test_long_computation(self):
        ranks = self.ranks("long")
        self.assertEqual(ranks.end_of(range(3), 60)[0], [0, 0, 0])

    def test_slow_connections(self):
        """A sum that takes longer than the ranks may be silent is no failure while bytes move."""
        ranks = self.ranks("much", ["127.0.0.1", "127.0.0.2", "127.0.0.3"])  # processes of one host would share memory
        codes, seconds = ranks.end_of(range(3), 90)
        print(f"a sum over slow connections: {seconds:.1f} s")
        self.assertEqual(codes, [0, 0, 0], [ranks.error(rank) for rank in range(3)])
        self.assertGreater(seconds, 2 * SILENCE)

    def test_waiting_for_each_other(self):
        ranks = self.ranks("disagree")
        self.assertEqual(ranks.end_of(range(3), BOUND)[0], [2, 2, 2])
        for rank in range(3):
            self.assertIn("found all of them waiting and none moving", ranks.error(rank))

    def test_all_stopped_for_a_while(self):
        ranks = self.ranks("forever")
        ranks.wait_for_line("step 20")
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for process in ranks.processes:
                process.send_signal(number)
            time.sleep(1.5 * SILENCE)
        self.assertEqual([process.poll() for process in ranks.processes], [None] * 3)


if __name__ == "__main__":
    unittest.main()
