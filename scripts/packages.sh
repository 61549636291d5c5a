#!/usr/bin/env bash
# Installs the Debian packages that are missing. Touches neither apt nor the network when none is.
#
#   scripts/packages.sh build    what the build and the demo need
#   scripts/packages.sh test     that, the RTSP server of the capture tests, ffmpeg, and a browser for the console's tests
#   scripts/packages.sh renders  what rendering our own pictures needs
#
# GREENLANE_SKIP_APT=1 skips it: on another system, install the equivalents yourself.

source "$(dirname "$0")/place.sh"

# OpenCV; libclang reads its headers; a C compiler for SQLite and ring; Python for pip; certificates for https.
build=(libopencv-dev clang libclang-dev build-essential pkg-config python3 python3-venv ca-certificates)
# ffmpeg writes H.264 films of simulated faces.
# Chromium without recommendations (about 300 MB installed), with a font for Korean: what operators see is tested in it.
# GStreamer's RTSP server, driven from Python, with what takes a recording apart for it (h264parse is in -bad).
test=(ffmpeg chromium fonts-nanum python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad)

# OpenGL in software without a screen.
renders=(libegl1 libgl1-mesa-dri python3 python3-venv ca-certificates)

case ${1:-} in
build) wanted=("${build[@]}") ;;
test) wanted=("${build[@]}" "${test[@]}") ;;
renders) wanted=("${renders[@]}") ;;
*) die "usage: packages.sh build|test|renders" ;;
esac

[ "${GREENLANE_SKIP_APT:-}" = 1 ] && exit 0
command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
    die "this is no Debian: install the equivalents of: ${wanted[*]}, then set GREENLANE_SKIP_APT=1"

missing=()
for package in "${wanted[@]}"; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "ask an administrator for: apt-get install ${missing[*]}"
    as_root=(sudo)
fi
say "installing ${missing[*]}"
"${as_root[@]}" apt-get update --quiet
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
