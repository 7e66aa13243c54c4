"""The image sagemaker-libtorch:cpu, run as the platform and its SDKs run it. scripts/image cpu builds it."""
import functools
import json
import os
import pathlib
import re
import stat
import subprocess
import tarfile
import tempfile
import time
import unittest

from platform_tree import IMAGE, Contract, Job, docker

LABELS_OF_SERVING = "com.amazonaws.sagemaker.capabilities."


def run_image(*arguments, options=()):
    return subprocess.run([docker(), "run", "--rm", *options, IMAGE, *arguments], capture_output=True, text=True, timeout=60)


@functools.cache
def image():
    text = subprocess.run([docker(), "image", "inspect", IMAGE], check=True, capture_output=True, text=True).stdout
    return json.loads(text)[0]


@functools.cache
def files():
    """The image's content, path to tarfile member, and the text of its bill of materials."""
    container = subprocess.run([docker(), "create", IMAGE], check=True, capture_output=True, text=True).stdout.strip()
    members, bill = {}, None
    try:
        with subprocess.Popen([docker(), "export", container], stdout=subprocess.PIPE) as export:
            with tarfile.open(fileobj=export.stdout, mode="r|") as archive:
                for member in archive:
                    members[member.name] = member
                    if member.name.endswith(".spdx.json"):
                        bill = archive.extractfile(member).read().decode()
    finally:
        subprocess.run([docker(), "rm", container], check=True, stdout=subprocess.DEVNULL)
    return members, bill


def drawn_job(case, **hyperparameters):
    return Job(case, {"epochs": "1", **hyperparameters}).add_digits()


class Training(Contract):
    def assert_readable(self, job):
        written = [path for folder in ("model", "output") for path in (job.base / folder).rglob("*") if path.is_file()]
        self.assertGreaterEqual(len(written), 5)
        for path in written:
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o444, 0o444, path)
        return written

    def test_as_sagemaker_starts_it_with_little_allowed(self):
        job, data = drawn_job(self), None
        if "SMLT_DATA" in os.environ:
            data = pathlib.Path(os.environ["SMLT_DATA"]).resolve() / "mnist"
            job.write_config("hyperparameters.json", {"epochs": "1", "lr": "0.0976", "batch-size": "128"})
        for folder in ("model", "output", "output/data"):
            (job.base / folder).chmod(0o777)
        result = self.assert_trained(job.run_in_image("--cpus=1.5", "--read-only", "--user=1234", "--network=none", data=data))
        self.assertIn("1 compute thread.", result.out)
        for path in self.assert_readable(job):
            self.assertEqual(path.stat().st_uid, 1234, path)
        if data:
            self.assertIn("Processes 60000/60000 (100%) of train data", result.out)
            self.assertGreater(job.manifest()["metrics"]["validation_accuracy"], 0.95)

    def test_no_argument_trains(self):
        self.assert_trained(drawn_job(self).run_in_image(command=()))

    def test_options_alone_train(self):
        job = drawn_job(self)
        self.assert_trained(job.run_in_image(command=("--epochs", "2")))
        self.assertEqual(len(job.journal()), 2)

    def test_train_as_the_entrypoint(self):
        self.assert_trained(drawn_job(self).run_in_image("--entrypoint=train", command=()))
        job = drawn_job(self)
        self.assert_trained(job.run_in_image("--entrypoint=train", command=("--epochs", "2")))
        self.assertEqual(len(job.journal()), 2)

    def test_results_are_readable_by_all_whatever_the_umask(self):
        job = drawn_job(self)
        self.assert_trained(job.run_in_image("--entrypoint=bash", command=("-c", "umask 077; exec entrypoint train")))
        self.assert_readable(job)

    def test_a_failure_reaches_the_failure_file_and_the_exit_code(self):
        result = self.assert_refused(drawn_job(self, epoch="3").run_in_image(), "epoch", "epochs")
        self.assertTrue((result.job.base / "output/failure").stat().st_mode & stat.S_IROTH)

    def test_docker_stop_ends_it_with_the_model_so_far(self):
        job = drawn_job(self, epochs="100000")
        start = [docker(), "run", "--detach", *job.mounts(), IMAGE, "train"]
        container = subprocess.run(start, check=True, capture_output=True, text=True).stdout.strip()
        self.addCleanup(subprocess.run, [docker(), "rm", "--force", container], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while "epoch=2;" not in subprocess.run([docker(), "logs", container], capture_output=True, text=True).stdout:
            self.assertLess(time.monotonic(), deadline, "no epoch ended within 60 s")
            time.sleep(0.2)
        first = subprocess.run([docker(), "exec", container, "readlink", "/proc/1/exe"], capture_output=True, text=True)
        self.assertEqual(first.stdout.strip(), "/usr/local/bin/sagemaker-libtorch")
        begin = time.monotonic()
        subprocess.run([docker(), "stop", container], check=True, stdout=subprocess.DEVNULL)
        self.assertLess(time.monotonic() - begin, 10)
        code = subprocess.run([docker(), "wait", container], check=True, capture_output=True, text=True).stdout.strip()
        self.assertEqual(code, "0")
        self.assertEqual(job.model_files(), ["model.json", "model.pt", "model.safetensors"])


class Commands(unittest.TestCase):
    def test_help_version_and_describe_need_no_job(self):
        for arguments, phrase in ((["--help"], "SAGEMAKER_BASE_DIR"), (["help"], "SAGEMAKER_BASE_DIR"),
                                  (["describe", "mnist"], "batch-size"), (["--version"], ".")):
            with self.subTest(arguments):
                done = run_image(*arguments)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn(phrase, done.stdout)

    def test_the_cleanup_of_the_sdk_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            inner = pathlib.Path(folder) / "a" / "b c"
            inner.parent.mkdir()
            inner.write_text("")
            inner.chmod(0o600)
            done = run_image("chmod", "-R", "777", "/delete", options=[f"--volume={folder}:/delete"])
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
            self.assertEqual(stat.S_IMODE(inner.stat().st_mode), 0o777)

    def test_exit_codes_and_arguments_of_other_commands_come_through(self):
        done = run_image("bash", "-c", 'printf "%s|" "$@"; exit 7', "name", "a b", "", "*")
        self.assertEqual((done.returncode, done.stdout), (7, "a b||*|"))

    def test_an_unknown_command_gets_one_sentence(self):
        done = run_image("trian", "--epochs", "3")
        self.assertEqual((done.returncode, done.stdout), (127, ""))
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertIn("'trian'", done.stderr)

    def test_serve_without_a_model_says_so(self):
        for options, arguments in ((), ("serve",)), (("--entrypoint=serve",), ()):
            with self.subTest(options):
                done = run_image(*arguments, options=options)
                self.assertEqual(done.returncode, 1)
                self.assertIn("model", done.stderr)


class Serving(Contract):
    def ask(self, container, path):
        """The output of bash in the container."""
        talk = f"exec 3<>/dev/tcp/127.0.0.1/8443; printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"
        return subprocess.run([docker(), "exec", container, "bash", "-c", talk], capture_output=True, text=True).stdout

    def test_serve_with_little_allowed_and_docker_stop(self):
        job = drawn_job(self)
        self.assert_trained(job.run_in_image())
        start = [docker(), "run", "--detach", "--read-only", "--user=1234", "--network=none", "--env=SAGEMAKER_BIND_TO_PORT=8443",
                 f"--volume={job.base}/model:/opt/ml/model:ro", IMAGE, "serve"]
        container = subprocess.run(start, check=True, capture_output=True, text=True).stdout.strip()
        self.addCleanup(subprocess.run, [docker(), "rm", "--force", container], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not self.ask(container, "/ping").startswith("HTTP/1.1 200 OK"):
            self.assertLess(time.monotonic(), deadline, subprocess.run([docker(), "logs", container], capture_output=True, text=True))
            time.sleep(0.1)
        self.assertIn("smlt_http_requests_total", self.ask(container, "/metrics"))
        begin = time.monotonic()
        subprocess.run([docker(), "stop", container], check=True, stdout=subprocess.DEVNULL)
        self.assertLess(time.monotonic() - begin, 5)
        code = subprocess.run([docker(), "wait", container], check=True, capture_output=True, text=True).stdout.strip()
        self.assertEqual(code, "0")


class Content(unittest.TestCase):
    def test_no_python_compiler_package_manager_or_header(self):
        words = r"(python|pip|perl|gcc|g\+\+|c\+\+|cc|cc1plus|ld|as|clang|cmake|ninja|make|apt|apt-get|dpkg|curl)[-.0-9]*"
        tool = re.compile(rf"(^|/){words}(/|$)|(^|/)include/")
        source = re.compile(r"\.(pyc?|hpp|h|hh|cpp|cc|a|o|cmake|pc)$")
        members, _ = files()
        self.assertIn("usr/local/bin/sagemaker-libtorch", members)
        found = [name for name in members
                 if source.search(name) or not name.startswith("usr/share/doc/") and tool.search(name)]
        self.assertEqual(found, [])

    def test_everybody_may_read_it(self):
        members, _ = files()
        closed = [name for name, member in members.items()
                  if not member.issym() and member.mode & 0o444 != 0o444 and not name.startswith(("dev/", "proc/", "sys/"))]
        self.assertEqual(closed, [])

    packages = {"sagemaker-libtorch", "libtorch", "libgomp", "bash", "coreutils", "libc6", "zlib1g"}

    def test_each_package_of_the_bill_of_materials_has_its_licence_in_the_image(self):
        members, text = files()
        bill = json.loads(text)
        self.assertEqual(bill["spdxVersion"], "SPDX-2.3")
        packages = {package["name"]: package for package in bill["packages"]}
        self.assertGreaterEqual(set(packages), self.packages)
        for name, package in packages.items():
            terms = re.search(r"/(usr/share/\S+) in", package["licenseComments"]).group(1)
            if members[terms].issym():
                terms = f"usr/share/doc/{members[terms].linkname}"
            self.assertTrue([path for path in members if path.startswith(terms + "/") and members[path].size > 100], name)
            self.assertTrue(package["versionInfo"], name)
            self.assertNotIn(package["licenseDeclared"], ("", "NOASSERTION"), name)
        for name in ("LICENSE", "NOTICE"):
            self.assertIn(f"usr/share/doc/sagemaker-libtorch/{name}", members)

    def test_how_it_starts_and_what_it_claims(self):
        config = image()["Config"]
        self.assertEqual(config["Entrypoint"], ["/usr/local/bin/entrypoint"])
        self.assertEqual(config["Cmd"], ["train"])
        self.assertRegex(config["Labels"]["org.opencontainers.image.version"], r"^\d+\.\d+\.\d+$")
        self.assertEqual(sorted(label for label in config["Labels"] if label.startswith(LABELS_OF_SERVING)),
                         [LABELS_OF_SERVING + "accept-bind-to-port", LABELS_OF_SERVING + "multi-models"])

    # LibTorch, the system, the program. The goal is 364 MB and 115 MB; beyond that, something is in the image that should not be.
    layers, largest, largest_packed = 3, 375e6, 119e6

    def test_size(self):
        layers = len(image()["RootFS"]["Layers"])
        save = f"set -o pipefail; '{docker()}' save {IMAGE} | gzip | wc -c"
        packed = int(subprocess.run(["bash", "-c", save], check=True, capture_output=True, text=True).stdout)
        print(f"\n{IMAGE}: {image()['Size'] / 1e6:.1f} MB in {layers} layers, {packed / 1e6:.1f} MB gzipped", flush=True)
        self.assertEqual(layers, self.layers)
        self.assertLess(image()["Size"], self.largest)
        self.assertLess(packed, self.largest_packed)


if __name__ == "__main__":
    unittest.main()
