"""The networks of the model birds against torchvision's: names, shapes, weights from a file, and what they compute."""
import os
import pathlib
import subprocess
import unittest

import torch
from safetensors.torch import load_file, save_file

from platform_tree import Contract, Job
from vision import models

HEADS = {"resnet18": "fc", "resnet34": "fc", "resnet50": "fc", "squeezenet1_1": "classifier", "mobilenet_v2": "classifier"}
HYPERPARAMETERS = {"initial_epochs": "1", "batch_size": "4", "augment": "false"}


def network(backbone):
    """torchvision's, with BatchNorm statistics that are not the initial ones."""
    torch.manual_seed(5)
    net = getattr(models, backbone)(weights=None)
    for name, buffer in net.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_(0, 0.1)
        if name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
    return net.eval()


def trunk(state, backbone):
    return {name: tensor for name, tensor in state.items() if not name.startswith(HEADS[backbone] + ".")}


def features(net, backbone, images):
    if backbone == "squeezenet1_1":
        return net.features(images).mean((2, 3))
    setattr(net, HEADS[backbone], torch.nn.Identity())
    return net(images)


class Birds(Contract):
    def job(self, backbone, save, **more):
        job = Job(self, {**HYPERPARAMETERS, "backbone": backbone, **more}, channels=("train", "validation", "pretrained"))
        for channel, count in (("train", "4"), ("validation", "2")):
            subprocess.run([os.environ["SMLT_DRAW_IMAGES"], job.channel(channel), "3", count], check=True)
        if save:
            save(job.channel("pretrained"))
        return job

    def check_equal(self, backbone, job, state):
        weights = load_file(job.base / "model/model.safetensors")
        for name, tensor in trunk(state, backbone).items():
            self.assertTrue(torch.equal(weights[name], tensor), name)
        self.assertEqual(set(trunk(weights, backbone)), set(trunk(state, backbone)))
        images = torch.randn(3, 3, 96, 128)
        with torch.no_grad():
            x = features(network(backbone), backbone, images)
            x = torch.relu(x @ weights[HEADS[backbone] + ".0.weight"].T + weights[HEADS[backbone] + ".0.bias"])
            x = (x @ weights[HEADS[backbone] + ".3.weight"].T + weights[HEADS[backbone] + ".3.bias"]).log_softmax(1)
            ours = torch.jit.load(job.base / "model/model.pt")(images)
        self.assertLess((ours - x).abs().max().item(), 1e-4 * x.abs().max().item() + 1e-5)

    def test_weights_load_by_name_and_stay_as_they_are(self):
        for backbone in HEADS:
            with self.subTest(backbone):
                state = network(backbone).state_dict()
                job = self.job(backbone, lambda folder: torch.save(state, folder / "whatever.bin"))
                self.assert_trained(job.run())
                self.check_equal(backbone, job, state)

    def test_trunks_prefixes_and_other_forms(self):
        backbone = "resnet18"
        state = network(backbone).state_dict()
        forms = {
            "trunk.pth": lambda path: torch.save(trunk(state, backbone), path),
            "parallel.pt": lambda path: torch.save({"module." + name: tensor for name, tensor in state.items()}, path),
            "checkpoint.pth": lambda path: torch.save({"epoch": 3, "state_dict": state}, path),
            "old.pth": lambda path: torch.save(state, path, _use_new_zipfile_serialization=False),
            "weights": lambda path: save_file(state, path),
        }
        for name, save in forms.items():
            with self.subTest(name):
                job = self.job(backbone, lambda folder: save(folder / name))
                self.assert_trained(job.run())
                self.check_equal(backbone, job, state)

    def test_weights_that_do_not_fit(self):
        state = network("resnet18").state_dict()
        job = self.job("resnet34", lambda folder: torch.save(state, folder / "a.pth"))
        self.assert_refused(job.run(), "weights of resnet34", "missing ('layer1.2.conv1.weight'", "fits backbone=resnet18")
        job = self.job("resnet50", lambda folder: torch.save(state, folder / "a.pth"))
        self.assert_refused(job.run(), "of another shape", "is 64x64x3x3 instead of 64x64x1x1")
        del state["bn1.weight"]
        job = self.job("resnet18", lambda folder: torch.save(state, folder / "a.pth"))
        self.assert_refused(job.run(), "found 1 missing ('bn1.weight')", "fits none of the backbones")

    def test_files_that_hold_no_weights(self):
        class Anything:
            def __reduce__(self):
                return os.system, ("touch " + str(pathlib.Path(self.marker)),)

        marker = pathlib.Path(self.enterContext(__import__("tempfile").TemporaryDirectory())) / "executed"
        Anything.marker = marker
        job = self.job("resnet18", lambda folder: torch.save({"a": Anything()}, folder / "a.pth"))
        self.assert_refused(job.run(), "a.pth")
        self.assertFalse(marker.exists())
        job = self.job("resnet18", lambda folder: torch.save({}, folder / "a.pth"))
        self.assert_refused(job.run(), "holds no tensors")
        job = self.job("resnet18", None)
        self.assert_refused(job.run(), "one weights file", "'pretrained'", "found none")


if __name__ == "__main__":
    unittest.main()
