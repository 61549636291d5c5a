"""Composition of training pictures: scene views, mosaics, drawn scenes, and people pasted into them."""

import cv2
import numpy as np

from boxes import PAD_VALUE, area, letterbox, pairwise_intersection
from figures import draw_background, draw_figure

HEIGHT, WIDTH = 256, 416
# The workshop is a held-out place: its share counts in the last stage alone.
CAMERA_WEIGHTS = {
    "cctv-person": 0.36, "people/factory": 0.2, "people/lobby": 0.27, "people/store": 0.06, "sample": 0.11, "people/workshop": 0.05
}
PERSON, IGNORE = 1, 2


def camera_groups(frames):
    """Frames by camera group, without the empty groups, and the share of each."""
    groups = {p: [f for f in frames if f.camera.startswith(p)] for p in CAMERA_WEIGHTS}
    weights = np.array([CAMERA_WEIGHTS[p] for p, members in groups.items() if members])
    return [members for members in groups.values() if members], weights / weights.sum()


class Composer:
    """Makes labelled pictures from frames, people-free backgrounds and cut-outs."""

    def __init__(self, frames, backgrounds, cutouts):
        self.groups, self.weights = camera_groups(frames)
        self.backgrounds = backgrounds
        self.whole = [c for c in cutouts if c.whole]
        self.partial = [c for c in cutouts if not c.whole]

    def frame(self, rng):
        """A random frame, by the weight of its camera group."""
        group = self.groups[rng.choice(len(self.groups), p=self.weights)]
        return group[rng.integers(len(group))]

    def picture(self, rng):
        """One picture [HEIGHT, WIDTH, 3] and its boxes [n, 5] (corners and PERSON or IGNORE)."""
        kind = rng.random()
        if kind < 0.38:
            image, boxes = view(self.frame(rng), rng, HEIGHT, WIDTH)
            pastes = rng.integers(1, 6) if rng.random() < 0.4 else 0
        elif kind < 0.66:
            image, boxes = self.mosaic(rng)
            pastes = rng.integers(1, 5) if rng.random() < 0.4 else 0
        elif kind < 0.86:
            image, boxes = draw_background(rng, HEIGHT, WIDTH), np.zeros((0, 5), np.float32)
            pastes = rng.integers(1, 13)
        else:
            image, boxes = self.backdrop(rng), np.zeros((0, 5), np.float32)
            pastes = rng.integers(1, 11)
        image, boxes = self.paste_people(rng, image.copy(), boxes, pastes)
        return degrade(rng, image), boxes

    def mosaic(self, rng):
        """Several small scene views side by side: many small people, many contexts."""
        rows, columns = [(1, 2), (2, 1), (2, 2), (2, 2), (2, 3), (3, 3), (3, 4)][rng.integers(7)]
        ys = np.linspace(0, HEIGHT, rows + 1).astype(int)
        xs = np.linspace(0, WIDTH, columns + 1).astype(int)
        canvas, boxes = np.empty((HEIGHT, WIDTH, 3), np.uint8), []
        for top, bottom in zip(ys, ys[1:]):
            for left, right in zip(xs, xs[1:]):
                cell, found = view(self.frame(rng), rng, bottom - top, right - left, 1.6)
                canvas[top:bottom, left:right] = cell
                boxes.append(found + np.array([left, top, left, top, 0], np.float32))
        return canvas, np.concatenate(boxes)

    def backdrop(self, rng):
        """A piece of a real scene without people, stretched over the picture."""
        source = self.backgrounds[rng.integers(len(self.backgrounds))]
        h, w = source.shape[:2]
        size = rng.uniform(0.25, 1.0)
        ch, cw = int(h * size), int(w * size)
        y, x = rng.integers(0, h - ch + 1), rng.integers(0, w - cw + 1)
        piece = cv2.resize(source[y : y + ch, x : x + cw], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        return recolour(rng, piece, 0.6)

    def paste_people(self, rng, image, boxes, count):
        """Paste cut-outs and drawn figures, far ones first, with sizes that follow a random perspective."""
        horizon, near = rng.uniform(-160, 70), np.exp(rng.uniform(np.log(36), np.log(240)))
        perspective, drawn = rng.random() < 0.65, rng.random()
        crowd = rng.random() < 0.25
        middle = rng.uniform(0.15, 0.85) * WIDTH
        places = []
        for _ in range(count):
            foot = rng.uniform(max(horizon, 0) + 12, HEIGHT * 1.1)
            size = near * (foot - horizon) / (HEIGHT - horizon) if perspective else np.exp(rng.uniform(np.log(16), np.log(200)))
            x = rng.normal(middle, 0.12 * WIDTH) if crowd else rng.uniform(-0.02, 1.02) * WIDTH
            places.append((foot, x, max(size * rng.uniform(0.88, 1.12), 14)))
        for foot, x, size in sorted(places):
            if rng.random() < 0.35 * (0.4 + 1.2 * drawn):
                figure = draw_figure(rng)
            elif rng.random() < 0.82 or not self.partial:
                figure = self.whole[rng.integers(len(self.whole))]
            else:
                figure = self.partial[rng.integers(len(self.partial))]
                foot = max(foot, HEIGHT + 0.1 * size) if rng.random() < 0.6 else foot
            boxes = paste(rng, image, boxes, figure, x, foot, size)
        return image, boxes


def view(frame, rng, height, width, zoom=2.2):
    """A random crop of a frame, scaled to fill height x width (now and then letterboxed)."""
    source_h, source_w = frame.image.shape[:2]
    labels = np.concatenate(
        [np.c_[frame.boxes, np.full(len(frame.boxes), PERSON)], np.c_[frame.ignore, np.full(len(frame.ignore), IGNORE)]]
    ).astype(np.float32)
    if rng.random() < 0.12:
        image, factor = letterbox(frame.image, height, width)
        labels[:, :4] *= factor
        return image, keep_visible(labels, height, width)
    cover = max(height / source_h, width / source_w)
    scale = cover * np.exp(rng.uniform(0, np.log(zoom)) * (rng.random() < 0.55))
    sx, sy = scale * np.exp(rng.uniform(0, 0.15)), scale * np.exp(rng.uniform(0, 0.15))
    matrix = np.array([[sx, 0, 0], [0, sy, 0]], np.float32)
    matrix[0, 2] = -rng.uniform(0, max(0.0, source_w * sx - width))
    matrix[1, 2] = -rng.uniform(0, max(0.0, source_h * sy - height))
    if scale < 0.6:
        small = cv2.resize(frame.image, None, fx=sx, fy=sy, interpolation=cv2.INTER_AREA)
        x, y = int(-matrix[0, 2]), int(-matrix[1, 2])
        image = small[y : y + height, x : x + width]
        image = cv2.copyMakeBorder(image, 0, height - image.shape[0], 0, width - image.shape[1], cv2.BORDER_REPLICATE)
    else:
        image = cv2.warpAffine(frame.image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    labels[:, [0, 2]] = labels[:, [0, 2]] * sx + matrix[0, 2]
    labels[:, [1, 3]] = labels[:, [1, 3]] * sy + matrix[1, 2]
    if rng.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
        labels[:, [0, 2]] = width - labels[:, [2, 0]]
    return image, keep_visible(labels, height, width)


def keep_visible(labels, height, width):
    """Clip boxes to the picture; what is mostly cut off or tiny becomes a region to ignore."""
    clipped = labels.copy()
    clipped[:, [0, 2]] = np.clip(labels[:, [0, 2]], 0, width)
    clipped[:, [1, 3]] = np.clip(labels[:, [1, 3]], 0, height)
    visible = area(clipped) / np.maximum(area(labels), 1e-6)
    size = clipped[:, 3] - clipped[:, 1]
    clipped[(visible < 0.3) | (size < 9), 4] = IGNORE
    return clipped[(visible > 0.02) & (area(clipped) > 4)]


def recolour(rng, image, chance):
    """Change the colours of a picture with a random gain per channel, brightness and contrast."""
    if rng.random() > chance:
        return image
    gain = rng.uniform(0.6, 1.5) * rng.uniform(0.75, 1.3, 3)
    return np.clip(image * gain + rng.uniform(-30, 30), 0, 255).astype(np.uint8)


def redress(rng, image):
    """Tint the upper and lower clothes of a figure with random colours."""
    height = image.shape[0]
    result = image.astype(np.float32)
    light = result.mean(2, keepdims=True)
    rows = np.arange(height, dtype=np.float32)[:, None, None] / height
    waist = rng.uniform(0.4, 0.55)
    upper = np.clip((rows - 0.16) * 12, 0, 1) * np.clip((waist - rows) * 12, 0, 1)
    for weight in (upper, np.clip((rows - waist) * 12, 0, 1)):
        if rng.random() < 0.6:
            colour = rng.uniform(30, 255, 3)
            tinted = (light + rng.uniform(-20, 70)) * colour / colour.mean() * rng.uniform(0.6, 1.5)
            weight = weight * rng.uniform(0.4, 1.0)
            result = result * (1 - weight) + tinted * weight
    return np.clip(result * rng.uniform(0.65, 1.4) + rng.uniform(-15, 15), 0, 255)


def paste(rng, image, boxes, figure, x, foot, size):
    """Blend one figure into `image` with its feet at (x, foot); returns the updated boxes."""
    scale = size / figure.image.shape[0]
    w = max(3, round(figure.image.shape[1] * scale * np.exp(rng.uniform(-0.15, 0.15))))
    h = max(8, round(size))
    pixels = cv2.resize(figure.image, (w, h), interpolation=cv2.INTER_AREA)
    mask = cv2.resize(figure.mask, (w, h), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        pixels, mask = pixels[:, ::-1], mask[:, ::-1]
    left, top = round(x - w / 2), round(foot - h)
    x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + w, WIDTH), min(top + h, HEIGHT)
    if x2 - x1 < 3 or y2 - y1 < 8 or (x2 - x1) * (y2 - y1) < 0.3 * w * h:
        return boxes
    if rng.random() < 0.35 and y2 == top + h:
        band = image[max(0, y2 - h // 10) : y2 + h // 10, x1:x2]
        shade, depth = band.copy(), rng.uniform(0.15, 0.5)
        cv2.ellipse(shade, ((x2 - x1) // 2, min(h // 10, y2)), (max(2, int(w * rng.uniform(0.4, 1.2))), max(1, h // 20)), 0, 0, 360, (0, 0, 0), -1)
        band[:] = cv2.addWeighted(shade, depth, band, 1 - depth, 0)
    pixels = redress(rng, pixels) if rng.random() < 0.7 else pixels.astype(np.float32)
    part = (slice(y1 - top, y2 - top), slice(x1 - left, x2 - left))
    alpha = (mask[part].astype(np.float32) / 255.0)[..., None] * rng.choice([1.0, rng.uniform(0.8, 1.0)])
    target = image[y1:y2, x1:x2]
    image[y1:y2, x1:x2] = (target * (1 - alpha) + pixels[part] * alpha).astype(np.uint8)
    new = np.array([[x1, y1, x2, y2, PERSON]], np.float32)
    if len(boxes):
        hidden = pairwise_intersection(boxes, new)[:, 0] / np.maximum(area(boxes), 1e-6)
        boxes = boxes.copy()
        boxes[hidden > 0.75, 4] = IGNORE
        boxes = boxes[hidden < 0.95]
    return np.concatenate([boxes, new])


def degrade(rng, image):
    """Camera effects: gamma, contrast, colour cast, grey or infrared look, blur, noise and JPEG blocks."""
    if rng.random() < 0.6:
        table = np.linspace(0, 1, 256) ** np.exp(rng.uniform(-0.6, 0.6)) * 255
        table = (table - 128) * np.exp(rng.uniform(-0.6, 0.35)) + 128 + rng.uniform(-30, 30)
        image = cv2.LUT(image, np.clip(table, 0, 255).astype(np.uint8))
    if rng.random() < 0.3:
        image = np.clip(image * rng.uniform(0.75, 1.25, 3), 0, 255).astype(np.uint8)
    if rng.random() < 0.22:
        weights = rng.dirichlet((1.0, 1.0, 1.0)).astype(np.float32)
        image = cv2.cvtColor(cv2.transform(image, weights[None]), cv2.COLOR_GRAY2BGR)
        if rng.random() < 0.4:  # lamp beside an infrared camera
            yy, xx = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
            distance = np.hypot(xx - rng.uniform(0, WIDTH), yy - rng.uniform(0, HEIGHT)) / WIDTH
            image = np.clip(image * (1.5 - rng.uniform(0.5, 1.5) * distance)[..., None], 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        factor = rng.uniform(0.4, 0.8)
        small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        image = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    elif rng.random() < 0.3:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.3))
    if rng.random() < 0.35:
        noise = np.empty((HEIGHT, WIDTH, 3), np.int16)
        cv2.randn(noise, 0, float(rng.uniform(2, 14)))
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        quality = int(rng.uniform(18, 80))
        image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    return image
