"""Training pictures for the person detector: random places, people, bags, cameras and light, with exact boxes.

    python person_pictures.py OUT --count 5000 --first-scene 1000000

Every scene seed gives `PER_SCENE` pictures. NNNNN.json is written after NNNNN.jpg; what exists already is left alone.
"""

import argparse
import json
import os
from functools import lru_cache
from pathlib import Path

os.environ.setdefault("LP_NUM_THREADS", "1")

import cv2
import numpy as np

import bags
import gait
import rooms
import truth
from bodies import INDEX, make_body, random_shape
from camera import Camera, Sensor, auto_exposure
from clothes import CLOTHS, dress, random_outfit
from renderer import Batch, Materials, Mesh, Renderer

WIDTH, HEIGHT = 512, 288
PER_SCENE = 5
PRINTS_EVERY = 10  # scenes
BAG_IDS = 1000
BODIES, BODY_SEED = 500, 41
UNIFORMS = [(0, 6), (1, 1), (3, 2), (4, 3), (5, 5), (7, 6), (8, 7), (15, 16), (13, 13)]  # rows of CLOTHS: top, bottom


@lru_cache(BODIES)
def stock_body(number):
    """One of the bodies that scenes share."""
    return make_body(random_shape(np.random.default_rng([BODY_SEED, number])))


class Scene:
    """A room and the people who may appear in its pictures."""

    def __init__(self, seed):
        self.rng = rng = np.random.default_rng(seed)
        self.seed, self.table = seed, Materials()
        self.room = rooms.make_room(str(rng.choice(rooms.KINDS, p=[0.27, 0.13, 0.14, 0.14, 0.14, 0.18])), self.table, rng)
        count = int(rng.choice([0, 1, 2, 3, 4, 6, 8, 11, 14, 18, 22, 25], p=[0.02, 0.03, 0.05, 0.08, 0.11, 0.14, 0.16, 0.14, 0.11, 0.07, 0.05, 0.04]))
        if self.room.kind == "corridor":
            count = min(count, 9)
        uniform = None
        if rng.random() < 0.25:
            a, b = UNIFORMS[rng.integers(len(UNIFORMS))]
            uniform = (CLOTHS[a] * rng.uniform(0.8, 1.2), CLOTHS[b] * rng.uniform(0.8, 1.2))
            if rng.random() < 0.3:  # paler than, or equal to, what is behind it
                uniform = (np.array(self.table.rows[0][:3]) * rng.uniform(0.9, 1.25),) * 2
        self.people = []
        for _ in range(count):
            body = stock_body(int(rng.integers(BODIES)))
            shape = body.shape
            figure = dress(body, random_outfit(rng, shape, uniform if rng.random() < 0.7 else None))
            figure.register(self.table)
            bag = None
            if rng.random() < 0.5:
                bag = bags.make_bag(str(rng.choice(bags.CLASSES, p=[0.36, 0.3, 0.34])), self.table, rng)
            style = {k: float(rng.normal(0, 1)) for k in ("lift", "wide", "bulk")}
            style |= {"arms": float(rng.uniform(0.5, 1.3)), "stoop": float(max(0, rng.normal(0.02, 0.06)) + (0.15 if shape["age"] > 0.9 else 0))}
            self.people.append((figure, bag, style))
        self.loose = [bags.make_bag(str(rng.choice(bags.CLASSES)), self.table, rng) for _ in range(rng.choice([0, 1, 3], p=[0.6, 0.3, 0.1]))]

    def camera(self, close):
        """A camera in the room that looks down at its floor."""
        rng, (x0, y0, x1, y1) = self.rng, self.room.floor
        for _ in range(50):
            edge = rng.random() < 0.7
            x = rng.choice([x0 + 0.3, x1 - 0.3]) if edge else rng.uniform(x0 + 0.3, x1 - 0.3)
            y = rng.uniform(y0 + 0.3, y1 - 0.3) if edge or rng.random() < 0.5 else rng.choice([y0 + 0.3, y1 - 0.3])
            if self.room.free(x, y, 0.05):
                break
        top = min(9.0, self.room.height - 0.25)
        z = rng.uniform(1.5, 2.4) if close else rng.uniform(2.2, max(2.3, top)) if rng.random() < 0.6 else rng.uniform(2.2, min(4.5, max(2.3, top)))
        target = np.array([rng.uniform(x0, x1), rng.uniform(y0, y1)]) * rng.uniform(0.0, 0.8)
        flat = target - [x, y]
        pitch = float(np.clip(np.arctan2(z - 0.8, np.linalg.norm(flat) + 0.1) + rng.normal(0, 0.08), np.radians(10), np.radians(58)))
        yaw = float(np.arctan2(flat[0], flat[1]) + rng.normal(0, 0.15))
        fov = rng.uniform(40, 100)
        return Camera((x, y, z), yaw, pitch, float(rng.normal(0, np.radians(2.5))), float(np.radians(fov)), WIDTH, HEIGHT)

    def spot(self, camera, taken, close):
        """A free place on the floor that the camera sees, or None."""
        rng, (x0, y0, x1, y1) = self.rng, self.room.floor
        floor = camera.floor_homography()
        for _ in range(25):
            kind = rng.random()
            if kind < 0.3 and taken:  # beside someone
                a, r = rng.uniform(0, 2 * np.pi), rng.uniform(0.45, 0.95)
                near = taken[rng.integers(len(taken))]
                x, y = near[0] + r * np.cos(a), near[1] + r * np.sin(a)
            elif kind < 0.75 or close:
                u, v = rng.uniform(0, WIDTH), rng.uniform(0.1, 1.25) * HEIGHT
                px = floor @ [u, v, 1]
                if px[2] <= 0:
                    continue
                x, y = px[:2] / px[2]
            else:
                x, y = rng.uniform(x0, x1), rng.uniform(y0, y1)
            (pixel,), (depth,) = camera.project([[x, y, 0.9]])
            distance = np.hypot(x - camera.position[0], y - camera.position[1])
            if depth < 0.4 or not (-20 < pixel[0] < WIDTH + 20 and -40 < pixel[1] < HEIGHT + 60) or distance < 0.9:
                continue
            if self.room.free(x, y) and all((x - a) ** 2 + (y - b) ** 2 > 0.16 for a, b in taken):
                return x, y
        return None

    def posture(self, figure, bag, style, seat):
        """A pose and how the bag goes with it."""
        rng = self.rng
        how = None
        if seat:
            return gait.sit(rng), "floor" if bag else None
        doing = rng.choice(["walk", "stand", "bend", "squat", "push"], p=[0.56, 0.32, 0.05, 0.03, 0.04])
        pose = gait.walk(rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.9), style | {"look": float(rng.normal(0, 0.25))})
        if doing == "stand":
            pose = gait.stand(rng)
        elif doing == "bend":
            pose = gait.bend(rng.uniform(0.4, 1.0))
        elif doing == "squat":
            pose = gait.squat(rng)
        elif doing == "push":
            pose = gait.carrying(pose, "push", "push")
        if bag:
            how = {"backpack": "back", "handbag": str(rng.choice(["hand", "shoulder"])), "suitcase": "roll" if doing == "walk" else "floor"}[bag.kind]
            if doing in ("bend", "squat") and how == "hand":
                how = "floor"
            if how in ("hand", "roll"):
                pose = gait.carrying(pose, right="hang" if how == "hand" else "pull")
            if bag.kind == "backpack" and rng.random() < 0.1:
                how = "floor"
        return pose, how

    def place(self, camera, close):
        """Meshes of people and their bags; per picture everyone stands anew."""
        rng, meshes, taken, owners = self.rng, [], [], {}
        order = rng.permutation(len(self.people))
        if close:
            order = order[: int(rng.integers(1, 6))]
        seats = list(self.room.seats)
        rng.shuffle(seats)
        for number, k in enumerate(order):
            figure, bag, style = self.people[k]
            seat = seats.pop() if seats and rng.random() < 0.35 else None
            spot = seat[:2] if seat else self.spot(camera, taken, close)
            if spot is None:
                continue
            heading = seat[2] if seat else float(rng.uniform(0, 2 * np.pi))
            pose, how = self.posture(figure, bag, style, seat)
            mesh, joints = figure.posed(pose, spot, heading, number)
            if seat:
                lift = np.array([0, 0, 0.47 - joints[INDEX["pelvis"]][2] + 0.05])
                mesh, joints = mesh.moved(np.eye(3), lift), joints + lift
            meshes.append(mesh)
            taken.append((float(spot[0]), float(spot[1])))
            carried = self.bag_mesh(bag, how, figure, pose, joints, heading, spot, BAG_IDS + number)
            if carried:
                meshes.append(carried)
                owners[BAG_IDS + number] = (bag.kind, number)
        for i, bag in enumerate(self.loose):
            spot = self.spot(camera, taken, False)
            if spot and rng.random() < 0.7:
                meshes.append(bags.standing(bag, spot, rng.uniform(0, 6.28), BAG_IDS + 500 + i, rng.random() < 0.3))
                owners[BAG_IDS + 500 + i] = (bag.kind, -1)
        return meshes, taken, owners

    def bag_mesh(self, bag, how, figure, pose, joints, heading, spot, obj):
        """The bag where it is held or stands."""
        if not how:
            return None
        hand = joints[INDEX["hand.R"]] - [0, 0, 0.05]
        if how == "back":
            rotation = gait.axis_rotation(2, np.pi - heading) @ gait.transforms(figure.body, pose)[0][INDEX["chest"]]
            return bags.on_back(bag, figure, joints, rotation, obj)
        if how == "hand":
            return bags.in_hand(bag, hand, heading, obj)
        if how == "shoulder":
            return bags.on_shoulder(bag, joints, "R", heading, obj)
        if how == "roll":
            return bags.rolling(bag, hand, heading, obj)
        a, r = self.rng.uniform(0, 2 * np.pi), self.rng.uniform(0.35, 0.6)
        return bags.standing(bag, (spot[0] + r * np.cos(a), spot[1] + r * np.sin(a)), self.rng.uniform(0, 6.28), obj)


def look(rng, camera, light):
    """The sensor and compression of one picture; infrared changes the light too."""
    sensor = Sensor(
        gain=tuple(1 + rng.normal(0, 0.06, 3)), gamma=float(rng.uniform(1.8, 2.5)), blur=float(rng.choice([0.0, 0.5, 0.8, 1.2], p=[0.35, 0.37, 0.22, 0.06])),
        noise=float(rng.choice([0.0, 0.008, 0.02, 0.045], p=[0.25, 0.43, 0.25, 0.07])), vignette=float(rng.uniform(0, 0.5)), contrast=float(rng.uniform(0, 0.8)),
        black=float(rng.choice([0, 0.04, 0.1], p=[0.6, 0.3, 0.1])), saturation=float(rng.uniform(0.45, 1.25)), chroma=float(rng.uniform(0, 0.8)),
    )  # fmt: skip
    kind = rng.random()
    if kind < 0.12:
        sensor.grey = True
    elif kind < 0.26:
        sensor.infrared = True
        dim = rng.uniform(0.02, 0.25)
        light.sun, light.sky, light.ground = (tuple(np.array(v) * dim) for v in (light.sun, light.sky, light.ground))
        light.lamps = [(camera.position, np.ones(3) * rng.uniform(8, 30))]
        sensor.vignette = float(rng.uniform(0.3, 1.0))
    return sensor


def picture(renderer, scene):
    """One picture (BGR) and its truth."""
    rng, room = scene.rng, scene.room
    close = rng.random() < 0.14
    camera = scene.camera(close)
    meshes, taken, owners = scene.place(camera, close)
    light = rooms.make_light(room.kind, room.floor, room.height, rng)
    sensor = look(rng, camera, light)
    batch = Batch(renderer, Mesh.join([*meshes, *room.meshes]), scene.table)
    cover, frame = room.cover([(x, y, 0.2) for x, y in taken])
    renderer.set_contact(cover, frame)
    centre = (*(np.mean(taken, axis=0) if taken else np.zeros(2)), 1.0)
    radius = min(28.0, max(6.0, 2 + max((np.hypot(x - centre[0], y - centre[1]) for x, y in taken), default=0)))
    linear = renderer.render(camera, light, [batch], (centre, radius))
    ids = renderer.identify(camera, [batch])
    linear = linear * auto_exposure(linear, rng.uniform(0.16, 0.42))
    image = sensor.picture(linear, rng)
    if rng.random() < 0.2:
        small = cv2.resize(image, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
        image = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    seen = truth.extents(ids, renderer.fine)
    result = {"scene": scene.seed, "people": [], "bags": []}
    index = {}
    for obj in sorted(o for o in seen if o < BAG_IDS):
        full, box, visible = truth.measure(renderer, camera, batch, ids, obj, seen)
        index[obj] = len(result["people"])
        result["people"].append({"full": full, "box": box, "visible": round(visible, 3)})
    for obj, (kind, owner) in owners.items():
        if obj in seen:
            result["bags"].append({"box": seen[obj][0], "class": kind, "owner": index.get(owner, -1)})
    batch.release()
    return image, result


def main():
    """Writes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first-scene", type=int, default=1_000_000)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    renderer = Renderer(WIDTH, HEIGHT)
    for number in range(0, args.count, PER_SCENE):
        names = [args.out / f"{n:05d}" for n in range(number, min(number + PER_SCENE, args.count))]
        if all(name.with_suffix(".json").exists() for name in names):
            continue
        seed = args.first_scene + number // PER_SCENE
        scene = Scene(seed)
        if number // PER_SCENE % PRINTS_EVERY == 0 or number == 0:
            renderer.set_prints(rooms.print_sheet(np.random.default_rng(seed // PRINTS_EVERY)))
        renderer.set_materials(scene.table)
        for name in names:
            image, result = picture(renderer, scene)
            write(name, image, result, int(scene.rng.integers(45, 96)))


def write(name, image, result, quality):
    """Picture first, truth last, each under its final name only when complete."""
    partial = name.with_suffix(".part.jpg")
    cv2.imwrite(str(partial), image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    partial.rename(name.with_suffix(".jpg"))
    partial = name.with_suffix(".part")
    partial.write_text(json.dumps(result))
    partial.rename(name.with_suffix(".json"))


if __name__ == "__main__":
    main()
