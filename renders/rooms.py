"""Places: halls, corridors, offices, shops, factory floors and squares, with their furniture, light and prints."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from furniture import GROUND, PRINTED, SKY, Builder
from prints import tile_uv
from renderer import Light
from solids import cylinder, panel

KINDS = ("hall", "corridor", "office", "shop", "factory", "plaza")


@dataclass
class Room:
    """A furnished place: x0, y0, x1, y1 of the floor that people may use, blocked rectangles, seats (x, y, heading)."""

    kind: str
    floor: tuple
    height: float
    meshes: list
    light: Light
    blocked: list = field(default_factory=list)
    seats: list = field(default_factory=list)
    shades: list = field(default_factory=list)  # how much of the light each blocked rectangle takes from the floor

    def free(self, x, y, margin=0.25):
        """Whether someone could stand there."""
        x0, y0, x1, y1 = self.floor
        if not (x0 + margin < x < x1 - margin and y0 + margin < y < y1 - margin):
            return False
        return all(x < a - margin or x > c + margin or y < b - margin or y > d + margin for a, b, c, d in self.blocked)

    def cover(self, people):
        """Cover of the floor by furniture, walls and people (x, y, radius), 256x256x2, and the rectangle it lies on."""
        x0, y0, x1, y1 = self.floor
        pad = 0.5
        frame = (x0 - pad, y0 - pad, x1 + pad, y1 + pad)
        sx, sy = 256 / (x1 - x0 + 2 * pad), 256 / (y1 - y0 + 2 * pad)
        image = np.zeros((256, 256), np.float32)

        def px(x, y):
            return int((x - frame[0]) * sx * 8), int((y - frame[1]) * sy * 8)

        if self.kind != "plaza":
            image[:] = 1
            cv2.rectangle(image, px(x0, y0), px(x1, y1), 0.0, -1, cv2.LINE_AA, 3)
        for (a, b, c, d), shade in zip(self.blocked, self.shades):
            cv2.rectangle(image, px(a, b), px(c, d), shade, -1, cv2.LINE_AA, 3)
        near = cv2.GaussianBlur(image, (0, 0), max(0.35, 0.12 * sx), sigmaY=max(0.35, 0.12 * sy)) * 0.8
        wide = cv2.GaussianBlur(image, (0, 0), max(0.5, 0.45 * sx), sigmaY=max(0.5, 0.45 * sy))
        body = np.zeros((256, 256), np.float32)
        for x, y, r in people:
            cv2.ellipse(body, px(x, y), (int(r * sx * 8), int(r * sy * 8)), 0, 0, 360, 1.0, -1, cv2.LINE_AA, 3)
        near = np.maximum(near, cv2.GaussianBlur(body, (0, 0), max(0.4, 0.09 * sx), sigmaY=max(0.4, 0.09 * sy)))
        wide = wide + 1.2 * cv2.GaussianBlur(body, (0, 0), max(0.5, 0.3 * sx), sigmaY=max(0.5, 0.3 * sy))
        return (np.clip(np.stack([near, wide], 2), 0, 1) * 255).astype(np.uint8), frame


FURNITURE = {
    "hall": ["counter", "bench", "bench", "pillar", "plant", "posts", "posts", "stand", "bin_", "trolley", "cabinet"],
    "corridor": ["bench", "plant", "bin_", "stand", "trolley", "ladder"],
    "office": ["desk", "desk", "desk", "plant", "counter", "crates", "shelf", "coats", "cabinet"],
    "shop": ["shelf", "shelf", "shelf", "counter", "stand", "crates", "coats", "ladder"],
    "factory": ["machine", "machine", "cabinet", "cabinet", "crates", "pillar", "shelf", "trolley", "ladder", "cones"],
    "plaza": ["tree", "bench", "car", "bin_", "stand", "plant", "posts", "tripod", "cones"],
}


def make_room(kind, table, rng):
    """A random place of a kind."""
    builder = Builder(kind, table, rng)
    size = {
        "hall": (rng.uniform(10, 30), rng.uniform(10, 26), rng.uniform(3.5, 9)),
        "corridor": (rng.uniform(2.4, 5), rng.uniform(12, 32), rng.uniform(2.5, 3.6)),
        "office": (rng.uniform(6, 14), rng.uniform(6, 14), rng.uniform(2.5, 3.4)),
        "shop": (rng.uniform(7, 18), rng.uniform(8, 20), rng.uniform(2.7, 4.5)),
        "factory": (rng.uniform(12, 28), rng.uniform(12, 28), rng.uniform(4.5, 9)),
        "plaza": (rng.uniform(18, 44), rng.uniform(18, 44), 12.0),
    }[kind]
    w, d, height = size
    bounds = (-w / 2, -d / 2, w / 2, d / 2)
    if kind == "plaza":
        outdoors(builder, bounds)
    else:
        builder.shell(*bounds, height, ceiling=True)
    area = w * d
    builder.scatter(FURNITURE[kind], int(rng.integers(1, 3 + min(22, area / 9))), bounds, height)
    return Room(
        kind,
        bounds,
        height,
        builder.meshes,
        make_light(kind, bounds, height, rng),
        builder.blocked,
        builder.seats,
        builder.shades,
    )


def outdoors(builder, bounds):
    """Ground, kerbs, house fronts and sky."""
    rng, (x0, y0, x1, y1) = builder.rng, bounds
    grass = builder.paint((0.06, 0.11, 0.03), kind=GROUND, second=(0.12, 0.14, 0.05), scale=2.0)
    asphalt = builder.paint(
        np.ones(3) * rng.uniform(0.08, 0.25), kind=GROUND, second=tuple(np.ones(3) * rng.uniform(0.1, 0.3)), scale=2.0
    )
    paving = builder.floor_material()
    grounds = [grass, asphalt, paving, paving]
    builder.meshes.append(panel((-150, -150, -0.02), (300, 0, 0), (0, 300, 0), grounds[rng.integers(3)], 20.0))
    builder.meshes.append(panel((x0, y0, 0), (x1 - x0, 0, 0), (0, y1 - y0, 0), grounds[rng.integers(1, 4)], 2.0))
    for _ in range(rng.integers(0, 4)):  # strips: road, path, bed
        a, w = rng.uniform(x0, x1), rng.uniform(1.0, 5.0)
        builder.meshes.append(panel((a, y0, 0.006), (w, 0, 0), (0, y1 - y0, 0), grounds[rng.integers(4)], 2.0))
    for a, b in (
        ((x0 - 3, y1 + 3), (x1 + 3, y1 + 3)),
        ((x1 + 3, y1), (x1 + 3, y0)),
        ((x0 - 3, y0), (x0 - 3, y1)),
        ((x1 + 3, y0 - 3), (x0 - 3, y0 - 3)),
    ):
        at, a, b = 0.0, np.array([*a, 0.0]), np.array([*b, 0.0])
        unit, length = (b - a) / np.linalg.norm(b - a), np.linalg.norm(b - a)
        while at < length and rng.random() < 0.8:
            w, h = rng.uniform(4, 14), rng.uniform(3, 14)
            front = builder.paint(builder.pale(), kind=PRINTED) if rng.random() < 0.7 else builder.wall_material()
            builder.meshes.append(
                panel(a + unit * at, unit * w, (0, 0, h), front, 3.0, uv=tile_uv(int(rng.choice([3, 7, 11, 15]))))
            )
            at += w + rng.choice([0, 0, 3, 8])
    day = rng.uniform(0.3, 1.3)
    sky = builder.paint(
        np.array([0.25, 0.42, 0.8]) * day,
        kind=SKY,
        second=tuple(np.array([0.7, 0.75, 0.8]) * day),
        third=tuple(np.ones(3) * day),
        glow=1.0,
        extra=float(rng.uniform(0, 1)),
    )
    builder.meshes.append(cylinder((0, 0, -1), 160, 80, sky, 24))
    builder.meshes.append(panel((-180, -180, 79), (0, 360, 0), (360, 0, 0), sky))


def make_light(kind, bounds, height, rng):
    """Day, dusk, lamps in rows, one bright window, coloured or poor light."""
    x0, y0, x1, y1 = bounds
    warmth = rng.choice([0.0, 0.12, -0.1, 0.3], p=[0.5, 0.25, 0.15, 0.1])
    tint = np.array([1 + warmth, 1.0, 1 - warmth])
    if rng.random() < 0.05:
        tint = rng.uniform(0.4, 1.2, 3)
    if kind == "plaza":
        clear = rng.random()
        sun = np.array([1.0, 0.95, 0.85]) * 2.2 * clear
        low = rng.uniform(0.25, 1.2)
        a = rng.uniform(0, 2 * np.pi)
        return Light(
            np.array([np.cos(a), np.sin(a), low]),
            tuple(sun),
            rng.uniform(0.6, 1.5),
            tuple(np.array([0.55, 0.62, 0.75]) * rng.uniform(0.5, 1.1)),
            tuple(np.ones(3) * rng.uniform(0.15, 0.35)),
            haze=(0.7, 0.74, 0.78),
            haze_density=float(rng.choice([0.0, 0.004, 0.015])),
        )
    a = rng.uniform(0, 2 * np.pi)
    steep = rng.uniform(0.5, 4.0)
    ambient = rng.uniform(0.25, 0.7)
    lamps = []
    for _ in range(rng.integers(0, 5)):
        lamps.append(
            (
                (rng.uniform(x0, x1), rng.uniform(y0, y1), height * 0.9),
                tint * rng.uniform(0.5, 4.0) * (height / 3) ** 1.5,
            )
        )
    return Light(
        np.array([np.cos(a), np.sin(a), steep]),
        tuple(tint * rng.uniform(0.0, 0.9)),
        rng.uniform(1.5, 6.0),
        tuple(tint * ambient),
        tuple(tint * ambient * rng.uniform(0.35, 0.8)),
        lamps,
        haze=(0.5, 0.5, 0.5),
        haze_density=float(rng.choice([0.0, 0.0, 0.006])),
    )
