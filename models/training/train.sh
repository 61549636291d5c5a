#!/bin/sh
# One command from the data folder to evaluated ONNX files; run it again to resume after a stop.
# usage: train.sh DATA MODELS WORK OUT
#   DATA    folder with cctv-person, people and sample-videos
#   MODELS  folder with person_yolox_nano_416.onnx (teacher, peer) and person_retail_0013_320x544.onnx (peer)
#   WORK    scratch folder: the pool (about 0.35 MB per picture) and the checkpoints
#   OUT     where the ONNX files go
# May be set in the environment: START (ONNX file or checkpoint to go on from), MINUTES and LAST_MINUTES (of the two
# stages) or STEPS and LAST_STEPS, RATE, LAST_RATE, SHARDS, WORKERS, SEED; RENDERS names a folder of rendered people
# (scripts/renders.sh person); PETS_VIDEO and PETS_TRUTH add the unseen outdoor test.
set -eu
data=$1 models=$2 work=$3 out=$4
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
teacher=$models/person_yolox_nano_416.onnx
export OMP_NUM_THREADS=1
mkdir -p "$work/held-out" "$out"

train() {
    "$python" "$here/train.py" --data "$data" --teacher "$teacher" --pool "$work/pool" --workers "${WORKERS:-2}" \
        --seed "${SEED:-1}" ${RENDERS:+--renders "$RENDERS"} "$@"
}

# evaluate NAME FOLDER: the files in the folder and both peers; the table goes to WORK/NAME.md.
evaluate() {
    "$python" "$here/evaluate.py" --data "$data" --json "$work/$1.json" --hall "$here/../../tests/fixtures/hall" \
        ${PETS_VIDEO:+--pets-video "$PETS_VIDEO" --pets-truth "$PETS_TRUTH" --pets-every 8} \
        --retail "$models/person_retail_0013_320x544.onnx" \
        --model "$2/greenlane-person-256x416.onnx" "$2/greenlane-person-416.onnx" "$2/greenlane-person.onnx@640x384" \
        "$teacher" > "$work/$1.md"
    cat "$work/$1.md"
}

"$python" "$here/pool.py" --data "$data" --teacher "$teacher" --pool "$work/pool" --shards "${SHARDS:-4}" --seed "${SEED:-1}"

# First stage: what its figures say of places that it has not seen is what the card says.
train --checkpoint "$work/held-out.pt" ${START:+--start "$START"} \
    --steps "${STEPS:-0}" --minutes "${MINUTES:-50}" --rate "${RATE:-1e-3}"
"$python" "$here/export.py" --checkpoint "$work/held-out.pt" --out "$work/held-out"
evaluate held-out "$work/held-out"

# Last stage, the one that ships: goes on with all labelled frames, so that only PETS and the hall can judge it.
train --everything --checkpoint "$work/person.pt" --start "$work/held-out.pt" \
    --steps "${LAST_STEPS:-0}" --minutes "${LAST_MINUTES:-40}" --rate "${LAST_RATE:-6e-4}"
"$python" "$here/export.py" --checkpoint "$work/person.pt" --out "$out"
evaluate last "$out"
