#!/usr/bin/env bash
# The unit and integration tests on each version of Node that Flint promises, but for the one that
# runs everything else. Versions are those of package.json beside this file; the programs come from
# the package registry. Ends with a line of all: N passed, N failed.
#
#   npm run test:nodes [-- 22]      only this one
set -uo pipefail
cd "$(dirname "$0")/../.."

if [[ $(uname -sm) != 'Linux x86_64' ]]; then
  echo "tests on other versions of Node are skipped: their programs are there for Linux on x86_64 only"
  echo "0 passed, 0 failed"
  exit 0
fi
# Beside the project's own packages, where no tool that walks through the sources meets them.
programs=node_modules/.cache/flint-nodes
mkdir -p "$programs"
cp test/nodes/package.json test/nodes/package-lock.json "$programs"
npm ci --prefix "$programs" --ignore-scripts --no-audit --no-fund || exit 1

here=$(node -p 'process.versions.node.split(".")[0]')
passed=0 failed=0 skipped=0
for node in "$programs"/node_modules/node*/bin/node; do
  major=$("$node" -p 'process.versions.node.split(".")[0]')
  if [[ $# -gt 0 ]]; then [[ $major == "$1" ]] || continue
  elif [[ $major == "$here" ]]; then continue; fi

  log=$(mktemp)
  "$node" node_modules/vitest/vitest.mjs run --project unit --project integration 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -1)
  rm -f "$log"
  echo "Node $("$node" -v): ${line:-ended before it could count}"
  if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
    skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
    ((status == 0 || BASH_REMATCH[2] > 0)) || failed=$((failed + 1))
  else
    failed=$((failed + 1))
  fi
done
if ((passed == 0 && failed == 0)); then
  echo "test:nodes: no version ${1:-} in test/nodes/package.json" >&2
  exit 1
fi

total="$passed passed, $failed failed"
((skipped == 0)) || total+=", $skipped skipped"
echo "$total"
((failed == 0))
