#!/bin/sh
# One command from the data folder to an evaluated ONNX file; run it again to resume after a stop.
# usage: train.sh DATA MODELS WORK OUT   (MINUTES, STEPS, RATE, SEED, START, RENDERS and ZJU_EVERY may be set in the environment)
#   DATA    folder with faces, cctv-person, people and sample-videos (and zju-eyeblink for the final test)
#   MODELS  folder with face_yunet_n_dynamic.onnx (teacher and peer) and face_yunet_2023mar_640.onnx (peer)
#   WORK    scratch folder: cut-outs and the teacher's labels (1.3 GB), the checkpoint
#   OUT     where the ONNX files go
# RENDERS names a folder of rendered close-ups (NNNNN.jpg with NNNNN.json), START a checkpoint or ONNX file to go on from.
set -eu
data=$1 models=$2 work=$3 out=$4
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
teacher=$models/face_yunet_n_dynamic.onnx
export OMP_NUM_THREADS=1 PYTHONPATH="$here:$here/.."
mkdir -p "$work" "$out"
set -- --data "$data" --teacher "$teacher" --cache "$work/cache"
if [ -n "${RENDERS:-}" ]; then
    set -- "$@" --renders "$RENDERS"
fi
"$python" "$here/train.py" "$@" ${START:+--start "$START"} --checkpoint "$work/face.pt" \
    --steps "${STEPS:-0}" --minutes "${MINUTES:-70}" --rate "${RATE:-2e-3}" --seed "${SEED:-1}"
"$python" "$here/write_onnx.py" --checkpoint "$work/face.pt" --out "$out"
"$python" "$here/quantise_face.py" "$@" "$out/greenlane-face.onnx" --out "$out/greenlane-face-int8.onnx" --beside "$teacher"
"$python" "$here/evaluate.py" "$@" --zju-every "${ZJU_EVERY:-4}" --json "$work/evaluation.json" \
    --model "$out/greenlane-face.onnx" "$out/greenlane-face-int8.onnx" "$teacher" "$models/face_yunet_2023mar_640.onnx" > "$work/evaluation.md"
cat "$work/evaluation.md"
