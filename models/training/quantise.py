"""Static int8 quantisation of a detector or of a re-identification model, and what it gains and costs.

    python quantise.py --data DATA --out OUT models/greenlane-person-256x416.onnx --manifest ../manifest.toml
    python quantise.py --data DATA --out OUT --task reidentification reid_retail_0287_256x128.onnx \
        --pets-video vtest.avi --pets-truth gt.txt

Several ways are tried: QDQ and QOperator form, scales for each channel or for each tensor, weights of 7 bits (on
processors without VNNI the 8-bit products of two neighbours overflow 16 bits) or of 8, and convolutions alone or all that
can be. Each file is timed against the original by turns, on one thread. Calibration pixels are the training side of
`cctv-person` and `people` (CC BY 4.0, Public Domain): whole pictures for detectors, labelled people for
re-identification. Of a re-identification model the loss is measured here, as the area under the ROC curve over pairs of
people in PETS; of a detector with `greenlane evaluate detection` and the manifest that is written beside the files.
"""

import argparse
import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import onnx
from onnxruntime.quantization.shape_inference import quant_pre_process

from boxes import letterbox
from detectors import WIDE, open_session
from int8 import WAYS, as_tensor, quantised, timed
from sources import labelled_frames

GAP_FRAMES = 40
SEED = 1


def people_of(frame):
    """Crops of a frame's labelled people."""
    height, width = frame.image.shape[:2]
    for x1, y1, x2, y2 in np.round(frame.boxes).astype(int):
        x1, y1, x2, y2 = max(x1, 0), max(y1, 0), min(x2, width), min(y2, height)
        if x2 - x1 >= 12 and y2 - y1 >= 24:
            yield frame.image[y1:y2, x1:x2]


def calibration(data, task, size, count):
    """`count` inputs, spread over all cameras."""
    height, width = size
    frames = labelled_frames(data, held_out=False, long_side=None)
    rng = np.random.default_rng(SEED)
    frames = [frames[i] for i in rng.permutation(len(frames))[:count]]
    if task == "detection":
        return [as_tensor(letterbox(frame.image, height, width)[0]) for frame in frames]
    crops = [crop for frame in frames for crop in people_of(frame)]
    crops = [crops[i] for i in rng.permutation(len(crops))[:count]]
    return [as_tensor(cv2.resize(crop, (width, height))) for crop in crops]


def pets_people(video, truth):
    """Crops of PETS with identity and frame; nobody else covers more than a fifth of them."""
    rows = np.loadtxt(truth, delimiter=",")
    capture, people, index = cv2.VideoCapture(str(video)), [], 0
    while True:
        ok, image = capture.read()
        if not ok:
            return people
        index += 1
        found = rows[rows[:, 0] == index] if index % 20 == 1 else rows[:0]
        for i, row in enumerate(found):
            x, y, w, h = row[2:6]
            others = np.delete(found, i, 0)
            across = np.minimum(others[:, 2] + others[:, 4], x + w) - np.maximum(others[:, 2], x)
            down = np.minimum(others[:, 3] + others[:, 5], y + h) - np.maximum(others[:, 3], y)
            covered = np.maximum(across, 0) * np.maximum(down, 0)
            x1, y1 = max(round(x), 0), max(round(y), 0)
            crop = image[y1 : round(y + h), x1 : round(x + w)]
            if (not len(covered) or covered.max() <= 0.2 * w * h) and crop.shape[0] >= 24 and crop.shape[1] >= 12:
                people.append((int(row[1]), index, crop))


def area_under_roc(path, people, size):
    """Chance that a pair of the same person, at least 40 frames apart, is more alike than a pair of two."""
    session, (height, width) = open_session(path), size
    vectors = []
    for _, _, crop in people:
        tensor = as_tensor(cv2.resize(crop, (width, height)))
        vector = session.run(None, {session.get_inputs()[0].name: tensor})[0].ravel()
        vectors.append(vector / np.linalg.norm(vector))
    cosine = np.array(vectors) @ np.array(vectors).T
    who, when = (np.array([p[i] for p in people]) for i in (0, 1))
    pairs = np.triu(np.abs(when[:, None] - when) >= GAP_FRAMES, 1)
    same = cosine[pairs & (who[:, None] == who)]
    different = np.sort(cosine[pairs & (who[:, None] != who)])
    return float(np.mean(np.searchsorted(different, same) / len(different)))


def manifest_entry(manifest, source, path, way):
    """The original's entry with another name and file."""
    blocks = ("\n" + manifest.read_text()).split("\n[[model]]\n")[1:]
    block = next((b for b in blocks if f'file = "{source.name}"' in b), None)
    if block is None:
        return ""
    lines = []
    for line in block.strip().splitlines():
        key = line.split(" = ")[0]
        if key == "name":
            line = f'{line[:-1]}-int8-{way}"'
        elif key == "file":
            line = f'file = "{path.name}"'
        elif key == "sha256":
            line = f'sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"'
        elif key == "size":
            line = f"size = {path.stat().st_size}"
        lines.append(line)
    return "[[model]]\n" + "\n".join(lines) + "\n\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, required=True, help="holds cctv-person and people")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--task", choices=("detection", "reidentification"), default="detection")
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--quantise-outermost", action="store_true", help="the last convolutions as well")
    parser.add_argument("--count", type=int, default=128, help="calibration inputs")
    parser.add_argument("--rounds", type=int, default=100, help="timed runs of each file")
    parser.add_argument("--manifest", type=Path, help="manifest that describes the original: one for the new files is written")
    parser.add_argument("--pets-video", type=Path)
    parser.add_argument("--pets-truth", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    people = pets_people(options.pets_video, options.pets_truth) if options.pets_video else []
    entries, results = "", {}
    for source in options.model:
        size = tuple(d.dim_value for d in onnx.load(source).graph.input[0].type.tensor_type.shape.dim[2:])
        size = size if all(size) else WIDE
        tensors = calibration(options.data, options.task, size, options.count)
        prepared = options.out / f"{source.stem}-prepared.onnx"
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        paths = {"fp32": source}
        for way in options.ways:
            path = options.out / f"{source.stem}-int8-{way}.onnx"
            try:
                quantised(prepared, path, way, tensors, options.task == "detection" and not options.quantise_outermost)
            except ValueError as error:  # onnxruntime 1.31 fails on some graphs with scales for each channel
                print(f"{way} cannot be made: {error}")
                continue
            paths[way] = path
            if options.manifest:
                entries += manifest_entry(options.manifest, source, path, way)
        times = timed(paths, tensors[0], options.rounds)
        print(f"| {source.stem} | bytes | ms | ms p10 | AUC |\n|---|---|---|---|---|")
        for name, path in paths.items():
            auc = area_under_roc(path, people, size) if people and options.task == "reidentification" else None
            shown = "-" if auc is None else f"{auc:.4f}"
            print(f"| {name} | {path.stat().st_size} | {times[name][0]:.2f} | {times[name][1]:.2f} | {shown} |", flush=True)
            results[f"{source.stem} {name}"] = {"ms": times[name], "bytes": path.stat().st_size, "auc": auc}
    (options.out / "figures.json").write_text(json.dumps(results, indent=1))
    if options.manifest:
        (options.out / "manifest.toml").write_text("schema = 1\n\n" + entries)


if __name__ == "__main__":
    main()
