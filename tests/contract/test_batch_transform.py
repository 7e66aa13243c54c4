"""`serve` as a batch transform job uses it: a line a record, bodies of any length, bad records among good ones."""
import csv
import json
import os
import shutil
import socket
import tempfile
import time

from platform_tree import Contract
from running_endpoint import Endpoint
from test_endpoint import digit, normalised, png, trained

CSV, LINES, JSON = "text/csv", "application/jsonlines", "application/json"


def row(index):
    """A test digit as a line of CSV, normalised as the network takes it."""
    return ",".join(f"{value:.4f}" for value in normalised(digit(index)))


def json_row(index):
    return json.dumps({"features": [round(value, 4) for value in normalised(digit(index))]})


class BatchCase(Contract):
    def start(self, batch="true", base=None, **environment):
        variables = {} if batch is None else {"SAGEMAKER_BATCH": batch}
        self.endpoint = Endpoint(self, base or trained("mnist"), {**variables, **environment})

    def lines(self, body, content_type=CSV, accept=None):
        answer = self.endpoint.invoke(body, content_type, accept)
        self.assertEqual(answer.status, 200, answer.text)
        *lines, after = answer.text.split("\n")
        self.assertEqual(after, "")
        return lines

    def singly(self, rows, content_type=CSV, accept=None):
        """What each row gets in a request of its own."""
        return [line for text in rows for line in self.lines(text, content_type, accept)]

    def assert_same_numbers(self, found, expected):
        self.assertEqual(len(found), len(expected))
        for a, b in zip(found, expected):
            for x, y in zip(a.split(","), b.split(","), strict=True):
                self.assertAlmostEqual(float(x), float(y), delta=1e-4)


class OneLineARecord(BatchCase):
    def test_records_of_csv_get_csv_without_a_blank_line(self):
        for batch in ("true", "True", "TRUE"):
            with self.subTest(batch):
                self.start(batch)
                rows = [row(i) for i in range(5)]
                expected = self.singly(rows)
                self.assertEqual([len(line.split(",")) for line in expected], [10] * 5)
                self.assert_same_numbers(self.lines("\n".join(rows) + "\n"), expected)
                self.assert_same_numbers(self.lines("\n".join(rows)), expected)  # the last line may lack its end
                self.assert_same_numbers(self.lines("\r\n".join(rows) + "\r\n\r\n"), expected)
                self.endpoint.stop()

    def test_the_log_says_how_answers_end(self):
        self.start()
        self.assertIn("Batch transform: a line for each record, a line feed after the last of an answer; SMLT_FINAL_NEWLINE=false "
                      "leaves that out", self.endpoint.output())

    def test_no_final_newline_where_assemble_with_adds_one(self):
        self.start(SMLT_FINAL_NEWLINE="false")
        for body, kind in ((f"{row(0)}\n{row(1)}\n", CSV), (f"{json_row(0)}\n{json_row(1)}\n", LINES)):
            answer = self.endpoint.invoke(body, kind)
            self.assertEqual((answer.status, answer.text.count("\n"), answer.text[-1] == "\n"), (200, 1, False), answer.text)
            parts = self.endpoint.invoke(iter([body.encode()]), kind)
            self.assertEqual((parts.headers.get("Transfer-Encoding"), parts.text), ("chunked", answer.text))
        for body, kind, accept in ((f"[{row(0)}]", JSON, JSON), (f"[{row(0)}]", JSON, CSV)):
            answer = self.endpoint.invoke(body, kind, accept)
            self.assertEqual((answer.status, answer.text[-1] == "\n"), (200, False))

    def test_any_answer_type_has_a_line_a_record(self):
        self.start()
        csv_body, json_body = f"{row(0)}\n{row(1)}\n", f"{json_row(0)}\n\n{json_row(1)}\n"
        for body, kind in ((csv_body, CSV), (json_body, LINES)):
            for accept in (JSON, LINES, CSV):
                with self.subTest(kind=kind, accept=accept):
                    found = self.lines(body, kind, accept)
                    self.assertEqual(len(found), 2)
                    for line in found:
                        numbers = [float(x) for x in line.split(",")] if accept == CSV else json.loads(line)
                        self.assertEqual(len(numbers), 3 if accept == LINES else 10)
        self.assertEqual(set(json.loads(self.lines(json_body, LINES)[0])), {"label", "score", "probabilities"})

    def test_a_bad_record_in_the_middle_keeps_its_line(self):
        self.start()
        for bad, sentence in (("1,2,x", "Expected a number in line 3, column 3 of"),
                              ("1,2", "found shape (1, 2)"), ("", None)):
            with self.subTest(bad):
                rows = [row(0), row(1), bad, row(2)]
                found = self.lines("\n".join(rows))
                self.assertEqual(len(found), 4 if bad else 3)  # a blank line is no record
                self.assert_same_numbers(found[:2] + found[-1:], self.singly([row(0), row(1), row(2)]))
                if bad:
                    error, = next(csv.reader([found[2]]))  # one field
                    self.assertTrue(error.startswith("error: "), error)
                    self.assertIn(sentence, error)
                    as_json = json.loads(self.lines("\n".join(rows), CSV, JSON)[2])
                    self.assertIn(sentence, as_json["error"])
        found = self.lines("\n".join([json_row(0), "{", json_row(1)]), LINES)
        self.assertIn("line 2 of the body", json.loads(found[1])["error"])
        self.assertEqual([json.loads(found[i])["label"] for i in (0, 2)],
                         [json.loads(line)["label"] for line in self.singly([json_row(0), json_row(1)], LINES)])

    def test_whole_objects_are_one_record(self):
        self.start()
        answer = self.endpoint.invoke(png(digit(3), 28, 28), "image/png")
        self.assertEqual((answer.status, len(answer.json()), answer.text.count("\n")), (200, 10, 1))
        self.assertEqual(self.endpoint.invoke(b"no image", "image/png").status, 400)  # its file alone has no output
        self.assertEqual(self.endpoint.invoke(b"", CSV).body, b"")  # local mode posts one before a record too large

    def test_a_model_without_model_json(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        job = trained("table")
        shutil.copytree(job, folder.name, dirs_exist_ok=True)
        names = (job / "model" / "model.json").read_text()
        columns = json.loads(names)["input"]["shape"][1]

        os.remove(folder.name + "/model/model.json")
        self.start(base=folder.name)
        rows = [",".join(str((i * j) % 7 / 7) for j in range(columns)) for i in range(4)]
        expected = self.singly(rows)
        self.assert_same_numbers(self.lines("\n".join(rows)), expected)
        found = self.lines("\n".join([rows[0], "1", rows[1]]))
        self.assert_same_numbers([found[0], found[2]], expected[:2])
        self.assertTrue(found[1].startswith('"error: Expected '), found[1])


class BodiesOfAnyLength(BatchCase):
    def stream(self, chunks, content_type=CSV, accept=None):
        """A request without Content-Length; the client sends everything before it reads."""
        return self.endpoint.invoke(iter(chunks), content_type, accept)

    def test_records_are_answered_while_the_body_still_comes(self):
        self.start()
        for kind, make in ((CSV, row), (LINES, json_row)):
            with self.subTest(kind), socket.create_connection(("127.0.0.1", self.endpoint.port), 60) as client:
                client.sendall(f"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Type: {kind}\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n".encode())
                received = b""
                for index in range(3):
                    text = make(index) + "\n"
                    client.sendall(f"{len(text):x}\r\n{text}\r\n".encode())
                    while received.count(b"\r\n") < 5 + 2 * index:  # head, then two ends of line a chunk
                        received += client.recv(65536)
                client.sendall(b"0\r\n\r\n")
                while not received.endswith(b"0\r\n\r\n"):
                    received += client.recv(65536)
                self.assertIn(b"Transfer-Encoding: chunked", received)

    def test_parts_together_are_what_one_request_gets(self):
        self.start(SAGEMAKER_MAX_PAYLOAD_IN_MB="0")
        for kind, make in ((CSV, row), (LINES, json_row)):
            with self.subTest(kind):
                body = "".join(make(i % 50) + "\n" for i in range(1000)).encode()
                body += b"x\n" + make(0).encode()
                whole = self.endpoint.invoke(body, kind)
                parts = self.stream((body[at:at + 100_000] for at in range(0, len(body), 100_000)), kind)
                self.assertEqual((whole.status, parts.status), (200, 200))
                self.assertEqual(parts.headers.get("Transfer-Encoding"), "chunked")
                found, expected = parts.text.splitlines(), whole.text.splitlines()
                self.assertEqual((len(found), len(expected)), (1002, 1002))
                self.assertEqual(found[1000], expected[1000])
                self.assertIn("line 1001", found[1000])
                if kind == CSV:
                    self.assert_same_numbers(found[:1000], expected[:1000])

    def test_a_body_beyond_every_limit_takes_little_memory(self):
        self.start(SAGEMAKER_MAX_PAYLOAD_IN_MB="1", SMLT_MAX_BUFFERED_MB="16")
        block = "".join(row(i) + "\n" for i in range(100)).encode()
        self.assertEqual(self.endpoint.invoke(block, CSV).status, 200)
        before = self.endpoint.resident_bytes()
        answer = self.stream((block for _ in range(200)))  # 126 MB
        self.assertEqual((answer.status, answer.body.count(b"\n")), (200, 20_000))
        self.assertLess(self.endpoint.resident_bytes() - before, 40 << 20)
        self.assertEqual(self.endpoint.invoke(2 * block, CSV).status, 413)  # a body of known length is still limited
        self.assertEqual(self.stream(iter([b"1," * (1 << 20)])).status, 413)  # and so is a line

    def test_outside_of_transform_jobs_a_body_is_answered_as_a_whole(self):
        self.start(batch=None)
        body = f"{row(0)}\n{row(1)}\n".encode()
        for accept in (None, CSV):
            whole, chunked = self.endpoint.invoke(body, CSV, accept), self.stream([body], accept=accept)
            self.assertEqual((whole.status, chunked.type, chunked.text), (200, whole.type, whole.text))
            self.assertIsNone(chunked.headers.get("Transfer-Encoding"))
        self.assertEqual(self.stream([b"1,2,x\n"], accept=CSV).status, 400)

    def test_a_body_of_lines_that_could_be_one_record_is_lines(self):
        self.start()
        lines = [",".join(["0"] * 28)] * 28
        self.assertEqual([line[:7] for line in self.lines("\n".join(lines))], ['"error:'] * 28)

    def test_zeros_and_marks_in_the_middle_are_errors_of_their_lines(self):
        self.start(SMLT_FINAL_NEWLINE="false")
        body = [f"# comment\n{row(0)}\n".encode(), b"\0001\0002\n", b"\xff\xfe1\n", f"{row(1)}\n".encode()]

        def slowly():
            for chunk in body:
                yield chunk
                time.sleep(0.05)  # so that each becomes a part

        parts = self.stream(slowly())
        self.assertEqual(parts.status, 200, parts.text)
        found = parts.text.split("\n")
        self.assertEqual([line.startswith('"error: ') for line in found], [False, True, True, False], found)


if __name__ == "__main__":
    import unittest
    unittest.main()
