"""Turns a flat portrait: a head-shaped relief is rotated in space and seen from the front.

The relief is a bowl with a nose, in units of half the face's width: with q = u^2 + 0.6 v^2, z = 0.85 - 0.45 q - 0.2 q^2
+ nose, not below -0.3.  Slopes stay so gentle that turns up to 30 degrees hide almost nothing, so the inverse exists.
"""

import cv2
import numpy as np

GRID = 28  # of the coarse inverse map, enlarged to full size afterwards
STEPS = 9


class Turn:
    """Yaw, pitch and roll (radians), scale and target centre of one portrait."""

    def __init__(self, box, points, angles, scale, target):
        self.origin = (box[:2] + box[2:]) / 2
        self.unit = (box[2] - box[0]) / 2
        self.nose = (points[2] - self.origin) / self.unit
        self.yaw, self.pitch, self.roll = angles
        self.scale, self.target = scale, np.asarray(target, float)

    def depth(self, u, v):
        """The relief."""
        q = u * u + 0.6 * v * v
        bowl = 0.85 - 0.45 * q - 0.2 * q * q
        bump = 0.28 * np.exp(-((u - self.nose[0]) ** 2) / 0.14 - ((v - self.nose[1] + 0.1) ** 2) / 0.2)
        return np.maximum(bowl, -0.3) + bump

    def rotate(self, u, v):
        """Where a point of the relief is seen after yaw and pitch."""
        z = self.depth(u, v)
        x = u * np.cos(self.yaw) + z * np.sin(self.yaw)
        deep = z * np.cos(self.yaw) - u * np.sin(self.yaw)
        return x, v * np.cos(self.pitch) - deep * np.sin(self.pitch)

    def forward(self, points):
        """Portrait pixels [..., 2] to target pixels."""
        u, v = np.moveaxis((np.asarray(points, float) - self.origin) / self.unit, -1, 0)
        x, y = self.rotate(u, v)
        c, s = np.cos(self.roll), np.sin(self.roll)
        return np.stack([c * x - s * y, s * x + c * y], -1) * self.unit * self.scale + self.target

    def inverse(self, points):
        """Target pixels [..., 2] to portrait pixels, by damped fixed-point steps."""
        x, y = np.moveaxis((np.asarray(points, float) - self.target) / (self.unit * self.scale), -1, 0)
        c, s = np.cos(self.roll), np.sin(self.roll)
        x, y = c * x + s * y, c * y - s * x
        u, v = x.copy(), y.copy()
        for _ in range(STEPS):
            seen_x, seen_y = self.rotate(u, v)
            u += 0.8 * (x - seen_x)
            v += 0.8 * (y - seen_y)
        return np.stack([u, v], -1) * self.unit + self.origin

    def outline(self, box):
        """Box of the turned face: of the rotated surface inside the ellipse of `box`."""
        angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        radius = np.array([[1.0], [0.8], [0.6]])
        rings = np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1).reshape(-1, 2)
        seen = self.forward((box[:2] + box[2:]) / 2 + rings * (box[2:] - box[:2]) / 2)
        return np.concatenate([seen.min(0), seen.max(0)])

    def draw(self, picture, shrink, box, region):
        """The portrait level `picture` (smaller by `shrink`) as seen inside `region` (x1, y1, x2, y2)."""
        x1, y1, x2, y2 = region
        xs, ys = np.linspace(x1, x2 - 1, GRID), np.linspace(y1, y2 - 1, GRID)
        source = self.inverse(np.stack(np.meshgrid(xs, ys), -1))
        source = ((source + 0.5) * shrink - 0.5).astype(np.float32)
        # cv2.resize aligns pixel areas; the outermost samples must lie on the outermost pixels.
        step = np.linspace(0, GRID - 1, x2 - x1, dtype=np.float32), np.linspace(0, GRID - 1, y2 - y1, dtype=np.float32)
        columns, rows = np.meshgrid(*step)
        maps = cv2.remap(source, columns, rows, cv2.INTER_LINEAR)
        return cv2.remap(picture, maps, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
