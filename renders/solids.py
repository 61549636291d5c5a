"""Simple solids that furniture, bags and buildings are made of; each returns a `Mesh` of one material and object."""

import numpy as np

from renderer import Mesh

ROOM = 65000  # object id of everything that is neither a person nor a bag


def mesh(points, normals, coordinates, triangles, material, obj=ROOM):
    """A mesh of one material."""
    n = len(triangles)
    return Mesh(np.asarray(points, np.float32), np.asarray(normals, np.float32), np.asarray(coordinates, np.float32),
                np.asarray(triangles, np.int32), np.full(n, material, np.uint16), np.full(n, obj, np.uint16))  # fmt: skip


def panel(origin, across, up, material, step=None, uv=None, obj=ROOM):
    """A rectangle from a corner along two edges; gridded every `step` metres; `uv` = (u0, v0, u1, v1) for prints."""
    origin, across, up = (np.asarray(v, float) for v in (origin, across, up))
    wide, high = np.linalg.norm(across), np.linalg.norm(up)
    nx, ny = (max(1, int(np.ceil(length / step))) if step else 1 for length in (wide, high))
    s, t = (g.ravel() for g in np.meshgrid(np.linspace(0, 1, nx + 1), np.linspace(0, 1, ny + 1)))
    points = origin + s[:, None] * across + t[:, None] * up
    normal = np.cross(across, up) / (wide * high)
    if uv is not None:
        coordinates = np.stack([uv[0] + s * (uv[2] - uv[0]), uv[1] + t * (uv[3] - uv[1]), 0 * s], 1)
    elif abs(normal[2]) > 0.5:
        coordinates = points
    else:
        coordinates = np.stack([points @ across / wide, points[:, 2], points[:, 2]], 1)
    i = (np.arange(ny)[:, None] * (nx + 1) + np.arange(nx)).ravel()
    triangles = np.concatenate([np.stack([i, i + 1, i + nx + 2], 1), np.stack([i, i + nx + 2, i + nx + 1], 1)])
    return mesh(points, np.tile(normal, (len(points), 1)), coordinates, triangles, material, obj)


def box(low, high, material, step=None, top=None, obj=ROOM):
    """An upright box between two corners; `top` is another material for its upper face."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    w, d, h = (x1 - x0, 0, 0), (0, y1 - y0, 0), (0, 0, z1 - z0)
    back = (-(x1 - x0), 0, 0)
    return Mesh.join([
        panel((x0, y0, z0), w, h, material, step, obj=obj), panel((x1, y0, z0), d, h, material, step, obj=obj),
        panel((x1, y1, z0), back, h, material, step, obj=obj),
        panel((x0, y1, z0), (0, y0 - y1, 0), h, material, step, obj=obj),
        panel((x0, y0, z1), w, d, material if top is None else top, step, obj=obj),
    ])  # fmt: skip


def cylinder(base, radius, height, material, sides=12, taper=1.0, obj=ROOM):
    """An upright cylinder or cone with a lid."""
    a = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.stack([np.cos(a), np.sin(a), 0 * a], 1)
    low, high = ring * radius + base, ring * radius * taper + np.array(base) + [0, 0, height]
    points = np.concatenate([low, high, high, [np.array(base) + [0, 0, height]]])
    up = np.tile([0, 0, 1.0], (sides + 2, 1))
    n = sides + 1
    coordinates = np.concatenate([np.stack([a * radius, low[:, 2], low[:, 2]], 1), np.stack([a * radius, high[:, 2], high[:, 2]], 1),
                                  points[2 * n :]])  # fmt: skip
    triangles = [f for i in range(sides) for f in ((i, i + 1, n + i + 1), (i, n + i + 1, n + i), (2 * n + i, 2 * n + i + 1, 3 * n))]
    return mesh(points, np.concatenate([ring, ring, up]), coordinates, triangles, material, obj)


def rounded(centre, size, material, power=0.35, rings=7, sides=14, obj=ROOM):
    """A box with soft edges (a superellipsoid; power 1 is an ellipsoid)."""
    def soft(v):
        return np.sign(v) * np.abs(v) ** power

    theta, phi = np.meshgrid(np.linspace(-np.pi / 2, np.pi / 2, rings), np.linspace(-np.pi, np.pi, sides + 1), indexing="ij")
    unit = np.stack([soft(np.cos(theta)) * soft(np.cos(phi)), soft(np.cos(theta)) * soft(np.sin(phi)), soft(np.sin(theta))], -1)
    unit = unit.reshape(-1, 3)
    points = unit * np.asarray(size) / 2
    normals = np.sign(unit) * np.abs(unit) ** (2 / power - 1) / np.asarray(size)
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    i = (np.arange(rings - 1)[:, None] * (sides + 1) + np.arange(sides)).ravel()
    n = sides + 1
    triangles = np.concatenate([np.stack([i, i + 1, i + n + 1], 1), np.stack([i, i + n + 1, i + n], 1)])
    return mesh(points + centre, normals, points, triangles, material, obj)


def rod(start, end, radius, material, obj=ROOM):
    """A square rod between two points."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    ahead = (end - start) / (np.linalg.norm(end - start) + 1e-9)
    across = np.cross(ahead, [0, 0, 1] if abs(ahead[2]) < 0.9 else [0, 1, 0])
    across /= np.linalg.norm(across)
    up = np.cross(ahead, across)
    corners = [a * across + b * up for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))]
    points = np.array([p + radius * c for p in (start, end) for c in corners])
    normals = np.array(corners * 2) / np.sqrt(2)
    triangles = [f for k in range(4) for f in ((k, (k + 1) % 4, 4 + (k + 1) % 4), (k, 4 + (k + 1) % 4, 4 + k))]
    return mesh(points, normals, points, triangles, material, obj)
