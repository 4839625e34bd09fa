# limits_table.cmake - limits.csv as a C table. Run by the build:
# cmake -DCSV=<limits.csv> -DOUT=<limits_table.c> -P limits_table.cmake
#
# A quoted field may hold commas, but no quotes and no line breaks. Bytes that
# CMake's lists would not survive travel as words of their own.
cmake_minimum_required(VERSION 3.25)

set(COLUMNS standard f0_hz report_rate_fps class test condition parameter
  param_min param_max param_unit level level_unit max_tve_pct max_fe_hz
  max_rfe_hz_s resp_time_tve_s resp_time_fe_s resp_time_rfe_s delay_time_s
  overshoot_pct latency_s exclusion_s source confidence note)

file(READ ${CSV} text)
string(REPLACE "\r" "" text "${text}")
if(text MATCHES "\"\"|\\[|\\]|\\\\")
  message(FATAL_ERROR "${CSV}: no doubled quote, bracket or backslash, please")
endif()

string(REPLACE ";" "<semicolon>" text "${text}")
string(REGEX MATCHALL "\"[^\"\n]*\"" quoted "${text}")
list(REMOVE_DUPLICATES quoted)
foreach(field IN LISTS quoted)
  string(REPLACE "," "<comma>" plain "${field}")
  string(REPLACE "\"" "" plain "${plain}")
  string(REPLACE "${field}" "${plain}" text "${text}")
endforeach()
if(text MATCHES "\"")
  message(FATAL_ERROR "${CSV}: a quote that is never closed")
endif()

# A number of the table, or the empty cell.
function(as_number out cell where)
  if(cell STREQUAL "")
    set(cell NAN)
  elseif(NOT cell MATCHES "^-?[0-9]+(\\.[0-9]+)?$")
    message(FATAL_ERROR "${CSV}: ${where}: ${cell} is not a number")
  endif()
  set(${out} ${cell} PARENT_SCOPE)
endfunction()

function(as_edition out cell)
  if(NOT cell MATCHES "-2011$|-2014$|:2018$")
    message(FATAL_ERROR "${CSV}: ${cell} is not an edition")
  endif()
  string(REGEX MATCH "....$" year "${cell}")
  set(${out} CIS_EDITION_${year} PARENT_SCOPE)
endfunction()

set(rows "")
string(STRIP "${text}" text)
string(REPLACE "\n" ";" lines "${text}")
list(POP_FRONT lines header)
string(REPLACE ";" "," expected "${COLUMNS}")
if(NOT header STREQUAL expected)
  message(FATAL_ERROR "${CSV}: the columns are not ${expected}")
endif()
foreach(line IN LISTS lines)
  string(REPLACE "," ";" cells "${line}.")
  list(LENGTH cells n)
  if(NOT n EQUAL 25)
    message(FATAL_ERROR "${CSV}: not 25 cells: ${line}")
  endif()
  foreach(column cell IN ZIP_LISTS COLUMNS cells)
    set(c_${column} "${cell}")
  endforeach()
  string(REGEX REPLACE "\\.$" "" c_note "${c_note}")
  as_edition(edition "${c_standard}")
  string(TOUPPER "${c_test}" test)
  string(TOUPPER "${c_confidence}" confidence)
  foreach(column param_min param_max level max_tve_pct max_fe_hz max_rfe_hz_s
      resp_time_tve_s resp_time_fe_s resp_time_rfe_s delay_time_s overshoot_pct
      latency_s exclusion_s)
    as_number(c_${column} "${c_${column}}" "${column}")
  endforeach()
  string(APPEND rows "\t{\"${c_standard}\",
\t {${edition}, CIS_CLASS_${c_class}, ${c_f0_hz}, ${c_report_rate_fps}},
\t CIS_TEST_${test},
\t \"${c_condition}\",
\t \"${c_parameter}\", \"${c_param_unit}\", ${c_param_min}, ${c_param_max},
\t ${c_level}, \"${c_level_unit}\",
\t ${c_max_tve_pct}, ${c_max_fe_hz}, ${c_max_rfe_hz_s},
\t ${c_resp_time_tve_s}, ${c_resp_time_fe_s}, ${c_resp_time_rfe_s},
\t ${c_delay_time_s}, ${c_overshoot_pct}, ${c_latency_s}, ${c_exclusion_s},
\t \"${c_source}\",
\t \"${c_note}\",
\t CIS_CONF_${confidence}},
")
endforeach()

string(REPLACE "<comma>" "," rows "${rows}")
string(REPLACE "<semicolon>" ";" rows "${rows}")
list(LENGTH lines n)
file(WRITE ${OUT} "/* limits_table.c - made from limits.csv. */
#include <math.h>

#include \"host/judge/limits.h\"

const unsigned cis_n_limit = ${n};

const struct cis_limit cis_limits[] = {
${rows}};
")
