"""Composes training pictures: faces turned, dressed, relit and pasted into scenes, or real and rendered scenes."""

import cv2
import numpy as np

from effects import camera, gradient, retone, scale_light
from sources import FACE_HEIGHT, label_row
from turn import Turn
from wear import close_eyes, glasses, hand, hat, mask, rounded

SMALLEST = 12.0  # faces lower than this are ignored, pixels
SEEN_ENOUGH = 0.55  # of a face inside the picture
MIRRORED = [1, 0, 2, 4, 3]  # order of the points of a mirrored face


def mirror(picture, labels):
    """Left and right swapped."""
    width = picture.shape[1]
    labels = labels.copy()
    labels[:, [0, 2]] = width - labels[:, [2, 0]]
    points = labels[:, 5:15].reshape(-1, 5, 2)[:, MIRRORED].copy()
    points[..., 0] = width - points[..., 0]
    labels[:, 5:15] = points.reshape(-1, 10)
    return np.ascontiguousarray(picture[:, ::-1]), labels


def doubt(labels, size):
    """Faces too small or too far outside become regions to ignore; what cannot be seen is dropped."""
    low, high = np.clip(labels[:, :2], 0, size), np.clip(labels[:, 2:4], 0, size)
    full = np.prod(labels[:, 2:4] - labels[:, :2], axis=1)
    seen = np.prod(high - low, axis=1) / np.maximum(full, 1e-6)
    labels[(seen < SEEN_ENOUGH) | (labels[:, 3] - labels[:, 1] < SMALLEST), 4] = 2
    return labels[seen > 0.03]


def crop(rng, scene, size, zoom, centre=None):
    """A square of `size` cut out of a scene at `zoom`, with its labels; outside the scene it is black."""
    h, w = scene.picture.shape[:2]
    side = size / zoom
    if centre is None:
        low = rng.uniform(0, 1, 2) * np.maximum(0, np.array([w, h]) - side) + np.minimum(0, np.array([w, h]) - side) / 2
    else:
        low = np.asarray(centre) - side * rng.uniform(0.2, 0.8, 2)
    move = np.array([[zoom, 0, -low[0] * zoom], [0, zoom, -low[1] * zoom]])
    x1, y1 = np.maximum(0, low).astype(int)
    x2, y2 = np.minimum([w, h], low + side + 2).astype(int)
    part = scene.picture[y1:y2, x1:x2]
    if zoom < 0.6 and part.size:  # shrink by area first, so that nothing flickers
        part = cv2.resize(part, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
        move = np.array([[1, 0, (x1 - low[0]) * zoom], [0, 1, (y1 - low[1]) * zoom]])
    else:
        move[:, 2] += zoom * np.array([x1, y1])
    picture = cv2.warpAffine(part, move, (size, size)) if part.size else np.zeros((size, size, 3), np.uint8)
    labels = scene.labels.copy()
    labels[:, :4] = (labels[:, :4] - np.tile(low, 2)) * zoom
    labels[:, 5:15] = (labels[:, 5:15] - np.tile(low, 5)) * zoom
    labels = doubt(labels, size)
    return mirror(picture, labels) if rng.random() < 0.5 else (picture, labels)


def real_face(rng, scene, size):
    """A crop about one labelled face of a scene, at some size."""
    faces = scene.labels[scene.labels[:, 4] == 1]
    if not len(faces):
        return crop(rng, scene, size, rng.uniform(0.4, 2.0))
    face = faces[rng.integers(len(faces))]
    height = face[3] - face[1]
    most = min(0.9 * size, 5.0 * height)
    target = np.exp(rng.uniform(np.log(16), np.log(max(20.0, most))))
    return crop(rng, scene, size, target / height, (face[:2] + face[2:4]) / 2)


def backdrop(rng, scenes, size):
    """A scene, sharp or out of focus, or a wall; with the labels of the faces in it."""
    kind = rng.random()
    if kind < 0.25:
        picture = np.empty((size, size, 3), np.uint8)
        picture[:] = rng.integers(0, 256, 3) if rng.random() < 0.3 else rng.integers(0, 256)
        return scale_light(picture, gradient(rng, size, size, rng.uniform(0, 0.8))), np.zeros((0, 16), np.float32)
    scene = scenes[rng.integers(len(scenes))]
    picture, labels = crop(rng, scene, size, np.exp(rng.uniform(np.log(0.35), np.log(2.5))))
    if kind < 0.45:
        spread = rng.uniform(2, 6)
        small = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        picture = cv2.resize(cv2.GaussianBlur(small, (0, 0), spread / 2), (size, size), interpolation=cv2.INTER_LINEAR)
        labels = labels[labels[:, 3] - labels[:, 1] > 3 * spread]
        labels[:, 4] = 2
    return picture, labels


def dress(rng, portrait, level):
    """A copy of one size of a cut-out with new clothes and things before the face; returns it and what was drawn."""
    shrink = 0.5**level
    picture = portrait.levels[level].copy()
    points, box, eyes = portrait.points * shrink, portrait.box * shrink, portrait.eyes * shrink
    chest = int(box[3] + 0.25 * (box[3] - box[1]))
    if chest < picture.shape[0]:
        colours = picture[chest:, :, :3]
        colours[:] = cv2.LUT(colours.copy(), np.clip(np.outer(np.arange(256), rng.uniform(0.05, 1.1, 3)), 0, 255).astype(np.uint8)[:, None])
    drawn = set()
    for name, chance, draw in (("closed", 0.12, None), ("mask", 0.1, mask), ("glasses", 0.42, glasses), ("hat", 0.1, hat), ("hand", 0.07, hand)):
        if rng.random() < chance:
            drawn.add(name)
            if draw:
                draw(rng, picture, points, box)
            else:
                close_eyes(rng, picture, eyes)
    return picture, drawn


def erase(rng, portrait, level):
    """A head without a face: hair or skin in its place."""
    shrink = 0.5**level
    picture = portrait.levels[level].copy()
    box = portrait.box * shrink
    x, y = (int((box[0] + box[2]) / 2), max(0, int(box[1] - 2)) if rng.random() < 0.7 else int(box[1] + 0.2 * (box[3] - box[1])))
    half = (box[2:] - box[:2]) / 2 * rng.uniform(1.05, 1.2)
    shape = rounded((box[:2] + box[2:]) / 2, half, 2.2, np.eye(2))
    cv2.fillPoly(picture, [shape.astype(np.int32)], (*map(float, picture[y, x, :3]), 255), cv2.LINE_AA)
    return picture


def angles(rng, strong, points):
    """Yaw, pitch and roll in radians; a portrait that is turned already is turned less."""
    across = points[1] - points[0]
    own = abs((points[2] - points[:2].mean(0)) @ across / (across @ across))
    yaw = rng.uniform(-32, 32) if strong else rng.normal(0, 10)
    yaw *= np.clip(1.3 - 4 * own, 0.2, 1.0)
    pitch = rng.uniform(-20, 20) if strong else rng.normal(0, 8)
    roll = rng.normal(0, 8) if rng.random() < 0.85 else rng.uniform(-30, 30)
    return np.radians([np.clip(yaw, -32, 32), np.clip(pitch, -20, 20), roll])


def paste(rng, canvas, labels, portrait, height, centre, decoy=False):
    """Paste one person so that the face is about `height` pixels high about `centre`; returns labels and facts."""
    size = canvas.shape[0]
    level = int(np.clip(np.floor(np.log2(FACE_HEIGHT / height)), 0, 2))
    picture, drawn = (erase(rng, portrait, level), set()) if decoy else dress(rng, portrait, level)
    turn = Turn(portrait.box, portrait.points, angles(rng, rng.random() < 0.5, portrait.points), height / FACE_HEIGHT, centre)
    h, w = portrait.levels[0].shape[:2]
    x, y = np.meshgrid(np.linspace(0, w, 7), np.linspace(0, h, 7))
    seen = turn.forward(np.stack([x, y], -1).reshape(-1, 2))
    x1, y1 = np.maximum(0, np.floor(seen.min(0))).astype(int)
    x2, y2 = np.minimum(size, np.ceil(seen.max(0))).astype(int)
    if min(x2 - x1, y2 - y1) < 8:
        return labels, None
    roi = turn.draw(picture, 0.5**level, portrait.box, (x1, y1, x2, y2))
    face, weight = cv2.cvtColor(roi, cv2.COLOR_BGRA2BGR), cv2.extractChannel(roi, 3)
    if rng.random() < 0.5:
        face = scale_light(face, gradient(rng, y2 - y1, x2 - x1, rng.uniform(0.2, 1.1)))
    if rng.random() < 0.7:
        face = retone(rng, face, 0.8)
    back_lit = rng.random() < 0.06
    if back_lit:
        face = cv2.convertScaleAbs(face, alpha=rng.uniform(0.25, 0.6))
    if rng.random() < 0.06:
        weight = np.where(weight > 0, np.uint8(255), weight) if rng.random() < 0.5 else np.full_like(weight, 255)
    weight = weight.astype(np.float32) / 255
    part = canvas[y1:y2, x1:x2]
    part[:] = cv2.blendLinear(face, np.ascontiguousarray(part), weight, 1 - weight)

    box = turn.outline(portrait.box)
    labels = hide(labels, weight, (x1, y1))
    facts = {"height": box[3] - box[1], "angles": np.degrees([turn.yaw, turn.pitch, turn.roll]), "drawn": drawn, "back_lit": back_lit}
    if not decoy:
        labels = np.concatenate([labels, label_row(box, turn.forward(portrait.points))[None]])
    return labels, None if decoy else facts


def hide(labels, weight, corner):
    """Labels after something was pasted with `weight` at `corner`: covered ones go, half covered ones are ignored."""
    kept = []
    for row in labels:
        x1, y1 = np.maximum(0, row[:2] - corner).astype(int)
        x2, y2 = np.maximum(0, row[2:4] - corner).astype(int)
        covered = weight[y1:y2, x1:x2].sum() / max(1.0, (row[2] - row[0]) * (row[3] - row[1]))
        if covered > 0.2:
            row = row.copy()
            row[4] = 2
        if covered < 0.8:
            kept.append(row)
    return np.array(kept, np.float32).reshape(-1, 16)


def face_height(rng, size):
    """Of a pasted face: half of them spread by ratio, half evenly over what a lane camera sees."""
    if rng.random() < 0.5:
        return np.exp(rng.uniform(np.log(24), np.log(0.95 * size)))
    return rng.uniform(44, 0.98 * size)


def pasted(rng, portraits, scenes, size):
    """A backdrop with no, one or several pasted people; returns picture, labels and the facts of each face."""
    canvas, labels = backdrop(rng, scenes, size)
    canvas = np.ascontiguousarray(canvas)
    count = rng.choice([0, 1, 2, 3, 4], p=[0.08, 0.6, 0.16, 0.1, 0.06])
    found = []
    for _ in range(count):
        height = face_height(rng, size) / (1 if count == 1 else 1.6)
        margin = min(0.5, 0.45 * height / size)
        centre = size * rng.uniform(margin, 1 - margin, 2)
        distance = np.abs(centre - (labels[:, :2] + labels[:, 2:4]) / 2).max(1) if len(labels) else np.zeros(0)
        if len(labels) and count > 1 and (distance < 0.5 * (height + labels[:, 3] - labels[:, 1])).any():
            continue
        portrait = portraits[rng.integers(len(portraits))]
        labels, facts = paste(rng, canvas, labels, portrait, height, centre, decoy=rng.random() < 0.06)
        if facts:
            found.append(facts)
    labels = doubt(labels, size)
    return *(mirror(canvas, labels) if rng.random() < 0.5 else (canvas, labels)), found


def compose(rng, material, size, bank):
    """One training picture [size, size, 3] with labels [M, 16]; `material` is portraits, scenes and renders."""
    portraits, scenes, rendered = material
    kind = rng.random()
    if rendered and kind < 0.2:
        picture, labels = real_face(rng, rendered[rng.integers(len(rendered))], size)
    elif kind < 0.35:
        picture, labels = real_face(rng, scenes[rng.integers(len(scenes))], size)
    else:
        picture, labels, _ = pasted(rng, portraits, scenes, size)
    return camera(rng, picture, bank), labels
