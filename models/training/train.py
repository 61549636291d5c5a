"""Trains the detector on random tiles of its pictures; resumable from its checkpoint.

The schedule runs over `--steps` steps or, where a machine's speed is not known, over `--minutes` of training time.  Each worker is
a process with one thread that trains on its own and averages its weights with the others every
few steps (local SGD): on a busy machine this is faster than one process with
several threads.
"""

import argparse
import copy
import math
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.distributed as dist

from loss import detection_loss
from model import PersonDetector, cell_grid
from optimise import make_optimizer, resume, save, update_average
from sources import training_frames
from start import load_start
from tiles import Composed, Rendered, Scenes, Tiles

# Tile, batch per worker, share of the steps.
SHAPES = (((192, 320), 16, 0.48), ((256, 416), 9, 0.27), ((320, 416), 8, 0.1), ((384, 640), 4, 0.15))
SYNC_STEPS = 5
AVERAGE_KEEP = 0.999
WEIGHT_DECAY = 0.03


def average_weights(model, spent, workers):
    """Replace weights, statistics and the time spent by their means over all workers; returns the time."""
    if workers == 1:
        return spent
    values = [v for v in model.state_dict().values() if v.is_floating_point()]
    flat = torch.cat([v.flatten() for v in values] + [torch.tensor([spent])])
    dist.all_reduce(flat)
    flat /= workers
    for value, part in zip(values, flat[:-1].split([v.numel() for v in values])):
        value.copy_(part.view_as(value))
    return float(flat[-1])


def work(rank, options, meeting):
    """The training loop of one worker; worker 0 logs and saves."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(options.seed)
    if options.workers > 1:
        dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=options.workers)
    tiles = Tiles(
        scenes=Scenes(training_frames(options.data, options.teacher, options.everything)),
        composed=Composed(options.pool),
        rendered=Rendered(options.renders),
    )
    model = PersonDetector()
    if options.start:
        shape, count = SHAPES[0][:2]
        sample, _ = tiles.batch(np.random.default_rng(options.seed), shape, 4 * count)
        load_start(options.start, model, torch.from_numpy(sample))
    model = model.to(memory_format=torch.channels_last)
    average = copy.deepcopy(model).eval()
    optimizer = make_optimizer(model, options.rate, WEIGHT_DECAY)
    step, spent = resume(options.checkpoint, model, average, optimizer)
    grids = {shape: cell_grid(*shape) for shape, _, _ in SHAPES}
    shares = [share for _, _, share in SHAPES]
    last_save = clock = time.time()
    sums, seen = np.zeros(3), 0
    while True:
        progress = step / options.steps if options.steps else spent / (60 * options.minutes)
        if progress >= 1:
            break
        shape, count, _ = SHAPES[np.random.default_rng([options.seed, step]).choice(len(SHAPES), p=shares)]
        rate = options.rate * min(1.0, (step + 1) / 100) * (0.01 + 0.99 * (1 + math.cos(math.pi * progress)) / 2)
        for group in optimizer.param_groups:
            group["lr"] = rate
        rng = np.random.default_rng([options.seed, step, rank])
        images, labels = map(torch.from_numpy, tiles.batch(rng, shape, count))
        pixels = images.float().contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=not options.fp32):
            raw = model(pixels)
        total, score_part, box_part = detection_loss(raw.float(), labels, grids[shape])
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        step += 1
        if step % SYNC_STEPS == 0:
            now = time.time()
            spent, clock = average_weights(model, spent + now - clock, options.workers), now
        update_average(average, model, min(AVERAGE_KEEP, (1 + step) / (10 + step)))
        sums, seen = sums + [float(total.detach()), float(score_part), float(box_part)], seen + 1
        if step % 25 == 0:
            tiles.refresh()
            if rank == 0:
                print(f"step {step} {spent:.0f} s rate {rate:.5f} loss/score/box {np.round(sums / seen, 3)}", flush=True)
            sums, seen = np.zeros(3), 0
        if rank == 0 and clock - last_save > 120:
            save(options.checkpoint, step, spent, model, average, optimizer)
            last_save = clock
    if rank == 0:
        save(options.checkpoint, step, spent, model, average, optimizer)
    if options.workers > 1:
        dist.destroy_process_group()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True, help="person_yolox_nano_416.onnx")
    parser.add_argument("--pool", type=Path, required=True, help="shards of pool.py")
    parser.add_argument("--renders", type=Path, help="folder of rendered people")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="checkpoint or ONNX file of an earlier run whose weights are the start")
    parser.add_argument("--everything", action="store_true", help="train on the held-out frames too")
    parser.add_argument("--fp32", action="store_true", help="no bfloat16: for processors without it")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not options.steps and not options.minutes:
        parser.error("give --steps or --minutes")
    with tempfile.TemporaryDirectory() as folder:
        meeting = Path(folder) / "workers"
        if options.workers == 1:
            work(0, options, meeting)
        else:
            torch.multiprocessing.spawn(work, (options, meeting), nprocs=options.workers)


if __name__ == "__main__":
    main()
