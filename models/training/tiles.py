"""Random training tiles: scaled, cropped, mirrored and recoloured pieces of pictures from three sources.

`scenes` are the labelled frames themselves, `composed` the shards of pool.py and `rendered` pictures of
3-D people (a folder of NNNNN.jpg with NNNNN.json, see `renders/`).  Shards and rendered pictures may
still be growing while a training runs.
"""

import json
from pathlib import Path

import cv2
import numpy as np

from boxes import PAD_VALUE, area
from compose import CAMERA_WEIGHTS, IGNORE, PERSON

HEIGHT, WIDTH = 256, 416
SHARES = {"scenes": 0.5, "composed": 0.15, "rendered": 0.35}
MIN_HEIGHT = 7
MIN_VISIBLE = 0.3


class Scenes:
    """Labelled frames, drawn by the weight of their camera group."""

    def __init__(self, frames):
        self.groups, self.weights = [], []
        for prefix, weight in CAMERA_WEIGHTS.items():
            members = [frame for frame in frames if frame.camera.startswith(prefix)]
            if members:
                self.groups.append(members)
                self.weights.append(weight)
        self.weights = np.array(self.weights) / sum(self.weights)

    def __len__(self):
        return sum(len(group) for group in self.groups)

    def refresh(self):
        """Frames do not grow."""

    def draw(self, rng):
        """One picture and its labels [n, 5]."""
        group = self.groups[rng.choice(len(self.groups), p=self.weights)]
        frame = group[rng.integers(len(group))]
        labels = [np.c_[frame.boxes, np.full(len(frame.boxes), PERSON)], np.c_[frame.ignore, np.full(len(frame.ignore), IGNORE)]]
        return frame.image, np.concatenate(labels).astype(np.float32)


class Composed:
    """Memory-mapped shards of composed pictures."""

    def __init__(self, folder):
        self.folder, self.shards = Path(folder), {}
        self.refresh()

    def __len__(self):
        return len(self.shards)

    def refresh(self):
        """Open shards that were finished since the last call."""
        for mark in sorted(self.folder.glob("done-*")):
            if mark.name not in self.shards:
                suffix = mark.name[5:]
                self.shards[mark.name] = (
                    np.load(self.folder / f"images-{suffix}.npy", mmap_mode="r"),
                    np.load(self.folder / f"boxes-{suffix}.npy"),
                )

    def draw(self, rng):
        """One picture and its labels [n, 5]."""
        images, boxes = list(self.shards.values())[rng.integers(len(self.shards))]
        pick = rng.integers(len(images))
        return images[pick], boxes[pick][boxes[pick, :, 4] > 0]


class Rendered:
    """Rendered pictures; people of whom little can be seen become regions to ignore."""

    def __init__(self, folder):
        self.folder, self.pictures = folder and Path(folder), {}
        self.refresh()

    def __len__(self):
        return len(self.pictures)

    def refresh(self):
        """Read pictures that were finished since the last call."""
        for path in sorted(self.folder.glob("*.json")) if self.folder else []:
            if path.stem not in self.pictures:
                people = json.loads(path.read_text())["people"]
                rows = [[*p["box"], PERSON if p["visible"] >= MIN_VISIBLE else IGNORE] for p in people]
                picture = np.frombuffer(path.with_suffix(".jpg").read_bytes(), np.uint8)
                self.pictures[path.stem] = (picture, np.array(rows, np.float32).reshape(-1, 5))

    def draw(self, rng):
        """One picture and its labels [n, 5]."""
        picture, labels = list(self.pictures.values())[rng.integers(len(self.pictures))]
        return cv2.imdecode(picture, cv2.IMREAD_COLOR), labels


class Tiles:
    """Batches of tiles from all sources that have pictures."""

    def __init__(self, **sources):
        self.sources = sources

    def refresh(self):
        """Let growing sources look for new pictures."""
        for source in self.sources.values():
            source.refresh()

    def batch(self, rng, shape, count):
        """Tensors of `count` tiles: images [count, 3, H, W] and labels [count, most, 5]."""
        usable = [name for name, source in self.sources.items() if len(source)]
        weights = np.array([SHARES[name] for name in usable])
        images, labels = np.empty((count, *shape, 3), np.uint8), []
        for i in range(count):
            name = usable[rng.choice(len(usable), p=weights / weights.sum())]
            images[i], found = tile(rng, *self.sources[name].draw(rng), shape)
            labels.append(found)
        padded = np.zeros((count, max(1, max(map(len, labels))), 5), np.float32)
        for row, found in zip(padded, labels):
            row[: len(found)] = found
        return images.transpose(0, 3, 1, 2), padded


def tile(rng, image, labels, shape):
    """One tile [H, W, 3] of a picture at about the scale at which the detector will see it, and its labels."""
    height, width = shape
    source_h, source_w = image.shape[:2]
    base = min(HEIGHT / source_h, WIDTH / source_w)
    zoom = np.exp(rng.normal(0.1, 0.3)) if rng.random() < 0.8 else np.exp(rng.uniform(-0.9, 1.1))
    sx, sy = base * zoom * np.exp(rng.normal(0, 0.05, 2))
    if min(sx, sy) < 0.55 and rng.random() < 0.6:  # as a camera's own scaler would: without aliasing
        image = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        labels = labels * np.array([0.5, 0.5, 0.5, 0.5, 1], np.float32)
        source_h, source_w, sx, sy = source_h * 0.5, source_w * 0.5, sx * 2, sy * 2
    left = offset(rng, source_w * sx, width)
    top = offset(rng, source_h * sy, height)
    matrix = np.array([[sx, 0, -left], [0, sy, -top]])
    if rng.random() < 0.5:
        matrix[0] = [-sx, 0, width + left]
    pad = (PAD_VALUE,) * 3
    cut = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=pad)
    corners = labels[:, :4].reshape(-1, 2, 2) * matrix[[0, 1], [0, 1]] + matrix[:, 2]
    moved = np.concatenate([corners.min(1), corners.max(1), labels[:, 4:]], 1).astype(np.float32)
    return camera_effects(rng, cut), keep_visible(moved, height, width)


def offset(rng, extent, window):
    """A random position of a window on an extent; a smaller extent is placed inside the window."""
    slack = extent - window
    return rng.uniform(min(0.0, slack), max(0.0, slack)) if slack > 0 or rng.random() < 0.5 else 0.0


def keep_visible(labels, height, width):
    """Clip boxes to the tile; what is mostly cut off or tiny becomes a region to ignore."""
    clipped = labels.copy()
    clipped[:, [0, 2]] = np.clip(labels[:, [0, 2]], 0, width)
    clipped[:, [1, 3]] = np.clip(labels[:, [1, 3]], 0, height)
    visible = area(clipped) / np.maximum(area(labels), 1e-6)
    clipped[(visible < MIN_VISIBLE) | (clipped[:, 3] - clipped[:, 1] < MIN_HEIGHT), 4] = IGNORE
    return clipped[(visible > 0.02) & (area(clipped) > 4)]


def camera_effects(rng, image):
    """Gain, gamma, brightness and cast by table; now and then grey, blurred, noisy or compressed."""
    if rng.random() < 0.15:
        image = cv2.transform(image, np.repeat(rng.dirichlet((2.0, 2.0, 2.0))[None], 3, 0))
    ramp = np.linspace(0, 1, 256)[:, None] ** np.exp(rng.normal(0, 0.25))
    ramp = ramp * 255 * np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.06, 3)) + rng.normal(0, 10)
    image = cv2.LUT(image, np.clip(ramp, 0, 255).astype(np.uint8)[None].transpose(1, 0, 2))
    kind = rng.random()
    if kind < 0.12:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.2))
    elif kind < 0.24:
        noise = np.empty(image.shape, np.int16)
        cv2.randn(noise, 0, float(rng.uniform(2, 10)))
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    elif kind < 0.36:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(20, 80))]
        image = cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_COLOR)
    return image
