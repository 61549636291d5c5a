"""Static int8 quantisation of the face detector, and the processor time of a run of it and of others, by turns.

Calibration pixels are those that it is trained on, composed as for training.
"""

import argparse
from pathlib import Path

import numpy as np
from onnxruntime.quantization.shape_inference import quant_pre_process

from compose import compose
from effects import noise_bank
from int8 import WAYS, as_tensor, quantised, timed
from sources import Renders, load

SIDE = 320
SEED = 6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="the int8 file")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--renders", type=Path)
    parser.add_argument("--way", choices=list(WAYS), default="qoperator-channel-7bit-all")
    parser.add_argument("--count", type=int, default=160, help="calibration pictures")
    parser.add_argument("--rounds", type=int, default=60, help="timed runs of each file")
    parser.add_argument("--beside", type=Path, nargs="*", default=[], help="other files of any size of input to time by turns")
    options = parser.parse_args()
    renders = Renders(options.renders, want_held_out=False)
    renders.refresh()
    material, bank = (*load(options.data, options.teacher, options.cache, want_held_out=False), renders.scenes), noise_bank(SEED)
    pictures = [compose(np.random.default_rng([SEED, i]), material, SIDE, bank)[0] for i in range(options.count)]
    tensors = [as_tensor(picture) for picture in pictures]
    prepared = options.out.with_suffix(".prepared.onnx")
    quant_pre_process(str(options.model), str(prepared), skip_symbolic_shape=True)
    quantised(prepared, options.out, options.way, tensors, keep_outermost=True)
    prepared.unlink()
    paths = {path.stem: path for path in (options.model, options.out, *options.beside)}
    for name, (median, low) in timed(paths, tensors[0], options.rounds).items():
        print(f"{name}: {median:.2f} ms, 10th percentile {low:.2f}, {paths[name].stat().st_size} bytes")


if __name__ == "__main__":
    main()
