"""Exports a checkpoint's averaged weights to ONNX in the layout of YuNet, for any input size that is a multiple of 32.

Input `input` [batch, 3, height, width], BGR 0..255. For each stride s in 8, 16, 32: `cls_s` and `obj_s` [batch, cells, 1]
(the same score twice, so that YuNet's sqrt(cls * obj) is that score), `bbox_s` [batch, cells, 4], `kps_s` [batch, cells, 10].
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from network import STRIDES, FaceDetector

OPSET = 13
KINDS = ("cls", "obj", "bbox", "kps")
METADATA = {
    "producer": "greenlane models/training/face",
    "task": "face detection with five points",
    "decode": "yunet, strides 8 16 32, letterbox top-left pad 0, BGR 0..255",
    "licence": "Apache-2.0",
}


class YunetLayout(nn.Module):
    """The detector with its outputs named and ordered as YuNet's."""

    names = [f"{kind}_{stride}" for kind in KINDS for stride in STRIDES]

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, images):
        rows = [level.flatten(2).transpose(1, 2) for level in self.model.levels(images)]
        scores = [r[..., :1].sigmoid() for r in rows]
        return (*scores, *[s * 1.0 for s in scores], *[r[..., 1:5] for r in rows], *[r[..., 5:] for r in rows])


def export(model, path):
    """Write the file; all sizes are left open."""
    layout = YunetLayout(model).eval()
    axes = {"input": {0: "batch", 2: "height", 3: "width"}} | {name: {0: "batch", 1: "cells"} for name in layout.names}
    torch.onnx.export(
        layout, torch.zeros(1, 3, 320, 320), str(path), opset_version=OPSET, input_names=["input"],
        output_names=layout.names, dynamic_axes=axes, dynamo=False,
    )
    written = onnx.load(str(path))
    onnx.helper.set_model_props(written, METADATA)
    onnx.checker.check_model(written)
    onnx.save(written, str(path))


def largest_difference(model, path):
    """Largest difference between PyTorch and ONNX Runtime on random pictures of two sizes."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for height, width in ((320, 320), (192, 352)):
        images = torch.randint(0, 256, (1, 3, height, width), generator=torch.Generator().manual_seed(0)).float()
        with torch.no_grad():
            expected = YunetLayout(model)(images)
        found = session.run(YunetLayout.names, {"input": images.numpy()})
        worst = max(worst, *(float(np.abs(f - e.numpy()).max()) for f, e in zip(found, expected)))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    model = FaceDetector().eval()
    model.load_state_dict(torch.load(options.checkpoint, weights_only=True)["average"])
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "greenlane-face.onnx"
    export(model, path)
    difference = largest_difference(model, path)
    print(f"{path.name}: {path.stat().st_size} bytes, largest difference to PyTorch {difference:.1e}")
    if difference > 1e-3:
        raise SystemExit("the exported network differs from the trained one")


if __name__ == "__main__":
    main()
