"""Weights as users provide them in the channel `pretrained`: checkpoints of training scripts, names with the prefixes of wrappers, other types
of numbers. Loaded weights equal the saved tensors; whatever cannot be loaded is refused in a sentence that says what it is."""
import collections
import os
import subprocess
import unittest

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from platform_tree import Contract, Job
from vision import models

HYPERPARAMETERS = {"initial_epochs": "1", "batch_size": "8", "augment": "false", "backbone": "squeezenet1_1"}
PREFIXES = ("module.", "_orig_mod.", "model.", "backbone.", "module._orig_mod.", "_orig_mod.module.", "model.backbone.",
            "module.model.backbone._orig_mod.")


def network(seed):
    torch.manual_seed(seed)
    return models.squeezenet1_1(weights=None)


def prefixed(prefix, state):
    return collections.OrderedDict((prefix + name, tensor) for name, tensor in state.items())


class Pretrained(Contract):
    @classmethod
    def setUpClass(cls):
        cls.state = network(5).state_dict()
        cls.average = network(6).state_dict()

    def job(self, save, **more):
        job = Job(self, {**HYPERPARAMETERS, **more}, channels=("train", "pretrained"))
        subprocess.run([os.environ["SMLT_DRAW_IMAGES"], job.channel("train"), "2", "5"], check=True)
        save(job.channel("pretrained") / "weights.pth")
        return job

    def assert_loaded(self, save):
        job = self.job(save)
        self.assert_trained(job.run())
        found = load_file(job.base / "model/model.safetensors")
        for name, tensor in self.state.items():
            if name.startswith("features."):
                self.assertEqual(found[name].dtype, torch.float32)
                self.assertTrue(torch.equal(found[name], tensor.float()), name)

    def assert_each_loaded(self, forms):
        for name, content in forms.items():
            with self.subTest(name):
                self.assert_loaded(lambda path: torch.save(content, path))

    def test_dictionaries_of_checkpoints(self):
        state, average = self.state, self.average
        optimizer = torch.optim.Adam(network(5).parameters(), 0.1)
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = torch.ones_like(parameter)
        optimizer.step()
        rest = {"epoch": 3, "optimizer": optimizer.state_dict(), "loss": 0.3, "best": np.float64(0.5), "accuracy": torch.tensor(0.9)}
        self.assert_each_loaded({
            **{key: {**rest, key: state} for key in ("state_dict", "model_state_dict", "model", "net", "weights")},
            "nested": {**rest, "checkpoint": {"epoch": 1, "state_dict": state}},
            "any other key": {**rest, "student": state},
            "average beside": {**rest, "model_ema": average, "model": state},
            "average first": {"ema_state_dict": average, "student": state},
            "another network beside": {"model": models.resnet18(weights=None).state_dict(), "teacher": state},
            "parameters": {"state_dict": {name: torch.nn.Parameter(tensor) for name, tensor in state.items()}},
        })

    def test_prefixes_in_any_combination(self):
        head = {"loss.weight": torch.ones(3)}
        self.assert_each_loaded({prefix: {"epoch": 1, "state_dict": {**head, **prefixed(prefix, self.state)}} for prefix in PREFIXES})
        for prefix in PREFIXES[:3]:
            with self.subTest(safetensors=prefix):
                self.assert_loaded(lambda path: save_file({**head, **prefixed(prefix, self.state)}, path))
        with self.subTest("old form"):
            self.assert_loaded(lambda path: torch.save(prefixed("module.", self.state), path, _use_new_zipfile_serialization=False))

    def test_other_types_of_numbers(self):
        for dtype in (torch.float16, torch.bfloat16, torch.float64):
            state = {name: tensor.to(dtype) for name, tensor in self.state.items()}
            with self.subTest(dtype):
                job = self.job(lambda path: torch.save(prefixed("module.", state), path))
                self.assert_trained(job.run())
                found = load_file(job.base / "model/model.safetensors")
                for name in (name for name in state if name.startswith("features.")):
                    self.assertTrue(torch.equal(found[name], state[name].float()), name)

    def test_what_does_not_fit_is_told_with_the_keys_that_are_there(self):
        def refused(content, *phrases):
            result = self.job(lambda path: torch.save(content, path)).run()
            self.assert_refused(result, "weights.pth", *phrases)

        stem = {"stem." + name: tensor for name, tensor in list(self.state.items())[:6]}
        refused(stem, "missing ('features.0.weight'", "the file has the keys 'stem.features.0.weight'", "and 2 more")
        refused({"epoch": 1, "encoder": stem}, "the file has the keys 'epoch' and 'encoder', and under 'encoder' 'stem.features.0.weight'")
        refused({"epoch": 1, "lr": 0.1}, "it holds no tensors (its keys are 'epoch' and 'lr')")
        refused([1, 2], "it holds no dictionary of tensors, but a list")

    def test_a_whole_model_is_told_as_such(self):
        for content, phrase in ((network(5), "SqueezeNet'"), (torch.nn.DataParallel(network(5)), "DataParallel'"),
                                ({"epoch": 1, "model": network(5)}, "SqueezeNet' (its keys are 'epoch' and 'model')")):
            result = self.job(lambda path: torch.save(content, path)).run()
            self.assert_refused(result, "a whole model, an object of the class '", phrase, "torch.save(model.state_dict(), FILE)")
        script = torch.jit.trace(network(5).eval(), torch.zeros(1, 3, 64, 64))
        result = self.job(lambda path: torch.jit.save(script, str(path))).run()
        self.assert_refused(result, "it is a TorchScript model", "torch.save(torch.jit.load(FILE).state_dict(), OTHER)")


if __name__ == "__main__":
    unittest.main()
