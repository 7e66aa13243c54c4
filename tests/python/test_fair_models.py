"""A slow model and a quick one behind one endpoint: the slow one's backlog must not keep the quick one waiting."""
import json
import pathlib
import statistics
import tempfile
import threading
import time
import unittest

import torch

from running_endpoint import Endpoint

SECONDS = 0.4  # of one slow prediction, on any machine


class Slow(torch.nn.Module):
    """Computes as long as it is told to, without letting its thread go."""

    def __init__(self, rounds: int):
        super().__init__()
        self.rounds = rounds
        self.weight = torch.nn.Parameter(torch.eye(128))

    def forward(self, x):
        y = self.weight
        for _ in range(self.rounds):
            y = torch.tanh(y @ self.weight)
        return x.sum(1, keepdim=True) + y.sum() * 0


def rounds_of(seconds):
    """The quickest of a few: it must not become a quick model when a busy neighbour is gone."""
    torch.set_num_threads(1)
    module, times = torch.jit.script(Slow(200)), []
    for _ in range(5):
        start = time.perf_counter()
        module(torch.zeros(1, 2))
        times.append(time.perf_counter() - start)
    return max(1, int(200 * seconds / min(times)))


class FairModels(unittest.TestCase):
    def endpoint(self, workers):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        base = pathlib.Path(folder.name)
        for name, module in (("slow", Slow(rounds_of(SECONDS))), ("quick", torch.nn.Linear(2, 1))):
            place = base / "models" / name
            place.mkdir(parents=True)
            torch.jit.script(module.eval()).save(str(place / "model.pt"))
        endpoint = Endpoint(self, base, {"SAGEMAKER_MULTI_MODEL": "true", "SAGEMAKER_MODEL_SERVER_WORKERS": str(workers)})
        for name in ("slow", "quick"):
            body = json.dumps({"model_name": name, "url": str(base / "models" / name)})
            self.assertEqual(endpoint.request("POST", "/models", body).status, 200)
            self.assertEqual(self.ask(endpoint, name).status, 200)  # how slow it is becomes known
        return endpoint

    def ask(self, endpoint, name):
        return endpoint.request("POST", f"/models/{name}/invoke", "[[1, 2]]", {"Content-Type": "application/json"})

    def test_a_backlog_of_a_slow_model_leaves_a_quick_one_alone(self):
        for workers in (1, 2):
            with self.subTest(workers=workers):
                endpoint, slow = self.endpoint(workers), []

                def flood():
                    start = time.perf_counter()
                    while time.perf_counter() - start < 12 * SECONDS:
                        slow.append(self.ask(endpoint, "slow").status)

                threads = [threading.Thread(target=flood) for _ in range(3 * workers)]
                for thread in threads:
                    thread.start()
                time.sleep(SECONDS / 2)  # all workers are taken
                quick = []
                while any(thread.is_alive() for thread in threads):
                    start = time.perf_counter()
                    self.assertEqual(self.ask(endpoint, "quick").status, 200)
                    quick.append(time.perf_counter() - start)
                self.assertEqual(set(slow), {200})
                quick.sort()
                print(f"{workers} workers: {len(slow)} slow answers, {len(quick)} quick ones in "
                      f"{statistics.median(quick) * 1000:.0f} ms (99 %: {quick[int(0.99 * len(quick))] * 1000:.0f} ms)")
                # Behind the backlog each would take at least one slow prediction.
                self.assertLess(statistics.median(quick), SECONDS / 2)
                endpoint.stop()


if __name__ == "__main__":
    unittest.main()
