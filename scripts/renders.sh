#!/usr/bin/env bash
# Renders our own pictures. The tools go into a virtual environment of their own in the cache.
#
#   scripts/renders.sh hall               tests/fixtures/hall, anew (about ten minutes of a free core)
#   scripts/renders.sh person OUT [...]   training pictures for the person detector (--count, --first-scene)
#   scripts/renders.sh face OUT [...]     training pictures for the face detector

source "$(dirname "$0")/place.sh"

venv=$CACHE/renders-venv
what=${1:-hall}
shift || true
"$ROOT/scripts/packages.sh" renders
if ! "$venv/bin/python" -c 'import anny, av, moderngl' >/dev/null 2>&1; then
    say "making $venv"
    # Debian's own Python, whatever else comes first in PATH.
    system=/usr/bin/python3
    [ -x "$system" ] || system=$(command -v python3) || die "there is no python3"
    mkdir -p "$CACHE"
    "$system" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$ROOT/renders/requirements.txt"
fi
case $what in
hall) exec "$venv/bin/python" "$ROOT/renders/hall.py" "$ROOT/tests/fixtures/hall" "$@" ;;
person | face) exec "$venv/bin/python" "$ROOT/renders/${what}_pictures.py" "$@" ;;
*) die "unknown: $what (hall, person or face)" ;;
esac
