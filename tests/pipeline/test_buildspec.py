"""buildspec.yml as CodeBuild runs it: its phases in order, with the CPU image, against a registry on this machine. Of AWS, the login
command alone is a stand-in. Needs Debian's docker-registry and python3-yaml; `scripts/test pipeline` installs them.
"""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import yaml

from platform_tree import IMAGE, Contract, Job

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPECIFICATION = yaml.safe_load((ROOT / "buildspec.yml").read_text())
PHASES = {name: phase["commands"] for name, phase in SPECIFICATION["phases"].items()}
PASSWORD = "password-of-the-test"
PASSWORD_FILE = "AWS:$2b$04$kJfm.pBFZtY7L5.3fNjecu7QB0abGtA3mo1PehUM5rm8zhbswj4ZO\n"
ECR = {"AWS_ACCOUNT_ID": "111122223333", "AWS_REGION": "eu-west-1", "ECR_REPOSITORY": "sagemaker/libtorch"}


def output(*command, **options):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, **options).stdout.strip()


def head():
    """The commit, or its substitute if there is no git history."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "0" * 40


class Registry:
    """Debian's docker-registry on a free port of this machine, with a password."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"localhost:{free.getsockname()[1]}"
        (folder / "passwords").write_text(PASSWORD_FILE)
        (folder / "registry.yml").write_text(yaml.safe_dump({
            "version": "0.1", "log": {"level": "error", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}},
            "http": {"addr": self.address.replace("localhost", "127.0.0.1")},
            "auth": {"htpasswd": {"realm": "test", "path": str(folder / "passwords")}}}))
        self.process = subprocess.Popen(["docker-registry", "serve", folder / "registry.yml"])
        deadline = time.monotonic() + 30
        while not self.answers():
            assert time.monotonic() < deadline and self.process.poll() is None, "the registry does not start"
            time.sleep(0.1)

    def open(self, path, **headers):
        passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
        passwords.add_password(None, f"http://{self.address}", "AWS", PASSWORD, is_authenticated=True)
        opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(passwords))
        return opener.open(urllib.request.Request(f"http://{self.address}/v2/{path}", headers=headers), timeout=10)

    def answers(self):
        try:
            return self.open("").status == 200
        except OSError:
            return False

    def tags(self):
        """Each tag and the digest of its image."""
        try:
            names = json.load(self.open(f"{ECR['ECR_REPOSITORY']}/tags/list"))["tags"]
        except urllib.error.HTTPError:
            return {}
        accept = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
        return {name: self.open(f"{ECR['ECR_REPOSITORY']}/manifests/{name}", **accept).headers["Docker-Content-Digest"]
                for name in names}


class Pipeline(Contract):
    """The phases run once, in setUpClass; the tests look at what they left and run some of them again."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="smlt-pipeline-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.docker = output("scripts/docker")
        cls.registry = Registry(cls.folder)
        cls.addClassCleanup(cls.registry.process.terminate)
        cls.commit = head()
        stand_in = cls.folder / "bin/aws"
        stand_in.parent.mkdir()
        stand_in.write_text(f'#!/bin/sh\n[ "$1 $2" = "ecr get-login-password" ] && echo "${{PASSWORD_NOW:-{PASSWORD}}}"\n')
        stand_in.chmod(0o755)
        cls.variables = {
            **os.environ, **SPECIFICATION["env"]["variables"], **ECR, "ECR_REGISTRY": cls.registry.address, "SMLT_IMAGES": "cpu",
            "SMLT_TESTS": "image",  # CI runs the unit tests before
            "PATH": f"{stand_in.parent}:{os.environ['PATH']}", "DOCKER_CONFIG": str(cls.folder / "docker"),
            # There is no git history, as in CodePipeline's copy of the source.
            "GIT_DIR": "/nonexistent", "CODEBUILD_RESOLVED_SOURCE_VERSION": cls.commit}
        cls.repository = f"{cls.registry.address}/{ECR['ECR_REPOSITORY']}"
        for phase in PHASES:
            if cls.run_phase(phase).returncode != 0:
                raise AssertionError(f"the phase {phase} failed")

    @classmethod
    def tearDownClass(cls):
        for name in output(cls.docker, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}").splitlines():
            if name.startswith(cls.repository + ":"):
                output(cls.docker, "rmi", name)
        subprocess.run([cls.docker, "rmi", "sagemaker-libtorch:setup-cpu"], capture_output=True)

    @classmethod
    def run_phase(cls, phase, quiet=False, **variables):
        """All commands of a phase in one shell, up to the first that fails, as CodeBuild runs them."""
        script = "\n".join(f"{command} || exit" for command in PHASES[phase])
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} if quiet else {}
        environment = {name: value for name, value in {**cls.variables, **variables}.items() if value is not None}
        return subprocess.run(["sh", "-c", script], cwd=ROOT, env=environment, text=True, **pipes)

    def assert_stops(self, done, *phrases):
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        for phrase in phrases:
            self.assertIn(phrase, done.stderr)

    def test_images_lie_under_the_version_and_the_commit(self):
        tags = self.registry.tags()
        version = output("scripts/version").split()[0]
        own = {name for name in tags if not name.startswith("setup-")}
        self.assertEqual(own, {f"{version}-cpu", f"{self.commit}-cpu"})
        self.assertEqual(tags[f"{version}-cpu"], tags[f"{self.commit}-cpu"])
        self.assertRegex(" ".join(set(tags) - own), r"^setup-cpu-[0-9a-f]{16}$")  # the cache

    def test_the_image_pulled_again_trains(self):
        reference = f"{self.repository}:{self.commit}-cpu"
        mine = output(self.docker, "image", "inspect", "--format", "{{.Id}}", IMAGE)
        output(self.docker, "rmi", "--force", mine)
        try:
            output(self.docker, "pull", "--quiet", reference, env=self.variables)
            self.assertEqual(output(self.docker, "image", "inspect", "--format", "{{.Id}}", reference), mine)
        finally:
            subprocess.run([self.docker, "tag", reference, IMAGE])
        self.assert_trained(Job(self, {"epochs": "1"}).add_digits().run_in_image("--network=none"))

    def test_publishing_the_same_again_changes_nothing(self):
        before = self.registry.tags()
        for phase in ("pre_build", "post_build"):
            done = self.run_phase(phase, quiet=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.count("with the same content"), 2)
        self.assertEqual(self.registry.tags(), before)

    def test_another_image_never_takes_a_tag(self):
        before = self.registry.tags()
        mine = output(self.docker, "image", "inspect", "--format", "{{.Id}}", IMAGE)
        other = output(self.docker, "create", IMAGE)
        self.addCleanup(output, self.docker, "rmi", output(self.docker, "commit", "--change", "ENV OTHER=1", other, IMAGE))
        self.addCleanup(output, self.docker, "tag", mine, IMAGE)  # first of the two
        output(self.docker, "rm", other)
        self.assert_stops(self.run_phase("post_build", quiet=True), "another content", "raise the version")
        self.assertEqual(self.registry.tags(), before)

    def test_another_commit_of_a_published_version_is_stopped_before_it_is_built(self):
        other = {"CODEBUILD_RESOLVED_SOURCE_VERSION": "1" * 40}
        self.assert_stops(self.run_phase("pre_build", quiet=True, **other), self.commit, "raise the version", "SMLT_TAGS")
        self.assertEqual(self.run_phase("pre_build", quiet=True, **other, SMLT_TAGS="commit").returncode, 0)
        # And an image of one commit is never published as another's.
        self.assert_stops(self.run_phase("post_build", quiet=True, **other, SMLT_TAGS="commit"), self.commit, "scripts/image cpu")

    def test_a_missing_or_wrong_variable_gets_one_sentence_at_once(self):
        for name, wrong in (("AWS_ACCOUNT_ID", "12"), ("AWS_REGION", "Frankfurt"), ("ECR_REPOSITORY", "Ab c")):
            for value in (None, "", wrong):
                with self.subTest(name, value=value):
                    begin = time.monotonic()
                    self.assert_stops(self.run_phase("install", quiet=True, ECR_REGISTRY=None, **{name: value}), name)
                    self.assertLess(time.monotonic() - begin, 5)

    def test_a_login_that_fails_and_wrong_tags_get_one_sentence(self):
        self.assert_stops(self.run_phase("pre_build", quiet=True, PASSWORD_NOW="wrong"), self.registry.address, "refuses")
        for phase in ("pre_build", "post_build"):
            self.assert_stops(self.run_phase(phase, quiet=True, SMLT_TAGS="comit"), "SMLT_TAGS", "comit")
        self.assert_stops(self.run_phase("pre_build", quiet=True, CODEBUILD_RESOLVED_SOURCE_VERSION=None), "git checkout")


class Files(unittest.TestCase):
    def test_the_phases_are_verbs_of_scripts(self):
        self.assertEqual(list(PHASES), ["install", "pre_build", "build", "post_build"])
        for command in sum(PHASES.values(), []):
            verb, *arguments = command.split()
            self.assertTrue(os.access(ROOT / verb, os.X_OK) and verb.startswith("scripts/"), command)
            self.assertRegex(" ".join(arguments), r"^[\w $]*$")

    def test_nothing_is_published_after_a_failure(self):
        self.assertEqual(SPECIFICATION["phases"]["build"]["on-failure"], "ABORT")

    def test_the_workflow_runs_what_is_run_anywhere_and_may_only_read(self):
        for path in (ROOT / ".github/workflows").iterdir():
            workflow = yaml.safe_load(path.read_text())
            self.assertEqual(workflow["permissions"], {"contents": "read"}, path)
            for name, job in workflow["jobs"].items():
                self.assertNotIn("permissions", job, name)
                for step in job["steps"]:
                    if "uses" in step:
                        self.assertRegex(step["uses"], r"^[\w./-]+@[0-9a-f]{40}$")
                    else:
                        self.assertRegex(step["run"], r"^(\.ci|scripts)/\w+( \w+)*$")


if __name__ == "__main__":
    unittest.main()
