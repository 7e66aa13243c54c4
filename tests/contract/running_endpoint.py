"""Runs `serve` on a model directory as the platform does, and speaks to it."""
import http.client
import json
import os
import struct
import subprocess
import tempfile
import time

from platform_tree import PROGRAM
from ports import free_port


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.type = response.getheader("Content-Type")
        self.headers = dict(response.getheaders())
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json.loads(self.body)


class Endpoint:
    """A running `serve`; `base` holds model/ as /opt/ml does."""

    def __init__(self, case, base, environment=None, arguments=(), wait=True, cwd=None):
        self.port = free_port()
        self.log = tempfile.TemporaryFile("w+", errors="replace")
        variables = {"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(base), "SAGEMAKER_BIND_TO_PORT": str(self.port)}
        variables.update(environment or {})
        self.started = time.monotonic()
        self.process = subprocess.Popen([PROGRAM, "serve", *arguments], env=variables, cwd=cwd, stdout=self.log, stderr=subprocess.STDOUT)
        case.addCleanup(self.stop)
        if wait:
            self.wait_until_ready()

    def wait_until_refused(self):
        """The error text of a model that could not be served."""
        self.process.wait(60)
        assert self.process.returncode == 1, self.process.returncode
        return self.output()

    def wait_until_ready(self):
        while time.monotonic() - self.started < 60:
            if self.process.poll() is not None:
                raise AssertionError(f"serve ended with {self.process.returncode}:\n{self.output()}")
            try:
                if self.request("GET", "/ping").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError(f"serve is not ready:\n{self.output()}")

    def output(self):
        self.log.seek(0)
        return self.log.read()

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def request(self, method, path, body=None, headers=None, connection=None):
        ours = connection or self.connection()
        try:
            ours.request(method, path, body, headers or {})
            return Answer(ours.getresponse())
        finally:
            if connection is None:
                ours.close()

    def invoke(self, body, content_type=None, accept=None, connection=None, **headers):
        if content_type is not None:
            headers["Content-Type"] = content_type
        if accept is not None:
            headers["Accept"] = accept
        return self.request("POST", "/invocations", body, headers, connection)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        return self.process.returncode


# npy without numpy, so that these tests need nothing but Python.

def npy(values, shape, dtype="<f4"):
    code = {"<f4": "f", "<f8": "d", "<i8": "q", "|u1": "B"}[dtype]
    header = repr({"descr": dtype, "fortran_order": False, "shape": tuple(shape)})
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack(f"<{len(values)}{code}", *values)


def read_npy(body):
    """(dtype, shape, values) of the endpoint's answer."""
    assert body[:6] == b"\x93NUMPY", body[:100]
    length, = struct.unpack("<H", body[8:10])
    header = eval(body[10:10 + length], {"__builtins__": {}})  # a literal, written by our own program
    code = {"<f4": "f", "<f8": "d"}[header["descr"]]
    data = body[10 + length:]
    return header["descr"], header["shape"], struct.unpack(f"<{len(data) // struct.calcsize(code)}{code}", data)
