"""Ten minutes at full load: every answer belongs to its request, and memory does not grow. SMLT_SOAK_SECONDS shortens it."""
import json
import os
import pathlib
import random
import subprocess
import tempfile
import unittest

from platform_tree import Job
from running_endpoint import Endpoint, npy, read_npy

SECONDS = float(os.environ.get("SMLT_SOAK_SECONDS", "600"))
TYPE = "application/x-npy"


class Soak(unittest.TestCase):
    def test_no_answer_is_lost_or_swapped_and_memory_does_not_grow(self):
        job = Job(self, {"epochs": "1"}).add_digits()
        self.assertEqual(job.run().code, 0)
        endpoint = Endpoint(self, job.base)
        kept = tempfile.TemporaryDirectory(prefix="smlt-soak-")
        self.addCleanup(kept.cleanup)
        folder = pathlib.Path(kept.name)
        pairs, answers = [], set()
        source = random.Random(1)
        for i in range(64):
            body = npy([source.uniform(-0.4, 2.8) for _ in range(784)], (1, 1, 28, 28))
            answer = endpoint.invoke(body, TYPE, TYPE)
            self.assertEqual(answer.status, 200)
            answers.add(tuple(round(value, 3) for value in read_npy(answer.body)[2]))
            for name, content in ((f"{i}.npy", body), (f"{i}.out", answer.body)):
                (folder / name).write_bytes(content)
            pairs += ["--body", folder / f"{i}.npy", "--expect", folder / f"{i}.out"]
        self.assertEqual(len(answers), 64, "answers that could be told apart")
        memory = []
        for share in (0.1, 0.45, 0.45):  # the first warms up
            command = [os.environ["SMLT_BENCH_LOAD"], "--port", str(endpoint.port), "--connections", "32", "--seconds", str(SECONDS * share),
                       "--type", TYPE, "--accept", TYPE, "--tolerance", "1e-4", *pairs]
            done = subprocess.run(command, capture_output=True, text=True)
            print(done.stdout.strip(), flush=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertGreater(json.loads(done.stdout)["requests"], 100 * SECONDS * share)
            memory.append(endpoint.resident_bytes())
        print("resident MB:", [size >> 20 for size in memory], flush=True)
        self.assertLess(memory[2], 1.05 * memory[0] + (4 << 20))


if __name__ == "__main__":
    unittest.main()
