#!/usr/bin/env bash
# Has axe-core look at every view of the console in Chromium, in both languages, light and dark, on three window sizes,
# and keeps a picture of each. Needs npm and the network once; `make test` does not need it.
#
#   scripts/axe.sh OUT    pictures into the folder OUT

source "$(dirname "$0")/place.sh"

version=4.14.1
[ $# -eq 1 ] || die "usage: axe.sh OUT"
command -v npm >/dev/null || die "there is no npm: apt-get install npm"
folder=$CACHE/axe-core-$version
if [ ! -f "$folder/package/axe.min.js" ]; then
    scratch
    (cd "$SCRATCH" && npm pack --silent "axe-core@$version" >/dev/null && tar -xzf "axe-core-$version.tgz")
    mkdir -p "$folder"
    mv "$SCRATCH/package" "$folder/package"
fi
mkdir -p "$1"
GREENLANE_PICTURES=$(realpath "$1") GREENLANE_AXE=$folder/package/axe.min.js \
    cargo test --locked --test it --manifest-path "$ROOT/Cargo.toml" -- --nocapture fit_their_window fits_its_window fit_every_window
