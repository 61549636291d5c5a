"""A pinhole camera that stands in the scene, and what its sensor does to the light."""

from dataclasses import dataclass

import cv2
import numpy as np

NEAR, FAR = 0.08, 400.0


@dataclass
class Camera:
    """Metres and radians: yaw clockwise from +y, pitch down, roll clockwise; `fov` is horizontal."""

    position: tuple
    yaw: float
    pitch: float
    roll: float
    fov: float
    width: int
    height: int

    @property
    def focal(self):
        """Focal length in pixels."""
        return self.width / 2 / np.tan(self.fov / 2)

    def intrinsics(self):
        """3x3 matrix; pixel centres lie at half numbers."""
        return np.array([[self.focal, 0, self.width / 2], [0, self.focal, self.height / 2], [0, 0, 1]])

    def rotation(self):
        """World to camera axes: x right, y down, z ahead."""
        cy, sy, cp, sp = np.cos(self.yaw), np.sin(self.yaw), np.cos(self.pitch), np.sin(self.pitch)
        ahead = np.array([sy * cp, cy * cp, -sp])
        right = np.array([cy, -sy, 0.0])
        down = np.array([-sy * sp, -cy * sp, -cp])
        cr, sr = np.cos(self.roll), np.sin(self.roll)
        return np.array([cr * right + sr * down, -sr * right + cr * down, ahead])

    def project(self, points):
        """Pixels (n, 2) and depths (n,) of world points."""
        local = (np.asarray(points, float) - np.array(self.position)) @ self.rotation().T
        depth = local[:, 2]
        safe = np.where(np.abs(depth) < 1e-6, 1e-6, depth)
        return local[:, :2] / safe[:, None] * self.focal + [self.width / 2, self.height / 2], depth

    def floor_homography(self):
        """3x3 map from pixels to metres on the floor, last number 1."""
        rotation = self.rotation()
        to_pixels = self.intrinsics() @ np.column_stack(
            [rotation[:, 0], rotation[:, 1], -rotation @ np.array(self.position)]
        )
        inverse = np.linalg.inv(to_pixels)
        return inverse / inverse[2, 2]

    def on_floor(self, u, v):
        """Floor point (x, y) under a pixel; None at and above the horizon."""
        rotation = self.rotation()
        ray = rotation.T @ [(u - self.width / 2) / self.focal, (v - self.height / 2) / self.focal, 1.0]
        if ray[2] > -1e-4:
            return None
        x, y, z = self.position
        return x - ray[0] * z / ray[2], y - ray[1] * z / ray[2]

    def matrix(self):
        """4x4 view and projection for OpenGL."""
        rotation = np.diag([1, -1, -1]) @ self.rotation()
        view = np.eye(4)
        view[:3, :3], view[:3, 3] = rotation, -rotation @ np.array(self.position)
        a, b = 2 * self.focal / self.width, 2 * self.focal / self.height
        c, d = -(FAR + NEAR) / (FAR - NEAR), -2 * FAR * NEAR / (FAR - NEAR)
        return np.array([[a, 0, 0, 0], [0, b, 0, 0], [0, 0, c, d], [0, 0, -1, 0]]) @ view


@dataclass
class Sensor:
    """How light becomes a picture."""

    gain: tuple = (1.0, 1.0, 1.0)  # white balance, RGB
    gamma: float = 2.2
    blur: float = 0.5  # sigma in pixels
    noise: float = 0.01  # at mid grey, 0..1
    grey: bool = False
    infrared: bool = False  # camera's own lamp: near things bright, corners dark
    vignette: float = 0.1
    contrast: float = 0.3  # of the tone curve
    black: float = 0.0
    saturation: float = 1.0
    chroma: float = 0.5  # noise of colour relative to that of light

    def picture(self, linear, rng, window=None):
        """8-bit BGR from linear light (height, width, 3), or of the `window` (x0, y0, x1, y1) of it alone."""
        x0, y0, x1, y1 = window or (0, 0, linear.shape[1], linear.shape[0])
        x = np.linspace(-1, 1, linear.shape[1], dtype=np.float32)[x0:x1]
        y = np.linspace(-1, 1, linear.shape[0], dtype=np.float32)[y0:y1, None]
        image = linear[y0:y1, x0:x1] * np.array(self.gain, np.float32)
        image = image * (1 - self.vignette * (x * x + y * y) / 2)[..., None]
        height, width = image.shape[:2]
        if self.blur > 0.2:
            image = cv2.GaussianBlur(image, (0, 0), self.blur)
        image = np.clip(image, 0, None)
        image = image / (1 + self.contrast * image) * (1 + self.contrast)  # shoulder of the tone curve
        image = np.clip(image, 0, 1) ** np.float32(1 / self.gamma)
        luma = image @ np.array([0.299, 0.587, 0.114], np.float32)
        image = luma[..., None] + (image - luma[..., None]) * (0.0 if self.grey or self.infrared else self.saturation)
        image = self.black + (1 - self.black) * image
        if self.noise > 0:
            level = self.noise * (0.6 + 0.8 * np.sqrt(np.clip(1 - luma, 0, 1)))
            field = rng.standard_normal((height, width, 1), np.float32)
            if not (self.grey or self.infrared):
                field = field + self.chroma * rng.standard_normal((height, width, 3), np.float32)
            image = image + level[..., None] * field
        return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)[..., ::-1]


def auto_exposure(linear, target=0.28, limit=6.0):
    """Gain that brings the picture's brightness to a target, as a camera does."""
    luma = linear.mean(2)
    return float(np.clip(target / (0.5 * luma.mean() + 0.5 * np.median(luma) + 1e-4), 1 / limit, limit))
