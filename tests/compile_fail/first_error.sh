# shellcheck shell=bash
# To be sourced: what of a compiler's output its first error is.

# first_error FILE: with all notes that belong to it.
first_error() {
  awk '
    function flush() { printf "%s", pending; pending = "" }
    /^[0-9]+ (error|warning)s?( and [0-9]+ (error|warning)s?)? generated/ || /^compilation terminated/ { exit }
    seen && /: (fatal error|error|warning): / { exit }
    # These lines announce a diagnostic: whether a further one or a note of the first, the line after them tells.
    seen && (/^In file included from / || /^ +from / || /: In .*:$/ || /: At global scope:$/ ||
             /: +required (from|by)/ || /: +in .constexpr. expansion of /) { pending = pending $0 "\n"; next }
    { flush(); print }
    /: (fatal error|error): / { seen = 1 }
  ' "$1"
}

# The first error without the notes behind it that only tell how the compiler came there.
message_alone() {
  awk '/: note: / && seen && !/evaluates to|reduces to/ { exit } { print } /: (fatal error|error): / { seen = 1 }'
}
