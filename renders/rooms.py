"""Places: halls, corridors, offices, shops, factory floors and squares, with their furniture, light and prints."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from clothes import CLOTHS
from gait import axis_rotation
from renderer import Light, Mesh
from solids import box, cylinder, panel, rod, rounded

TILES, PLANKS, TERRAZZO, PRINTED, BRICKS, SKY, GROUND, SLATS = 6, 7, 8, 9, 10, 11, 12, 13
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
        """Cover of the floor for contact shadows (256x256x2): furniture, walls and (x, y, radius) of people; its frame."""
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


def print_sheet(rng):
    """1024x1024 RGB of 4x4 tiles: signs with words, screens, posters, shelves of goods, windows of buildings."""
    sheet = np.zeros((1024, 1024, 3), np.uint8)
    words = ["EXIT", "Arrivals", "Baggage", "A12", "Customs", "TAXI", "Gate 7", "Welcome", "SALE", "Info", "Belt 3", "Coffee",
             "14:35 LH 402", "On time", "Delayed", "Passport", "-50%", "OPEN", "Tickets", "Bus"]  # fmt: skip
    for k in range(16):
        tile = np.zeros((256, 256, 3), np.uint8)
        tile[:] = rng.integers(0, 256, 3)
        kind = k % 4
        if kind == 0:  # sign or timetable
            tile[:] = (CLOTHS[rng.integers(len(CLOTHS))] ** 0.45 * 255).astype(np.uint8)
            for line in range(rng.integers(1, 9)):
                cv2.putText(tile, str(rng.choice(words)), (8, 34 + 30 * line), cv2.FONT_HERSHEY_SIMPLEX, rng.uniform(0.5, 1.5),
                            [int(v) for v in rng.integers(0, 256, 3)], int(rng.integers(1, 4)), cv2.LINE_AA)  # fmt: skip
        elif kind == 1:  # poster: blobs and gradients
            y, x = np.mgrid[0:256, 0:256] / 255.0
            tile = np.stack([255 * np.clip(rng.random() * x + rng.random() * y + 0.3 * rng.random(), 0, 1) for _ in range(3)], 2).astype(np.uint8)
            for _ in range(rng.integers(2, 9)):
                c = [int(v) for v in rng.integers(0, 256, 3)]
                centre = tuple(int(v) for v in rng.integers(0, 256, 2))
                if rng.random() < 0.5:
                    cv2.ellipse(tile, centre, tuple(int(v) for v in rng.integers(8, 90, 2)), rng.uniform(0, 180), 0, 360, c, -1, cv2.LINE_AA)
                else:
                    cv2.rectangle(tile, centre, tuple(int(v) for v in rng.integers(0, 256, 2)), c, -1)
        elif kind == 2:  # goods on shelves
            rows = int(rng.integers(3, 7))
            for row in range(rows):
                x, base = 0, int(256 * (row + 1) / rows)
                while x < 256:
                    w, h = int(rng.integers(6, 34)), int(rng.integers(60 // rows, 230 // rows))
                    cv2.rectangle(tile, (x, base - 4 - h), (x + w - 2, base - 4), [int(v) for v in rng.integers(0, 256, 3)], -1)
                    cv2.rectangle(tile, (x + 2, base - 4 - h // 2), (x + w - 5, base - 4 - h // 3), [int(v) for v in rng.integers(0, 256, 3)], -1)
                    x += w
                cv2.line(tile, (0, base - 2), (256, base - 2), (90, 90, 90), 4)
        else:  # a house front
            n, m = rng.integers(2, 7, 2)
            glass = [int(v) for v in rng.integers(20, 140, 3)]
            for i in range(n):
                for j in range(m):
                    a, b = (int(256 * (i + 0.2) / n), int(256 * (j + 0.2) / m)), (int(256 * (i + 0.8) / n), int(256 * (j + 0.85) / m))
                    cv2.rectangle(tile, a, b, [int(np.clip(v + rng.integers(-30, 31), 0, 255)) for v in glass], -1)
        sheet[256 * (k // 4) : 256 * (k // 4 + 1), 256 * (k % 4) : 256 * (k % 4 + 1)] = tile
    return sheet


def tile_uv(k):
    """Texture rectangle of a tile, upright on a wall."""
    x, y, e = (k % 4) / 4, (k // 4) / 4, 0.004
    return (x + e, y + 0.25 - e, x + 0.25 - e, y + e)


class Builder:
    """Furnishes one room."""

    def __init__(self, kind, table, rng):
        self.kind, self.table, self.rng = kind, table, rng
        self.meshes, self.blocked, self.seats, self.shades = [], [], [], []

    def paint(self, colour, **more):
        """A material of the scene."""
        return self.table.add(tuple(np.clip(colour, 0.01, 0.95)), **more)

    def pale(self):
        """The colour of a wall or floor."""
        base = self.rng.choice([0.75, 0.6, 0.45, 0.3, 0.15], p=[0.3, 0.28, 0.22, 0.14, 0.06])
        return np.clip(base * (1 + self.rng.normal(0, 0.06, 3)) * self.rng.uniform(0.8, 1.15), 0.03, 0.85)

    def strong(self):
        """The colour of furniture and signs."""
        return np.clip(CLOTHS[self.rng.integers(len(CLOTHS))] * self.rng.uniform(0.8, 1.3), 0.02, 0.9)

    def floor_material(self):
        """Tiles, planks, terrazzo, carpet or concrete."""
        rng, a = self.rng, self.pale()
        kind = rng.choice([TILES, PLANKS, TERRAZZO, GROUND], p=[0.45, 0.12, 0.25, 0.18])
        if kind == PLANKS:
            a = np.array([0.35, 0.22, 0.12]) * rng.uniform(0.5, 1.6)
        second = a * rng.choice([0.45, 0.7, 1.25])
        return self.paint(a, kind=int(kind), second=tuple(np.clip(second, 0, 0.9)), scale=float(rng.uniform(0.9, 3.5)),
                          gloss=float(rng.choice([0.0, 0.25, 0.6])), extra=float(rng.uniform(0, 0.25)), mottle=0.15,
                          third=tuple(self.pale()))  # fmt: skip

    def wall_material(self):
        """Paint, bricks, tiles or slats."""
        rng, a = self.rng, self.pale()
        kind = rng.choice([0, BRICKS, TILES, SLATS], p=[0.66, 0.1, 0.16, 0.08])
        return self.paint(a, kind=int(kind), second=tuple(a * rng.uniform(0.6, 0.9)), scale=float(rng.uniform(*{BRICKS: (5, 13)}.get(kind, (0.7, 8)))),
                          extra=0.2, mottle=0.1)  # fmt: skip

    def add(self, mesh, place, heading=0.0, footprint=None, shade=1.0):
        """Puts a piece of furniture down; `footprint` = (width, depth) blocks the floor and takes `shade` of its light."""
        self.meshes.append(mesh.moved(axis_rotation(2, -heading), [place[0], place[1], 0.0]))
        if footprint:
            w, d = np.abs(axis_rotation(2, heading)[:2, :2]) @ np.array(footprint) / 2
            self.blocked.append((place[0] - w, place[1] - d, place[0] + w, place[1] + d))
            self.shades.append(shade)

    def shell(self, x0, y0, x1, y1, height, ceiling=True):
        """Floor, walls with doors, windows and signs, ceiling with lamps."""
        rng, m = self.rng, self.meshes
        m.append(panel((x0, y0, 0), (x1 - x0, 0, 0), (0, y1 - y0, 0), self.floor_material(), 1.0))
        wall = self.wall_material()
        sides = [((x0, y1), (x1, y1)), ((x1, y1), (x1, y0)), ((x1, y0), (x0, y0)), ((x0, y0), (x0, y1))]
        skirting = self.paint(self.pale() * 0.5)
        for a, b in sides:
            a, b = np.array([*a, 0.0]), np.array([*b, 0.0])
            along = b - a
            inward = np.array([along[1], -along[0], 0]) / np.linalg.norm(along)
            m.append(panel(a, along, (0, 0, height), wall if rng.random() < 0.85 else self.wall_material(), 1.2))
            m.append(panel(a + inward * 0.015, along, (0, 0, 0.1), skirting, 3.0))
            self.wall_things(a, along, inward, height)
        if ceiling:
            m.append(panel((x0, y0, height), (0, y1 - y0, 0), (x1 - x0, 0, 0), self.paint(self.pale(), kind=TILES, scale=1.6,
                           second=tuple(self.pale() * 0.7)), 1.5))  # fmt: skip
            lamp = self.paint((0.9, 0.9, 0.88), glow=rng.uniform(0.6, 2.2))
            w, l = rng.uniform(0.15, 0.7), rng.uniform(0.6, 2.0)
            for x in np.arange(x0 + 1.5, x1 - 1, rng.uniform(2.2, 4)):
                for y in np.arange(y0 + 1.5, y1 - 1, rng.uniform(2.2, 4)):
                    m.append(panel((x, y, height - 0.03), (0, l, 0), (w, 0, 0), lamp))

    def wall_things(self, a, along, inward, height):
        """Doors, windows, screens and posters along one wall."""
        rng, length = self.rng, np.linalg.norm(along)
        unit, at = along / length, 0.6
        bright = self.paint((0.75, 0.83, 0.95), glow=rng.uniform(0.5, 2.5)) if rng.random() < 0.5 else self.paint((0.05, 0.07, 0.09), gloss=0.9)
        windows = rng.random() < 0.35
        while at < length - 2.0:
            what, w = rng.random(), rng.uniform(0.8, 2.4)
            base = a + unit * at + inward * 0.03
            if windows and what < 0.6:
                h = min(height - 1.0, rng.uniform(1.2, 3.5))
                low = rng.choice([0.3, 0.9])
                self.meshes.append(panel(base + [0, 0, low], unit * w, (0, 0, min(h, height - low - 0.2)), bright))
            elif what < 0.35:
                w = rng.choice([0.9, 1.0, 1.8])
                self.meshes.append(panel(base, unit * w, (0, 0, 2.1), self.paint(self.strong(), gloss=0.2)))
                self.meshes.append(panel(base + inward * 0.01 + [0, 0, 0.95] + unit * (w - 0.15), unit * 0.1, (0, 0, 0.05), self.paint((0.4, 0.4, 0.4))))
            elif what < 0.7:
                h, low = rng.uniform(0.5, 1.4), rng.uniform(0.9, max(1.0, height - 1.8))
                glow = float(rng.choice([0.0, 0.0, 0.9]))
                tile = int(rng.choice([0, 1, 4, 5, 8, 9, 12, 13]))
                self.meshes.append(panel(base + [0, 0, low], unit * w, (0, 0, h), self.paint((0.9, 0.9, 0.9), kind=PRINTED, glow=glow), uv=tile_uv(tile)))
            at += w + rng.uniform(0.3, 3.5)

    # Furniture, each at the origin and facing -y.

    def counter(self):
        """A desk to stand at, sometimes with a screen."""
        rng = self.rng
        w, d, h = rng.uniform(1.4, 3.5), rng.uniform(0.5, 0.9), rng.uniform(0.9, 1.2)
        parts = [box((-w / 2, -d / 2, 0), (w / 2, d / 2, h), self.paint(self.strong(), kind=int(rng.choice([0, PLANKS])), second=(0.1, 0.07, 0.05), scale=6.0),
                     top=self.paint(self.pale(), gloss=0.4))]  # fmt: skip
        if rng.random() < 0.6:
            parts.append(box((-0.25, 0.1, h + 0.1), (0.25, 0.14, h + 0.45), self.paint((0.02, 0.02, 0.02))))
        return Mesh.join(parts), (w, d)

    def bench(self):
        """A row of seats."""
        rng, n = self.rng, int(self.rng.integers(2, 6))
        seat, metal = self.paint(self.strong(), gloss=0.2), self.paint((0.3, 0.3, 0.32), gloss=0.5)
        parts = [box((-0.03 - 0.28 * n, -0.05, 0.3), (0.28 * n, 0.05, 0.38), metal)]
        for i in range(n):
            x = (i - (n - 1) / 2) * 0.56
            parts += [rounded((x, -0.05, 0.42), (0.5, 0.46, 0.07), seat, 0.3), rounded((x, 0.2, 0.68), (0.5, 0.07, 0.48), seat, 0.3)]
        for x in (-0.24 * n, 0.24 * n):
            parts.append(box((x - 0.03, -0.2, 0), (x + 0.03, 0.2, 0.36), metal))
        return Mesh.join(parts), (0.56 * n, 0.6), [((i - (n - 1) / 2) * 0.56, -0.02) for i in range(n)]

    def desk(self):
        """A table with a screen and a chair."""
        rng, w = self.rng, self.rng.uniform(1.2, 1.8)
        top, leg, black = self.paint(self.pale()), self.paint((0.25, 0.25, 0.25)), self.paint((0.02, 0.02, 0.022), gloss=0.3)
        parts = [box((-w / 2, -0.4, 0.7), (w / 2, 0.4, 0.74), top)]
        parts += [box((x - 0.03, y - 0.03, 0), (x + 0.03, y + 0.03, 0.7), leg) for x in (-w / 2 + 0.05, w / 2 - 0.05) for y in (-0.35, 0.35)]
        parts += [box((-0.28, 0.18, 0.86), (0.28, 0.21, 1.2), black), box((-0.03, 0.16, 0.74), (0.03, 0.2, 0.9), black)]
        chair = self.paint(self.strong())
        parts += [rounded((0, -0.75, 0.46), (0.48, 0.46, 0.09), chair, 0.4), rounded((0, -0.98, 0.75), (0.46, 0.07, 0.55), chair, 0.4),
                  cylinder((0, -0.75, 0.0), 0.04, 0.44, black, 6), cylinder((0, -0.75, 0.0), 0.28, 0.05, black, 8)]  # fmt: skip
        return Mesh.join(parts), (w, 1.0)

    def shelf(self):
        """Goods on both sides of a gondola, or a wall of racks."""
        rng = self.rng
        w, h = rng.uniform(1.5, 4.0), rng.uniform(1.2, 2.4)
        frame = self.paint(self.pale())
        goods = self.paint((0.85, 0.85, 0.85), kind=PRINTED)
        uv = tile_uv(int(rng.choice([2, 6, 10, 14])))
        parts = [box((-w / 2, -0.3, 0), (w / 2, 0.3, h), frame), panel((-w / 2, -0.31, 0.1), (w, 0, 0), (0, 0, h - 0.15), goods, uv=uv),
                 panel((w / 2, 0.31, 0.1), (-w, 0, 0), (0, 0, h - 0.15), goods, uv=uv)]  # fmt: skip
        return Mesh.join(parts), (w, 0.65)

    def machine(self):
        """Boxes and pipes of a workshop."""
        rng, parts = self.rng, []
        w, d = rng.uniform(0.8, 2.5), rng.uniform(0.7, 1.6)
        base = self.paint(self.strong(), gloss=0.3, mottle=0.2)
        parts.append(box((-w / 2, -d / 2, 0), (w / 2, d / 2, rng.uniform(0.6, 1.6)), base, top=self.paint(self.pale())))
        for _ in range(rng.integers(1, 4)):
            x, y, r = rng.uniform(-w / 2, w / 2) * 0.7, rng.uniform(-d / 2, d / 2) * 0.6, rng.uniform(0.08, 0.3)
            h = rng.uniform(1.0, 2.3)
            parts.append(cylinder((x, y, 0), r, h, self.paint(self.pale(), gloss=0.4)) if rng.random() < 0.5 else box((x - r, y - r, 0), (x + r, y + r, h), base))
        return Mesh.join(parts), (w, d)

    def plant(self):
        """A pot with leaves."""
        rng = self.rng
        green = self.paint((0.03, rng.uniform(0.08, 0.2), 0.02), mottle=0.5)
        parts = [cylinder((0, 0, 0), 0.2, 0.4, self.paint(self.pale()), 10, 1.2)]
        for _ in range(22):
            a, h, r = rng.uniform(0, 6.28), rng.uniform(0.6, 1.7), rng.uniform(0.15, 0.5)
            parts.append(rod((0, 0, 0.4), (r * np.cos(a), r * np.sin(a), h), 0.025, green))
            parts.append(rounded((r * np.cos(a), r * np.sin(a), h), (0.24, 0.2, 0.16), green, 1.0, 4, 6))
        return Mesh.join(parts), (0.5, 0.5)

    def pillar(self, height):
        """Round or square."""
        rng, r = self.rng, self.rng.uniform(0.18, 0.5)
        paint = self.wall_material()
        if rng.random() < 0.5:
            return cylinder((0, 0, 0), r, height, paint, 16), (2 * r, 2 * r)
        return box((-r, -r, 0), (r, r, height), paint, 1.0), (2 * r, 2 * r)

    def posts(self):
        """Posts with belts between them, in a row."""
        rng, n = self.rng, int(self.rng.integers(2, 6))
        pole, belt = self.paint(self.rng.choice([0.03, 0.4]) * np.ones(3), gloss=0.6), self.paint(self.strong())
        parts, gap = [], rng.uniform(1.2, 1.9)
        for i in range(n):
            x = (i - (n - 1) / 2) * gap
            parts += [cylinder((x, 0, 0), 0.17, 0.03, pole, 10), cylinder((x, 0, 0), 0.03, 0.95, pole, 8)]
            if i:
                parts.append(panel((x - gap, 0, 0.86), (gap, 0, 0), (0, 0, 0.06), belt))
        return Mesh.join(parts), (gap * (n - 1) + 0.3, 0.3)

    def bin_(self):
        """A litter bin."""
        r, h = self.rng.uniform(0.15, 0.3), self.rng.uniform(0.5, 1.0)
        return cylinder((0, 0, 0), r, h, self.paint(self.strong(), gloss=0.3), 12), (2 * r, 2 * r)

    def crates(self):
        """A stack of boxes."""
        rng, parts, z = self.rng, [], 0.0
        for _ in range(rng.integers(1, 5)):
            w, d, h = rng.uniform(0.3, 0.9), rng.uniform(0.3, 0.8), rng.uniform(0.2, 0.6)
            parts.append(box((-w / 2, -d / 2, z), (w / 2, d / 2, z + h), self.paint((0.4, 0.27, 0.15) if rng.random() < 0.6 else self.strong())))
            z += h
        return Mesh.join(parts), (0.9, 0.8)

    def stand(self):
        """A free-standing sign or kiosk."""
        rng = self.rng
        w, h = rng.uniform(0.5, 1.0), rng.uniform(1.3, 2.2)
        face = self.paint((0.9, 0.9, 0.9), kind=PRINTED, glow=float(rng.choice([0, 0.8])))
        parts = [box((-w / 2, -0.06, 0), (w / 2, 0.06, h), self.paint(self.pale())),
                 panel((-w / 2, -0.07, 0.5), (w, 0, 0), (0, 0, h - 0.55), face, uv=tile_uv(int(rng.integers(16))))]  # fmt: skip
        return Mesh.join(parts), (w, 0.3)

    def car(self):
        """A parked car."""
        paint, glass, tyre = self.paint(self.strong(), gloss=0.6), self.paint((0.03, 0.04, 0.05), gloss=0.9), self.paint((0.02, 0.02, 0.02))
        parts = [rounded((0, 0, 0.55), (1.75, 4.2, 0.75), paint, 0.3), rounded((0, 0.2, 1.1), (1.5, 2.3, 0.75), glass, 0.45)]
        parts += [rounded((x, y, 0.3), (0.2, 0.62, 0.62), tyre, 0.7) for x in (-0.8, 0.8) for y in (-1.3, 1.35)]
        return Mesh.join(parts), (1.8, 4.3)

    def tree(self):
        """A trunk with a crown."""
        rng = self.rng
        green = self.paint((0.03 + 0.05 * rng.random(), rng.uniform(0.08, 0.18), 0.02), mottle=0.9, kind=5, second=(0.02, 0.05, 0.01), scale=9.0)
        h = rng.uniform(2.2, 3.5)
        parts = [cylinder((0, 0, 0), 0.15, h, self.paint((0.1, 0.07, 0.05)), 8)]
        for _ in range(9):
            parts.append(rounded((rng.normal(0, 0.7), rng.normal(0, 0.7), h + rng.uniform(0, 1.6)), rng.uniform(1.0, 2.0, 3), green, 1.0, 6, 9))
        return Mesh.join(parts), (0.5, 0.5)

    def scatter(self, names, count, bounds, height):
        """Puts pieces at random free places, mostly square to the walls."""
        rng = self.rng
        x0, y0, x1, y1 = bounds
        for _ in range(count):
            name = str(rng.choice(names))
            result = self.pillar(height) if name == "pillar" else getattr(self, name)()
            mesh, footprint, seats = result if len(result) == 3 else (*result, [])
            heading = rng.choice([0, 1, 2, 3]) * np.pi / 2 + (rng.normal(0, 0.3) if rng.random() < 0.2 else 0)
            w, d = np.abs(axis_rotation(2, heading)[:2, :2]) @ np.array(footprint) / 2
            for _ in range(8):
                if x1 - x0 < 2 * w + 0.4 or y1 - y0 < 2 * d + 0.4:
                    break
                x, y = rng.uniform(x0 + w + 0.1, x1 - w - 0.1), rng.uniform(y0 + d + 0.1, y1 - d - 0.1)
                if all(x + w < a or x - w > c or y + d < b or y - d > e for a, b, c, e in self.blocked):
                    self.add(mesh, (x, y), heading, footprint, OPEN_BELOW.get(name, 1.0))
                    turn = axis_rotation(2, -heading)
                    for s in seats:
                        at = turn @ np.array([*s, 0])
                        self.seats.append((x + at[0], y + at[1], (np.pi + heading) % (2 * np.pi)))
                    break


OPEN_BELOW = {"posts": 0.05, "bench": 0.35, "desk": 0.35, "tree": 0.3, "plant": 0.5, "stand": 0.6}
FURNITURE = {
    "hall": ["counter", "bench", "bench", "pillar", "plant", "posts", "posts", "stand", "bin_"],
    "corridor": ["bench", "plant", "bin_", "stand"],
    "office": ["desk", "desk", "desk", "plant", "counter", "crates", "shelf"],
    "shop": ["shelf", "shelf", "shelf", "counter", "stand", "crates"],
    "factory": ["machine", "machine", "crates", "pillar", "shelf"],
    "plaza": ["tree", "bench", "car", "bin_", "stand", "plant", "posts"],
}


def make_room(kind, table, rng):
    """A random place of a kind."""
    builder = Builder(kind, table, rng)
    size = {"hall": (rng.uniform(10, 30), rng.uniform(10, 26), rng.uniform(3.5, 9)), "corridor": (rng.uniform(2.4, 5), rng.uniform(12, 32), rng.uniform(2.5, 3.6)),
            "office": (rng.uniform(6, 14), rng.uniform(6, 14), rng.uniform(2.5, 3.4)), "shop": (rng.uniform(7, 18), rng.uniform(8, 20), rng.uniform(2.7, 4.5)),
            "factory": (rng.uniform(12, 28), rng.uniform(12, 28), rng.uniform(4.5, 9)), "plaza": (rng.uniform(18, 44), rng.uniform(18, 44), 12.0)}[kind]  # fmt: skip
    w, d, height = size
    bounds = (-w / 2, -d / 2, w / 2, d / 2)
    if kind == "plaza":
        outdoors(builder, bounds)
    else:
        builder.shell(*bounds, height, ceiling=True)
    area = w * d
    builder.scatter(FURNITURE[kind], int(rng.integers(1, 3 + min(22, area / 9))), bounds, height)
    return Room(kind, bounds, height, builder.meshes, make_light(kind, bounds, height, rng), builder.blocked, builder.seats, builder.shades)


def outdoors(builder, bounds):
    """Ground, kerbs, house fronts and sky."""
    rng, (x0, y0, x1, y1) = builder.rng, bounds
    grass = builder.paint((0.06, 0.11, 0.03), kind=GROUND, second=(0.12, 0.14, 0.05), scale=2.0)
    asphalt = builder.paint(np.ones(3) * rng.uniform(0.08, 0.25), kind=GROUND, second=tuple(np.ones(3) * rng.uniform(0.1, 0.3)), scale=2.0)
    paving = builder.floor_material()
    grounds = [grass, asphalt, paving, paving]
    builder.meshes.append(panel((-150, -150, -0.02), (300, 0, 0), (0, 300, 0), grounds[rng.integers(3)], 20.0))
    builder.meshes.append(panel((x0, y0, 0), (x1 - x0, 0, 0), (0, y1 - y0, 0), grounds[rng.integers(1, 4)], 2.0))
    for _ in range(rng.integers(0, 4)):  # strips: road, path, bed
        a, w = rng.uniform(x0, x1), rng.uniform(1.0, 5.0)
        builder.meshes.append(panel((a, y0, 0.006), (w, 0, 0), (0, y1 - y0, 0), grounds[rng.integers(4)], 2.0))
    for a, b in (((x0 - 3, y1 + 3), (x1 + 3, y1 + 3)), ((x1 + 3, y1), (x1 + 3, y0)), ((x0 - 3, y0), (x0 - 3, y1)), ((x1 + 3, y0 - 3), (x0 - 3, y0 - 3))):
        at, a, b = 0.0, np.array([*a, 0.0]), np.array([*b, 0.0])
        unit, length = (b - a) / np.linalg.norm(b - a), np.linalg.norm(b - a)
        while at < length and rng.random() < 0.8:
            w, h = rng.uniform(4, 14), rng.uniform(3, 14)
            front = builder.paint(builder.pale(), kind=PRINTED) if rng.random() < 0.7 else builder.wall_material()
            builder.meshes.append(panel(a + unit * at, unit * w, (0, 0, h), front, 3.0, uv=tile_uv(int(rng.choice([3, 7, 11, 15])))))
            at += w + rng.choice([0, 0, 3, 8])
    day = rng.uniform(0.3, 1.3)
    sky = builder.paint(np.array([0.25, 0.42, 0.8]) * day, kind=SKY, second=tuple(np.array([0.7, 0.75, 0.8]) * day), third=tuple(np.ones(3) * day),
                        glow=1.0, extra=float(rng.uniform(0, 1)))  # fmt: skip
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
        return Light(np.array([np.cos(a), np.sin(a), low]), tuple(sun), rng.uniform(0.6, 1.5), tuple(np.array([0.55, 0.62, 0.75]) * rng.uniform(0.5, 1.1)),
                     tuple(np.ones(3) * rng.uniform(0.15, 0.35)), haze=(0.7, 0.74, 0.78), haze_density=float(rng.choice([0.0, 0.004, 0.015])))  # fmt: skip
    a = rng.uniform(0, 2 * np.pi)
    steep = rng.uniform(0.5, 4.0)
    ambient = rng.uniform(0.25, 0.7)
    lamps = []
    for _ in range(rng.integers(0, 5)):
        lamps.append(((rng.uniform(x0, x1), rng.uniform(y0, y1), height * 0.9), tint * rng.uniform(0.5, 4.0) * (height / 3) ** 1.5))
    return Light(np.array([np.cos(a), np.sin(a), steep]), tuple(tint * rng.uniform(0.0, 0.9)), rng.uniform(1.5, 6.0), tuple(tint * ambient),
                 tuple(tint * ambient * rng.uniform(0.35, 0.8)), lamps, haze=(0.5, 0.5, 0.5), haze_density=float(rng.choice([0.0, 0.0, 0.006])))  # fmt: skip
