# sections.awk TRACE MAP: a linker script that puts the native sections holding traced functions side by side, in front of all other code.
# TRACE has lines "ADDRESS NAME", MAP is the linker's map of the traced executable; both of one and the same link.
function hex(text,    value, i) {
  value = 0
  text = tolower(text)
  sub(/^0x/, "", text)
  for (i = 1; i <= length(text); i++) value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
  return value
}
function section(name, address, size, file,    archive, member) {
  if (name !~ /^\.text/ || address == 0 || size == 0) return
  count++
  start[count] = address; end[count] = address + size
  if (match(file, /[^\/]+\.a\(.+\)$/)) {
    archive = substr(file, RSTART, RLENGTH); member = archive
    sub(/\(.*/, "", archive); sub(/^[^(]*\(/, "", member); sub(/\)$/, "", member)
    pattern[count] = "*" archive ":" member "(" name ")"
  } else {
    sub(/.*\//, "", file)
    pattern[count] = "*" file "(" name ")"
  }
}
FNR == NR { traced[hex($1)] = 1; next }
/^Linker script and memory map/ { inside = 1 }
!inside { next }
/^ \.text[^ ]*$/ { pending = $1; next }
/^ \.text[^ ]* +0x/ { section($1, hex($2), hex($3), $4); pending = ""; next }
pending != "" && /^ +0x/ { section(pending, hex($1), hex($2), $3) }
{ pending = "" }
END {
  print "/* Made by build/layout/make.sh: the native code that a start of sampan-runtime runs through. A pattern that matches nothing does no harm. */"
  print "SECTIONS\n{\n  .text.start_up :\n  {"
  for (address in traced)
    for (i = 1; i <= count; i++)
      if (start[i] <= address && address < end[i]) hot[i] = 1
  for (i = 1; i <= count; i++) if (i in hot) print "    " pattern[i]
  print "  }\n}\nINSERT BEFORE .text;"
}
