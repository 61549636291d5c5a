"""The building of the rendered hall: walls, doors, furniture, light and the four cameras.

 y 22        +--restroom--+
   19  +-----+  door 6-7.2 +---+
       | corridor      [rest.] |
   14  +-  -+------------------+-----+------------+
       |west]                        |[exit       |
       |                     control |            |
in 5-8 =                        lanes = 20        = out 5-8
       |                             |            |
    0  +---------------------[centre]+------------+
       0    1-3.5                   20            30  x
"""

import numpy as np

from camera import Camera
from furniture import PLANKS, PRINTED, TERRAZZO, TILES, Builder
from prints import tile_uv
from renderer import Light, Mesh
from rooms import Room
from solids import box, cylinder, panel

WIDTH, HEIGHT = 640, 360
TALL = 4.6
FLOOR = (-4.0, 0.0, 34.0, 23.0)
CONTROL_X = 20.0
LANES = ((4.2, 6.0), (8.0, 9.8))


def cameras():
    """The four cameras by name: west and centre overlap, exit and restroom see floors of their own."""

    def at(x, y, z, to, fov):
        flat = np.subtract(to, (x, y))
        pitch = np.arctan2(z - 0.7, np.linalg.norm(flat))
        return Camera((x, y, z), float(np.arctan2(*flat)), float(pitch), 0.0, float(np.radians(fov)), WIDTH, HEIGHT)

    return {
        "west": at(0.5, 13.5, 3.7, (8.2, 6.6), 82),
        "centre": at(19.4, 0.6, 3.8, (12.6, 6.4), 84),
        "exit": at(20.7, 13.3, 3.7, (26.2, 6.6), 80),
        "restroom": at(9.6, 14.5, 2.9, (5.0, 17.6), 88),
    }


SIGHT = {  # floor beyond which a camera certainly sees nobody: x0, y0, x1, y1
    "west": (-4, -1, 34, 14.4),
    "centre": (-4, -1, 21.5, 19.5),
    "exit": (20.2, -1, 34, 14.4),
    "restroom": (-1, 12.8, 10.5, 24),
}


def may_see(name, x, y):
    """Whether a camera might see someone there; walls may still hide them."""
    x0, y0, x1, y1 = SIGHT[name]
    hidden = y > 19.4 and x > 7.9 or (name == "centre" and y > 14.5 and x > 5.5)
    return x0 <= x <= x1 and y0 <= y <= y1 and not hidden


def wall(builder, a, b, material, gaps=(), height=TALL):
    """A wall of two faces between floor points with door openings (from, to) along it, 2.3 m high."""
    a, b = np.array([*a, 0.0]), np.array([*b, 0.0])
    unit, length = (b - a) / np.linalg.norm(b - a), np.linalg.norm(b - a)
    normal = np.array([unit[1], -unit[0], 0.0]) * 0.08
    solid, at = [], 0.0
    for start, end in sorted(gaps):
        solid.append((at, start, 0.0, height))
        solid.append((start, end, 2.3, height))
        at = end
    solid.append((at, length, 0.0, height))
    frame = builder.paint((0.12, 0.12, 0.13))
    for start, end, low, high in solid:
        if end - start > 0.01:
            along, up = unit * (end - start), (0, 0, high - low)
            p = a + unit * start + [0, 0, low]
            builder.meshes += [
                panel(p + normal, along, up, material, 1.0),
                panel(p - normal + along, -along, up, material, 1.0),
            ]
            if low == 0.0:
                for edge, turn in ((p + along, 1), (p, -1)):
                    builder.meshes.append(panel(edge + normal * turn, -2 * normal * turn, up, frame))
                lows, highs = np.minimum(p, p + along) - 0.1, np.maximum(p, p + along) + 0.1
                builder.blocked.append((lows[0], lows[1], highs[0], highs[1]))
                builder.shades.append(0.7)


def furnish(builder):
    """Counters, benches, posts, screens, plants, pillars and bins of the hall."""
    wood, steel, top = (
        builder.paint((0.30, 0.18, 0.09), kind=PLANKS, second=(0.08, 0.05, 0.03), scale=5.0),
        builder.paint((0.32, 0.33, 0.35), gloss=0.5),
        builder.paint((0.62, 0.62, 0.6), gloss=0.4),
    )
    for y in (6.35, 7.0):
        builder.add(
            Mesh.join(
                [
                    box((-0.9, -0.3, 0), (0.9, 0.3, 1.1), wood, top=top),
                    box((-0.25, -0.05, 1.12), (0.25, 0.0, 1.5), steel),
                ]
            ),
            (19.6, y + 0.3),
            0.0,
            (1.8, 0.6),
        )
    for x, y, heading in (
        (7.0, 0.9, np.pi),
        (10.5, 0.9, np.pi),
        (8.5, 13.2, 0.0),
        (25.5, 0.9, np.pi),
        (28.0, 13.2, 0.0),
    ):
        mesh, footprint, _ = builder.bench()
        builder.add(mesh, (x, y), heading, footprint, 0.35)
    for x, y in ((1.0, 1.0), (18.8, 13.2), (29.2, 1.0), (0.9, 17.9)):
        mesh, footprint = builder.plant()
        builder.add(mesh, (x, y), 0.0, footprint, 0.5)
    stone = builder.paint(
        (0.55, 0.53, 0.5), kind=TERRAZZO, second=(0.4, 0.39, 0.37), third=(0.3, 0.29, 0.28), scale=2.0
    )
    for x, y in ((7.6, 11.6), (16.2, 12.2), (10.6, 1.7), (27.6, 11.4)):
        builder.add(box((-0.28, -0.28, 0), (0.28, 0.28, TALL), stone, 1.0), (x, y), 0.0, (0.56, 0.56))
    pole, belt = builder.paint((0.05, 0.05, 0.05), gloss=0.6), builder.paint((0.04, 0.10, 0.32))
    for x in (16.9, 18.1):
        builder.add(
            Mesh.join([cylinder((0, 0, 0), 0.17, 0.03, pole, 12), cylinder((0, 0, 0), 0.03, 0.95, pole, 8)]),
            (x, 7.4),
            0.0,
            (0.34, 0.34),
            0.1,
        )
    builder.meshes.append(panel((16.9, 7.4, 0.86), (1.2, 0, 0), (0, 0, 0.06), belt))
    for x, y in ((4.6, 13.4), (21.2, 0.7), (11.6, 13.5)):
        mesh, footprint = builder.bin_()
        builder.add(mesh, (x, y), 0.0, footprint, 0.7)


def signs(builder):
    """Screens, posters and names on the walls."""
    for k, (origin, along, high, glow) in enumerate(
        [
            ((11.0, 13.9, 1.4), (2.4, 0, 0), 1.3, 0.8),
            ((13.6, 0.1, 1.3), (-2.0, 0, 0), 1.2, 0.0),
            ((4.5, 0.1, 1.2), (-2.2, 0, 0), 1.4, 0.0),
            ((29.9, 12.5, 1.2), (0, -2.0, 0), 1.3, 0.8),
            ((26.0, 13.9, 1.3), (2.0, 0, 0), 1.2, 0.0),
            ((0.1, 9.3, 1.3), (0, 1.8, 0), 1.1, 0.8),
            ((19.9, 3.6, 2.5), (0, -2.0, 0), 0.6, 0.8),
            ((2.5, 18.9, 1.3), (1.4, 0, 0), 1.1, 0.0),
            ((5.7, 18.9, 2.4), (1.8, 0, 0), 0.5, 0.9),
        ]
    ):
        face = builder.paint((0.9, 0.9, 0.9), kind=PRINTED, glow=glow)
        builder.meshes.append(panel(origin, along, (0, 0, high), face, uv=tile_uv([0, 1, 4, 5, 8, 9, 12, 13, 0][k])))


def build(table, seed):
    """The furnished hall."""
    builder = Builder("hall", table, np.random.default_rng(seed))
    paint = builder.paint
    floor = paint(
        (0.46, 0.44, 0.41), kind=TILES, second=(0.30, 0.29, 0.27), scale=1.25, gloss=0.25, extra=0.06, mottle=0.15
    )
    annex = paint(
        (0.36, 0.37, 0.38),
        kind=TERRAZZO,
        second=(0.28, 0.29, 0.3),
        third=(0.45, 0.45, 0.44),
        scale=2.0,
        gloss=0.2,
    )
    white, blue, grey = (
        paint((0.66, 0.65, 0.62), mottle=0.06),
        paint((0.36, 0.42, 0.47), mottle=0.06),
        paint((0.5, 0.5, 0.49), kind=TILES, second=(0.38, 0.38, 0.38), scale=3.0),
    )
    builder.meshes += [
        panel((-4, 0, 0), (38, 0, 0), (0, 14, 0), floor, 1.0),
        panel((-4, 14, 0), (38, 0, 0), (0, 9, 0), annex, 1.0),
    ]
    ceiling = paint((0.55, 0.55, 0.54), kind=TILES, second=(0.45, 0.45, 0.44), scale=1.2)
    builder.meshes.append(panel((-4, 0, TALL), (0, 23, 0), (38, 0, 0), ceiling, 2.0))
    lamp = paint((0.9, 0.9, 0.88), glow=1.5)
    for x in np.arange(2.0, 30, 3.0):
        for y in (2.0, 5.3, 8.6, 11.9, 16.5):
            if y < 14 or x < 10:
                builder.meshes.append(panel((x, y, TALL - 0.03), (0, 1.2, 0), (0.3, 0, 0), lamp))
    wall(builder, (0, 0), (0, 14), white, [(5.0, 8.0)])
    wall(builder, (30, 14), (30, 0), white, [(6.0, 9.0)])
    wall(builder, (30, 0), (0, 0), white)
    wall(builder, (0, 14), (30, 14), white, [(1.0, 3.5)])
    wall(builder, (20, 0), (20, 14), blue, [(4.2, 9.8)], 2.9)
    wall(builder, (0.3, 14), (0.3, 19), white)
    wall(builder, (0.3, 19), (10, 19), grey, [(5.7, 6.9)])
    wall(builder, (10, 19), (10, 14), white)
    wall(builder, (4.5, 19), (4.5, 23), grey)
    wall(builder, (4.5, 23), (10, 23), grey)
    wall(builder, (10, 23), (10, 19), grey)
    for x in (-4.0, 34.0):  # the vestibules beyond the doors
        end = 0.0 if x < 0 else 30.0
        wall(builder, (min(x, end), 8.2), (max(x, end), 8.2), grey)
        wall(builder, (max(x, end), 4.8), (min(x, end), 4.8), grey)
        wall(builder, (x, 4.8), (x, 8.2), grey)
    furnish(builder)
    signs(builder)
    light = Light(
        np.array([0.22, -0.16, 1.0]),
        (0.60, 0.58, 0.55),
        4.0,
        (0.44, 0.44, 0.45),
        (0.22, 0.21, 0.20),
        [
            ((7, 7, 4.3), np.ones(3) * 3.0),
            ((15, 7, 4.3), np.ones(3) * 3.0),
            ((25, 7, 4.3), np.ones(3) * 3.2),
            ((5, 16.5, 4.0), np.ones(3) * 2.2),
        ],
    )
    return Room("hall", FLOOR, TALL, builder.meshes, light, builder.blocked, [], builder.shades)
