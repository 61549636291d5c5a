"""Writes the training pool: shards of composed pictures and their boxes.

Shard k depends on the seed and k alone, so a pool can be extended or resumed.
"""

import argparse
import pickle
import time
from pathlib import Path

import cv2
import numpy as np

import cutouts
from compose import HEIGHT, IGNORE, WIDTH, Composer
from sources import median_background, training_frames, unlabelled_people
from teacher import Teacher

MAX_BOXES = 64


def load_material(data, teacher, cache, seed):
    """Frames, people-free backgrounds and cut-outs; the last are kept in `cache`."""
    frames = training_frames(data, teacher)
    fixed = [c for c in sorted({f.camera for f in frames}) if "factory" in c or "store" in c or "sample" in c]
    medians = {c: median_background(frames, c) for c in fixed}
    if cache.exists():
        found = pickle.loads(cache.read_bytes())
    else:
        usable = {c: m for c, m in medians.items() if "store" not in c}
        found = cutouts.collect(frames, usable, np.random.default_rng(seed))
        cache.write_bytes(pickle.dumps(found))
    empty = [f.image for f in frames if not len(f.boxes) and not len(f.ignore)]
    return frames, list(medians.values()) * 3 + empty[::4], found


def write_shard(folder, index, count, seed, composer, teacher):
    """Compose, label and save one shard; the `done` file is written last."""
    rng = np.random.default_rng([seed, index])
    cv2.setRNGSeed(seed * 1000 + index)
    images = np.empty((count, HEIGHT, WIDTH, 3), np.uint8)
    boxes = np.zeros((count, MAX_BOXES, 5), np.float32)
    for i in range(count):
        images[i], found = composer.picture(rng)
        doubtful = unlabelled_people(images[i], found[:, :4], teacher)
        found = np.concatenate([found, np.c_[doubtful, np.full(len(doubtful), IGNORE)]])[:MAX_BOXES]
        boxes[i, : len(found)] = found
    for name, array in (("images", images), ("boxes", boxes)):
        np.save(folder / f"{name}-{index:03d}.npy", array)
    (folder / f"done-{index:03d}").touch()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True, help="person_yolox_nano_416.onnx")
    parser.add_argument("--pool", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=16)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--per-shard", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    options.pool.mkdir(parents=True, exist_ok=True)
    teacher = Teacher(options.teacher, HEIGHT, WIDTH)
    material = load_material(options.data, options.teacher, options.pool / "cutouts.pickle", options.seed)
    composer = Composer(*material)
    print(f"cut-outs: {len(composer.whole)} whole, {len(composer.partial)} partial", flush=True)
    for index in range(options.first, options.first + options.shards):
        if (options.pool / f"done-{index:03d}").exists():
            continue
        start = time.time()
        write_shard(options.pool, index, options.per_shard, options.seed, composer, teacher)
        print(f"shard {index}: {time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
