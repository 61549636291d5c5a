"""Bags: how they look and how they hang, stand or roll. A bag's origin is the middle of its base; it faces -y."""

from dataclasses import dataclass

import numpy as np

from bodies import INDEX
from clothes import CLOTHS
from gait import axis_rotation
from renderer import Mesh
from solids import box, cylinder, rod, rounded

CLASSES = ("backpack", "handbag", "suitcase")


@dataclass
class Bag:
    """A bag with its mesh at the origin; `grip` is the height of the handle above the base."""

    kind: str
    mesh: Mesh
    size: tuple
    grip: float
    rolls: bool = False


def make_bag(kind, table, rng, colour=None, size=None):
    """A bag of one of `CLASSES`; materials go into the scene's table."""
    colour = np.clip(CLOTHS[rng.integers(len(CLOTHS))] * rng.uniform(0.7, 1.2), 0.006, 0.9) if colour is None else np.array(colour)
    gloss = rng.uniform(0.0, 0.4)
    skin = table.add(tuple(colour), kind=int(rng.choice([0, 0, 5, 13])), second=tuple(colour * 0.55), scale=22.0, gloss=gloss,
                     bump=0.3, mottle=0.2)  # fmt: skip
    dark = table.add((0.03, 0.03, 0.032), gloss=0.3)
    metal = table.add((0.4, 0.4, 0.42), gloss=0.6)
    if kind == "backpack":
        w, d, h = size or (rng.uniform(0.26, 0.34), rng.uniform(0.14, 0.24), rng.uniform(0.36, 0.52))
        parts = [rounded((0, 0, h / 2), (w, d, h), skin, 0.5), rounded((0, d * 0.5, h * 0.32), (w * 0.7, d * 0.4, h * 0.4), skin, 0.5),
                 rod((-w * 0.12, 0, h), (w * 0.12, 0, h), 0.012, dark)]  # fmt: skip
        return Bag(kind, Mesh.join(parts), (w, d, h), h)
    if kind == "handbag":
        w, d, h = size or (rng.uniform(0.24, 0.46), rng.uniform(0.1, 0.2), rng.uniform(0.2, 0.34))
        strap = rng.uniform(0.12, 0.22)
        parts = [rounded((0, 0, h / 2), (w, d, h), skin, rng.uniform(0.25, 0.6)), rod((-w * 0.25, 0, h * 0.95), (-w * 0.1, 0, h + strap), 0.009, dark),
                 rod((w * 0.25, 0, h * 0.95), (w * 0.1, 0, h + strap), 0.009, dark),
                 rod((-w * 0.1, 0, h + strap), (w * 0.1, 0, h + strap), 0.009, dark)]  # fmt: skip
        return Bag(kind, Mesh.join(parts), (w, d, h), h + strap)
    w, d, h = size or (rng.uniform(0.36, 0.52), rng.uniform(0.22, 0.32), rng.uniform(0.5, 0.76))
    parts = [rounded((0, 0, h / 2 + 0.05), (w, d, h), skin, rng.uniform(0.16, 0.35))]
    parts += [cylinder((x, y, 0.0), 0.025, 0.06, dark, 6) for x in (-w * 0.35, w * 0.35) for y in (-d * 0.3, d * 0.3)]
    top = max(h + 0.1, 0.95)
    parts += [rod((x, d * 0.42, h), (x, d * 0.42, top), 0.008, metal) for x in (-w * 0.22, w * 0.22)]
    parts += [rod((-w * 0.24, d * 0.42, top), (w * 0.24, d * 0.42, top), 0.014, dark)]
    return Bag(kind, Mesh.join(parts), (w, d, h), top, rolls=True)


def on_back(bag, figure, joints, rotation, obj):
    """A backpack on the chest's back, moving with it. `rotation` is the chest's, in the world."""
    chest = joints[INDEX["chest"]]
    scale = figure.body.height / 1.7
    back = np.array([0.0, 0.13 * scale + bag.size[1] / 2, 0.02 * scale])
    base = chest + rotation @ (back - [0, 0, bag.size[2] * 0.35])
    return bag.mesh.moved(rotation, base).of(obj)


def in_hand(bag, hand, heading, obj, lift=0.03):
    """A bag that hangs straight down from a hand, its long side along the way."""
    turn = axis_rotation(2, np.pi - heading) @ axis_rotation(2, np.pi / 2)
    drop = min(bag.grip if not bag.rolls else bag.size[2] + 0.08, max(hand[2] - lift - 0.02, 0.1))
    return bag.mesh.moved(turn, [hand[0], hand[1], hand[2] - drop - 0.04]).of(obj)


def on_shoulder(bag, joints, side, heading, obj):
    """A bag that hangs at the hip from a shoulder strap."""
    shoulder, hip = joints[INDEX[f"arm.{side}"]], joints[INDEX[f"thigh.{side}"]]
    turn = axis_rotation(2, np.pi - heading) @ axis_rotation(2, np.pi / 2)
    out = axis_rotation(2, np.pi - heading) @ np.array([0.14 if side == "L" else -0.14, 0.02, 0])
    place = np.array([hip[0], hip[1], hip[2] - bag.size[2] * 0.55]) + out
    return Mesh.join([bag.mesh.moved(turn, place).of(obj), rod(place + [0, 0, bag.size[2]], shoulder, 0.012,
                                                               bag.mesh.materials[-1], obj)])  # fmt: skip


def rolling(bag, hand, heading, obj):
    """A suitcase tilted behind a walker: its handle in the hand, its wheels on the floor."""
    reach = float(np.clip(hand[2] / np.hypot(bag.grip, bag.size[1] * 0.42), 0.5, 0.99))
    tilt = np.arccos(reach)
    turn = axis_rotation(2, np.pi - heading) @ axis_rotation(0, tilt)  # the top leans ahead
    local = turn @ np.array([0, bag.size[1] * 0.42, bag.grip])
    base = np.array([hand[0] - local[0], hand[1] - local[1], 0.0])
    moved = bag.mesh.moved(turn, base)
    moved.positions[:, 2] -= moved.positions[:, 2].min()
    return moved.of(obj)


def standing(bag, position, heading, obj, lying=False):
    """A bag on the floor."""
    turn = axis_rotation(2, np.pi - heading) @ (axis_rotation(0, np.pi / 2) if lying else np.eye(3))
    moved = bag.mesh.moved(turn, [position[0], position[1], 0])
    moved.positions[:, 2] -= moved.positions[:, 2].min()
    return moved.of(obj)


def trolley(table, rng):
    """A luggage trolley: frame, platform and handle; pushed from +y. Part of the room's furniture."""
    metal = table.add((0.45, 0.46, 0.48), gloss=0.6)
    grip = table.add(tuple(CLOTHS[rng.integers(6, 13)]), gloss=0.2)
    parts = [box((-0.3, -0.75, 0.18), (0.3, 0.05, 0.21), metal), rod((-0.28, 0.05, 0.2), (-0.28, 0.3, 1.0), 0.018, metal),
             rod((0.28, 0.05, 0.2), (0.28, 0.3, 1.0), 0.018, metal), rod((-0.3, 0.3, 1.0), (0.3, 0.3, 1.0), 0.028, grip),
             rod((-0.28, 0.1, 0.45), (0.28, 0.1, 0.45), 0.015, metal)]  # fmt: skip
    parts += [cylinder((x, y, 0), 0.06, 0.14, metal, 8) for x in (-0.26, 0.26) for y in (-0.65, 0.0)]
    return Mesh.join(parts)
