"""Accuracy (AP50) and speed of detector files on the held-out frames and on PETS, in one run.

Sets: the held-out side of the split in `sources.py`, and, where given, PETS 2009 S2.L1 view 1 at
768x576 with its ground truth: an outdoor scene that nothing was trained or chosen on, and the rendered
hall, whose people, clothes and rooms were not trained on.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from boxes import area, pairwise_intersection, pairwise_iou
from detectors import Retail, Yolox
from sources import Frame, film_frames, labelled_frames

SIZES = {"small (< 40 px)": (0, 40), "medium (40-90 px)": (40, 90), "large (> 90 px)": (90, 1e9)}
DARK_LEVEL = 80
NEVER_CHOSEN_ON = ("pets", "hall")
HALL_EVERY, HALL_VISIBLE, HALL_HEIGHT = 25, 0.5, 24
PETS_REGION = (-19.9, 7.4, -16.2, 7.7)
PETS_TO_METRES = np.array(
    [
        [0.0520588424, -0.5859756263, 85.7591944817],
        [-0.1352876115, -0.3877902053, 116.8092253330],
        [0.0008850831, 0.0189737025, 1.0],
    ]
)


def pets_frames(video, truth, every):
    """Frames of PETS with their boxes."""
    rows = np.loadtxt(truth, delimiter=",")
    frames = []
    for index, image in film_frames(video, every):
        found = rows[rows[:, 0] == index + 1]
        scale = np.array([image.shape[1] / 768, image.shape[0] / 576] * 2)
        boxes = np.c_[found[:, 2:4], found[:, 2:4] + found[:, 4:6]] * scale
        frames.append(Frame(image, boxes.astype(np.float32), "pets", np.zeros((0, 4), np.float32)))
    return frames


def hall_frames(folder):
    """Frames of the rendered hall; people who are small or mostly hidden are regions to ignore."""
    frames = []
    for film in sorted(Path(folder).glob("*.mp4")):
        rows = np.loadtxt(folder / "gt" / f"{film.stem}.txt", delimiter=",")
        for index, image in film_frames(film, HALL_EVERY):
            found = rows[rows[:, 0] == index + 1]
            boxes = np.c_[found[:, 2:4], found[:, 2:4] + found[:, 4:6]].astype(np.float32)
            clear = (found[:, 8] >= HALL_VISIBLE) & (found[:, 5] >= HALL_HEIGHT)
            frames.append(Frame(image, boxes[clear], "hall", boxes[~clear]))
    return frames


def outside_labelled_region(boxes, image):
    """True for boxes whose foot point lies where PETS has no labels."""
    scale = np.array([768 / image.shape[1], 576 / image.shape[0]])
    foot = np.c_[(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]] * scale
    floor = np.c_[foot, np.ones(len(foot))] @ PETS_TO_METRES.T
    x, y = floor[:, 0] / floor[:, 2], floor[:, 1] / floor[:, 2]
    left, right, low, high = PETS_REGION
    return (x < left) | (x > right) | (y < low) | (y > high)


def match(frame, boxes, scores, in_range):
    """Per detection: score and outcome (1 true, 0 false, -1 not counted); and the number of people."""
    wanted = in_range(frame.boxes)
    outcome = np.zeros(len(boxes), int)
    overlap = pairwise_iou(boxes, frame.boxes) if len(frame.boxes) else np.zeros((len(boxes), 0))
    free = np.ones(len(frame.boxes), bool)
    for i in range(len(boxes)):
        best = -1
        for candidates in (free & wanted, free & ~wanted):
            value = np.where(candidates, overlap[i], -1)
            if len(value) and value.max() >= 0.5:
                best = int(value.argmax())
                break
        if best >= 0:
            free[best] = False
            outcome[i] = 1 if wanted[best] else -1
        elif not in_range(boxes[i : i + 1])[0]:
            outcome[i] = -1
    if frame.camera == "pets" and len(boxes):
        outcome[(outcome == 0) & outside_labelled_region(boxes, frame.image)] = -1
    if len(frame.ignore) and len(boxes):
        covered = pairwise_intersection(boxes, frame.ignore).max(1) / np.maximum(area(boxes), 1e-6)
        outcome[(outcome == 0) & (covered > 0.5)] = -1
    return scores, outcome, int(wanted.sum())


def curve(frames, detections, in_range):
    """Scores (falling), precision and recall at each of them, and the number of people."""
    parts = [match(f, b, s, in_range) for f, (b, s) in zip(frames, detections)]
    people = sum(p[2] for p in parts)
    scores = np.concatenate([p[0] for p in parts])
    outcome = np.concatenate([p[1] for p in parts])
    order = np.argsort(-scores, kind="stable")
    order = order[outcome[order] >= 0]
    true = np.cumsum(outcome[order] == 1)
    return scores[order], true / np.arange(1, len(true) + 1), true / max(people, 1), people


def average_precision(frames, detections, in_range):
    """AP50 (area under the monotone precision-recall curve) and the number of people."""
    _, precision, recall, people = curve(frames, detections, in_range)
    if not people:
        return None, 0
    envelope = np.maximum.accumulate(precision[::-1])[::-1] if len(precision) else precision
    return float(np.sum(np.diff(np.r_[0, recall]) * envelope)), people


def best_threshold(frames, detections):
    """Threshold of the best F1 with its precision and recall."""
    scores, precision, recall, _ = curve(frames, detections, lambda boxes: np.ones(len(boxes), bool))
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    best = int(np.argmax(f1))
    return [float(v[best]) for v in (scores, precision, recall, f1)]


def size_filter(frame_width, low, high):
    """Selects boxes by height when the frame is scaled to 416 pixels width."""
    return lambda boxes: ((boxes[:, 3] - boxes[:, 1]) * 416 / frame_width >= low) & (
        (boxes[:, 3] - boxes[:, 1]) * 416 / frame_width < high
    )


def look_of(frame):
    """`infrared or grey`, `dark colour` or `light colour`."""
    small = cv2.resize(frame.image, (64, 48), interpolation=cv2.INTER_AREA).astype(int)
    if np.mean(small.max(2) - small.min(2)) < 5:
        return "infrared or grey"
    return "dark colour" if small.mean() < DARK_LEVEL else "light colour"


def scaled_frames(frames):
    """Frames whose boxes are measured at 416 pixels width, for the rows by size."""
    return [Frame(f.image, f.boxes * 416 / f.image.shape[1], f.camera, f.ignore) for f in frames]


def rows_of(frames):
    """Named subsets: every set, then all held-out cameras by look."""
    sets = {}
    for frame in frames:
        name = "people/lobby_nir" if frame.camera.startswith("people/lobby") else frame.camera
        sets.setdefault(name, []).append(frame)
    for frame in frames:
        if frame.camera not in NEVER_CHOSEN_ON:
            sets.setdefault(f"held-out, {look_of(frame)}", []).append(frame)
    return sets


def evaluate(detector, frames):
    """All figures of one detector."""
    found = {id(f): detector.detect(f.image) for f in frames}
    everything = lambda boxes: np.ones(len(boxes), bool)
    figures = {}
    for name, members in rows_of(frames).items():
        figures[name] = average_precision(members, [found[id(f)] for f in members], everything)
    for group in ("held-out", "pets"):
        members = [f for f in frames if (f.camera if f.camera in NEVER_CHOSEN_ON else "held-out") == group]
        for size, (low, high) in SIZES.items() if members else ():
            detections = [(found[id(f)][0] * 416 / f.image.shape[1], found[id(f)][1]) for f in members]
            value = average_precision_scaled(members, detections, low, high)
            figures[f"{group}, {size}"] = value
    members = [f for f in frames if f.camera not in NEVER_CHOSEN_ON]
    figures["best threshold"] = best_threshold(members, [found[id(f)] for f in members])
    figures["ms per frame, one thread, p50"] = (float(np.median(detector.times)) * 1e3, len(detector.times))
    return figures


def average_precision_scaled(members, detections, low, high):
    """AP50 of people in a range of heights, measured at 416 pixels frame width."""
    scaled = scaled_frames(members)
    for frame in scaled:
        if frame.camera == "pets":  # the region test needs pixels of the original frame
            frame.image = np.broadcast_to(np.uint8(0), (int(416 * frame.image.shape[0] / frame.image.shape[1]), 416))
    return average_precision(scaled, detections, size_filter(416, low, high))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", nargs="+", required=True, help="FILE with the YOLOX layout, or FILE@WIDTHxHEIGHT where it takes any size")
    parser.add_argument("--retail", type=Path, help="person_retail_0013_320x544.onnx")
    parser.add_argument("--pets-video", type=Path)
    parser.add_argument("--pets-truth", type=Path)
    parser.add_argument("--pets-every", type=int, default=4)
    parser.add_argument("--hall", type=Path, help="tests/fixtures/hall")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    frames = labelled_frames(options.data, held_out=True, long_side=None)
    if options.pets_video:
        frames += pets_frames(options.pets_video, options.pets_truth, options.pets_every)
    if options.hall:
        frames += hall_frames(options.hall)
    detectors = [Yolox(path) for path in options.model] + ([Retail(options.retail)] if options.retail else [])
    results = {detector.name: evaluate(detector, frames) for detector in detectors}
    first = next(iter(results.values()))
    print("| set | people | " + " | ".join(results) + " |")
    print("|---|---|" + "---|" * len(results))
    thresholds = {name: r.pop("best threshold") for name, r in results.items()}
    for row, (_, count) in first.items():
        digits = 1 if row.startswith("ms") else 3
        cells = [f"{r[row][0]:.{digits}f}" if r[row][0] is not None else "-" for r in results.values()]
        print(f"| {row} | {count} | " + " | ".join(cells) + " |")
    for name, values in thresholds.items():
        print("\n{}: best F1 on the held-out frames at score {:.2f}: precision {:.2f}, recall {:.2f}, F1 {:.2f}".format(name, *values))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
