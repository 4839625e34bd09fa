# presets_table.cmake - the files of presets/ as a C table. Run by the build:
# cmake -DPRESETS=<a.json:b.json> -DOUT=<presets_table.c> -P presets_table.cmake
cmake_minimum_required(VERSION 3.25)

string(REPLACE ":" ";" PRESETS "${PRESETS}")
set(rows "")
foreach(path IN LISTS PRESETS)
  get_filename_component(name "${path}" NAME_WE)
  file(READ "${path}" text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n\t \"" text "${text}")
  string(APPEND rows "\t{\"${name}\",\n\t \"${text}\"},\n")
endforeach()
file(WRITE ${OUT} "/* presets_table.c - made from presets/. */
#include <stddef.h>

#include \"host/cli/simulate/presets.h\"

const struct cis_preset cis_presets[] = {
${rows}\t{NULL, NULL},
};
")
