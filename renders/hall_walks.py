"""The walks of the rendered hall: from the script to positions, headings, gait and bags at every frame."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import gait

SCRIPT = Path(__file__).with_name("hall.toml")
STEP = 0.02  # seconds of the fine clock
SMOOTH = 0.22  # seconds over which corners and stops are rounded


@dataclass
class Walk:
    """A walker at every frame: place (n, 2), heading, speed, phase of the gait, bend of the back, reach of the arm."""

    id: int
    present: np.ndarray
    place: np.ndarray
    heading: np.ndarray
    speed: np.ndarray
    phase: np.ndarray
    bend: np.ndarray
    reach: np.ndarray
    deeds: list  # (time, words of the script's `do`)


def load(path=SCRIPT):
    """The script as a dictionary."""
    return tomllib.loads(path.read_text())


def smooth(values, sigma):
    """Gaussian smoothing along time with held ends."""
    reach = int(4 * sigma / STEP)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * STEP / sigma) ** 2)
    padded = np.pad(values, [(reach, reach)] + [(0, 0)] * (values.ndim - 1), mode="edge")
    columns = padded.reshape(len(padded), -1).T
    out = np.stack([np.convolve(c, kernel / kernel.sum(), "valid") for c in columns], 1)
    return out.reshape(values.shape)


def way(entry):
    """Knots (time, place), waits (from, to, face) and deeds of a path."""
    times, places, waits, deeds = [entry["start"]], [entry["path"][0]["at"]], [], []
    for point in entry["path"][1:]:
        length = np.linalg.norm(np.subtract(point["at"], places[-1]))
        times.append(times[-1] + length / entry["speed"])
        places.append(point["at"])
        wait = point.get("wait", 0.0)
        if wait:
            waits.append((times[-1], times[-1] + wait, point.get("face")))
            if "do" in point:
                deeds.append((times[-1] + point.get("after", wait / 2), point["do"]))
            times.append(times[-1] + wait)
            places.append(point["at"])
    return np.array(times), np.array(places, float), waits, deeds


def walk(entry, seconds, fps, cycle_length):
    """The walk of one entry of the script; `cycle_length(speed)` is that of the walker's body."""
    times, places, waits, deeds = way(entry)
    clock = np.arange(0, seconds + STEP, STEP)
    raw = np.stack([np.interp(clock, times, places[:, k]) for k in (0, 1)], 1)
    place = smooth(raw, SMOOTH)
    velocity = np.gradient(place, STEP, axis=0)
    speed = np.linalg.norm(velocity, axis=1)
    heading = np.where(speed > 0.2, np.arctan2(velocity[:, 0], velocity[:, 1]), np.nan)
    for start, end, face in waits:
        if face is not None:
            heading[(clock > start + 0.3) & (clock < end - 0.3)] = np.radians(face)
    known = np.flatnonzero(~np.isnan(heading))
    heading = heading[known[np.searchsorted(known, np.arange(len(clock)), "right").clip(1) - 1]]
    turning = smooth(np.stack([np.sin(heading), np.cos(heading)], 1), 0.2)
    heading = np.arctan2(turning[:, 0], turning[:, 1])
    per_metre = np.array([2 * np.pi / cycle_length(max(v, 0.3)) for v in speed])
    phase = np.cumsum(speed * per_metre) * STEP + entry["id"]
    bend, reach = np.zeros(len(clock)), np.zeros(len(clock))
    for at, deed in deeds:
        bump = np.exp(-(((clock - at) / 0.55) ** 2))
        if deed.startswith(("set down", "take")):
            bend = np.maximum(bend, 0.8 * bump)
        elif deed.startswith("give"):
            reach = np.maximum(reach, bump)
    frames = np.rint(np.arange(int(round(seconds * fps))) / fps / STEP).astype(int)
    present = (clock >= times[0]) & (clock <= times[-1])
    parts = (present, place, heading, speed, phase, bend, reach)
    return Walk(entry["id"], *(part[frames] for part in parts), deeds)


def holders(script, walks):
    """For each bag: its holds (from, to, holder or None, place on the floor, heading) in the order of time."""
    result = {}
    by_id = {walk.id: walk for walk in walks}
    fps, end = script["fps"], script["seconds"]
    for bag in script["bag"]:
        holds, since, holder, spot, facing = [], 0.0, bag["owner"], None, 0.0
        deeds = sorted((at, w.id, deed) for w in walks for at, deed in w.deeds if f" {bag['id']}" in f" {deed} ")
        for at, who, deed in deeds:
            holds.append((since, at, holder, spot, facing))
            frame, since = int(at * fps), at
            if deed.startswith("set down"):
                actor, holder = by_id[who], None
                facing = float(actor.heading[frame])
                side = facing + 0.9
                spot = actor.place[frame] + 0.5 * np.array([np.sin(side), np.cos(side)])
            elif deed.startswith("take"):
                holder, spot = who, None
            else:
                holder = int(deed.split()[-1])
        holds.append((since, end, holder, spot, facing))
        result[bag["id"]] = holds
    return result


def posture(walk, frame, style, idle):
    """The pose of a walker at a frame; `idle` is how this one stands."""
    moving = float(np.clip(walk.speed[frame] / 0.45, 0, 1))
    pose = gait.blend(idle, gait.walk(walk.phase[frame], max(walk.speed[frame], 0.3), style), moving)
    if walk.bend[frame] > 0.02:
        pose = gait.blend(pose, gait.bend(1.0), float(walk.bend[frame]))
    return pose


def clearances(walks, room):
    """Least distance between any two walkers, and between a walker and what stands in the room; with their times."""
    nearest, touching = [], []
    for i, a in enumerate(walks):
        for b in walks[i + 1 :]:
            both = a.present & b.present & (a.place[:, 0] > -1.5) & (b.place[:, 0] > -1.5)
            both &= (a.place[:, 0] < 31.5) & (b.place[:, 0] < 31.5)
            if both.any():
                gap = np.where(both, np.linalg.norm(a.place - b.place, axis=1), np.inf)
                nearest.append((float(gap.min()), int(gap.argmin()), a.id, b.id))
        for frame in np.flatnonzero(a.present):
            if not room.free(*a.place[frame], 0.22):
                touching.append((frame, a.id, tuple(np.round(a.place[frame], 2))))
    return sorted(nearest), touching
