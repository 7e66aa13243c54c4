"""Full load for SMLT_SOAK_SECONDS (600): each request carries another input whose answer is known, some are bad; no answer is
lost or swapped and the memory stays where it is.
"""
import concurrent.futures
import json
import os
import random
import time
import unittest

from running_endpoint import Endpoint, npy, read_npy
from test_endpoint import digit, normalised, png, trained

SECONDS = float(os.environ.get("SMLT_SOAK_SECONDS", "600"))
CLIENTS = 16
MEGABYTE = 1 << 20


class Soak(unittest.TestCase):
    def test_no_growth_and_no_lost_or_swapped_answer(self):
        endpoint = Endpoint(self, trained("mnist"))
        inputs = [normalised(digit(i)) for i in range(100)]
        known = [read_npy(endpoint.invoke(npy(each, (1, 1, 28, 28)), "application/x-npy", "application/x-npy").body)[2] for each in inputs]
        end = time.monotonic() + SECONDS
        memory = []

        def close(found, i):
            return len(found) == 10 and all(abs(a - b) < 1e-4 * (1 + abs(b)) for a, b in zip(found, known[i]))

        def ask(choice, connection):
            """One request of any kind; whether its answer is right."""
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
                if choice.random() < 0.001:  # who goes away without a word
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


if __name__ == "__main__":
    unittest.main()
