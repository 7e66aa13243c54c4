"""What scripts/bench --record keeps, and the page made from it."""
import argparse
import contextlib
import io
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
from unittest import mock

import compare
import history
import measurements
import processor
from endpoint import side_by_side

RECORD = {"date": "2026-01-02T03:04:05+00:00", "commit": "abc1234", "processor": "A processor", "extensions": ["AVX2"], "cores": 2,
          "benchmark": "mnist", "case": "MNIST", "statistic": "median of 3", "unit": "s",
          "measured": {"ours": 2.0, "peer": 9.0}, "ratios": {"ours": 1.0, "peer": 4.5}}


def changed(**fields):
    return {**RECORD, **fields}


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.path = self.folder / "history.jsonl"

    def write(self, *lines):
        self.path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


class Recording(Folder):
    @contextlib.contextmanager
    def recording(self, **environment):
        with mock.patch.dict(os.environ, environment, clear=True), mock.patch("history.commit", return_value="abc1234"):
            yield

    def recorded(self, benchmark="mnist"):
        return self.recording(SMLT_RECORD=str(self.path), SMLT_BENCHMARK=benchmark)

    def append(self):
        history.append("a case", "median of 3", "s", {"ours": 2, "peer": 8.88888}, {"ours": 1, "peer": 4.44444})

    def test_each_comparison_is_one_line_more(self):
        for name in "mnist", "cifar10":
            with self.recorded(name):
                self.append()
        records = history.read(self.path)
        self.assertEqual([each["benchmark"] for each in records], ["mnist", "cifar10"])
        self.assertEqual(records[0]["measured"], {"ours": 2.0, "peer": 8.889})
        self.assertEqual(records[0]["ratios"], {"ours": 1.0, "peer": 4.444})
        self.assertRegex(records[0]["date"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$")
        self.assertEqual(records[0]["cores"], len(os.sched_getaffinity(0)))

    def test_whole_processes_are_recorded_with_the_ratio_that_is_printed(self):
        runs = {"ours": [compare.Run(2, 2, 1, "")], "peer": [compare.Run(9, 9, 1, "")]}
        with self.recorded(), contextlib.redirect_stdout(io.StringIO()) as printed:
            compare.report("a case", runs, 1, [])
        self.assertIn("4.50", printed.getvalue())
        self.assertEqual(history.read(self.path)[0]["ratios"], {"ours": 1.0, "peer": 4.5})

    def test_servers_are_recorded_at_each_number_of_connections_if_they_answered_all(self):
        results = {"ours": {"per_second@1": 50, "errors@1": 0, "per_second@8": 100, "errors@8": 0},
                   "peer": {"per_second@1": 20, "errors@1": 0, "per_second@8": 10, "errors@8": 3}}
        with self.recorded():
            side_by_side.record(results, argparse.Namespace(case="An image", runs=3, connections=[1, 8]))
        found = [(each["case"], each["ratios"]) for each in history.read(self.path)]
        self.assertEqual(found, [("An image, connections: 1", {"ours": 1.0, "peer": 2.5}), ("An image, connections: 8", {"ours": 1.0})])

    def test_without_the_variable_nothing_is_recorded(self):
        with self.recording():
            self.append()
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_extensions_are_those_among_the_flags(self):
        self.assertEqual(processor.extensions("fpu avx2 avx512f amx_tile"), ["AMX", "AVX-512", "AVX2"])
        self.assertEqual(processor.extensions("fpu avx2x"), [])


class Commit(Folder):
    def git(self, *arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", "-C", self.folder, *identity, *arguments], check=True, stdout=subprocess.DEVNULL)

    def test_only_changes_besides_the_records_are_marked(self):
        self.git("init", "--quiet")
        self.git("commit", "--quiet", "--allow-empty", "--message", "first")
        (self.folder / "bench").mkdir()
        (self.folder / "bench/history.jsonl").touch()
        self.assertRegex(history.commit(self.folder), "^[0-9a-f]+$")
        (self.folder / "source").touch()
        self.assertRegex(history.commit(self.folder), r"^[0-9a-f]+\+$")


class Reading(Folder):
    def test_an_absent_file_has_no_records(self):
        self.assertEqual(history.read(self.path), [])

    def test_a_damaged_line_is_named(self):
        ratios = {"ours": 1.0}
        for damaged in ('{"date": "2026', "", "[1]", "\udcff", json.dumps(changed(cores="2")), json.dumps(changed(ratios=ratios))):
            self.path.write_bytes(f"{json.dumps(RECORD)}\n{damaged}\n".encode(errors="surrogateescape"))
            with self.assertRaisesRegex(ValueError, r"^expected a record .*/history\.jsonl, line 2, found .* that line\.$"):
                history.read(self.path)


class Page(Folder):
    def run_script(self):
        script = pathlib.Path(measurements.__file__)
        return subprocess.run(["python3", "-B", script, self.path, self.folder / "page.md"], capture_output=True, text=True)

    def rows(self, *records):
        return measurements.page(records).split("|---|\n")[1].splitlines()

    def test_it_has_the_newest_figure_of_each_benchmark_and_processor(self):
        rows = self.rows(changed(commit="newest", date="2026-03-01T00:00:00+00:00"), RECORD, changed(benchmark="csv"), changed(cores=4))
        self.assertEqual(len(rows), 3)
        self.assertIn("| csv |", rows[0])
        self.assertEqual(sum("abc1234" in row for row in rows), 2)
        self.assertEqual([row for row in rows if "newest" in row], [
            "| mnist | MNIST | A processor, cores: 2, AVX2 | 2026-03-01 | newest | ours 2 s, peer 9 (4.50) | median of 3 |"])

    def test_a_bar_does_not_end_a_cell(self):
        self.assertIn(r"| a \| b |", self.rows(changed(case="a | b"))[0])

    def test_without_records_it_says_so(self):
        for make in (lambda: None, self.write):
            make()
            self.assertEqual(self.run_script().returncode, 0)
            self.assertTrue((self.folder / "page.md").read_text().endswith("\nNothing has been recorded yet.\n"))

    def test_a_damaged_line_leaves_the_page_and_ends_in_a_sentence(self):
        self.write("{")
        done = self.run_script()
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1))
        self.assertIn(f"{self.path}, line 1", done.stderr)
        self.assertFalse((self.folder / "page.md").exists())


if __name__ == "__main__":
    unittest.main()
