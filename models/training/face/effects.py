"""Light on a pasted face and what a camera does to the whole picture; all on uint8, by tables where possible."""

import cv2
import numpy as np

LEVELS = np.arange(256, dtype=np.float32)
NOISE_SIDE = 512


def gradient(rng, height, width, strength):
    """A smooth gain map [height, width] about 1: light from one side."""
    angle = rng.uniform(0, 2 * np.pi)
    bend = rng.uniform(0.5, 3.0)
    x, y = np.linspace(-1, 1, 8), np.linspace(-1, 1, 8)[:, None]
    small = np.exp(strength * np.tanh(bend * (x * np.cos(angle) + y * np.sin(angle))))
    return cv2.resize(small.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)


def scale_light(picture, gain):
    """Multiply by a gain map, uint8."""
    small = np.clip(gain * 64, 0, 255).astype(np.uint8)
    return cv2.multiply(picture, cv2.merge([small] * picture.shape[2]), scale=1 / 64)


def table(rng, strength):
    """A random tone curve: gain, gamma and offset, one per channel but mostly common."""
    gamma = np.exp(rng.normal(0, 0.3 * strength)) * np.exp(rng.normal(0, 0.04 * strength, 3))
    gain = np.exp(rng.normal(0, 0.15 * strength)) * np.exp(rng.normal(0, 0.08 * strength, 3))
    offset = rng.normal(0, 10 * strength)
    curve = 255 * gain * (LEVELS[:, None] / 255) ** gamma + offset
    return np.clip(curve, 0, 255).astype(np.uint8)[:, None]


def retone(rng, picture, strength=1.0):
    """Apply a random tone curve."""
    return cv2.LUT(picture, table(rng, strength))


def grey(picture):
    """Without colour, three equal channels."""
    return cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)


def low_resolution(rng, picture):
    """Down and up again."""
    factor = rng.uniform(0.4, 0.9)
    way = rng.choice([cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_NEAREST], p=[0.5, 0.4, 0.1])
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=int(way))
    return cv2.resize(small, picture.shape[1::-1], interpolation=int(rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC])))


def blur(rng, picture):
    """Out of focus, or motion along a line."""
    if rng.random() < 0.6:
        return cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.6))
    size = int(rng.integers(3, 8))
    kernel = np.zeros((size, size), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = (size - 1) / 2
    offset = np.array([np.cos(angle), np.sin(angle)]) * reach
    start, end = np.round(reach - offset).astype(int), np.round(reach + offset).astype(int)
    cv2.line(kernel, tuple(map(int, start)), tuple(map(int, end)), 1.0)
    return cv2.filter2D(picture, -1, kernel / kernel.sum())


def noise(rng, picture, bank):
    """Sensor noise, coloured or grey, sometimes coarse; cut from a fixed bank."""
    h, w = picture.shape[:2]
    coarse = rng.random() < 0.3
    ph, pw = (h // 2 + 1, w // 2 + 1) if coarse else (h, w)
    y, x = rng.integers(NOISE_SIDE - ph), rng.integers(NOISE_SIDE - pw)
    grain = bank[y : y + ph, x : x + pw]
    if rng.random() < 0.5:
        grain = cv2.merge([grain[..., 0]] * 3)
    if coarse:
        grain = cv2.resize(grain, (w, h), interpolation=cv2.INTER_LINEAR)
    return cv2.addWeighted(picture, 1.0, grain, rng.uniform(0.02, 0.25), 0, dtype=cv2.CV_8U)


def noise_bank(seed):
    """Normal noise of standard deviation 50, int16 [512, 512, 3]."""
    return np.random.default_rng(seed).normal(0, 50, (NOISE_SIDE, NOISE_SIDE, 3)).astype(np.int16)


def blocks(rng, picture):
    """What a video codec leaves: coarse JPEG, with colour at half resolution."""
    quality = int(rng.integers(12, 80))
    return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def camera(rng, picture, bank):
    """One camera: light, tone, focus, grain and compression."""
    if rng.random() < 0.3:
        picture = scale_light(picture, gradient(rng, *picture.shape[:2], rng.uniform(0.1, 0.7)))
    if rng.random() < 0.8:
        picture = retone(rng, picture)
    if rng.random() < 0.2:
        picture = grey(picture)
    if rng.random() < 0.3:
        picture = low_resolution(rng, picture)
    if rng.random() < 0.25:
        picture = blur(rng, picture)
    if rng.random() < 0.45:
        picture = noise(rng, picture, bank)
    if rng.random() < 0.5:
        picture = blocks(rng, picture)
    return picture
