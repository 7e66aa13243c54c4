#!/usr/bin/env python3
"""examples/compile-model.py MODULE:FACTORY --shape N,... [OPTION...]: compiles a PyTorch network into a package, model.pt2, that
`sagemaker-libtorch serve` runs. Needs PyTorch of the version that serves it, and g++.

MODULE is a file or the name of a Python module, FACTORY a function in it that returns the network (as torch.hub's entry points
do) or the name of a torch.nn.Module's class; arguments for it may follow: net.py:resnet(classes=4).

  --weights FILE   a state_dict by torch.save or safetensors, loaded into the network
  --shape 3,224,224   the shape of one row, without the batch, which may have any size
  --isa LEVEL      avx2 (default), avx512, native (this machine's everything) or baseline: the instructions it may use. A
                   processor without them refuses it.
  --output FILE    model.pt2
  --manifest NAME  also writes model.json beside it, for labels and joined requests; with --kind and --labels
  --kind KIND      what forward returns: logits (default), log_probabilities or scores
  --labels A,B,... names of the classes
"""
import argparse
import ast
import importlib
import importlib.util
import json
import pathlib
import re
import sys

import torch

# g++'s name for each level, and the width of the vectors that the compiler writes.
LEVELS = {"baseline": ("x86-64-v2", 1), "avx2": ("x86-64-v3", 256), "avx512": ("x86-64-v4", 512), "native": ("native", None)}


def fail(sentence):
    sys.exit(f"compile-model: {sentence}")


def module_called(name):
    if not name.endswith(".py"):
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(pathlib.Path(name).stem, name)
    if spec is None or not pathlib.Path(name).is_file():
        fail(f"expected a Python file, found no '{name}'.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def made(text):
    """The network of net.py:factory(argument=value)."""
    found = re.fullmatch(r"([^:]+):(\w+)(?:\((.*)\))?", text)
    if not found:
        fail(f"expected MODULE:FACTORY, found '{text}'.")
    call = ast.parse(f"f({found[3] or ''})", mode="eval").body
    positional = [ast.literal_eval(each) for each in call.args]
    named = {each.arg: ast.literal_eval(each.value) for each in call.keywords}
    net = getattr(module_called(found[1]), found[2])(*positional, **named)
    if not isinstance(net, torch.nn.Module):
        fail(f"expected {found[2]} to return a torch.nn.Module, found {type(net).__name__}.")
    return net.eval()


def load_weights(net, path):
    if path.endswith(".safetensors"):
        import safetensors.torch
        return net.load_state_dict(safetensors.torch.load_file(path))
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))


def compiled(net, shape, isa, output):
    # Not 0 or 1 rows, which torch.export would take for a fixed size, nor a few: from some operators it concludes that there are
    # never more than 15.
    example = torch.rand(32, *shape)
    rows = torch.export.Dim("rows", min=1)
    program = torch.export.export(net, (example,), dynamic_shapes=({0: rows},))
    march, width = LEVELS[isa]
    # freezing: weights are constants, so that each BatchNorm is folded into its convolution.
    options = {"freezing": True, "cpp.simdlen": width, "cpp.dynamic_threads": True, "aot_inductor.check_lowerbound": False,
               "aot_inductor.metadata": {"SMLT_LIBTORCH": torch.__version__.partition("+")[0]}}
    if hasattr(torch._inductor.config.cpp, "march"):
        options["cpp.march"] = march
    with torch.no_grad():
        torch._inductor.aoti_compile_and_package(program, package_path=output, inductor_configs=options)


def write_manifest(path, arguments, net, shape):
    with torch.no_grad():
        classes = net(torch.rand(2, *shape)).shape[-1]
    labels = arguments.labels.split(",") if arguments.labels else [str(number) for number in range(classes)]
    if len(labels) != classes:
        fail(f"expected {classes} labels, one for each output, found {len(labels)}.")
    manifest = {"format": 1, "model": arguments.manifest, "recipe": "python", "version": "", "libtorch": torch.__version__.partition("+")[0],
                "input": {"shape": [None, *shape], "dtype": "float32"}, "output": arguments.kind, "labels": labels,
                "hyperparameters": {}, "metrics": {}}
    path.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(usage=__doc__, add_help=True)
    parser.add_argument("network")
    parser.add_argument("--weights")
    parser.add_argument("--shape", required=True)
    parser.add_argument("--isa", choices=LEVELS, default="avx2")
    parser.add_argument("--output", default="model.pt2")
    parser.add_argument("--manifest")
    parser.add_argument("--kind", choices=("logits", "log_probabilities", "scores"), default="logits")
    parser.add_argument("--labels")
    arguments = parser.parse_args()
    if not arguments.output.endswith(".pt2"):
        fail(f"expected an output named .pt2, found '{arguments.output}'.")
    net = made(arguments.network)
    if arguments.weights:
        load_weights(net, arguments.weights)
    shape = [int(size) for size in arguments.shape.split(",")]
    compiled(net, shape, arguments.isa, arguments.output)
    if arguments.manifest:
        write_manifest(pathlib.Path(arguments.output).with_name("model.json"), arguments, net, shape)


if __name__ == "__main__":
    main()
