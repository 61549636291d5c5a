"""Runs ONNX files of YuNet's layout: the teacher, the peers and our own detector."""

import time

import cv2
import numpy as np
import onnxruntime

from boxes import suppress

STRIDES = (8, 16, 32)


class Yunet:
    """One file; pictures go in as they are, padded with zeros, or letterboxed where the file fixes its input."""

    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.names = [o.name for o in self.session.get_outputs()]
        self.input = self.session.get_inputs()[0]
        height, width = self.input.shape[2:]
        self.fixed = (height, width) if isinstance(height, int) and isinstance(width, int) else None

    def run(self, tensor):
        """Outputs by name and the thread's time in seconds."""
        start = time.thread_time()
        outputs = self.session.run(None, {self.input.name: tensor})
        return dict(zip(self.names, outputs)), time.thread_time() - start

    def detect(self, picture, threshold=0.02, overlap=0.3):
        """Boxes [M, 4] as corners, scores [M] and points [M, 5, 2], in pixels of the picture."""
        h, w = picture.shape[:2]
        height, width = self.fixed or (-(-h // 32) * 32, -(-w // 32) * 32)
        factor = min(height / h, width / w) if self.fixed else 1.0
        canvas = np.zeros((height, width, 3), np.uint8)
        if factor != 1.0:
            picture = cv2.resize(picture, (round(w * factor), round(h * factor)), interpolation=cv2.INTER_LINEAR)
        canvas[: picture.shape[0], : picture.shape[1]] = picture
        outputs, _ = self.run(canvas.transpose(2, 0, 1)[None].astype(np.float32))
        boxes, scores, points = decode(outputs, height, width, threshold)
        keep = suppress(boxes, scores, overlap)
        return boxes[keep] / factor, scores[keep], points[keep] / factor


def decode(outputs, height, width, threshold):
    """YuNet's decoding, before suppression."""
    found = []
    for s in STRIDES:
        score = np.sqrt(np.clip(outputs[f"cls_{s}"][0, :, 0], 0, 1) * np.clip(outputs[f"obj_{s}"][0, :, 0], 0, 1))
        keep = score >= threshold
        gy, gx = np.mgrid[: height // s, : width // s]
        cell = np.stack([gx.ravel(), gy.ravel()], 1)[keep].astype(np.float32)
        code, points = outputs[f"bbox_{s}"][0][keep], outputs[f"kps_{s}"][0][keep].reshape(-1, 5, 2)
        centre, half = (cell + code[:, :2]) * s, np.exp(code[:, 2:]) * s / 2
        found.append((np.concatenate([centre - half, centre + half], 1), score[keep], (cell[:, None] + points) * s))
    return tuple(np.concatenate(part) for part in zip(*found))
