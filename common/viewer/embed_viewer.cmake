# Writes OUTPUT, a C++ source that holds the viewer of FOLDER: SCRIPTS
# (comma-separated) as one script, its style, and the page of a report. Run as:
# cmake -D... -P embed_viewer.cmake
string(REPLACE "," ";" names "${SCRIPTS}")
set(script "(() => {\n'use strict';\n")
foreach(name IN LISTS names)
  file(READ ${FOLDER}/${name} text)
  string(APPEND script "${text}")
endforeach()
string(APPEND script "})();\n")
file(READ ${FOLDER}/viewer.css style)
file(READ ${FOLDER}/report.js report_script)
file(READ ${FOLDER}/report.html report_page)

set(source "// Generated from common/viewer.
#include \"common/viewer/viewer.h\"

namespace atelier {
")
# In pieces: compilers bound the length of one literal.
function(add_text name variable)
  set(text "${${variable}}")
  string(APPEND source "\nabsl::string_view ${name}() {\n  static constexpr char kText[] =\n")
  string(LENGTH "${text}" length)
  set(from 0)
  while(from LESS length)
    string(SUBSTRING "${text}" ${from} 16000 piece)
    string(APPEND source "R\"viewer(${piece})viewer\"\n")
    math(EXPR from "${from} + 16000")
  endwhile()
  string(APPEND source "  ;\n  return absl::string_view(kText, sizeof(kText) - 1);\n}\n")
  set(source "${source}" PARENT_SCOPE)
endfunction()
add_text(ViewerScript script)
add_text(ViewerStyle style)
add_text(ReportScript report_script)
add_text(ReportPage report_page)
string(APPEND source "\n}  // namespace atelier\n")
file(WRITE ${OUTPUT} "${source}")
