"""Training pictures for the face detector: close-ups as lane cameras see them, with box, five points and head angles.

    python face_pictures.py OUT --count 1500 --first-scene 3000000

NNNNN.json is written after NNNNN.jpg; what exists already is left alone.
"""

import argparse
import os
from functools import lru_cache
from pathlib import Path

os.environ.setdefault("LP_NUM_THREADS", "1")

import numpy as np

import gait
import rooms
from bodies import INDEX, make_body, model, random_shape
from camera import Camera, auto_exposure
from clothes import dress
from outfits import random_outfit
from person_pictures import look, write
from prints import print_sheet
from renderer import Batch, Materials, Mesh, Renderer

SIZE = 320
PER_ROOM = 5
PRINTS_EVERY = 20  # rooms


@lru_cache(1)
def landmarks():
    """Numbers of vertices: the face (hairline to chin, cheek to cheek), eyes, nose tip, mouth corners."""
    data = model(True)
    p = data["vertices"]
    head = np.unique(data["parts"]["head"])
    x, y, z = p[head].T
    hairline = 0.802 - 0.04 * np.clip((np.abs(x) - 0.02) / 0.05, 0, 1)
    face = head[(y < -0.065) & (z > 0.604) & (z < hairline) & ((y < -0.09) | (z > 0.64))]
    eyes = np.unique(data["parts"]["eyes"])
    nose = head[(np.abs(x) < 0.004) & (z > 0.68) & (z < 0.705)]
    corners = [head[np.argmin((x - s * 0.0245) ** 2 + (z - 0.6545) ** 2 + 0.3 * (y + 0.14) ** 2)] for s in (1, -1)]
    left, right = (eyes[(p[eyes, 0] * s > 0) & (p[eyes, 1] < -0.13)] for s in (1, -1))
    return face, left, right, nose[np.argmin(p[nose, 1])], *corners


def posed_points(figure, pose, offset, heading, wanted):
    """Positions in the world of vertices of the bare body."""
    rotation, joints = gait.transforms(figure.body, pose)
    turn = gait.axis_rotation(2, np.pi - heading)
    rotation, joints = turn @ rotation, joints @ turn.T
    shift = joints - np.einsum("sij,sj->si", rotation, figure.body.joints)
    weights = model(True)["weights"][wanted]
    rest = figure.body.vertices[wanted]
    points = np.einsum("ns,sij,nj->ni", weights, rotation, rest) + weights @ shift + offset
    return points, rotation[INDEX["head"]]


def expression(rng):
    """Facial actions: blinks, open mouths, smiles, brows."""
    face = {}
    if rng.random() < 0.25:
        shut = float(rng.choice([1.0, rng.uniform(0.3, 0.9)]))
        face |= {"eyeBlinkLeft": shut, "eyeBlinkRight": shut}
    if rng.random() < 0.35:
        face["jawOpen"] = float(rng.uniform(0.05, 0.6))
    if rng.random() < 0.35:
        smile = float(rng.uniform(0.1, 0.9))
        face |= {"mouthSmileLeft": smile, "mouthSmileRight": smile}
    for name in (
        "browInnerUp",
        "browDownLeft",
        "browDownRight",
        "mouthPucker",
        "cheekPuff",
        "eyeSquintLeft",
        "eyeSquintRight",
    ):
        if rng.random() < 0.12:
            face[name] = float(rng.uniform(0.1, 0.8))
    return face


def angles(head, camera):
    """Yaw (to the image's right), pitch (up) and roll (clockwise) of the head seen by the camera, in degrees."""
    ahead, up = camera.rotation() @ (head @ [0, -1, 0]), camera.rotation() @ (head @ [0, 0, 1])
    yaw, pitch = np.arctan2(ahead[0], -ahead[2]), np.arcsin(np.clip(-ahead[1], -1, 1))
    return [round(float(np.degrees(v)), 1) for v in (yaw, pitch, np.arctan2(up[0], -up[1]))]


def person(rng, table):
    """Someone with a detailed head, and how the head is held."""
    shape = random_shape(rng)
    outfit = random_outfit(rng, shape)
    outfit |= {
        "mask": rng.random() < 0.16,
        "glasses": rng.random() < 0.4,
        "iris": tuple(rng.choice([[0.05, 0.025, 0.012], [0.09, 0.05, 0.02], [0.08, 0.13, 0.2], [0.07, 0.11, 0.06]])),
    }
    figure = dress(make_body(shape, expression(rng), fine=True), outfit)
    figure.register(table)
    yaw = float(np.clip(rng.normal(0, 0.45), -1.05, 1.05))
    pose = gait.Pose(
        look=yaw * rng.uniform(0.5, 1.0),
        nod=float(rng.uniform(-0.35, 0.35)),
        tilt=float(np.clip(rng.normal(0, 0.14), -0.35, 0.35)),
    )
    return figure, pose, yaw - pose.look


def close_up(renderer, room, table, rng, figure, pose, turn):
    """One picture and its truth, or None when the head left the frame or something hides it."""
    x0, y0, x1, y1 = room.floor
    place = (rng.uniform(x0 * 0.7, x1 * 0.7), rng.uniform(y0 * 0.7, y1 * 0.7))
    heading = float(rng.uniform(0, 2 * np.pi))
    mesh, joints = figure.posed(pose, place, heading, 0)
    rest_joints = gait.transforms(figure.body, pose)[1] @ gait.axis_rotation(2, np.pi - heading).T
    offset = joints[0] - rest_joints[0]
    face, left, right, nose, mouth_left, mouth_right = landmarks()
    points, head = posed_points(figure, pose, offset, heading, face)
    middle = points.mean(0)
    fov = rng.uniform(0.45, 1.0)
    wanted = 40 * (280 / 40) ** rng.uniform(0.0, 1.0)
    distance = SIZE / 2 / np.tan(fov / 2) * np.ptp(points[:, 2]) / wanted
    azimuth, rise = heading + turn, float(np.clip(rng.normal(0.05, 0.14), -0.3, 0.45))
    eye = middle + max(distance, 0.3) * np.array(
        [np.sin(azimuth) * np.cos(rise), np.cos(azimuth) * np.cos(rise), np.sin(rise)]
    )
    loose = max(0.0, 0.5 - 0.5 * wanted / SIZE) * fov * 0.85
    camera = Camera(
        tuple(eye),
        azimuth + np.pi + rng.uniform(-loose, loose),
        rise + rng.uniform(-loose, loose),
        float(rng.normal(0, 0.08)),
        fov,
        SIZE,
        SIZE,
    )
    light = rooms.make_light(room.kind, room.floor, room.height, rng)
    sensor = look(rng, camera, light)
    if sensor.infrared:
        light.lamps = [(camera.position, (1 + distance**2) * np.ones(3) * rng.uniform(0.4, 1.2))]
    elif rng.random() < 0.35:  # a lamp beside the camera, as lanes have
        side = middle + rng.normal(0, 0.8, 3) + (eye - middle) * 0.6
        light.lamps = [(side, np.ones(3) * rng.uniform(0.5, 2.0)), *light.lamps[:3]]
    batch = Batch(renderer, Mesh.join([mesh, *room.meshes]), table)
    renderer.set_contact(*room.cover([(*place, 0.2)]))
    linear = renderer.render(camera, light, [batch], ((*middle,), 2.5))
    ids = renderer.identify(camera, [batch])
    batch.release()
    linear = linear * auto_exposure(linear[SIZE // 5 : -SIZE // 5, SIZE // 5 : -SIZE // 5], rng.uniform(0.18, 0.42))
    image = sensor.picture(linear, rng)
    pixels, _ = camera.project(points)
    (bx1, by1), (bx2, by2) = pixels.min(0), pixels.max(0)
    box = [round(float(np.clip(v, 0, SIZE)), 2) for v in (bx1, by1, bx2, by2)]
    if (box[2] - box[0]) * (box[3] - box[1]) < 0.75 * (bx2 - bx1) * (by2 - by1):
        return None
    u1, v1, u2, v2 = (int(v) for v in box)
    if (ids[v1:v2, u1:u2] == 0).mean() < 0.7:  # something stands before the face
        return None
    wanted_points = [
        posed_points(figure, pose, offset, heading, v)[0].mean(0)
        for v in (left, right, [nose], [mouth_left], [mouth_right])
    ]
    five, _ = camera.project(np.array(wanted_points))
    order = [1, 0, 2, 4, 3] if five[1, 0] < five[0, 0] or five[4, 0] < five[3, 0] else [0, 1, 2, 3, 4]
    yaw, pitch, roll = angles(head, camera)
    truth = {
        "box": box,
        "points": [[round(float(v), 2) for v in five[k]] for k in order],
        "yaw": yaw,
        "pitch": pitch,
        "roll": roll,
    }
    return image, {"faces": [truth]}


def main():
    """Writes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--first-scene", type=int, default=3_000_000)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    renderer = Renderer(SIZE, SIZE, fine=1)
    for number in range(0, args.count, PER_ROOM):
        names = [args.out / f"{n:05d}" for n in range(number, min(number + PER_ROOM, args.count))]
        if all(name.with_suffix(".json").exists() for name in names):
            continue
        seed = args.first_scene + number // PER_ROOM
        rng = np.random.default_rng(seed)
        if number // PER_ROOM % PRINTS_EVERY == 0 or number == 0:
            renderer.set_prints(print_sheet(np.random.default_rng(seed // PRINTS_EVERY)))
        table = Materials()
        room = rooms.make_room(str(rng.choice(rooms.KINDS)), table, rng)
        for name in names:
            made = None
            while made is None:
                who = person(rng, table)
                renderer.set_materials(table)
                made = close_up(renderer, room, table, rng, *who)
            write(name, *made, int(rng.integers(55, 97)))


if __name__ == "__main__":
    main()
