#!/usr/bin/env bash
# Runs the checks in order, cheap ones first, and ends with how long each took.
#
#   scripts/test.sh                 all of them
#   scripts/test.sh lint doc ...    the named ones

source "$(dirname "$0")/place.sh"
cd "$ROOT"

# The same warnings everywhere, and no rebuild between the phases for a differing flag.
deny_warnings=(-D warnings)
no_features=(--locked --no-default-features)

format() { cargo fmt --all --check; }
architecture() { cargo test "${no_features[@]}" --quiet --test architecture; }
core() { run_tests "${no_features[@]}" --lib; }
lint-core() { cargo clippy "${no_features[@]}" --quiet --lib --tests -- "${deny_warnings[@]}"; }
lint() { cargo clippy --locked --quiet --all-targets -- "${deny_warnings[@]}"; }
# --benches and --examples are linted, and built by `make bench`; tests alone are built here.
tests() { run_tests --locked --lib --bins --tests; }
doc-tests() { cargo test --locked --doc; }
doc() { RUSTDOCFLAGS="${deny_warnings[*]}" cargo doc --locked --quiet --no-deps --document-private-items; }
deny() { "$CACHE/tools/bin/cargo-deny" --log-level warn --locked check bans licenses sources; }
# Needs GitHub's advisory database: `make deny` asks for it, `make test` does not.
advisories() { "$CACHE/tools/bin/cargo-deny" --log-level warn --locked check advisories; }

run_tests() {
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --no-fail-fast "$@"
    else
        cargo test --no-fail-fast "$@"
    fi
}

# missing PHASE: the component that the phase needs and the machine lacks, if any.
missing() {
    case $1 in
    format) cargo fmt --version >/dev/null 2>&1 || echo rustfmt ;;
    lint*) cargo clippy --version >/dev/null 2>&1 || echo clippy ;;
    esac
}

phases=("$@")
[ $# -gt 0 ] || phases=(format architecture lint-core core deny lint doc tests doc-tests)
report=()
failed=()
scratch
for phase in "${phases[@]}"; do
    lacks=$(missing "$phase")
    if [ -n "$lacks" ]; then
        [ "${CI:-}" != true ] || failed+=("$phase")
        report+=("$(printf '%-14s SKIPPED: %s is not installed (rustup component add %s)' "$phase" "$lacks" "$lacks")")
        continue
    fi
    printf '\n== %s\n' "$phase"
    start=$SECONDS
    verdict=
    # One failure does not hide the next: all phases run.
    "$phase" 2>&1 | tee "$SCRATCH/$phase" || { verdict='  FAILED' && failed+=("$phase"); }
    report+=("$(printf '%-14s %5d s%s' "$phase" $((SECONDS - start)) "$verdict")")
done
# Of a long log often only the end is seen: what failed is said there again.
for phase in "${failed[@]}"; do
    printf '\n== what failed in %s\n' "$phase"
    grep --extended-regexp --after-context=3 '^ +(FAIL|TIMEOUT|SIG[A-Z]+|TRY [0-9]+ FAIL) |panicked at|^error' "$SCRATCH/$phase" | tail -n 60 || true
done
printf '\n'
printf '%s\n' "${report[@]}"
printf '%-14s %5d s\n' 'all' "$SECONDS"
[ ${#failed[@]} -eq 0 ] || die "failed: ${failed[*]}"
say 'passed'
