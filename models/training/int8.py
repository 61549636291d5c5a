"""Static int8 quantisation of a network, by several ways, and what a run of it takes."""

import time

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from detectors import open_session

CONVOLUTIONS = ["Conv"]
EVERYTHING = ["Conv", "Add", "Relu", "Clip", "MaxPool", "Concat", "Resize", "GlobalAveragePool", "MatMul", "Gemm", "Mul"]
WAYS = {
    f"{form.name.lower()}{'-channel' if channel else ''}{'-7bit' if narrow else ''}{'' if ops is CONVOLUTIONS else '-all'}": (
        form, channel, narrow, ops,
    )
    for form in (QuantFormat.QDQ, QuantFormat.QOperator)
    for channel, narrow, ops in (
        (True, True, CONVOLUTIONS),
        (True, True, EVERYTHING),
        (False, True, EVERYTHING),
        (True, False, EVERYTHING),
    )
}


class Pictures(CalibrationDataReader):
    """Hands ready tensors to the calibration."""

    def __init__(self, name, tensors):
        self.name, self.tensors = name, iter(tensors)

    def get_next(self):
        """The next input, or None."""
        tensor = next(self.tensors, None)
        return None if tensor is None else {self.name: tensor}


def as_tensor(picture):
    """BGR, 0..255, batch of one."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32)


def outermost(model):
    """Convolutions that no other follows: their output is the result, where a step of 1/256 is felt most."""
    users = {}
    for node in model.graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    names = []
    for node in (n for n in model.graph.node if n.op_type == "Conv"):
        seen, open_nodes, followed = set(), [node], False
        while open_nodes and not followed:
            for user in (u for out in open_nodes.pop().output for u in users.get(out, ())):
                followed |= user.op_type in ("Conv", "Gemm", "MatMul")
                if user.name not in seen:
                    seen.add(user.name)
                    open_nodes.append(user)
        if not followed:
            names.append(node.name)
    return names


def first_of_kind(model):
    """Names of the nodes before the first convolution: they bring pixels to size and stay as they are."""
    names = []
    for node in model.graph.node:
        if node.op_type == "Conv":
            break
        names.append(node.name)
    return names


def quantised(source, out, way, tensors, keep_outermost):
    """Writes the int8 file of one way."""
    form, channel, narrow, ops = WAYS[way]
    model = onnx.load(source)
    excluded = first_of_kind(model) + (outermost(model) if keep_outermost else [])
    quantize_static(
        str(source), str(out), Pictures(model.graph.input[0].name, tensors), quant_format=form, per_channel=channel,
        reduce_range=narrow, op_types_to_quantize=ops, nodes_to_exclude=excluded, activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8, calibrate_method=CalibrationMethod.MinMax,
        extra_options={"QDQDisableWeightAdjustForInt32Bias": True},
    )


def timed(paths, tensor, rounds):
    """Milliseconds of processor time per run of each file: median and 10th percentile, by turns.

    One thread runs the network, so its processor time is what a run costs, however busy the machine is.
    """
    sessions = {name: open_session(path, tensor.shape[2:]) for name, path in paths.items()}
    times = {name: [] for name in sessions}
    for turn in range(rounds + 5):
        for name, session in sessions.items():
            start = time.thread_time()
            session.run(None, {session.get_inputs()[0].name: tensor})
            if turn >= 5:
                times[name].append(1e3 * (time.thread_time() - start))
    return {name: (float(np.median(t)), float(np.percentile(t, 10))) for name, t in times.items()}
