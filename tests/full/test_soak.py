"""Full load for SMLT_SOAK_SECONDS (600), and a fifth of that with requests of every kind, some of them bad: each carries
another input whose answer is known; none is lost or swapped, and the memory stays where it is.
"""
import concurrent.futures
import json
import os
import pathlib
import random
import subprocess
import tempfile
import time
import unittest

from running_endpoint import Endpoint, npy, read_npy
from test_endpoint import digit, normalised, png, trained

SECONDS = float(os.environ.get("SMLT_SOAK_SECONDS", "600"))
CLIENTS = 16
TYPE = "application/x-npy"
MEGABYTE = 1 << 20


class Soak(unittest.TestCase):
    def test_requests_of_every_kind(self):
        endpoint = Endpoint(self, trained("mnist"))
        inputs = [normalised(digit(i)) for i in range(100)]
        known = [read_npy(endpoint.invoke(npy(each, (1, 1, 28, 28)), "application/x-npy", "application/x-npy").body)[2] for each in inputs]
        end = time.monotonic() + SECONDS / 5
        memory = []

        def close(found, i):
            return len(found) == 10 and all(abs(a - b) < 1e-4 * (1 + abs(b)) for a, b in zip(found, known[i]))

        def ask(choice, connection):
            """One request of any kind; returns whether its answer is right."""
            kind, i, j = choice.randrange(6), choice.randrange(100), choice.randrange(100)
            if kind == 0:
                return endpoint.invoke("[[1, 2], [3]]", "application/json", connection=connection).status == 400
            if kind == 1:
                body = json.dumps([inputs[i], inputs[j]])
                rows = endpoint.invoke(body, "application/json", connection=connection).json()
                return close(rows[0], i) and close(rows[1], j)
            if kind == 2:
                lines = endpoint.invoke(json.dumps(inputs[i]) + "\n[1]\n", "application/jsonlines", connection=connection).text.split("\n")
                best = max(range(10), key=known[i].__getitem__)
                return json.loads(lines[0])["label"] == str(best) and "error" in json.loads(lines[1])
            if kind == 3:
                answer = endpoint.invoke(png(digit(i), 28, 28), "image/png", connection=connection).json()
                return len(answer) == 10 and abs(sum(answer) - 1) < 1e-3
            answer = endpoint.invoke(npy(inputs[i], (1, 1, 28, 28)), "application/x-npy", "application/x-npy", connection=connection)
            return close(read_npy(answer.body)[2], i)

        def client(seed):
            choice, connection, count = random.Random(seed), endpoint.connection(), 0
            while time.monotonic() < end:
                self.assertTrue(ask(choice, connection), f"client {seed}, request {count}")
                count += 1
                if choice.random() < 0.001:  # a client that leaves silently
                    connection.close()
                    connection = endpoint.connection()
                if seed == 0 and count % 200 == 0:
                    memory.append(endpoint.resident_bytes())
            connection.close()
            return count

        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            count = sum(pool.map(client, range(CLIENTS)))
        print(f"{count} requests, memory {memory[0] / MEGABYTE:.0f} MB at first, {memory[-1] / MEGABYTE:.0f} MB at the end")
        settled = memory[len(memory) // 4:]
        self.assertLess(max(settled[len(settled) // 2:]) - max(settled[:len(settled) // 2]), 8 * MEGABYTE)
        self.assertLess(max(memory), 250 * MEGABYTE)
        self.assertEqual(endpoint.stop(), 0)

    def test_no_answer_is_lost_or_swapped_and_memory_does_not_grow(self):
        endpoint = Endpoint(self, trained("mnist"))
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
        for share in (0.1, 0.45, 0.45):  # the first is for warming up
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
