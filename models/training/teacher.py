"""The YOLOX-nano teacher: people on permitted frames that no label tells of.

The published file has a fixed 416x416 input.  The network itself is fully convolutional, so the
constants of its three final Reshape nodes are the only thing that binds it to that size.
"""

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

from boxes import letterbox, suppress, yolox_boxes, yolox_grid


def resized_yolox(path, height, width):
    """The model file as bytes with its input and final Reshape nodes set to height x width."""
    model = onnx.load(str(path))
    graph = model.graph
    dims = graph.input[0].type.tensor_type.shape.dim
    dims[2].dim_value, dims[3].dim_value = height, width
    for value in graph.output[0].type.tensor_type.shape.dim[1:2]:
        value.dim_value = len(yolox_grid(height, width))
    del graph.value_info[:]
    names = {n.input[1] for n in graph.node if n.op_type == "Reshape"}
    shape = np.array([1, 85, -1], np.int64)
    for tensor in graph.initializer:
        if tensor.name in names:
            tensor.CopyFrom(numpy_helper.from_array(shape, tensor.name))
    for node in graph.node:
        if node.op_type == "Constant" and node.output[0] in names:
            node.attribute[0].t.CopyFrom(numpy_helper.from_array(shape))
    return model.SerializeToString()


class Teacher:
    """YOLOX-nano at a chosen input size, one thread."""

    def __init__(self, path, height, width):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            resized_yolox(path, height, width), options, providers=["CPUExecutionProvider"]
        )
        self.height, self.width = height, width
        self.grid = yolox_grid(height, width)

    def dense(self, canvas):
        """Raw box codes and person score of every cell, [N, 5], for a canvas of the input size."""
        tensor = canvas.transpose(2, 0, 1)[None].astype(np.float32)
        output = self.session.run(None, {self.session.get_inputs()[0].name: tensor})[0][0]
        return np.concatenate([output[:, :4], output[:, 4:5] * output[:, 5:6]], 1)

    def detect(self, image, floor=0.12):
        """Boxes in image pixels and scores of at least `floor`."""
        canvas, factor = letterbox(image, self.height, self.width)
        output = self.dense(canvas)
        output, grid = output[output[:, 4] >= floor], self.grid[output[:, 4] >= floor]
        boxes = yolox_boxes(output, grid)
        kept = suppress(boxes, output[:, 4])
        return (boxes[kept] / factor).astype(np.float32), output[kept, 4]
