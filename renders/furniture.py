"""Paint, walls and furniture: a builder that fills one place."""

import numpy as np

from gait import axis_rotation
from outfits import CLOTHS
from prints import tile_uv
from renderer import Mesh
from solids import box, cylinder, panel, rod, rounded

TILES, PLANKS, TERRAZZO, PRINTED, BRICKS, SKY, GROUND, SLATS = 6, 7, 8, 9, 10, 11, 12, 13
OPEN_BELOW = {
    "posts": 0.05,
    "tripod": 0.05,
    "ladder": 0.1,
    "coats": 0.3,
    "tree": 0.3,
    "bench": 0.35,
    "desk": 0.35,
    "plant": 0.5,
    "stand": 0.6,
}  # shade below


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
        return self.paint(
            a,
            kind=int(kind),
            second=tuple(np.clip(second, 0, 0.9)),
            scale=float(rng.uniform(0.9, 3.5)),
            gloss=float(rng.choice([0.0, 0.25, 0.6])),
            extra=float(rng.uniform(0, 0.25)),
            mottle=0.15,
            third=tuple(self.pale()),
        )

    def wall_material(self):
        """Paint, bricks, tiles or slats."""
        rng, a = self.rng, self.pale()
        kind = rng.choice([0, BRICKS, TILES, SLATS], p=[0.66, 0.1, 0.16, 0.08])
        return self.paint(
            a,
            kind=int(kind),
            second=tuple(a * rng.uniform(0.6, 0.9)),
            scale=float(rng.uniform(*{BRICKS: (5, 13)}.get(kind, (0.7, 8)))),
            extra=0.2,
            mottle=0.1,
        )

    def add(self, mesh, place, heading=0.0, footprint=None, shade=1.0):
        """Puts furniture down; `footprint` = (width, depth) blocks the floor and takes `shade` of its light."""
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
            m.append(
                panel(
                    (x0, y0, height),
                    (0, y1 - y0, 0),
                    (x1 - x0, 0, 0),
                    self.paint(self.pale(), kind=TILES, scale=1.6, second=tuple(self.pale() * 0.7)),
                    1.5,
                )
            )
            lamp = self.paint((0.9, 0.9, 0.88), glow=rng.uniform(0.6, 2.2))
            wide, long = rng.uniform(0.15, 0.7), rng.uniform(0.6, 2.0)
            for x in np.arange(x0 + 1.5, x1 - 1, rng.uniform(2.2, 4)):
                for y in np.arange(y0 + 1.5, y1 - 1, rng.uniform(2.2, 4)):
                    m.append(panel((x, y, height - 0.03), (0, long, 0), (wide, 0, 0), lamp))

    def wall_things(self, a, along, inward, height):
        """Doors, windows, screens and posters along one wall."""
        rng, length = self.rng, np.linalg.norm(along)
        unit, at = along / length, 0.6
        bright = (
            self.paint((0.75, 0.83, 0.95), glow=rng.uniform(0.5, 2.5))
            if rng.random() < 0.5
            else self.paint((0.05, 0.07, 0.09), gloss=0.9)
        )
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
                self.meshes.append(
                    panel(
                        base + inward * 0.01 + [0, 0, 0.95] + unit * (w - 0.15),
                        unit * 0.1,
                        (0, 0, 0.05),
                        self.paint((0.4, 0.4, 0.4)),
                    )
                )
            elif what < 0.7:
                h, low = rng.uniform(0.5, 1.4), rng.uniform(0.9, max(1.0, height - 1.8))
                glow = float(rng.choice([0.0, 0.0, 0.9]))
                tile = int(rng.choice([0, 1, 4, 5, 8, 9, 12, 13]))
                self.meshes.append(
                    panel(
                        base + [0, 0, low],
                        unit * w,
                        (0, 0, h),
                        self.paint((0.9, 0.9, 0.9), kind=PRINTED, glow=glow),
                        uv=tile_uv(tile),
                    )
                )
            at += w + rng.uniform(0.3, 3.5)

    # Furniture, each at the origin and facing -y.

    def counter(self):
        """A desk to stand at, sometimes with a screen."""
        rng = self.rng
        w, d, h = rng.uniform(1.4, 3.5), rng.uniform(0.5, 0.9), rng.uniform(0.9, 1.2)
        parts = [
            box(
                (-w / 2, -d / 2, 0),
                (w / 2, d / 2, h),
                self.paint(self.strong(), kind=int(rng.choice([0, PLANKS])), second=(0.1, 0.07, 0.05), scale=6.0),
                top=self.paint(self.pale(), gloss=0.4),
            )
        ]
        if rng.random() < 0.6:
            parts.append(box((-0.25, 0.1, h + 0.1), (0.25, 0.14, h + 0.45), self.paint((0.02, 0.02, 0.02))))
        return Mesh.join(parts), (w, d)

    def bench(self):
        """A row of seats."""
        n = int(self.rng.integers(2, 6))
        seat, metal = self.paint(self.strong(), gloss=0.2), self.paint((0.3, 0.3, 0.32), gloss=0.5)
        parts = [box((-0.03 - 0.28 * n, -0.05, 0.3), (0.28 * n, 0.05, 0.38), metal)]
        for i in range(n):
            x = (i - (n - 1) / 2) * 0.56
            parts += [
                rounded((x, -0.05, 0.42), (0.5, 0.46, 0.07), seat, 0.3),
                rounded((x, 0.2, 0.68), (0.5, 0.07, 0.48), seat, 0.3),
            ]
        for x in (-0.24 * n, 0.24 * n):
            parts.append(box((x - 0.03, -0.2, 0), (x + 0.03, 0.2, 0.36), metal))
        return Mesh.join(parts), (0.56 * n, 0.6), [((i - (n - 1) / 2) * 0.56, -0.02) for i in range(n)]

    def desk(self):
        """A table with a screen and a chair."""
        w = self.rng.uniform(1.2, 1.8)
        top, leg, black = (
            self.paint(self.pale()),
            self.paint((0.25, 0.25, 0.25)),
            self.paint((0.02, 0.02, 0.022), gloss=0.3),
        )
        parts = [box((-w / 2, -0.4, 0.7), (w / 2, 0.4, 0.74), top)]
        parts += [
            box((x - 0.03, y - 0.03, 0), (x + 0.03, y + 0.03, 0.7), leg)
            for x in (-w / 2 + 0.05, w / 2 - 0.05)
            for y in (-0.35, 0.35)
        ]
        parts += [box((-0.28, 0.18, 0.86), (0.28, 0.21, 1.2), black), box((-0.03, 0.16, 0.74), (0.03, 0.2, 0.9), black)]
        chair = self.paint(self.strong())
        parts += [
            rounded((0, -0.75, 0.46), (0.48, 0.46, 0.09), chair, 0.4),
            rounded((0, -0.98, 0.75), (0.46, 0.07, 0.55), chair, 0.4),
            cylinder((0, -0.75, 0.0), 0.04, 0.44, black, 6),
            cylinder((0, -0.75, 0.0), 0.28, 0.05, black, 8),
        ]
        return Mesh.join(parts), (w, 1.0)

    def shelf(self):
        """Goods on both sides of a gondola, or a wall of racks."""
        rng = self.rng
        w, h = rng.uniform(1.5, 4.0), rng.uniform(1.2, 2.4)
        frame = self.paint(self.pale())
        goods = self.paint((0.85, 0.85, 0.85), kind=PRINTED)
        uv = tile_uv(int(rng.choice([2, 6, 10, 14])))
        parts = [
            box((-w / 2, -0.3, 0), (w / 2, 0.3, h), frame),
            panel((-w / 2, -0.31, 0.1), (w, 0, 0), (0, 0, h - 0.15), goods, uv=uv),
            panel((w / 2, 0.31, 0.1), (-w, 0, 0), (0, 0, h - 0.15), goods, uv=uv),
        ]
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
            parts.append(
                cylinder((x, y, 0), r, h, self.paint(self.pale(), gloss=0.4))
                if rng.random() < 0.5
                else box((x - r, y - r, 0), (x + r, y + r, h), base)
            )
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
            parts.append(
                box(
                    (-w / 2, -d / 2, z),
                    (w / 2, d / 2, z + h),
                    self.paint((0.4, 0.27, 0.15) if rng.random() < 0.6 else self.strong()),
                )
            )
            z += h
        return Mesh.join(parts), (0.9, 0.8)

    # What stands upright and slim as people do, and is none.

    def tripod(self):
        """Three legs, a column and what it carries: a lamp, a camera or a level."""
        rng, parts = self.rng, []
        h, spread, turn = rng.uniform(0.9, 1.9), rng.uniform(0.25, 0.6), rng.uniform(0, 2 * np.pi)
        metal = self.paint(rng.choice([0.02, 0.3, 0.6]) * np.ones(3), gloss=0.5)
        yellow = self.paint(self.strong())
        for k in range(3):
            a = turn + k * 2 * np.pi / 3
            parts.append(rod((spread * np.cos(a), spread * np.sin(a), 0), (0, 0, 0.75 * h), 0.018, metal))
        parts.append(rod((0, 0, 0.4 * h), (0, 0, h), 0.016, metal))
        parts.append(rounded((0, 0, h), rng.uniform(0.1, 0.38, 3), yellow if rng.random() < 0.5 else metal, 0.4))
        return Mesh.join(parts), (1.6 * spread, 1.6 * spread)

    def cones(self):
        """Traffic cones, one to three in a row, with a pale band."""
        rng, parts, n = self.rng, [], int(self.rng.integers(1, 4))
        orange = self.paint(np.array([0.7, 0.16, 0.02]) * rng.uniform(0.6, 1.2) if rng.random() < 0.8 else self.strong())
        pale, h, r = self.paint((0.8, 0.8, 0.78)), rng.uniform(0.45, 1.0), rng.uniform(0.1, 0.18)
        for i in range(n):
            x = (i - (n - 1) / 2) * 0.7
            parts += [
                box((x - 1.4 * r, -1.4 * r, 0), (x + 1.4 * r, 1.4 * r, 0.04), orange),
                cylinder((x, 0, 0), r, h, orange, 10, 0.2),
                cylinder((x, 0, 0.45 * h), 0.66 * r, 0.2 * h, pale, 10, 0.75),
            ]
        return Mesh.join(parts), (0.7 * (n - 1) + 3 * r, 3 * r)

    def ladder(self):
        """A folding ladder or steps to a platform."""
        rng, parts = self.rng, []
        h, w, deep = rng.uniform(0.8, 2.4), rng.uniform(0.4, 0.7), rng.uniform(0.3, 0.5)
        metal, tread = self.paint(self.pale(), gloss=0.5), self.paint(self.strong())
        for x in (-w / 2, w / 2):
            parts += [rod((x, -deep * h, 0), (x, 0, h), 0.025, metal), rod((x, deep * h, 0), (x, 0, h), 0.02, metal)]
        for z in np.arange(0.25, h, 0.27):
            y = -deep * (h - z)
            parts.append(box((-w / 2, y - 0.05, z - 0.015), (w / 2, y + 0.05, z + 0.015), tread))
        if rng.random() < 0.4:
            parts.append(box((-w / 2, -0.2, h - 0.03), (w / 2, 0.3, h), tread))
        return Mesh.join(parts), (w + 0.1, 2 * deep * h)

    def coats(self):
        """A coat stand, or a rail with clothes."""
        rng, parts = self.rng, []
        metal, h = self.paint(rng.choice([0.03, 0.2, 0.5]) * np.ones(3), gloss=0.4), rng.uniform(1.4, 1.9)
        if rng.random() < 0.5:
            parts = [cylinder((0, 0, 0), 0.2, 0.04, metal, 10), cylinder((0, 0, 0), 0.025, h, metal, 6)]
            for _ in range(rng.integers(0, 4)):
                a, drop = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.0)
                size = (rng.uniform(0.2, 0.45), rng.uniform(0.15, 0.3), drop)
                cloth = self.paint(self.strong(), mottle=0.3)
                parts.append(rounded((0.12 * np.cos(a), 0.12 * np.sin(a), h - drop / 2 - 0.05), size, cloth, 0.6))
            return Mesh.join(parts), (0.6, 0.6)
        w = rng.uniform(0.8, 1.8)
        parts = [rod((x, 0, 0), (x, 0, h), 0.02, metal) for x in (-w / 2, w / 2)]
        parts.append(rod((-w / 2, 0, h), (w / 2, 0, h), 0.02, metal))
        for x in np.arange(-w / 2 + 0.1, w / 2 - 0.05, rng.uniform(0.1, 0.35)):
            drop, cloth = rng.uniform(0.6, 1.1), self.paint(self.strong(), mottle=0.3)
            parts.append(rounded((x, 0, h - drop / 2 - 0.05), (0.08, rng.uniform(0.35, 0.5), drop), cloth, 0.5))
        return Mesh.join(parts), (w, 0.5)

    def cabinet(self):
        """A tall machine or locker, often as pale as the walls, with a panel or a window in it."""
        rng = self.rng
        w, d, h = rng.uniform(0.4, 1.6), rng.uniform(0.4, 1.0), rng.uniform(1.1, 2.3)
        front = self.paint(self.pale() if rng.random() < 0.6 else self.strong(), gloss=0.4)
        glass = self.paint((0.04, 0.05, 0.06) if rng.random() < 0.6 else self.strong(), gloss=0.8)
        parts = [box((-w / 2, -d / 2, 0), (w / 2, d / 2, h), front)]
        for _ in range(rng.integers(0, 4)):
            wide, high = rng.uniform(0.15, 0.8) * w, rng.uniform(0.08, 0.4) * h
            x, z = rng.uniform(-w / 2, w / 2 - wide), rng.uniform(0.1, h - high)
            parts.append(panel((x, -d / 2 - 0.01, z), (wide, 0, 0), (0, 0, high), glass))
        if rng.random() < 0.4:
            parts.append(cylinder((0, 0, h), 0.04, rng.uniform(0.2, 0.5), self.paint(self.strong(), glow=0.5), 8))
        return Mesh.join(parts), (w, d)

    def trolley(self):
        """A trolley for luggage or goods, loaded or not."""
        rng = self.rng
        w, long, h = rng.uniform(0.45, 0.65), rng.uniform(0.7, 1.1), rng.uniform(0.9, 1.15)
        metal, bar = self.paint(rng.choice([0.25, 0.5]) * np.ones(3), gloss=0.6), self.paint(self.strong())
        parts = [box((-w / 2, -long / 2, 0.14), (w / 2, long / 2, 0.2), metal)]
        parts += [rod((x, long / 2, 0.2), (x, long / 2 + 0.12, h), 0.02, metal) for x in (-w / 2, w / 2)]
        parts += [rod((-w / 2, long / 2 + 0.12, h), (w / 2, long / 2 + 0.12, h), 0.022, bar)]
        parts += [rounded((x, y, 0.08), (0.04, 0.15, 0.15), bar, 0.7) for x in (-w / 2, w / 2) for y in (-0.3, 0.3)]
        z = 0.2
        for _ in range(rng.integers(0, 4)):
            high = rng.uniform(0.15, 0.35)
            size = (w * rng.uniform(0.7, 1.0), long * rng.uniform(0.5, 0.9), high)
            parts.append(rounded((0, 0, z + high / 2), size, self.paint(self.strong()), 0.3))
            z += high
        return Mesh.join(parts), (w, long + 0.3)

    def stand(self):
        """A free-standing sign or kiosk."""
        rng = self.rng
        w, h = rng.uniform(0.5, 1.0), rng.uniform(1.3, 2.2)
        face = self.paint((0.9, 0.9, 0.9), kind=PRINTED, glow=float(rng.choice([0, 0.8])))
        parts = [
            box((-w / 2, -0.06, 0), (w / 2, 0.06, h), self.paint(self.pale())),
            panel((-w / 2, -0.07, 0.5), (w, 0, 0), (0, 0, h - 0.55), face, uv=tile_uv(int(rng.integers(16)))),
        ]
        return Mesh.join(parts), (w, 0.3)

    def car(self):
        """A parked car."""
        paint, glass, tyre = (
            self.paint(self.strong(), gloss=0.6),
            self.paint((0.03, 0.04, 0.05), gloss=0.9),
            self.paint((0.02, 0.02, 0.02)),
        )
        parts = [
            rounded((0, 0, 0.55), (1.75, 4.2, 0.75), paint, 0.3),
            rounded((0, 0.2, 1.1), (1.5, 2.3, 0.75), glass, 0.45),
        ]
        parts += [rounded((x, y, 0.3), (0.2, 0.62, 0.62), tyre, 0.7) for x in (-0.8, 0.8) for y in (-1.3, 1.35)]
        return Mesh.join(parts), (1.8, 4.3)

    def tree(self):
        """A trunk with a crown."""
        rng = self.rng
        green = self.paint(
            (0.03 + 0.05 * rng.random(), rng.uniform(0.08, 0.18), 0.02),
            mottle=0.9,
            kind=5,
            second=(0.02, 0.05, 0.01),
            scale=9.0,
        )
        h = rng.uniform(2.2, 3.5)
        parts = [cylinder((0, 0, 0), 0.15, h, self.paint((0.1, 0.07, 0.05)), 8)]
        for _ in range(9):
            parts.append(
                rounded(
                    (rng.normal(0, 0.7), rng.normal(0, 0.7), h + rng.uniform(0, 1.6)),
                    rng.uniform(1.0, 2.0, 3),
                    green,
                    1.0,
                    6,
                    9,
                )
            )
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
