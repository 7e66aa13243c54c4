"""Hosts on this machine: network namespaces, and a switch between them that can be slow, lossy or cut (switch.py)."""
import fcntl
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import unittest

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
MTU = "9001"  # as in a VPC


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


def open_device(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return fd


class Network:
    """`size` hosts, named algo-1 and so on, as each other's /etc/hosts says. Needs root and /dev/net/tun; raises SkipTest without."""

    def __init__(self, case, size):
        self.names = [f"algo-{i + 1}" for i in range(size)]
        self.addresses = [f"10.77.0.{i + 1}" for i in range(size)]
        self.namespaces = [f"smlt{os.getpid()}-{i}" for i in range(size)]
        case.addClassCleanup(self.remove)
        self.switch = None
        try:
            fds = [self.make_host(i) for i in range(size)]
        except (OSError, subprocess.CalledProcessError) as e:
            raise unittest.SkipTest(f"no hosts can be made here, which takes root and /dev/net/tun: {e}") from e
        self.switch = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__).with_name("switch.py"), *map("{}={}".format, fds, self.addresses)],
            pass_fds=fds, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        for fd in fds:
            os.close(fd)

    def make_host(self, i):
        """Returns the other end of its device `eth7`."""
        namespace, device = self.namespaces[i], f"smlt{os.getpid() % 100000}h{i}"
        ip("netns", "add", namespace)
        fd = open_device(device)
        ip("link", "set", device, "netns", namespace, "name", "eth7", "mtu", MTU)
        ip("-n", namespace, "addr", "add", f"{self.addresses[i]}/24", "dev", "eth7")
        ip("-n", namespace, "link", "set", "eth7", "up")
        ip("-n", namespace, "link", "set", "lo", "up")
        folder = pathlib.Path("/etc/netns", namespace)  # `ip netns exec` mounts what is in it over /etc
        folder.mkdir(parents=True)
        lines = ["127.0.0.1 localhost", *map("{} {}".format, self.addresses, self.names)]
        (folder / "hosts").write_text("\n".join(lines) + "\n")
        return fd

    def remove(self):
        if self.switch:
            self.switch.communicate()
        for namespace in self.namespaces:
            subprocess.run(["ip", "netns", "del", namespace], capture_output=True)
            shutil.rmtree(f"/etc/netns/{namespace}", ignore_errors=True)

    def inside(self, i):
        """The words that run a command on this host. All hosts have the same kernel name, which resolves to loopback."""
        return ["ip", "netns", "exec", self.namespaces[i], "unshare", "--uts", "sh", "-c", 'hostname localhost && exec "$@"', "sh"]

    def tell(self, *words):
        self.switch.stdin.write(" ".join(map(str, words)) + "\n")
        assert self.switch.stdout.readline() == "ok\n"

    def link(self, host, bits_a_second=0, delay=0, loss=0):
        """Of what this host sends: the rate (0: unlimited), the delay in seconds, the share that is lost."""
        self.tell("link", self.addresses[host], bits_a_second, delay, loss)

    def cut(self, host, other=None):
        """All links of the host, or that between two."""
        self.tell("cut", self.addresses[host], self.addresses[host if other is None else other])

    def join(self, host, other=None):
        self.tell("join", self.addresses[host], self.addresses[host if other is None else other])
