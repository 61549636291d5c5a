"""Trains the face detector on pictures composed as it goes, in one thread; resumable from its checkpoint.

Composing a small picture takes about as long as training on it, so every picture is shown four times on average,
mirrored and in another tone. Where the teacher sees a face, the box to learn is the teacher's: where a box begins and ends is a
convention, and that of labels drawn by hand, turned and rendered is not one.
"""

import argparse
import copy
import math
import time
from pathlib import Path

import cv2
import numpy as np
import torch

from boxes import pairwise_iou
from compose import compose, mirror
from effects import noise_bank, retone
from loss import detection_loss
from network import FaceDetector, cell_grid
from optimise import make_optimizer, resume, save, update_average
from sources import Renders, load
from start import load_start
from teacher import Yunet

SHAPES = ((128, 12, 0.4), (192, 6, 0.35), (320, 3, 0.25))  # side, batch, share of the steps
KEPT = 400  # recent pictures of each side
WEIGHT_DECAY = 0.02
SHOWN = 4  # times that each is shown on average
AGREED_SCORE, AGREED_OVERLAP = 0.5, 0.6  # from which the teacher's box is learned


def boxed_by(teacher, picture, labels):
    """Labels with the teacher's boxes where it surely sees the same face."""
    faces = np.flatnonzero(labels[:, 4] == 1)
    if not len(faces):
        return labels
    boxes, scores, _ = teacher.detect(picture, AGREED_SCORE)
    if not len(boxes):
        return labels
    overlap = pairwise_iou(labels[faces, :4], boxes)
    best = overlap.argmax(1)
    same = overlap[np.arange(len(faces)), best] >= AGREED_OVERLAP
    labels = labels.copy()
    labels[faces[same], :4] = boxes[best[same]]
    return labels


class Pictures:
    """Composed pictures, new and recent."""

    def __init__(self, material, teacher, seed):
        self.material, self.teacher, self.bank = material, Yunet(teacher), noise_bank(seed)
        self.recent = {side: [] for side, _, _ in SHAPES}

    def one(self, rng, side):
        """A picture [S, S, 3] with labels [M, 16]."""
        recent = self.recent[side]
        if len(recent) >= KEPT // 10 and rng.random() < 1 - 1 / SHOWN:
            picture, labels = recent[rng.integers(len(recent))]
            if rng.random() < 0.5:
                picture, labels = mirror(picture, labels)
            return retone(rng, picture, 0.5), labels
        picture, labels = compose(rng, self.material, side, self.bank)
        made = picture, boxed_by(self.teacher, picture, labels)
        if len(recent) < KEPT:
            recent.append(made)
        else:
            recent[rng.integers(KEPT)] = made
        return made

    def batch(self, rng, side, count):
        """Pictures [B, 3, S, S] and padded labels [B, M, 16]."""
        made = [self.one(rng, side) for _ in range(count)]
        padded = np.zeros((count, max(1, *(len(labels) for _, labels in made)), 16), np.float32)
        for row, (_, labels) in zip(padded, made):
            row[: len(labels)] = labels
        images = torch.from_numpy(np.stack([picture for picture, _ in made]))
        return images.permute(0, 3, 1, 2).float(), torch.from_numpy(padded)


def train(options):
    """The loop: the schedule runs over steps or, where a machine's speed is not known, over minutes."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(options.seed)
    renders = Renders(options.renders, want_held_out=False)
    renders.refresh()
    material = (*load(options.data, options.teacher, options.cache, want_held_out=False), renders.scenes)
    pictures = Pictures(material, options.teacher, options.seed)
    model = FaceDetector().to(memory_format=torch.channels_last)
    if options.start:
        load_start(options.start, model, pictures.batch(np.random.default_rng(options.seed), 192, 64)[0])
    average = copy.deepcopy(model).eval()
    optimizer = make_optimizer(model, options.rate, WEIGHT_DECAY)
    step, spent = resume(options.checkpoint, model, average, optimizer)
    grids = {side: cell_grid(side, side) for side, _, _ in SHAPES}
    clock = last_save = time.time()
    sums, seen, composing = np.zeros(4), 0, 0.0
    while (progress := step / options.steps if options.steps else spent / (60 * options.minutes)) < 1:
        rng = np.random.default_rng([options.seed, step])
        side, count, _ = SHAPES[rng.choice(len(SHAPES), p=[s for _, _, s in SHAPES])]
        rate = options.rate * min(1.0, (step + 1) / 100) * (0.01 + 0.99 * (1 + math.cos(math.pi * progress)) / 2)
        for group in optimizer.param_groups:
            group["lr"] = rate
        start = time.time()
        images, labels = pictures.batch(rng, side, count)
        composing += time.time() - start
        losses = detection_loss(model(images.contiguous(memory_format=torch.channels_last)), labels, grids[side])
        optimizer.zero_grad(set_to_none=True)
        losses[0].backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        step += 1
        now = time.time()
        spent, clock = spent + now - clock, now
        update_average(average, model, min(0.998, (1 + step) / (10 + step)))
        sums, seen = sums + [float(v.detach()) for v in losses], seen + 1
        if step % 50 == 0:
            parts = " ".join(f"{v:.3f}" for v in sums / seen)
            print(f"step {step} {spent:.0f} s (composing {composing:.0f} s) rate {rate:.5f} loss/score/box/points {parts}", flush=True)
            sums, seen = np.zeros(4), 0
            renders.refresh()
        if clock - last_save > 120:
            save(options.checkpoint, step, spent, model, average, optimizer)
            last_save = clock
    save(options.checkpoint, step, spent, model, average, optimizer)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--renders", type=Path)
    parser.add_argument("--start", type=Path, help="checkpoint or published ONNX file whose weights are the start")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not options.steps and not options.minutes:
        parser.error("give --steps or --minutes")
    train(options)


if __name__ == "__main__":
    main()
