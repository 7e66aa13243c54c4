"""The image sagemaker-libtorch:gpu on a machine without a GPU. `scripts/test image-gpu` builds it."""
import os
import unittest

os.environ["SMLT_IMAGE"] = "sagemaker-libtorch:gpu"

import test_image
from platform_tree import Contract

# What the platform sets on a machine without a GPU (platform 4).
VOID = "--env=NVIDIA_VISIBLE_DEVICES=void"
# From the driver, which NVIDIA's runtime mounts.
DRIVER = "libcuda.so.1"


class WithoutGpu(Contract):
    def test_it_trains_on_the_processor(self):
        for options in ([], [VOID]):
            with self.subTest(options):
                job = test_image.drawn_job(self)
                self.assert_trained(job.run_in_image("--read-only", "--network=none", *options))

    def test_it_describes(self):
        done = test_image.run_image("describe", "mnist", options=[VOID])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("batch-size", done.stdout)

    def test_every_library_finds_what_it_is_linked_to(self):
        script = "for library in /usr/local/lib/*.so*; do /lib64/ld-linux-x86-64.so.2 --list $library; done"
        done = test_image.run_image("bash", "-c", script)
        self.assertIn("libcublasLt.so", done.stdout)
        missing = {line.split()[0] for line in done.stdout.splitlines() if "not found" in line}
        self.assertEqual(missing - {DRIVER}, set())

    def test_the_libraries_for_a_gpu_load_without_one(self):
        script = ("cd /usr/local/lib; for library in libtorch_cuda.so libcudnn_*.so.* libnvrtc-builtins.so.*; do"
                  " LD_PRELOAD=$PWD/$library sagemaker-libtorch --version; done")
        done = test_image.run_image("bash", "-c", script)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertGreater(done.stdout.count("\n"), 6)


class Content(test_image.Content):
    packages = test_image.Content.packages | {"nvidia-cublas", "nvidia-nvjitlink"}
    # NVIDIA's libraries, LibTorch, the system, the program. The goal is 3.2 GB.
    layers, largest, largest_packed = 4, 3.2e9, 2.1e9

    def test_what_it_asks_of_nvidias_runtime(self):
        environment = dict(pair.split("=", 1) for pair in test_image.image()["Config"]["Env"])
        self.assertEqual(environment["NVIDIA_VISIBLE_DEVICES"], "all")
        self.assertEqual(environment["NVIDIA_DRIVER_CAPABILITIES"], "compute,utility")
        # With these the runtime would refuse to start the container, and the program could not say why.
        self.assertEqual([name for name in environment if name.startswith("NVIDIA_REQUIRE") or name == "CUDA_VERSION"], [])
        members, _ = test_image.files()
        self.assertIn("etc/ld.so.conf.d/sagemaker-libtorch.conf", members)

    def test_nothing_of_the_driver_is_in_it(self):
        members, _ = test_image.files()
        self.assertEqual([name for name in members if "libcuda.so" in name or "libnvidia" in name or "nvidia-smi" in name], [])


if __name__ == "__main__":
    unittest.main()
