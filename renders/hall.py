"""Renders the hall of `tests/fixtures/hall`: four films, and the truth about everyone in them.

    python hall.py OUT [--sheet sheet.png] [--every N] [--check] [--texts]

`--check` only walks the walks and says who comes too near to whom; `--texts` writes all truth but the boxes anew;
`--every N` renders every N-th frame for a quick look.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("LP_NUM_THREADS", "1")

import av
import cv2
import numpy as np

import bags
import gait
import hall_plan
import hall_truth
import hall_walks
import truth
from bodies import INDEX, make_body
from camera import Sensor, auto_exposure
from clothes import dress
from outfits import random_outfit
from prints import print_sheet
from renderer import Batch, Materials, Mesh, Renderer

CRF = 25
PEOPLE_REACH = 1.0  # metres around a walker where light and shadow change
GAP_MIN = 0.42  # metres between two walkers


class Cast:
    """Walkers with their bodies and bags."""

    def __init__(self, script, table):
        self.script, self.people, self.bags = script, {}, {}
        for entry in script["walker"]:
            rng = np.random.default_rng([script["seed"], entry["id"]])
            shape = {"muscle": 0.5, "height": 0.5, "proportions": 0.5, "cupsize": 0.4, "firmness": 0.5, **entry["who"]}
            outfit = random_outfit(rng, shape)
            outfit |= {"mask": False, "vest": False, "top_pattern": 0, "bottom_pattern": 0, "sleeve": 1.0}
            outfit |= {k: np.array(v) if isinstance(v, list) else v for k, v in entry["wears"].items()}
            figure = dress(make_body(shape), outfit)
            figure.register(table)
            style = {
                "arms": float(rng.uniform(0.7, 1.2)),
                "lift": float(rng.normal(0, 0.6)),
                "wide": float(rng.normal(0, 0.6)),
                "bulk": float(rng.normal(0, 0.6)),
                "stoop": 0.14 if shape["age"] > 0.85 else float(rng.uniform(0, 0.05)),
            }
            idle = gait.Pose(
                (gait.Arm(0.0, 0.1, 0.15), gait.Arm(0.03, 0.1, 0.2)), (gait.Leg(0.03, 0.05), gait.Leg(-0.02, 0.05))
            )
            self.people[entry["id"]] = (figure, style, idle)
        for entry in script["bag"]:
            rng = np.random.default_rng([script["seed"], entry["id"]])
            self.bags[entry["id"]] = bags.make_bag(entry["class"], table, rng, entry["colour"])
        self.walks = [
            hall_walks.walk(
                e, script["seconds"], script["fps"], lambda v, b=self.people[e["id"]][0].body: gait.cycle_length(b, v)
            )
            for e in script["walker"]
        ]
        self.holds = hall_walks.holders(script, self.walks)

    def held(self, time):
        """Bag held by each walker at a time, and the bags on the floor: {walker: bag}, [(bag, place, heading)]."""
        by, floor = {}, []
        for bag, holds in self.holds.items():
            for start, end, holder, spot, heading in holds:
                if start <= time < end or (end == holds[-1][1] and time >= start):
                    if holder is None:
                        floor.append((bag, spot, heading))
                    else:
                        by[holder] = bag
        return by, floor

    def meshes(self, frame, time):
        """Meshes of everyone whom a camera may see and of their bags, and the places where the picture changes."""
        by, floor = self.held(time)
        found, places = [], []
        for walk in self.walks:
            if not walk.present[frame] or not any(
                hall_plan.may_see(name, *walk.place[frame]) for name in hall_plan.SIGHT
            ):
                continue
            figure, style, idle = self.people[walk.id]
            bag = by.get(walk.id)
            pose = hall_walks.posture(walk, frame, style, idle)
            kind = self.bags[bag].kind if bag else None
            if kind in ("handbag", "suitcase"):
                pose = gait.carrying(pose, right="hang" if kind == "handbag" else "pull")
            pose = self.reach(walk, frame, pose)
            place, heading = walk.place[frame], float(walk.heading[frame])
            mesh, joints = figure.posed(pose, place, heading, walk.id)
            found.append(mesh)
            places.append(tuple(place))
            if bag:
                found.append(self.carried(self.bags[bag], figure, pose, joints, heading, bag))
        for bag, spot, heading in floor:
            found.append(bags.standing(self.bags[bag], spot, heading, bag))
            places.append(tuple(spot))
        return found, places

    def reach(self, walk, frame, pose):
        """The pose with the right arm out while a bag goes from hand to hand."""
        amount = max(w.reach[frame] for w in self.walks if w.id == walk.id or self.gets(walk.id, w))
        return gait.blend(pose, gait.carrying(pose, right="give"), float(amount)) if amount > 0.02 else pose

    @staticmethod
    def gets(walker, giver):
        """Whether someone receives a bag from a giver."""
        return any(deed.startswith("give") and int(deed.split()[-1]) == walker for _, deed in giver.deeds)

    @staticmethod
    def carried(bag, figure, pose, joints, heading, obj):
        """A bag with its carrier."""
        hand = joints[INDEX["hand.R"]] - [0, 0, 0.05]
        if bag.kind == "backpack":
            turn = gait.axis_rotation(2, np.pi - heading) @ gait.transforms(figure.body, pose)[0][INDEX["chest"]]
            return bags.on_back(bag, figure, joints, turn, obj)
        return bags.in_hand(bag, hand, heading, obj) if bag.kind == "handbag" else bags.rolling(bag, hand, heading, obj)


class View:
    """One camera: its empty hall, its film and its truth."""

    def __init__(self, name, camera, renderer, light, room, batch, path, fps, seed):
        self.name, self.camera = name, camera
        self.rng = np.random.default_rng(seed)
        tint = self.rng.normal(0, 0.03, 3)
        self.sensor = Sensor(
            gain=tuple(1 + tint),
            blur=0.45,
            noise=0.0,
            vignette=float(self.rng.uniform(0.1, 0.25)),
            contrast=0.4,
            saturation=0.95,
        )
        renderer.set_contact(*room.cover([]))
        empty = renderer.render(camera, light, [batch], hall_bounds(camera))
        gain = auto_exposure(empty, 0.30)
        self.sensor.gain = tuple(np.array(self.sensor.gain) * gain)
        self.empty = self.sensor.picture(empty, self.rng)
        self.grain = [self.rng.normal(0, 1.1, self.empty.shape[:2]) for _ in range(7)]
        self.people, self.bags = [], []
        self.container = av.open(str(path), "w", options={"movflags": "+faststart"}) if path else None
        if self.container:
            self.stream = self.container.add_stream("libx264", rate=hall_truth.fraction(fps))
            self.stream.width, self.stream.height, self.stream.pix_fmt = camera.width, camera.height, "yuv420p"
            self.stream.options = {"crf": str(CRF), "preset": "slow", "g": "50", "bf": "2", "threads": "1"}
            self.stream.codec_context.thread_count = 1

    def rectangles(self, places):
        """Pixel rectangles where walkers and their shadows may be."""
        found = []
        for x, y in places:
            r = PEOPLE_REACH
            corners = np.array([[x + a * r, y + b * r, z] for a in (-1, 1) for b in (-1, 1) for z in (0.0, 2.05)])
            pixels, depth = self.camera.project(corners)
            if (depth < 0.15).all():
                continue
            pixels = pixels[depth >= 0.15]
            x0, y0 = np.floor(pixels.min(0)).astype(int) - 2
            x1, y1 = np.ceil(pixels.max(0)).astype(int) + 3
            if (depth < 0.15).any():
                x0, y0, x1, y1 = 0, 0, self.camera.width, self.camera.height
            x0, y0, x1, y1 = max(0, x0), max(0, y0), min(self.camera.width, x1), min(self.camera.height, y1)
            if x1 - x0 > 1 and y1 - y0 > 1:
                found.append((int(x0), int(y0), int(x1), int(y1)))
        return found

    def picture(self, linear, rectangles, frame):
        """The frame: the empty hall with the changed rectangles, and grain."""
        image = self.empty.copy()
        for x0, y0, x1, y1 in rectangles:  # their rims lack what lies beyond, which the blur would mix in
            wide, high = image.shape[1], image.shape[0]
            pad = max(0, x0 - 4), max(0, y0 - 4), min(wide, x1 + 4), min(high, y1 + 4)
            changed = self.sensor.picture(linear, self.rng, pad)
            inner = changed[y0 + 2 - pad[1] : y1 - 2 - pad[1], x0 + 2 - pad[0] : x1 - 2 - pad[0]]
            image[y0 + 2 : y1 - 2, x0 + 2 : x1 - 2] = inner
        grain = np.roll(self.grain[frame % 7], (frame * 37 % 360, frame * 113 % 640), (0, 1))
        return np.clip(image + grain[..., None] + 0.5, 0, 255).astype(np.uint8)

    def film(self, image):
        """Appends a frame."""
        for packet in self.stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")):
            self.container.mux(packet)

    def close(self):
        """Finishes the film."""
        for packet in self.stream.encode():
            self.container.mux(packet)
        self.container.close()


def hall_bounds(camera):
    """The ball that shadows are drawn for: what lies before the camera."""
    ahead = camera.rotation()[2]
    return (np.array([*(np.array(camera.position[:2]) + ahead[:2] / np.linalg.norm(ahead[:2]) * 7.5), 1.0]), 10.0)


def draw(view, renderer, hall, light, batch, places, frame):
    """Renders one frame of one camera and notes its truth."""
    rectangles = view.rectangles([place for place in places if hall_plan.may_see(view.name, *place)])
    linear = None
    if rectangles:
        linear = renderer.render(view.camera, light, [batch, hall.batch], hall_bounds(view.camera), rectangles)
        ids = renderer.identify(view.camera, [batch, hall.batch])
        seen = truth.extents(ids, renderer.fine)
        for obj in sorted(seen):
            full, box, visible = truth.measure(renderer, view.camera, batch, ids, obj, seen)
            (view.people if obj < 100 else view.bags).append((frame + 1, obj, box, visible, seen[obj][1]))
    return view.picture(linear, rectangles, frame)


class Hall:
    """The building on the graphics side."""

    def __init__(self, renderer, script):
        self.table = Materials()
        self.room = hall_plan.build(self.table, script["seed"])
        self.mesh = Mesh.join(self.room.meshes)
        self.batch = None

    def upload(self, renderer):
        """After all materials are known."""
        renderer.set_materials(self.table)
        self.batch = Batch(renderer, self.mesh, self.table)


def check(cast, room, script):
    """Prints near misses; returns whether the walks are sound."""
    nearest, touching = hall_walks.clearances(cast.walks, room)
    for gap, frame, a, b in nearest[:12]:
        print(f"{a} and {b}: {gap:.2f} m at {frame / script['fps']:.1f} s")
    for frame, who, place in touching[:: max(1, len(touching) // 20)]:
        print(f"{who} touches something at {place}, {frame / script['fps']:.1f} s")
    for walk in cast.walks:
        gone = np.flatnonzero(walk.present)
        print(
            walk.id,
            f"{gone[0] / script['fps']:.1f} .. {gone[-1] / script['fps']:.1f} s",
            [(round(t, 1), d) for t, d in walk.deeds],
        )
    return nearest[0][0] >= GAP_MIN and not touching


def main():
    """Renders the hall."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--texts", action="store_true")
    args = parser.parse_args()
    script = hall_walks.load()
    renderer = Renderer(hall_plan.WIDTH, hall_plan.HEIGHT, fine=1)
    hall = Hall(renderer, script)
    cast = Cast(script, hall.table)
    if not check(cast, hall.room, script):
        raise SystemExit("the walks of the script are not sound")
    if args.check:
        return
    if args.texts:
        hall_truth.write_texts(args.out, script, cast, hall_plan.cameras())
        return
    renderer.set_prints(print_sheet(np.random.default_rng(script["seed"])))
    hall.upload(renderer)
    args.out.mkdir(parents=True, exist_ok=True)
    full = args.every == 1
    views = [
        View(
            name,
            camera,
            renderer,
            hall.room.light,
            hall.room,
            hall.batch,
            args.out / f"{name}.mp4" if full else None,
            script["fps"],
            [script["seed"], k],
        )
        for k, (name, camera) in enumerate(hall_plan.cameras().items())
    ]
    rows = []
    for frame in range(0, int(round(script["seconds"] * script["fps"])), args.every):
        found, places = cast.meshes(frame, frame / script["fps"])
        renderer.set_contact(*hall.room.cover([(*p, 0.2) for p in places]))
        batch = Batch(renderer, Mesh.join(found), hall.table) if found else None
        images = [draw(view, renderer, hall, hall.room.light, batch, places, frame) for view in views]
        if batch:
            batch.release()
        if full:
            for view, image in zip(views, images):
                view.film(image)
        if args.sheet and frame % 60 < args.every:
            rows.append(np.hstack([cv2.resize(image, (480, 270), interpolation=cv2.INTER_AREA) for image in images]))
    if args.sheet:
        cv2.imwrite(str(args.sheet), np.vstack(rows))
    if full:
        for view in views:
            view.close()
        hall_truth.write_boxes(args.out, views, cast)
        hall_truth.write_texts(args.out, script, cast, hall_plan.cameras())


if __name__ == "__main__":
    main()
