"""Random training tiles: scaled, cropped, mirrored and recoloured pieces of pictures from three sources.

`scenes` are the labelled frames themselves, `composed` the shards of pool.py and `rendered` pictures of
3-D people (a folder of NNNNN.jpg with NNNNN.json, see `renders/`).  Shards and rendered pictures may
still be growing while a training runs.
"""

import json
from pathlib import Path

import cv2
import numpy as np

from boxes import PAD_VALUE, area, pairwise_intersection
from compose import IGNORE, PERSON, camera_groups

HEIGHT, WIDTH = 256, 416
SHARES = {"scenes": 0.47, "composed": 0.13, "rendered": 0.4}
MIN_HEIGHT = 7
MIN_VISIBLE = 0.3


class Scenes:
    """Labelled frames, drawn by the weight of their camera group."""

    def __init__(self, frames):
        self.groups, self.weights = camera_groups(frames)

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
            if i and rng.random() < 0.35:
                found = clutter(rng, images[i], found, images[i - 1], labels[-1])
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
    whole = width >= WIDTH and rng.random() < 0.4  # letterboxed, as the detector is fed
    if whole:
        sx = sy = min(height / source_h, width / source_w)
    else:
        zoom = np.exp(rng.normal(0.1, 0.3)) if rng.random() < 0.7 else np.exp(rng.uniform(-0.9, 1.4))
        sx, sy = base * zoom * np.exp(rng.normal(0, 0.05, 2))
    if min(sx, sy) < 0.55 and rng.random() < 0.6:  # as a camera's own scaler would: without aliasing
        image = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        labels = labels * np.array([0.5, 0.5, 0.5, 0.5, 1], np.float32)
        source_h, source_w, sx, sy = source_h * 0.5, source_w * 0.5, sx * 2, sy * 2
    left = 0.0 if whole else offset(rng, source_w * sx, width)
    top = 0.0 if whole else offset(rng, source_h * sy, height)
    matrix = np.array([[sx, 0, -left], [0, sy, -top]])
    if rng.random() < 0.5:
        matrix[0] = [-sx, 0, source_w * sx if whole else width + left]
    pad = (PAD_VALUE,) * 3
    cut = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=pad)
    corners = labels[:, :4].reshape(-1, 2, 2) * matrix[[0, 1], [0, 1]] + matrix[:, 2]
    moved = np.concatenate([corners.min(1), corners.max(1), labels[:, 4:]], 1).astype(np.float32)
    moved = keep_visible(moved, height, width)
    if rng.random() < 0.15:
        moved = hide_legs(rng, cut, moved)
    if rng.random() < 0.25:
        fade(rng, cut, moved)
    return camera_effects(rng, cut), moved


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


def hide_legs(rng, image, labels):
    """Put counters before some people: a stretched piece of the picture covers them from somewhere below the chest."""
    labels, height = labels.copy(), image.shape[0]
    tall = np.flatnonzero((labels[:, 4] == PERSON) & (labels[:, 3] - labels[:, 1] >= 24))
    for i in rng.permutation(tall)[: rng.integers(1, 4)]:
        x1, y1, x2, y2 = labels[i, :4]
        margin = (x2 - x1) * rng.uniform(0.05, 1.0, 2)
        left, right = int(max(x1 - margin[0], 0)), int(min(x2 + margin[1], image.shape[1]))
        top, low = int(y1 + (y2 - y1) * rng.uniform(0.45, 0.8)), int(min(y2 + rng.uniform(2, 20), height))
        if low - top < 4 or right - left < 4:
            continue
        y, x = rng.integers(0, height - 8), rng.integers(0, image.shape[1] - 8)
        piece = image[y : y + rng.integers(2, 9), x : x + rng.integers(2, 9)]
        image[top:low, left:right] = cv2.resize(piece, (right - left, low - top), interpolation=cv2.INTER_LINEAR)
        cover = np.array([[left, top, right, low]], np.float32)
        hidden = pairwise_intersection(labels, cover)[:, 0] / np.maximum(area(labels), 1e-6)
        labels[i, 3], hidden[i] = top, 0
        labels[hidden > 0.3, 4] = IGNORE
    return labels


def clutter(rng, image, labels, donor, donor_labels):
    """Upright pieces of another tile without people, put anywhere: not all that stands out is a person."""
    labels, (height, width) = labels.copy(), image.shape[:2]
    for _ in range(rng.integers(1, 6)):
        w = int(np.exp(rng.uniform(np.log(8), np.log(70))))
        h = min(int(w * rng.uniform(0.7, 3.5)), height - 1)
        x, y = rng.integers(0, width - w), rng.integers(0, height - h)
        if pairwise_intersection(donor_labels, np.array([[x, y, x + w, y + h]], np.float32)).any():
            continue
        left, top = rng.integers(0, width - w), rng.integers(0, height - h)
        piece, target = donor[y : y + h, x : x + w], image[top : top + h, left : left + w]
        if rng.random() < 0.5:
            target[:] = piece
        else:
            mask = cv2.ellipse(np.zeros((h, w), np.uint8), (w // 2, h // 2), (w // 2, h // 2), 0, 0, 360, 255, -1)
            cv2.copyTo(piece, mask, target)
        place = np.array([[left, top, left + w, top + h]], np.float32)
        hidden = pairwise_intersection(labels, place)[:, 0] / np.maximum(area(labels), 1e-6)
        labels[hidden > 0.35, 4] = IGNORE
        labels = labels[hidden < 0.8]
    return labels


def fade(rng, image, labels):
    """Take contrast away: haze over all, or soft spots, half of them on people, that near a pale grey or what is around."""
    height, width = image.shape[:2]
    if rng.random() < 0.35:
        depth = cv2.resize(rng.uniform(0, rng.uniform(0.2, 0.75), (2, 3)).astype(np.float32), (width, height))[..., None]
        image[:] = image * (1 - depth) + (rng.uniform(90, 255) + rng.normal(0, 10, 3)) * depth
        return
    people = labels[labels[:, 4] == PERSON, :4]
    for _ in range(rng.integers(1, 7)):
        if len(people) and rng.random() < 0.5:
            x1, y1, x2, y2 = people[rng.integers(len(people))]
        else:
            w = np.exp(rng.uniform(np.log(8), np.log(90)))
            x, y, h = rng.uniform(0, width), rng.uniform(0, height), w * rng.uniform(1, 3.5)
            x1, y1, x2, y2 = x - w / 2, y - h / 2, x + w / 2, y + h / 2
        pad_x, pad_y = 0.35 * (x2 - x1) + 3, 0.2 * (y2 - y1) + 3
        left, top = int(max(x1 - pad_x, 0)), int(max(y1 - pad_y, 0))
        spot = image[top : int(y2 + pad_y), left : int(x2 + pad_x)]
        if min(spot.shape[:2]) < 6:
            continue
        edge = np.concatenate([spot[0], spot[-1], spot[:, 0], spot[:, -1]]).astype(np.float32)
        colour = edge[rng.integers(len(edge))] * 0.5 + edge.mean(0) * 0.5 if rng.random() < 0.65 else rng.uniform(140, 250)
        mask = np.zeros(spot.shape[:2], np.float32)
        centre = (int((x1 + x2) / 2) - left, int((y1 + y2) / 2) - top)
        cv2.ellipse(mask, centre, (max(1, int(0.5 * (x2 - x1))), max(1, int(0.55 * (y2 - y1)))), 0, 0, 360, 1.0, -1)
        mask = cv2.blur(mask, (max(3, int(pad_x)), max(3, int(pad_y))))[..., None] * rng.uniform(0.2, 0.75)
        spot[:] = spot * (1 - mask) + colour * mask


def camera_effects(rng, image):
    """Gain, gamma, brightness and cast by table; now and then grey, blurred, noisy or compressed."""
    kind = rng.random()
    if kind < 0.17:
        image = cv2.transform(image, np.repeat(rng.dirichlet((2.0, 2.0, 2.0))[None], 3, 0))
    elif kind < 0.23:
        image = np.ascontiguousarray(image[..., rng.permutation(3)])
    cast = 0.2 if rng.random() < 0.15 else 0.06
    ramp = np.linspace(0, 1, 256)[:, None] ** np.exp(rng.normal(0, 0.3))
    ramp = ramp * 255 * np.exp(rng.normal(-0.05, 0.3)) * np.exp(rng.normal(0, cast, 3)) + rng.normal(0, 14)
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
