"""ResNet-18, compiled by examples/compile-model.py for each level of instructions that this processor has, answers as eager
PyTorch."""
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))
import compiled_nets  # noqa: E402
from running_endpoint import Endpoint  # noqa: E402
from test_compiled_models import compiled, CompiledModels  # noqa: E402


class CompiledResNet(unittest.TestCase):
    assert_equal = CompiledModels.assert_equal

    def test_resnet18(self):
        flags = pathlib.Path("/proc/cpuinfo").read_text().split()
        for level, flag in (("avx2", "avx2"), ("avx512", "avx512dq")):
            if flag not in flags:
                continue
            with self.subTest(level=level), tempfile.TemporaryDirectory() as folder:
                base = pathlib.Path(folder)
                package = compiled(base / "made", "resnet18", "3,224,224", "--isa", level, "--manifest", "resnet18")
                (base / "model").mkdir()
                for name in (package, package.with_name("model.json")):
                    shutil.copy(name, base / "model")
                endpoint = Endpoint(self, base)
                self.assert_equal(endpoint, compiled_nets.resnet18(), (3, 224, 224), rows=(1, 2, 5))
                endpoint.stop()


del CompiledModels  # its tests are not this tier's


if __name__ == "__main__":
    unittest.main()
