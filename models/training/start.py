"""Where training begins: new weights, a checkpoint, or a published ONNX file whose normalisation is folded."""

import onnx
import torch
from onnx import numpy_helper

from model import ConvBnRelu

# How export.py names what model.py calls otherwise.
ONNX_NAMES = {"stage5.1": "context", "heads.0": "head8", "heads.1": "head16", "heads.2": "head32"}


def load_start(path, model, images):
    """Fill `model` from the averaged weights of a checkpoint, or from a published ONNX file of either recipe.

    `images` are training pictures, on which the statistics that an ONNX file no longer holds are measured.
    """
    if path.suffix == ".onnx":
        unfold(path, model, images)
    else:
        model.load_state_dict(torch.load(path, weights_only=True)["average"])


def module_of(node):
    """The module whose convolution a node is: `/heads.0/stem/stem.0/Conv`, as PyTorch writes it, is `heads.0.stem`'s."""
    if "/" not in node:
        return node
    path = []
    for part in node.strip("/").split("/")[:-1]:
        if path and part.startswith(path[-1] + "."):
            path.pop()
        path.append(part)
    return ".".join(path).removesuffix(".0")


@torch.no_grad()
def unfold(path, model, images):
    """Undo the folding: every normalisation gets the statistics of `images`, and gain and bias that cancel them.

    So the network is the file's function, in training as in use, and its scales are where an optimiser expects them.
    """
    graph = onnx.load(str(path)).graph
    stored = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in graph.initializer}
    files = {module_of(n.name): [stored[i] for i in n.input[1:]] for n in graph.node if n.op_type == "Conv"}

    def parts(name):
        for ours, theirs in ONNX_NAMES.items():
            if name not in files:
                name = name.replace(ours, theirs)
        return files[name]

    def measure(name):
        def hook(block, inputs):
            conv, norm = block[0], block[1]
            weight, bias = parts(name)
            # A filter's length is free under normalisation but sets how fast it turns: give it that of a new filter.
            size = (3.0 * weight.flatten(1).norm(dim=1) ** 2).sqrt().clamp(min=1e-6)
            conv.weight.copy_(weight / size[:, None, None, None])
            seen = conv(inputs[0])
            mean, variance = seen.mean((0, 2, 3)), seen.var((0, 2, 3))
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
            norm.weight.copy_(size * (variance + norm.eps).sqrt())
            norm.bias.copy_(bias + size * mean)

        return hook

    hooks = []
    for name, module in model.named_modules():
        if isinstance(module, ConvBnRelu):
            hooks.append(module.register_forward_pre_hook(measure(name)))
        elif name.endswith((".box", ".score", ".out")):
            weight, bias = parts(name)
            module.weight.copy_(weight)
            module.bias.copy_(bias)
    was_training = model.training
    model.eval()(images.float())
    model.train(was_training)
    for hook in hooks:
        hook.remove()
