"""Reading the labelled frames, and the split by camera.

`data` is the folder that holds `cctv-person`, `people` and `sample-videos`.
Validation never shares a camera with training, except `cctv-person`, whose three cameras are all
needed for training: there whole blocks of five consecutive frames are held out.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from boxes import pairwise_intersection, pairwise_iou
from teacher import Teacher

LONG_SIDE = 720
DOUBT = 0.3
VIDEO = "sample-videos/one-by-one-person-detection.mp4"
HELD_OUT_LOBBY = ("c03_", "c22_", "c23_")


@dataclass
class Frame:
    """One image with its person boxes (x1, y1, x2, y2 in pixels) and regions to ignore."""

    image: np.ndarray
    boxes: np.ndarray
    camera: str
    ignore: np.ndarray


def split_of(folder, name):
    """(camera, is_held_out) of one file of a data folder."""
    if folder == "cctv-person":
        number = int(name[:3])
        return folder, number % 50 >= 45
    if folder == "people/factory_cctv":
        camera = name.split("_")[0]
        return f"{folder}/{camera}", camera == "video3"
    if folder in ("people/lobby_nir", "people/lobby_nir_bags"):
        return f"{folder}/{name[:3]}", name.startswith(HELD_OUT_LOBBY)
    if folder == "people/store_aisle":
        camera = name.split("_")[1]
        return f"{folder}/{camera}", camera != "A"
    if folder == "people/workshop_cctv":
        return folder, True
    raise ValueError(folder)


FOLDERS = (
    "cctv-person",
    "people/factory_cctv",
    "people/lobby_nir",
    "people/lobby_nir_bags",
    "people/store_aisle",
    "people/workshop_cctv",
)


def read_labels(path, width, height):
    """Person boxes (class 0) of one YOLO text file in pixels."""
    boxes = []
    for line in path.read_text().splitlines() if path.exists() else []:
        cls, cx, cy, w, h = (float(v) for v in line.split()[:5])
        if int(cls) == 0:
            boxes.append([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2])
    scale = np.array([width, height, width, height], np.float32)
    return np.clip(np.array(boxes, np.float32).reshape(-1, 4), 0, 1) * scale


def shrink(image, long_side):
    """Scale an image down so that its longer side is at most `long_side`; returns it and the factor."""
    factor = min(1.0, long_side / max(image.shape[:2]))
    if factor < 1.0:
        image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return image, factor


def labelled_frames(data, held_out, long_side=LONG_SIDE):
    """All labelled frames of one side of the split."""
    frames = []
    for folder in FOLDERS:
        for path in sorted((Path(data) / folder / "images").glob("*.jpg")):
            camera, is_held_out = split_of(folder, path.name)
            if is_held_out != held_out:
                continue
            image = cv2.imread(str(path))
            boxes = read_labels(path.parent.parent / "labels" / (path.stem + ".txt"), image.shape[1], image.shape[0])
            image, factor = shrink(image, long_side) if long_side else (image, 1.0)
            frames.append(Frame(image, boxes * factor, camera, np.zeros((0, 4), np.float32)))
    return frames


def unlabelled_people(image, boxes, teacher):
    """Boxes where the teacher sees a person that no label explains: neither person nor background."""
    found, scores = teacher.detect(image)
    found = found[scores >= DOUBT]
    if not len(boxes) or not len(found):
        return found
    points = np.tile((found[:, :2] + found[:, 2:]) / 2, 2)
    labelled = (pairwise_intersection(points - [[1, 1, -1, -1]], boxes) > 0).any(1)
    return found[~labelled & (pairwise_iou(found, boxes).max(1) < 0.3)]


def training_frames(data, teacher_file, everything=False):
    """Every frame that may train, with regions to ignore where the teacher sees unlabelled people.

    `everything` adds the held-out frames: for the last stage, which no held-out frame can judge any more.
    """
    teacher = Teacher(teacher_file, 256, 416)
    frames = labelled_frames(data, held_out=False)
    if everything:
        frames += labelled_frames(data, held_out=True)
    for frame in frames:
        frame.ignore = unlabelled_people(frame.image, frame.boxes, teacher)
    return frames + video_frames(data, teacher, every=6)


def film_frames(path, every):
    """Every so-manieth frame of a film with its number, from 0."""
    capture, index = cv2.VideoCapture(str(path)), 0
    while True:
        ok, image = capture.read()
        if not ok:
            return
        if index % every == 0:
            yield index, image
        index += 1


def video_frames(data, teacher, every=10, long_side=LONG_SIDE):
    """Frames of the sample video, labelled by the teacher; unsure boxes become ignore regions."""
    frames = []
    for _, image in film_frames(Path(data) / VIDEO, every):
        boxes, scores = teacher.detect(image)
        sure = scores >= 0.45
        image, factor = shrink(image, long_side)
        frames.append(Frame(image, boxes[sure] * factor, "sample-videos", boxes[~sure] * factor))
    return frames


def median_background(frames, camera, limit=41):
    """Per-pixel median of the frames of one fixed camera: the scene without people."""
    stack = [f.image for f in frames if f.camera == camera]
    step = max(1, len(stack) // limit)
    return np.median(np.stack(stack[::step]), axis=0).astype(np.uint8)
