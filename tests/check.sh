#!/bin/bash
# check.sh - what a reviewer should not have to say: headers compile alone,
# folders include in order, formatting, cppcheck. Called by `make check`.
# Arguments: "folder: folders it may include", one for each folder.
bad=0
say() { echo "check: $*"; bad=1; }

while read -r h; do
    $CHECK_CC -fsyntax-only -x c "$h" 2>/tmp/nn-check.$$ || { say "$h does not compile alone"; cat /tmp/nn-check.$$; }
done < <(git ls-files -co --exclude-standard '*.h')
rm -f /tmp/nn-check.$$

for row; do
    folder=${row%%:*} allowed="$folder ${row#*:}"
    while IFS=: read -r file line text; do
        to=$(sed -n 's/.*#include "\([^/"]*\)\/.*/\1/p' <<<"$text")
        case " $allowed " in *" $to "*) ;; *) say "$file:$line includes $to/, $folder may not" ;; esac
    done < <(grep -rn --include='*.[ch]' --include='*.cpp' '#include "' "$folder")
done
grep -rnE --include='*.[ch]' --include='*.cpp' 'sqlite3' common runtime ingest labeler trainer export &&
    say "SQLite outside datasets/"
grep -rnlE --include='*.[ch]' --include='*.cpp' '#include <(torch|ATen|c10)/' common datasets runtime ingest labeler export &&
    say "libtorch outside trainer/"

while read -r f; do
    awk -v f="$f" '
        (f ~ /\.sh$/ ? /^ *\t/ : f !~ /Makefile$/ && /\t/) { print f ":" FNR ": tab"; n++ }
        /[ \t]$/                  { print f ":" FNR ": trailing space"; n++ }
        length($0) > 100 && f ~ /\.(c|h|cpp)$/ { print f ":" FNR ": longer than 100 columns"; n++ }
        END { exit n > 0 }' "$f" || bad=1
    [ -z "$(tail -c 1 "$f")" ] || say "$f: no newline at its end"
done < <(git ls-files -co --exclude-standard '*.c' '*.h' '*.cpp' '*.sh' '*.sql' '*.json' '*.md' Makefile)

cppcheck --quiet --std=c11 --language=c -I. --inline-suppr --error-exitcode=1 -j 2 \
    --enable=warning,performance,portability --suppress=missingIncludeSystem \
    --suppress=normalCheckLevelMaxBranches --suppress=unknownMacro \
    $(git ls-files -co --exclude-standard '*.c') || say "cppcheck"
[ $bad -eq 0 ] && echo "check: clean"
exit $bad
