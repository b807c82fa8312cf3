# Writes OUTPUT, a C++ source that holds the viewer of FOLDER as one script, its
# style, and the page of a report. Run as: cmake -D... -P embed_viewer.cmake
#
# A page that is opened from disk can import no module, so that MODULES
# (comma-separated, each after those it imports) are laid one after another, less
# their imports and the word "export" (docs/adr/0054). All share one scope then:
# a name that two declare at their top is a syntax error, which tests see.
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/CppLiteral.cmake)
string(REPLACE "," ";" modules "${MODULES}")
set(script "")
foreach(module IN LISTS modules)
  file(READ ${FOLDER}/${module}.js text)
  # These would mean something else once they are laid together.
  if(text MATCHES "import[^;\n]* as |import \\*|import\\(|export default|export {|</script")
    message(FATAL_ERROR "common/viewer/${module}.js: '${CMAKE_MATCH_0}' cannot be laid into a report")
  endif()
  string(REGEX REPLACE "(^|\n)import {[^}]*} from '[^']*';" "\\1" text "${text}")
  string(REGEX REPLACE "(^|\n)export " "\\1" text "${text}")
  string(APPEND script "// ${module}.js\n${text}")
endforeach()
file(READ ${FOLDER}/viewer.css style)
file(READ ${FOLDER}/report_template.html report_page)

set(source "// Generated from common/viewer.
#include \"common/viewer/viewer.h\"

namespace atelier {
")
function(add_text name variable)
  cpp_literal(literal "${${variable}}")
  string(APPEND source "\nabsl::string_view ${name}() {\n  static constexpr char kText[] =\n${literal}")
  string(APPEND source "  ;\n  return absl::string_view(kText, sizeof(kText) - 1);\n}\n")
  set(source "${source}" PARENT_SCOPE)
endfunction()
add_text(ReportScript script)
add_text(ViewerStyle style)
add_text(ReportPage report_page)
string(APPEND source "\n}  // namespace atelier\n")
file(WRITE ${OUTPUT} "${source}")
