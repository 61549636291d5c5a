#!/bin/sh
# One command from the data folder to evaluated ONNX files; run it again to resume after a stop.
# usage: train.sh DATA MODELS WORK OUT   (MINUTES, STEPS, SHARDS, WORKERS and SEED may be set in the environment)
#   DATA    folder with cctv-person, people and sample-videos
#   MODELS  folder with person_yolox_nano_416.onnx (teacher, peer) and person_retail_0013_320x544.onnx (peer)
#   WORK    scratch folder: the pool (about 0.35 MB per picture) and the checkpoint
#   OUT     where the ONNX files and figures go
# PETS_VIDEO and PETS_TRUTH add the unseen outdoor test; RENDERS names a folder of rendered people (scripts/renders.sh).
set -eu
data=$1 models=$2 work=$3 out=$4
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
export OMP_NUM_THREADS=1
mkdir -p "$work" "$out"
"$python" "$here/pool.py" --data "$data" --teacher "$models/person_yolox_nano_416.onnx" \
    --pool "$work/pool" --shards "${SHARDS:-23}" --seed "${SEED:-1}"
set -- --data "$data" --teacher "$models/person_yolox_nano_416.onnx" --pool "$work/pool"
if [ -n "${RENDERS:-}" ]; then
    set -- "$@" --renders "$RENDERS"
fi
"$python" "$here/train.py" "$@" --checkpoint "$work/person.pt" \
    --steps "${STEPS:-0}" --minutes "${MINUTES:-125}" --workers "${WORKERS:-2}" --seed "${SEED:-1}"
"$python" "$here/export.py" --checkpoint "$work/person.pt" --out "$out"
set -- --data "$data" --json "$work/evaluation.json" --retail "$models/person_retail_0013_320x544.onnx" \
    --model "$out/greenlane-person-256x416.onnx" "$out/greenlane-person-416.onnx" "$models/person_yolox_nano_416.onnx"
if [ -n "${PETS_VIDEO:-}" ]; then
    set -- "$@" --pets-video "$PETS_VIDEO" --pets-truth "$PETS_TRUTH"
fi
"$python" "$here/evaluate.py" "$@" > "$work/evaluation.md"
cat "$work/evaluation.md"
