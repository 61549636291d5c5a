"""Draws on a cut-out what people wear or hold before their faces: glasses, masks, hats, hands; and closes eyes."""

import cv2
import numpy as np

SHIFT = 4  # fractional bits of drawn coordinates


def fixed(points):
    """Points for OpenCV's sub-pixel drawing."""
    return np.round(np.asarray(points) * (1 << SHIFT)).astype(np.int32)


def polygon(picture, points, colour, opacity=1.0):
    """A filled polygon, laid over the picture."""
    layer = picture.copy() if opacity < 1 else picture
    cv2.fillPoly(layer, [fixed(points)], (*map(float, colour), 255), cv2.LINE_AA, SHIFT)
    if opacity < 1:
        cv2.addWeighted(layer, opacity, picture, 1 - opacity, 0, dst=picture)


def line(picture, points, colour, thickness):
    """An open line."""
    cv2.polylines(picture, [fixed(points)], False, (*map(float, colour), 255), max(1, round(thickness)), cv2.LINE_AA, SHIFT)


def rounded(centre, half, power, axes, count=28):
    """Points of a super-ellipse about `centre` with half sizes along `axes` (rows: right, down)."""
    t = np.linspace(0, 2 * np.pi, count, endpoint=False)
    unit = np.stack([np.cos(t), np.sin(t)], 1)
    unit = np.sign(unit) * np.abs(unit) ** (2 / power)
    return centre + (unit * half) @ axes


def frame_of(points):
    """Eye distance and axes (right, down) of a face."""
    across = points[1] - points[0]
    distance = np.hypot(*across)
    right = across / distance
    return distance, np.array([right, [-right[1], right[0]]])


def any_colour(rng, low=0, high=256):
    return rng.integers(low, high, 3)


def glasses(rng, picture, points, box):
    """Frames thick or thin, lenses clear, tinted or dark, with reflections; temples to the edge of the face."""
    distance, axes = frame_of(points)
    half = distance * np.array([rng.uniform(0.3, 0.44), rng.uniform(0.2, 0.38)])
    power = rng.choice([2.0, 2.6, 4.0, 6.0])
    thick = distance * rng.choice([0.02, 0.035, 0.06, 0.09])
    colour = any_colour(rng, 0, 60) if rng.random() < 0.65 else any_colour(rng, 40, 220)
    drop = rng.uniform(-0.04, 0.12) * distance * axes[1]
    sun = rng.random() < 0.12
    lens, opacity = (any_colour(rng, 0, 50), rng.uniform(0.75, 0.97)) if sun else (any_colour(rng, 120, 256), rng.uniform(0, 0.18))
    rims = [rounded(eye + drop, half, power, axes) for eye in points[:2]]
    for rim, eye in zip(rims, points[:2]):
        polygon(picture, rim, lens, opacity)
        if rng.random() < 0.3:  # a reflection
            low, width = rng.uniform(-0.9, 0.3), rng.uniform(0.1, 0.7)
            slant = rng.uniform(-0.4, 0.4)
            corners = [(low, -0.8), (low + width, -0.8), (low + width + slant, 0.8), (low + slant, 0.8)]
            inside = np.clip(np.array(corners), -0.85, 0.85) * half
            polygon(picture, eye + drop + inside @ axes, any_colour(rng, 190, 256), rng.uniform(0.1, 0.8))
        if rng.random() < 0.9:
            line(picture, np.concatenate([rim, rim[:1]]), colour, thick)
        if rng.random() < 0.4:  # brow line
            line(picture, rounded(eye + drop, half, power, axes)[14:], colour, thick * 1.8)
    inner = half[0] * axes[0]
    lift = rng.uniform(-0.4, 0.1) * half[1] * axes[1]
    line(picture, [points[0] + drop + inner + lift, points[1] + drop - inner + lift], colour, thick)
    for eye, side, edge in ((points[0], -1, box[0]), (points[1], 1, box[2])):
        start = eye + drop + side * inner + lift
        line(picture, [start, [edge, start[1] + rng.uniform(-0.1, 0.1) * distance]], colour, thick)


def mask(rng, picture, points, box):
    """A mask over nose and mouth, with straps and folds."""
    distance, axes = frame_of(points)
    eye = (points[0] + points[1]) / 2
    top = eye + (points[2] - eye) * rng.uniform(0.3, 1.0)
    chin = np.array([(points[3] + points[4])[0] / 2, box[3] + rng.uniform(-0.05, 0.05) * distance])
    wide = distance * rng.uniform(0.8, 1.05)
    cheek = top + (chin - top) * rng.uniform(0.1, 0.3)
    low = top + (chin - top) * rng.uniform(0.65, 0.85)
    shape = [top, top + axes[0] * wide * 0.45, cheek + axes[0] * wide, low + axes[0] * wide * 0.8, chin + axes[0] * wide * 0.3,
             chin - axes[0] * wide * 0.3, low - axes[0] * wide * 0.8, cheek - axes[0] * wide, top - axes[0] * wide * 0.45]
    colour = any_colour(rng, 200, 256) if rng.random() < 0.5 else any_colour(rng, 0, 256)
    for side, edge in ((-1, box[0]), (1, box[2])):
        line(picture, [cheek + side * axes[0] * wide, [edge, eye[1]]], colour, distance * 0.03)
    polygon(picture, shape, colour)
    for share in rng.uniform(0.3, 0.9, rng.integers(0, 4)):
        middle = top + (chin - top) * share
        line(picture, [middle - axes[0] * wide * 0.7, middle, middle + axes[0] * wide * 0.7], colour * 0.85, distance * 0.02)


def hat(rng, picture, points, box):
    """A cap, hat or scarf down to the forehead."""
    distance, axes = frame_of(points)
    eye = (points[0] + points[1]) / 2
    brim = eye - axes[1] * distance * rng.uniform(0.35, 0.75)
    wide, high = distance * rng.uniform(1.25, 1.6), distance * rng.uniform(1.0, 1.9)
    t = np.linspace(np.pi, 2 * np.pi, 20)
    dome = brim + (np.stack([np.cos(t), np.sin(t)], 1) * (wide, high)) @ axes
    colour = any_colour(rng)
    polygon(picture, dome, colour)
    if rng.random() < 0.6:
        reach = wide * rng.uniform(1.0, 1.5)
        polygon(picture, rounded(brim, np.array([reach, distance * rng.uniform(0.05, 0.25)]), 2.0, axes), colour * rng.uniform(0.6, 1.0))


def hand(rng, picture, points, box):
    """Fingers, a telephone or another thing before a part of the lower face or one cheek."""
    distance, axes = frame_of(points)
    spot = points[rng.choice([2, 3, 4])] + rng.uniform(-0.5, 0.5, 2) * distance + axes[1] * distance * 0.2
    x, y = np.clip((points[2] + axes[1] * -0.15 * distance).astype(int), 0, np.array(picture.shape[1::-1]) - 1)
    skin = picture[y, x, :3] * rng.uniform(0.75, 1.15)
    if rng.random() < 0.3:
        half = distance * rng.uniform(0.15, 0.5, 2)
        polygon(picture, rounded(spot, half, 6.0, axes), any_colour(rng))
        return
    direction = rng.uniform(-0.6, 0.6)
    along = np.array([np.sin(direction), np.cos(direction)])
    side = np.array([along[1], -along[0]])
    for i in range(rng.integers(2, 5)):
        tip = spot + side * distance * 0.2 * i
        end = tip + along * distance * 1.6
        line(picture, [tip, end], np.clip(skin * rng.uniform(0.9, 1.05), 0, 255), distance * 0.18)


def close_eyes(rng, picture, eyes):
    """Skin from below each eye over the eye, with a dark lash line."""
    for x1, y1, x2, y2 in eyes:
        w, h = x2 - x1, max(3.0, y2 - y1)
        left, right = int(x1 - 0.1 * w), int(np.ceil(x2 + 0.1 * w))
        top, bottom = int(y1 - 0.1 * h), int(np.ceil(y2 + 0.15 * h))
        high = bottom - top
        if left < 0 or top < 0 or right > picture.shape[1] or bottom + high > picture.shape[0] or right - left < 3:
            continue
        skin = picture[bottom : bottom + high, left:right, :3][::-1].astype(np.float32)
        feather = np.zeros((high, right - left), np.float32)
        cv2.ellipse(feather, ((right - left) // 2, high // 2), (max(1, int(w * 0.5)), max(1, int(h * 0.5))), 0, 0, 360, 1.0, -1)
        feather = cv2.GaussianBlur(feather, (0, 0), max(0.6, h * 0.1))[..., None]
        part = picture[top:bottom, left:right, :3]
        part[:] = part + (skin - part) * feather
        t = np.linspace(-1, 1, 9)
        lash = np.stack([(x1 + x2) / 2 + t * w / 2, y1 + h * (0.62 + 0.25 * (1 - t * t))], 1)
        line(picture, lash, rng.integers(10, 70) * np.ones(3), h * 0.12)
