"""The detectors under evaluation behind one interface: image in, boxes and scores out, one thread."""

import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from boxes import letterbox, suppress, yolox_boxes, yolox_grid

# Height and width for wide halls whose people are small: what a file of any size is measured at where nothing else is said.
WIDE = (384, 640)
SCORE_FLOOR = 0.01
MAX_CANDIDATES = 400


def open_session(path, size=None):
    """A session on one thread, as greenlane opens it: an input whose `size` (height, width) the file leaves open is fixed."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    for symbol, side in zip(("height", "width"), size or ()):
        options.add_free_dimension_override_by_name(symbol, side)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Detector:
    """An ONNX file run with one thread; `times` collects seconds per network run.

    A file that takes any size is followed by it: `greenlane-person.onnx@640x384` (width x height, as in greenlane).
    """

    def __init__(self, path):
        file, _, size = str(path).partition("@")
        self.name = Path(path).name.replace(".onnx", "")
        self.session = open_session(file, size and [int(side) for side in reversed(size.split("x"))])
        entry = self.session.get_inputs()[0]
        self.input, (self.height, self.width) = entry.name, entry.shape[2:]
        self.times = []

    def run(self, canvas):
        """Network outputs for a picture of the input size."""
        tensor = np.ascontiguousarray(canvas.transpose(2, 0, 1)[None], np.float32)
        start = time.perf_counter()
        outputs = self.session.run(None, {self.input: tensor})
        self.times.append(time.perf_counter() - start)
        return outputs

    @staticmethod
    def finish(boxes, scores):
        """Strongest candidates after non-maximum suppression."""
        order = np.argsort(-scores)[:MAX_CANDIDATES]
        order = order[scores[order] >= SCORE_FLOOR]
        boxes, scores = boxes[order], scores[order]
        kept = suppress(boxes, scores)
        return boxes[kept], scores[kept]


class Yolox(Detector):
    """Any file with the YOLOX layout; class 0 is the person."""

    def __init__(self, path):
        super().__init__(path)
        self.grid = yolox_grid(self.height, self.width)

    def detect(self, image):
        """Boxes in image pixels and scores."""
        canvas, factor = letterbox(image, self.height, self.width)
        output = self.run(canvas)[0][0]
        return self.finish(yolox_boxes(output, self.grid) / factor, output[:, 4] * output[:, 5])


class Retail(Detector):
    """person-detection-retail-0013: plain resize, normalised corners, softmax scores."""

    def detect(self, image):
        """Boxes in image pixels and scores."""
        outputs = self.run(cv2.resize(image, (self.width, self.height)))
        by_width = {o.shape[-1]: o[0] for o in outputs}
        scale = np.array([image.shape[1], image.shape[0]] * 2, np.float32)
        return self.finish(by_width[4] * scale, by_width[2][:, 1])
