"""The processes that a host's first process starts: what they get, and that none survives it."""
import os
import signal
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["SMLT_START_RANKS"]


class LocalRanks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, seconds, **variables):
        process = subprocess.Popen([PROGRAM, self.folder, "3", str(seconds)], env=dict(os.environ, **variables),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def files(self):
        """The text of each process, by its process id."""
        texts = {}
        for name in os.listdir(self.folder):
            with open(os.path.join(self.folder, name)) as file:
                texts[int(name)] = file.read()
        return texts

    def wait_for(self, condition):
        end = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def wait_for_start(self):
        self.wait_for(lambda: sorted(self.files().values()) == ["0\n", "1\n", "2\n"])

    def lives(self, pid):
        """Whether a process exists and is no zombie: nobody here reaps orphans for sure."""
        try:
            with open(f"/proc/{pid}/stat") as file:
                return file.read().rsplit(")", 1)[1].split()[0] != "Z"
        except FileNotFoundError:
            return False

    def test_each_has_its_number_and_only_the_first_one_prints(self):
        process = self.start(0)
        output, errors = process.communicate(timeout=30)
        self.assertEqual((output, errors, process.returncode), ("rank 0\nall well: true\n", "", 0))
        self.assertEqual(sorted(self.files().values()), ["0\n", "1\n", "2\n"])

    def test_a_failure_of_one_is_seen(self):
        self.assertIn("all well: false", self.start(0, SMLT_FAIL="1").communicate(timeout=30)[0])

    def test_signals_are_passed_on(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            process = self.start(60)
            self.wait_for_start()
            process.send_signal(number)
            self.assertIn("all well: true", process.communicate(timeout=30)[0])
            self.assertEqual(sorted(self.files().values()), ["0\nstopped\n", "1\nstopped\n", "2\nstopped\n"])
            for pid in self.files():
                os.remove(os.path.join(self.folder, str(pid)))

    def test_none_survives_the_first_one(self):
        process = self.start(60)
        self.wait_for_start()
        process.kill()
        process.communicate()
        self.wait_for(lambda: not any(self.lives(pid) for pid in self.files()))

    def test_one_whose_parent_has_died_already_ends_at_once(self):
        process = self.start(60, SMLT_LOCAL_RANK="1", SMLT_PARENT="1234567")
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 2)
        self.assertEqual(self.files(), {})


if __name__ == "__main__":
    unittest.main()
