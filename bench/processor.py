"""The processor that measurements run on."""

import os
import pathlib
import re

# What decides which kernels run, by the flags of /proc/cpuinfo.
EXTENSIONS = {"amx_tile": "AMX", "avx512_bf16": "AVX512-BF16", "avx512f": "AVX-512", "avx2": "AVX2"}


def field(name):
    """The first value of that name in /proc/cpuinfo, or "" without one."""
    found = re.search(rf"^{name}\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1) if found else ""


def model():
    return field("model name") or os.uname().machine


def extensions(flags):
    return [name for flag, name in EXTENSIONS.items() if flag in flags.split()]


def cores():
    """How many this process may use."""
    return len(os.sched_getaffinity(0))
