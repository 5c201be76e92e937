#!/usr/bin/env bash
# Whether tests/snippets/check finds what is wrong with refused.md, at the lines where it stands.
#
# usage: refusals.sh COMPILER FLAG...        in the project's root
set -uo pipefail
page=tests/snippets/refused.md
found=$(LC_ALL=C tests/snippets/check "$page" . -- "$@") && { echo "$found"; echo "snippets: the page holds, but must not"; exit 1; }
while IFS= read -r expected; do
  grep -qF -- "$expected" <<<"$found" || { printf '%s\nsnippets: nothing says: %s\n' "$found" "$expected"; exit 1; }
done <<EXPECTED
$page:5: the block does not hold (sh, is LICENSE)
./dev has no command no-such-command
$page:9: the block does not hold (sh)
$page:18: the block does not hold (text)
there is no mark 'no such mark'
$page:1: 1 blocks of C++ do not compile, in one file
figure: snippets $page 1 of 6 code blocks hold
EXPECTED
