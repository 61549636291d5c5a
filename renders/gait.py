"""Poses: how the segments of a body stand while it walks, stands, sits, bends, carries or pushes.

A pose is the absolute rotation of every segment in the body's frame (x to its left, -y ahead, z up). Limbs are aimed: the
smallest rotation that takes the limb's direction at rest to the wanted one, so a pose fits every build.
"""

from dataclasses import dataclass, field

import numpy as np

from bodies import INDEX, NAMES, PARENTS

TAU = 2 * np.pi
# Absolute pitch of the foot over a gait cycle that begins with the strike of the heel (toes up is positive).
FOOT_PHASE = np.array([0.0, 0.1, 0.38, 0.5, 0.62, 0.76, 0.9, 1.0])
FOOT_PITCH = np.array([0.32, 0.0, -0.04, -0.35, -0.95, -0.55, 0.15, 0.32])


@dataclass
class Arm:
    """Angles in radians: forward flexion and outward lift of the upper arm, bend of the elbow."""

    flexion: float = 0.0
    lift: float = 0.12
    elbow: float = 0.25


@dataclass
class Leg:
    """Angles in radians: forward flexion and outward lift of the thigh, bend of the knee, pitch of the foot."""

    flexion: float = 0.0
    lift: float = 0.04
    knee: float = 0.05
    foot: float = 0.0


@dataclass
class Pose:
    """Everything that a posture sets; arms and legs are (left, right)."""

    arms: tuple = field(default_factory=lambda: (Arm(), Arm()))
    legs: tuple = field(default_factory=lambda: (Leg(), Leg()))
    lean: float = 0.0  # forward bend of pelvis and back
    bend: float = 0.0  # forward bend of the back alone
    twist: float = 0.0  # of the chest, to the left
    sway: float = 0.0  # sideways, to the left
    nod: float = 0.0
    look: float = 0.0  # of the head, to the left
    tilt: float = 0.0


def axis_rotation(axis, angle):
    """Rotation matrix about one of the axes 0..2."""
    c, s = np.cos(angle), np.sin(angle)
    i, j = [(1, 2), (2, 0), (0, 1)][axis]
    out = np.eye(3)
    out[i, i] = out[j, j] = c
    out[i, j], out[j, i] = -s, s
    return out


def aim(start, end):
    """Smallest rotation that turns direction `start` into `end` (Rodrigues)."""
    start, end = start / np.linalg.norm(start), end / np.linalg.norm(end)
    (a, b, c), (d, e, f) = start, end
    x, y, z, c = b * f - c * e, c * d - a * f, a * e - b * d, float(start @ end)
    if c < -0.999:
        return axis_rotation(0, np.pi)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + k + k @ k / (1 + c)


def direction(flexion, lift, side):
    """Direction of a limb that hangs down at zero; `side` is 1 on the left, -1 on the right."""
    return np.array([side * np.sin(lift), -np.sin(flexion) * np.cos(lift), -np.cos(flexion) * np.cos(lift)])


def transforms(body, pose):
    """Rotation (19,3,3) and joint position (19,3) of each segment, in the body's frame, pelvis at its rest height."""
    joints = body.joints
    rotation = np.zeros((len(NAMES), 3, 3))

    def rest(a, b):
        return joints[INDEX[b]] - joints[INDEX[a]]

    pelvis = axis_rotation(0, pose.lean) @ axis_rotation(1, pose.sway)
    back = axis_rotation(2, pose.twist) @ axis_rotation(0, pose.lean + pose.bend) @ axis_rotation(1, pose.sway)
    head = axis_rotation(2, pose.look) @ axis_rotation(0, pose.lean * 0.3 + pose.bend * 0.4 + pose.nod)
    head = head @ axis_rotation(1, pose.tilt)
    rotation[INDEX["pelvis"]] = pelvis
    rotation[INDEX["waist"]] = axis_rotation(2, pose.twist / 2) @ axis_rotation(0, pose.lean + pose.bend / 2)
    rotation[INDEX["chest"]] = back
    rotation[INDEX["neck"]] = axis_rotation(2, pose.look / 2) @ axis_rotation(0, (pose.lean + pose.bend + pose.nod) / 2)
    rotation[INDEX["head"]] = head
    for i, (s, side) in enumerate((("L", 1), ("R", -1))):
        arm, leg = pose.arms[i], pose.legs[i]
        rotation[INDEX[f"clavicle.{s}"]] = back
        upper = back @ direction(arm.flexion, arm.lift, side)
        lower = back @ direction(arm.flexion + arm.elbow, arm.lift * (1 - arm.elbow / np.pi), side)
        rotation[INDEX[f"arm.{s}"]] = aim(rest(f"arm.{s}", f"forearm.{s}"), upper)
        rotation[INDEX[f"forearm.{s}"]] = aim(rest(f"forearm.{s}", f"hand.{s}"), lower)
        rotation[INDEX[f"hand.{s}"]] = rotation[INDEX[f"forearm.{s}"]]
        thigh = direction(leg.flexion, leg.lift, side)
        shank = direction(leg.flexion - leg.knee, leg.lift * 0.6, side)
        rotation[INDEX[f"thigh.{s}"]] = aim(rest(f"thigh.{s}", f"shank.{s}"), thigh)
        rotation[INDEX[f"shank.{s}"]] = aim(rest(f"shank.{s}", f"foot.{s}"), shank)
        rotation[INDEX[f"foot.{s}"]] = axis_rotation(2, side * 0.12) @ axis_rotation(0, -leg.foot)
    position = np.zeros((len(NAMES), 3))
    position[0] = joints[0]
    for i, parent in enumerate(PARENTS):
        if parent >= 0:
            position[i] = position[parent] + rotation[parent] @ (joints[i] - joints[parent])
    return rotation, position


def swing(speed):
    """Amplitude of the hip, in radians, at a walking speed in m/s."""
    return float(np.clip(0.16 + 0.21 * speed, 0.0, 0.62)) * float(np.clip(speed / 0.25, 0.0, 1.0))


def cycle_length(body, speed):
    """Metres that a body moves in a gait cycle: two steps, so that feet do not slide."""
    leg = np.linalg.norm(body.joints[INDEX["foot.L"]] - body.joints[INDEX["thigh.L"]]) * 1.06
    return float(4 * leg * np.sin(max(swing(speed), 0.12)) * 0.98)


def walk(phase, speed, style=None):
    """Posture in a gait cycle; `phase` in radians is 0 when the left heel strikes. `style` varies it per person."""
    style = style or {}
    hip, lively = swing(speed), swing(speed) / 0.43
    legs, arms = [], []
    for offset in (0.0, np.pi):
        p = (phase + offset) % TAU
        knee = 0.06 + lively * (0.22 * bump(p, 0.75, 0.5) + (0.85 + 0.2 * style.get("lift", 0)) * bump(p, 4.55, 0.72))
        foot = np.interp(p / TAU, FOOT_PHASE, FOOT_PITCH) * min(lively, 1.15)
        legs.append(Leg(0.06 * lively + hip * np.cos(p), 0.03 + 0.03 * style.get("wide", 0), knee, foot))
        flexion = -0.75 * hip * np.cos(p) * style.get("arms", 1.0) + 0.02
        arms.append(Arm(flexion, 0.13 + 0.05 * style.get("bulk", 0), 0.22 + 0.35 * max(flexion, 0) + style.get("elbow", 0)))
    return Pose(
        arms=tuple(arms),
        legs=tuple(legs),
        lean=0.03 + 0.03 * lively + style.get("stoop", 0.0) * 0.3,
        bend=style.get("stoop", 0.0),
        twist=-0.09 * lively * np.cos(phase),
        sway=0.03 * lively * np.sin(phase) * (1 + style.get("wide", 0)),
        nod=style.get("nod", 0.0),
        look=style.get("look", 0.0),
    )


def bump(p, centre, width):
    """A smooth bump on the circle."""
    d = (p - centre + np.pi) % TAU - np.pi
    return np.exp(-((d / width) ** 2))


def stand(rng):
    """Someone who waits: weight on one leg, arms down, crossed, at the hips, at a phone or in the pockets."""
    arms = {
        "down": (Arm(0.0, 0.1, 0.15), Arm(0.05, 0.12, 0.2)),
        "phone": (Arm(0.5, 0.05, 1.75), Arm(0.1, 0.1, 0.3)),
        "call": (Arm(0.55, 0.35, 2.4), Arm(0.0, 0.1, 0.2)),
        "hips": (Arm(-0.25, 0.65, 1.1), Arm(-0.25, 0.65, 1.1)),
        "front": (Arm(0.35, 0.1, 1.25), Arm(0.35, 0.1, 1.2)),
        "crossed": (Arm(0.45, 0.05, 1.6), Arm(0.5, 0.0, 1.5)),
        "point": (Arm(1.35, 0.2, 0.1), Arm(0.0, 0.1, 0.2)),
    }[rng.choice(["down", "phone", "call", "hips", "front", "crossed", "point"], p=[0.4, 0.2, 0.06, 0.08, 0.12, 0.1, 0.04])]
    if rng.random() < 0.5:
        arms = arms[::-1]
    shift = rng.normal(0, 0.05)
    legs = (
        Leg(rng.normal(0.03, 0.06), 0.06 + shift, abs(rng.normal(0, 0.1)), 0.0),
        Leg(rng.normal(0.0, 0.06), 0.06 - shift, abs(rng.normal(0, 0.1)), 0.0),
    )
    return Pose(
        arms, legs, rng.normal(0.02, 0.03), rng.normal(0.04, 0.06), rng.normal(0, 0.12), rng.normal(0, 0.03),
        rng.normal(0.12, 0.18), rng.normal(0, 0.45), rng.normal(0, 0.06),
    )  # fmt: skip


def sit(rng):
    """Someone on a seat."""
    apart = rng.uniform(0.03, 0.25)
    knees = rng.uniform(1.3, 1.75, 2)
    legs = tuple(Leg(1.5, apart, knee, 0.0) for knee in knees)
    arms = tuple(Arm(rng.uniform(0.3, 0.8), rng.uniform(0.05, 0.2), rng.uniform(0.6, 1.6)) for _ in range(2))
    return Pose(arms, legs, rng.normal(-0.1, 0.1), rng.uniform(-0.05, 0.35), rng.normal(0, 0.1), 0.0,
                rng.normal(0.15, 0.25), rng.normal(0, 0.4))  # fmt: skip


def bend(depth):
    """Picking up or setting down: 0 stands, 1 has the hands near the floor."""
    knee = 0.95 * depth
    legs = (Leg(0.75 * depth, 0.08, knee, 0.0), Leg(0.55 * depth, 0.08, knee, 0.0))
    arms = (Arm(0.05 + 0.55 * depth, 0.1, 0.15), Arm(0.05 + 0.6 * depth, 0.1, 0.15))
    return Pose(arms, legs, lean=0.35 * depth, bend=0.75 * depth, nod=-0.2 * depth)


def squat(rng):
    """Crouching at something low."""
    legs = (Leg(1.9, 0.2, 2.3, 0.0), Leg(1.2, 0.1, 2.2, -0.5))
    arms = tuple(Arm(rng.uniform(0.4, 0.9), 0.15, rng.uniform(0.3, 1.0)) for _ in range(2))
    return Pose(arms, legs, lean=0.15, bend=0.35, nod=0.1, look=rng.normal(0, 0.3))


CARRY = {
    "hang": Arm(0.02, 0.1, 0.08),  # a bag in the hand
    "pull": Arm(-0.42, 0.16, 0.06),  # a rolling suitcase behind
    "push": Arm(0.45, 0.14, 0.75),  # both hands on a trolley
    "hold": Arm(0.25, 0.08, 1.45),  # something in front of the chest
    "give": Arm(1.0, 0.05, 0.25),  # reaching out
}


def carrying(pose, left=None, right=None):
    """The pose with one or both arms held as `CARRY` names them."""
    arms = list(pose.arms)
    for i, name in enumerate((left, right)):
        if name:
            arms[i] = CARRY[name]
    return Pose(tuple(arms), *[getattr(pose, f) for f in ("legs", "lean", "bend", "twist", "sway", "nod", "look", "tilt")])


def blend(a, b, t):
    """Posture between two: `t` from 0 to 1."""

    def mix(x, y):
        return type(x)(*[p + (q - p) * t for p, q in zip(vars(x).values(), vars(y).values())])

    rest = [getattr(a, f) + (getattr(b, f) - getattr(a, f)) * t for f in ("lean", "bend", "twist", "sway", "nod", "look", "tilt")]
    arms = tuple(mix(x, y) for x, y in zip(a.arms, b.arms))
    return Pose(arms, tuple(mix(x, y) for x, y in zip(a.legs, b.legs)), *rest)
