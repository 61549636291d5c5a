"""Measures files of YuNet's layout: held-out faces by size, turn, glasses and light; drivers' heads; ZJU Eyeblink; time.

A detection is right when its box has IoU 0.5 or more with an unclaimed face; drivers have head boxes, so there it must lie
mostly inside one. Point errors are relative to the distance between the eyes. Nothing is chosen on ZJU, where other people
stand behind the labelled one: "largest face only" does not count them as false alarms.
"""

import argparse
import csv
import json
from pathlib import Path

import cv2
import numpy as np

from boxes import area, pairwise_intersection, pairwise_iou
from compose import face_height, mirror, paste, real_face
from effects import camera, noise_bank
from sources import Renders, Scene, load
from teacher import Yunet

PICTURES = 1200
SIDE = 320
TIMED_RUNS = 60


def held_out_pictures(data, teacher, cache, rendered, count=PICTURES):
    """Composed pictures of held-out people in held-out scenes, then rendered ones; a face each, with its facts."""
    people, places = load(data, teacher, cache, want_held_out=True)
    empty = [s for s in places if not len(s.labels)]
    bank = noise_bank(99)
    for i in range(count):
        rng = np.random.default_rng([99, i])
        place = empty[rng.integers(len(empty))].picture
        canvas = np.ascontiguousarray(cv2.resize(place, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
        height = face_height(rng, SIDE * 0.95)
        margin = 0.5 * height / SIDE
        centre = SIDE * rng.uniform(margin, 1 - margin, 2)
        labels, facts = paste(rng, canvas, np.zeros((0, 16), np.float32), people[rng.integers(len(people))], height, centre)
        if rng.random() < 0.5:
            canvas, labels = mirror(canvas, labels)
        canvas = camera(rng, canvas, bank)
        x1, y1, x2, y2 = np.clip(labels[0, :4], 0, SIDE).astype(int)
        facts["dark"] = canvas[y1:y2, x1:x2].mean() < 60
        facts["source"] = "portraits"
        yield canvas, labels, facts
    renders = Renders(rendered, want_held_out=True)
    renders.refresh()
    for i, scene in enumerate(renders.scenes):
        for angles, face in zip(scene.angles, scene.labels):
            rng = np.random.default_rng([98, i])
            picture, labels = real_face(rng, Scene(scene.picture, face[None]), SIDE)
            if len(labels) == 1 and labels[0, 4] == 1:
                facts = {"height": labels[0, 3] - labels[0, 1], "angles": np.array(angles), "drawn": set(), "source": "renders"}
                picture = camera(rng, picture, bank)
                yield picture, labels, facts | {"dark": picture.mean() < 60, "back_lit": False}


def groups_of(facts):
    """Names of the rows that a held-out face counts in."""
    source, height, yaw = facts["source"], facts["height"], abs(facts["angles"][0])
    size = "24-40" if height < 40 else "40-80" if height < 80 else "80-160" if height < 160 else "160+"
    turn = "0-10" if yaw < 10 else "10-20" if yaw < 20 else "20-30" if yaw < 30 else "30-45" if yaw < 45 else "45+"
    names = [source, f"{source}, yaw {turn} degrees"]
    if source == "portraits":
        names.append(f"{source}, {size} px high")
        names += [f"{source}, {thing}" for thing in sorted(facts["drawn"])] or [f"{source}, nothing drawn"]
        names += [f"{source}, dark"] if facts["dark"] or facts["back_lit"] else []
    return names


class Tally:
    """Faces, hits, false alarms and point errors."""

    def __init__(self):
        self.faces, self.hits, self.alarms, self.errors = 0, 0, 0, []

    def add(self, hit, alarms, error=None):
        """One face."""
        self.faces, self.hits, self.alarms = self.faces + 1, self.hits + hit, self.alarms + alarms
        if error is not None:
            self.errors.append(error)

    def figures(self):
        """Recall, precision, mean and 95th percentile of the eye error."""
        errors = np.array(self.errors) if self.errors else np.array([np.nan])
        found = self.hits + self.alarms
        return {
            "faces": self.faces, "recall": self.hits / max(1, self.faces), "precision": self.hits / found if found else 1.0,
            "eyes": float(errors.mean()), "eyes p95": float(np.percentile(errors, 95)),
        }


def match(found, truth, inside=False, at=0.5):
    """Index of the detection that finds the one true box, or None; and the number of false alarms."""
    boxes = found[0]
    if not len(boxes):
        return None, 0
    overlap = pairwise_intersection(boxes, truth[None])[:, 0] / area(boxes) if inside else pairwise_iou(boxes, truth[None])[:, 0]
    right = overlap >= (0.7 if inside else at)
    if not right.any():
        return None, len(boxes)
    # The strongest right one is the hit; others are false alarms.
    return int(np.argmax(right)), len(boxes) - 1


def best_threshold(scored):
    """Threshold of the best F1 over the held-out pictures: list of (detections, truth)."""
    best = (0.0, 0.5)
    for threshold in np.arange(0.2, 0.95, 0.02):
        tally = Tally()
        for found, truth in scored:
            keep = found[1] >= threshold
            hit, alarms = match((found[0][keep],), truth)
            tally.add(hit is not None, alarms)
        f = tally.figures()
        best = max(best, (2 * f["precision"] * f["recall"] / max(1e-9, f["precision"] + f["recall"]), float(threshold)))
    return best[1]


def eye_error(points, truth):
    """Mean distance of the two eyes from the true ones, relative to their true distance."""
    return float(np.hypot(*(points[:2] - truth[:2]).T).mean() / max(1e-6, np.hypot(*(truth[1] - truth[0]))))


def held_out(detectors, pictures, thresholds):
    """Figures by group; thresholds missing are chosen here."""
    results = {}
    for name, detector in detectors.items():
        found = [detector.detect(picture, 0.1) for picture, _, _ in pictures]
        truths = [labels[0, :4] for _, labels, _ in pictures]
        threshold = thresholds.setdefault(name, best_threshold(list(zip(found, truths))))
        tallies = {}
        for (boxes, scores, points), (_, labels, facts) in zip(found, pictures):
            keep = scores >= threshold
            hit, alarms = match((boxes[keep],), labels[0, :4])
            error = None if hit is None else eye_error(points[keep][hit], labels[0, 5:9].reshape(2, 2))
            for group in groups_of(facts):
                tallies.setdefault(group, Tally()).add(hit is not None, alarms, error)
        results[name] = {group: tally.figures() for group, tally in sorted(tallies.items())}
    return results


def drivers(detectors, data, thresholds):
    """Recall on drivers' heads."""
    results = {}
    for name, detector in detectors.items():
        tally = Tally()
        for path in sorted((data / "faces/driver_heads/images").glob("*.jpg")):
            picture = cv2.imread(str(path))
            size = np.array(picture.shape[1::-1])
            row = np.loadtxt(data / "faces/driver_heads/labels" / f"{path.stem}.txt", ndmin=2)[0]
            truth = np.concatenate([(row[1:3] - row[3:5] / 2) * size, (row[1:3] + row[3:5] / 2) * size])
            hit, alarms = match(detector.detect(picture, thresholds[name]), truth, inside=True)
            tally.add(hit is not None, alarms)
        results[name] = {"drivers' heads": tally.figures()}
    return results


def zju_rows(folder, every):
    """Every n-th labelled frame: clip, condition, frame number, box, two eye centres (middle of the corners)."""
    clips = {}
    with open(folder / "ground_truth.csv", newline="") as file:
        for i, row in enumerate(csv.DictReader(file)):
            if i % every:
                continue
            x, y, w, h = (float(row[f"face_{k}"] or 0) for k in "xywh")
            if w * h == 0:
                continue
            corners = np.array([float(row[f"{eye}_{c}"]) for eye in ("le", "re") for c in ("lx", "ly", "rx", "ry")])
            eyes = corners.reshape(2, 2, 2).mean(1)
            eyes = eyes[np.argsort(eyes[:, 0])]
            clips.setdefault(row["clip"], {})[int(row["cfr30_frame"])] = (row["condition"], np.array([x, y, x + w, y + h]), eyes)
    return clips


def zju(detectors, folder, every, thresholds):
    """Figures per condition, with the mean box relative to the eyes so that conventions can be compared."""
    tallies = {name: {} for name in detectors}
    shapes = {name: [] for name in detectors} | {"truth": []}
    for clip, frames in sorted(zju_rows(folder, every).items()):
        video = cv2.VideoCapture(str(folder / "clips" / f"{clip}.mp4"))
        number = -1
        while video.grab():
            number += 1
            if number + 1 not in frames:
                continue
            condition, truth, eyes = frames[number + 1]
            picture = video.retrieve()[1]
            distance, middle = np.hypot(*(eyes[1] - eyes[0])), eyes.mean(0)
            shapes["truth"].append((truth - np.tile(middle, 2)) / distance)
            for name, detector in detectors.items():
                boxes, scores, points = detector.detect(picture, thresholds[name])
                largest = np.argsort(-area(boxes))[:1]
                everything = slice(None)
                for group, at, chosen in (
                    ("all", 0.5, everything), (condition, 0.5, everything), ("all, largest face only", 0.5, largest),
                    ("all, largest face only, at IoU 0.4", 0.4, largest), ("all, largest face only, at IoU 0.3", 0.3, largest),
                ):
                    hit, alarms = match((boxes[chosen],), truth, at=at)
                    error = None if hit is None else eye_error(points[chosen][hit], eyes)
                    tallies[name].setdefault(f"zju {group}", Tally()).add(hit is not None, alarms, error)
                if len(boxes):
                    shapes[name].append((boxes[largest[0]] - np.tile(middle, 2)) / distance)
    figures = {name: {g: t.figures() for g, t in sorted(groups.items())} for name, groups in tallies.items()}
    return figures, {name: np.mean(s, 0).round(3).tolist() for name, s in shapes.items()}


def times(detectors):
    """Median milliseconds of one thread for a 320x320 picture, the files in turns."""
    rng = np.random.default_rng(0)
    taken = {name: [] for name in detectors}
    for _ in range(TIMED_RUNS):
        for name, detector in detectors.items():
            side = detector.fixed or (SIDE, SIDE)
            tensor = rng.integers(0, 256, (1, 3, *side)).astype(np.float32)
            taken[name].append(detector.run(tensor)[1])
    return {name: 1e3 * float(np.median(t[5:])) for name, t in taken.items()}


def table(results):
    """One Markdown table: rows are groups, a cell is recall / precision / eye error in per cent."""
    names = list(results)
    print("| set | faces | " + " | ".join(names) + " |\n|---|---|" + "---|" * len(names))
    for group, first in results[names[0]].items():
        cells = []
        for name in names:
            f = results[name][group]
            cells.append(f"{f['recall']:.3f} / {f['precision']:.3f} / {100 * f['eyes']:.1f}")
        print(f"| {group} | {first['faces']} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--model", type=Path, nargs="+", required=True)
    parser.add_argument("--renders", type=Path)
    parser.add_argument("--zju-every", type=int, default=0, help="0 leaves ZJU out")
    parser.add_argument("--pictures", type=int, default=PICTURES, help="composed pictures to use")
    parser.add_argument("--threshold", type=float, nargs="*", default=[], help="per model; else the best F1 on the held-out pictures")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    detectors = {p.stem: Yunet(p) for p in options.model}
    thresholds = dict(zip(detectors, options.threshold))
    pictures = list(held_out_pictures(options.data, options.teacher, options.cache, options.renders, options.pictures))
    results = held_out(detectors, pictures, thresholds)
    for name, figures in drivers(detectors, options.data, thresholds).items():
        results[name] |= figures
    shapes = {}
    if options.zju_every:
        figures, shapes = zju(detectors, options.data / "zju-eyeblink", options.zju_every, thresholds)
        for name in detectors:
            results[name] |= figures[name]
    print("Recall / precision at IoU 0.5 / mean eye error in per cent of the eye distance.\n")
    table(results)
    taken = times(detectors)
    print("\nThresholds:", {n: round(t, 2) for n, t in thresholds.items()})
    print("Milliseconds, one thread:", {n: round(t, 2) for n, t in taken.items()})
    print("Mean box about the middle of the eyes, in eye distances:", json.dumps(shapes))
    if options.json:
        options.json.write_text(json.dumps({"results": results, "thresholds": thresholds, "ms": taken, "boxes": shapes}, indent=1))


if __name__ == "__main__":
    main()
