"""Exports a checkpoint's averaged weights to ONNX with the YOLOX output layout.

Input `images` [1, 3, H, W], BGR 0..255; output `output` [1, N, 6]: box code, score, and a class
column that is always 1, so that score = output[4] * output[5] as in any YOLOX file.
Batch normalisation is folded into the convolutions.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn.utils.fusion import fuse_conv_bn_eval

from detectors import WIDE, open_session
from model import INPUT_MEAN, INPUT_SCALE, STRIDES, PersonDetector

OPSET = 13
# Height and width of each file; the last takes any whose sides are multiples of 32.
SIZES = {"greenlane-person-256x416": (256, 416), "greenlane-person-416": (416, 416), "greenlane-person": ()}
METADATA = {
    "producer": "greenlane models/training",
    "task": "person detection",
    "decode": "yolox, strides 8 16 32, one class (person), letterbox top-left pad 114, BGR 0..255",
    "licence": "Apache-2.0",
}


class GraphWriter:
    """Builds the ONNX graph node by node from the trained modules."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def constant(self, name, array):
        """Store an initializer and return its name."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind, inputs, name, **attributes):
        """Append a node with one output of the same name."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def conv(self, conv, x, name):
        """A convolution with bias."""
        weight = self.constant(f"{name}.weight", conv.weight.detach().numpy())
        bias = self.constant(f"{name}.bias", conv.bias.detach().numpy())
        pad = conv.padding[0]
        return self.node(
            "Conv", [x, weight, bias], name, kernel_shape=list(conv.kernel_size), strides=list(conv.stride), pads=[pad] * 4
        )

    def block(self, block, x, name):
        """ConvBnRelu with the normalisation folded in."""
        folded = fuse_conv_bn_eval(block[0], block[1])
        return self.node("Relu", [self.conv(folded, x, name)], f"{name}.relu")

    def residual(self, block, x, name):
        """Residual block."""
        y = self.block(block.expand, self.block(block.reduce, x, f"{name}.reduce"), f"{name}.expand")
        return self.node("Add", [x, y], f"{name}.add")

    def upsampled_sum(self, deep, lateral, name):
        """Nearest doubling of `deep`, added to `lateral`."""
        empty, scales = f"{name}.roi", f"{name}.scales"
        self.constant(empty, np.zeros(0, np.float32))
        self.constant(scales, np.array([1, 1, 2, 2], np.float32))
        up = self.node(
            "Resize", [deep, empty, scales], f"{name}.up", mode="nearest",
            coordinate_transformation_mode="asymmetric", nearest_mode="floor",
        )
        return self.node("Add", [lateral, up], f"{name}.sum")


def build(model, height=None, width=None):
    """The ONNX model of `model` for one input size, or for any whose sides are multiples of the last stride."""
    fixed = height is not None
    g = GraphWriter()
    x = g.node("Sub", ["images", g.constant("mean", np.array(INPUT_MEAN, np.float32))], "centred")
    x = g.node("Mul", [x, g.constant("scale", np.array(1 / INPUT_SCALE, np.float32))], "scaled")
    c2 = g.block(model.stage2, g.block(model.stem, x, "stem"), "stage2")
    c3 = sequence(g, model.stage3, c2, "stage3")
    c4 = sequence(g, model.stage4, c3, "stage4")
    c5 = g.block(model.stage5[0], c4, "stage5.0")
    context = model.stage5[1]
    maps = [g.block(context.reduce, c5, "context.reduce")]
    for i in range(3):
        maps.append(g.node("MaxPool", [maps[-1]], f"context.pool{i}", kernel_shape=[5, 5], pads=[2] * 4))
    c5 = g.block(context.merge, g.node("Concat", maps, "context.concat", axis=1), "context.merge")
    c5 = g.residual(model.stage5[2], c5, "stage5.2")
    p5 = g.block(model.lateral5, c5, "lateral5")
    p4 = g.residual(model.fuse4, g.upsampled_sum(p5, g.block(model.lateral4, c4, "lateral4"), "p4"), "fuse4")
    p3 = g.residual(model.fuse3, g.upsampled_sum(p4, g.block(model.lateral3, c3, "lateral3"), "p3"), "fuse3")
    levels = []
    for head, level, stride in zip(model.heads, (p3, p4, p5), STRIDES):
        name = f"head{stride}"
        y = g.block(head.stem, level, f"{name}.stem")
        box = g.conv(head.box, y, f"{name}.box")
        score = g.node("Sigmoid", [g.conv(head.score, y, f"{name}.score")], f"{name}.sigmoid")
        if fixed:
            ones = g.constant(f"{name}.class", np.ones((1, 1, height // stride, width // stride), np.float32))
        else:
            ones = g.node("Pow", [score, g.constant(f"{name}.zero", np.array(0, np.float32))], f"{name}.class")
        joined = g.node("Concat", [box, score, ones], f"{name}.joined", axis=1)
        shape = g.constant(f"{name}.shape", np.array([1, 6, -1], np.int64))
        levels.append(g.node("Reshape", [joined, shape], f"{name}.flat"))
    rows = g.node("Concat", levels, "rows", axis=2)
    g.node("Transpose", [rows], "output", perm=[0, 2, 1])
    total = sum(height // s * (width // s) for s in STRIDES) if fixed else "boxes"
    graph = helper.make_graph(
        g.nodes,
        "greenlane-person",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, height or "height", width or "width"])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, total, 6])],
        g.weights,
    )
    onnx_model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="greenlane")
    onnx_model.ir_version = 8
    helper.set_model_props(onnx_model, METADATA)
    onnx.checker.check_model(onnx_model)
    return onnx_model


def sequence(g, modules, x, name):
    """A strided block followed by residual blocks."""
    x = g.block(modules[0], x, f"{name}.0")
    for i, module in enumerate(modules[1:], 1):
        x = g.residual(module, x, f"{name}.{i}")
    return x


def largest_difference(model, path, height, width):
    """Largest difference between PyTorch and ONNX Runtime on one random picture."""
    images = torch.randint(0, 256, (1, 3, height, width), generator=torch.Generator().manual_seed(0)).float()
    with torch.no_grad():
        expected = model(images)
        expected[..., 4] = expected[..., 4].sigmoid()
    session = open_session(path, (height, width))
    found = session.run(None, {"images": images.numpy()})[0]
    return float(np.abs(found[..., :5] - expected.numpy()).max())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    model = PersonDetector().eval()
    model.load_state_dict(torch.load(options.checkpoint, weights_only=True)["average"])
    options.out.mkdir(parents=True, exist_ok=True)
    for name, size in SIZES.items():
        path = options.out / f"{name}.onnx"
        onnx.save(build(model, *size), str(path))
        difference = largest_difference(model, path, *(size or WIDE))
        print(f"{path.name}: {path.stat().st_size} bytes, largest difference to PyTorch {difference:.1e}")
        if difference > 1e-3:
            raise SystemExit("the exported network differs from the trained one")


if __name__ == "__main__":
    main()
