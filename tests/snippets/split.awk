# Splits a page into its code blocks: block I becomes FOLDER/I.code, what is said of it in one line of FOLDER/list:
#   I LINE LANGUAGE MARK...
# and its hidden lines FOLDER/I.before. usage: awk -v folder=FOLDER -f split.awk PAGE. The script `check` beside this file
# says what the marks mean.

function refuse(what) {
  printf "%s:%d: %s\n", FILENAME, FNR, what
  refused = 1
  exit 1
}

!inside && !hidden && /^<!-- snippet: before *$/ { hidden = 1; next }
hidden && /^-->$/ { hidden = 0; next }
hidden {
  if (before == "") before = "#line " FNR " \"" FILENAME "\"\n"
  before = before $0 "\n"
  next
}
!inside && /^<!-- snippet: .* -->$/ {
  mark = substr($0, 15, length($0) - 18)
  next
}
/^ +```/ { refuse("a fence is indented") }
/^```/ && !inside {
  inside = ++count
  language = substr($0, 4)
  code = folder "/" count ".code"
  print count, FNR + 1, (language == "" ? "none" : language), mark > (folder "/list")
  printf "%s", before > (folder "/" count ".before")
  printf "" > code
  mark = before = ""
  next
}
/^```$/ && inside { inside = 0; close(code); next }
inside { print > code; next }
/[^ ]/ && (mark != "" || before != "") { refuse("a mark, and no code block follows it") }

END {
  if (refused) exit 1
  if (inside || hidden) { printf "%s: a block does not end\n", FILENAME; exit 1 }
  printf "" >> (folder "/list")
}
