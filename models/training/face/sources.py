"""Reads the labelled portraits and cuts the people out; reads scenes with the teacher's faces; reads renders."""

import json
from pathlib import Path

import cv2
import numpy as np

from teacher import Yunet

FACE_HEIGHT = 224  # of a face in a cut-out, pixels
HAIR = 0.12  # eye distances by which the portraits' labels reach higher than the teacher's boxes
HELD_OUT_EVERY = 6
SCENE_SIDE = 960  # the teacher looks at scenes of this width
SURE, DOUBT = 0.8, 0.25  # teacher's scores: a label; less, but not certainly background: ignored
HELD_OUT_SCENES = ("workshop_cctv", "video3")


class Portrait:
    """A cut-out (BGRA, at three sizes) with box, points and eye boxes in pixels of the largest."""

    def __init__(self, picture, box, points, eyes):
        self.levels = [picture]
        for _ in range(2):
            self.levels.append(cv2.resize(self.levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        self.box, self.points, self.eyes = box, points, eyes


class Scene:
    """A real or rendered picture with labels [M, 16] as in loss.py."""

    def __init__(self, picture, labels, angles=None):
        self.picture, self.labels, self.angles = picture, labels, angles


def identity(name):
    """Set and person of a portrait: both pictures of a London person are one."""
    group, rest = name.split("_", 1)
    if group in ("neutral", "smiling"):
        return "london", rest.split("_")[0]
    return group, rest


def split(names):
    """Names of the pictures held out: every sixth person of every set."""
    people = {}
    for name in names:
        group, person = identity(name)
        people.setdefault(group, set()).add(person)
    chosen = {(g, p) for g, persons in people.items() for p in sorted(persons)[2::HELD_OUT_EVERY]}
    return {name for name in names if identity(name) in chosen}


def label_row(box, points=None, kind=1):
    """One label: corners, kind (1 face, 2 ignore), points, weight of the points."""
    row = np.zeros(16, np.float32)
    row[:4], row[4] = box, kind
    if points is not None:
        row[5:15], row[15] = np.ravel(points), 1
    return row


def read_portrait(folder, name):
    """Picture scaled to the standard face height, cropped about the face; box, points and eyes in its pixels."""
    picture = cv2.imread(str(folder / "images" / f"{name}.jpg"))
    size = np.array(picture.shape[1::-1], float)
    rows = np.loadtxt(folder / "labels" / f"{name}.txt", ndmin=2)
    corners = np.concatenate([(rows[:, 1:3] - rows[:, 3:5] / 2) * size, (rows[:, 1:3] + rows[:, 3:5] / 2) * size], 1)
    points = np.loadtxt(folder / "landmarks" / f"{name}.txt").reshape(5, 2) * size
    box, eyes = corners[rows[:, 0] == 0][0], corners[rows[:, 0] > 0]
    box[1] += HAIR * np.linalg.norm(points[1] - points[0])
    eyes = eyes[np.argsort(eyes[:, 0])]
    factor = FACE_HEIGHT / (box[3] - box[1])
    picture = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    box, points, eyes = box * factor, points * factor, eyes * factor
    centre = (box[:2] + box[2:]) / 2
    low = np.maximum(0, centre - (250, 240)).astype(int)
    high = np.minimum(picture.shape[1::-1], centre + (250, 330)).astype(int)
    picture = picture[low[1] : high[1], low[0] : high[0]]
    return np.ascontiguousarray(picture), box - np.tile(low, 2), points - low, eyes - np.tile(low, 2)


def person_mask(picture, box):
    """Soft mask of the person by GrabCut at a third of the size."""
    small = cv2.resize(picture, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)
    h, w = small.shape[:2]
    x1, y1, x2, y2 = box / 3
    fw, fh = x2 - x1, y2 - y1
    mask = np.full((h, w), cv2.GC_PR_BGD, np.uint8)
    cv2.ellipse(mask, (int((x1 + x2) / 2), int(y1 + fh * 0.45)), (int(fw * 0.75), int(fh * 0.75)), 0, 0, 360, cv2.GC_PR_FGD, -1)
    cv2.rectangle(mask, (int(x1 - fw * 0.6), int(y2 + fh * 0.25)), (int(x2 + fw * 0.6), h), cv2.GC_PR_FGD, -1)
    cv2.ellipse(mask, (int((x1 + x2) / 2), int((y1 + y2) / 2)), (int(fw * 0.42), int(fh * 0.46)), 0, 0, 360, cv2.GC_FGD, -1)
    cv2.rectangle(mask, (int(x1 + fw * 0.25), int(y2 - fh * 0.1)), (int(x2 - fw * 0.25), h), cv2.GC_FGD, -1)
    mask[: max(1, int(y1 - fh * 0.6))] = cv2.GC_BGD
    for columns in (slice(0, 3), slice(w - 3, w)):
        mask[: int(y2), columns] = cv2.GC_BGD
    cv2.setRNGSeed(1)
    cv2.grabCut(small, mask, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    person = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    _, parts, stats, _ = cv2.connectedComponentsWithStats(person)
    person = (parts == 1 + np.argmax(stats[1:, cv2.CC_STAT_AREA])).astype(np.float32)
    person = cv2.erode(person, np.ones((3, 3)))
    soft = cv2.resize(cv2.GaussianBlur(person, (0, 0), 1.0), picture.shape[1::-1])
    # The chest ends where the portrait ends: fade it out.
    fade = np.clip((picture.shape[0] - 1 - np.arange(picture.shape[0])) / 24, 0, 1)
    return (255 * soft * fade[:, None]).astype(np.uint8)


def portraits(data, want_held_out):
    """All portraits of one side of the split, cut out."""
    found = []
    for folder in (data / "faces/london_faces", data / "faces/ai_portraits"):
        names = sorted(p.stem for p in (folder / "images").glob("*.jpg"))
        out = split(names)
        for name in names:
            if (name in out) == want_held_out:
                picture, box, points, eyes = read_portrait(folder, name)
                picture = np.dstack([picture, person_mask(picture, box)])
                found.append((picture, box, points, eyes))
    return found


def scene_paths(data, want_held_out):
    """Pictures of the permitted scenes on one side of the split."""
    paths = sorted((data / "cctv-person/images").glob("*")) + sorted((data / "people").glob("*/images/*"))
    return [p for p in paths if any(h in str(p) for h in HELD_OUT_SCENES) == want_held_out]


def video_frames(path, every):
    """Every n-th frame of a video."""
    video = cv2.VideoCapture(str(path))
    frames = []
    while video.grab():
        if len(frames) * every <= video.get(cv2.CAP_PROP_POS_FRAMES) - 1:
            frames.append(video.retrieve()[1])
    return frames


def scenes(data, teacher, want_held_out):
    """Real scenes of at most a common width with the teacher's faces; doubtful ones are to be ignored."""
    detector = Yunet(teacher)
    pictures = [cv2.imread(str(p)) for p in scene_paths(data, want_held_out)]
    if not want_held_out:
        pictures += video_frames(data / "sample-videos/one-by-one-person-detection.mp4", 24)
    found = []
    for picture in pictures:
        factor = SCENE_SIDE / picture.shape[1]
        scaled = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
        boxes, scores, points = detector.detect(scaled, DOUBT)
        keep = 1.0 if factor < 1 else factor  # small pictures are kept as they are
        picture = scaled if factor < 1 else picture
        rows = [label_row(b / keep, p / keep, 1 if s >= SURE else 2) for b, s, p in zip(boxes, scores, points)]
        found.append((picture, np.array(rows, np.float32).reshape(-1, 16)))
    return found


class Renders:
    """Rendered close-ups of one side of the split (every tenth is held out); the folder may still be growing."""

    def __init__(self, folder, want_held_out):
        self.folder, self.want_held_out = folder, want_held_out
        self.seen, self.scenes = set(), []

    def refresh(self):
        """Read what is new. Angles are yaw, pitch, roll in degrees."""
        for path in sorted(Path(self.folder).glob("*.json")) if self.folder else ():
            if path in self.seen or (int(path.stem) % 10 == 3) != self.want_held_out:
                continue
            try:
                faces = json.loads(path.read_text())["faces"]
                picture = cv2.imread(str(path.with_suffix(".jpg")))
            except ValueError:
                continue  # half written
            if picture is None:
                continue
            self.seen.add(path)
            rows = [label_row(f["box"], f["points"]) for f in faces]
            angles = [(f["yaw"], f["pitch"], f["roll"]) for f in faces]
            self.scenes.append(Scene(picture, np.array(rows, np.float32).reshape(-1, 16), angles))


def load(data, teacher, cache, want_held_out):
    """Portraits and scenes of one side of the split; the cut-outs and teacher's labels are cached."""
    path = Path(cache) / ("held-out.npz" if want_held_out else "training.npz")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = {"portraits": portraits(Path(data), want_held_out), "scenes": scenes(Path(data), teacher, want_held_out)}
        arrays = {f"{kind}-{i}-{j}": a for kind, items in made.items() for i, item in enumerate(items) for j, a in enumerate(item)}
        partial = path.with_name(path.stem + "-partial.npz")
        np.savez(partial, **arrays)
        partial.replace(path)
    with np.load(path) as arrays:
        counts = {k: 1 + max(int(n.split("-")[1]) for n in arrays.files if n.startswith(k)) for k in ("portraits", "scenes")}
        people = [Portrait(*(arrays[f"portraits-{i}-{j}"] for j in range(4))) for i in range(counts["portraits"])]
        places = [Scene(*(arrays[f"scenes-{i}-{j}"] for j in range(2))) for i in range(counts["scenes"])]
    return people, places
