"""Runs a job through an SDK's local mode: as an ordinary user, without a network, on drawn digits."""
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

from platform_tree import IMAGE, docker, drawn_digits

HERE = pathlib.Path(__file__).resolve().parent
COMPOSE = HERE.parents[1] / ".deps/compose"
IS_ROOT = os.geteuid() == 0


def as_nobody(command, privileges=(), network=False):
    """The command as `nobody` with only the right to speak to Docker; without `network`, in a namespace that has none."""
    group = os.stat("/var/run/docker.sock").st_gid
    own_network = () if network else ("unshare", "--net")
    return [*own_network, "setpriv", "--reuid=nobody", "--regid=nogroup", f"--groups={group}", *privileges, *command]


def nobody_reads(path):
    return subprocess.run(as_nobody(["test", "-r", path]), stderr=subprocess.DEVNULL, check=False).returncode == 0


@functools.cache
def sdk_privileges():
    """None; but if Python or the project is below a /root of mode 700, `nobody` needs the right to read it.

    It is not the right to change or delete, so the SDK still has to cope with what root's container leaves.
    """
    if nobody_reads(sys.executable) and nobody_reads(str(HERE)):
        return ()
    return ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")


class LocalJob:
    """A folder that belongs to the ordinary user, and what jobs leave in it."""

    def __init__(self, case, program):
        self.program = program
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="smlt-sdk-"))
        case.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        for name in ("home", "tmp", "bin", "results", "unknown"):
            (self.folder / name).mkdir()
        shutil.copy(HERE / "no-telemetry.yaml", self.folder)
        (self.folder / "bin/docker").symlink_to(docker())
        shutil.copytree(drawn_digits(), self.folder / "digits")
        # A byte that is not UTF-8 on stdout would end the SDK with a UnicodeDecodeError (platform 13.4).
        pathlib.Path(os.fsdecode(bytes(self.folder / "unknown") + b"/caf\xe9.txt")).write_text("no digits")
        if IS_ROOT:
            subprocess.run(["chown", "-R", "nobody:nogroup", str(self.folder)], check=True)

    def run(self, hyperparameters, data="digits", hosts=1, environment=None, network=False, **more):
        """Runs the program; `more` is what it gets beyond the job."""
        job = {"image": IMAGE, "hyperparameters": hyperparameters, "hosts": hosts, "data": str(self.folder / data),
               "results": str(self.folder / "results"), **more}
        command = [sys.executable, str(HERE / self.program), json.dumps(job)]
        try:
            process = subprocess.run(
                as_nobody(command, sdk_privileges(), network) if IS_ROOT else command, env=self.variables(environment or {}),
                cwd=self.folder / "tmp", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
        finally:
            self.remove_containers()
        self.code = process.returncode
        self.out = process.stdout.decode("utf-8")
        return self

    def variables(self, more):
        return {"PATH": f"{COMPOSE}:{self.folder / 'bin'}:{os.environ['PATH']}", "HOME": str(self.folder / "home"),
                "TMPDIR": str(self.folder / "tmp"), "SAGEMAKER_USER_CONFIG_OVERRIDE": str(self.folder / "no-telemetry.yaml"),
                "PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1", **more}

    def remove_containers(self):
        """Removes the containers and the networks that the SDKs leave behind, some without their docker-compose.yaml."""
        labels = '{{.Label "com.docker.compose.project"}} {{.Label "com.docker.compose.project.working_dir"}}'
        listed = subprocess.run([docker(), "ps", "--all", "--format", labels], check=True, stdout=subprocess.PIPE, text=True)
        projects = {line.split(" ", 1)[0] for line in listed.stdout.splitlines() if f" {self.folder}/" in line}
        for project in projects:
            subprocess.run([COMPOSE / "docker-compose", "--project-name", project, "down", "--timeout", "10"],
                           capture_output=True, timeout=60, check=False)

    def container_lines(self):
        """What the containers printed: compose puts its name and a bar in front of each line."""
        return [line.split("  | ", 1)[1] for line in self.out.split("\n") if "algo-" in line and "  | " in line]

    def archive(self, name):
        """The content of one of the SDK's archives, name to bytes, read as the user who ran the SDK."""
        path = next((self.folder / "results").rglob(name))
        with tempfile.TemporaryFile() as copy:
            self.as_user("cat", str(path), stdout=copy)
            copy.seek(0)
            with tarfile.open(fileobj=copy) as archive:
                return {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}

    def as_user(self, *command, stdout=subprocess.PIPE):
        """The output, errors included, of a command run in the folder by the user who ran the SDK."""
        process = subprocess.run(as_nobody(command) if IS_ROOT else command, stdout=stdout, stderr=subprocess.STDOUT,
                                 cwd=self.folder, check=False)
        return process.stdout.decode() if process.stdout is not None else None
