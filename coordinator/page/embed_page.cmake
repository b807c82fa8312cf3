# Writes OUTPUT, a C++ source that holds FILES (comma-separated) of FOLDER, those
# below viewer/ of VIEWER. Run as: cmake -D... -P embed_page.cmake
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/CppLiteral.cmake)
string(REPLACE "," ";" names "${FILES}")
set(rows "")
foreach(name IN LISTS names)
  set(path ${FOLDER}/${name})
  if(name MATCHES "^viewer/(.*)")
    set(path ${VIEWER}/${CMAKE_MATCH_1})
  endif()
  file(READ ${path} text)
  cpp_literal(literal "${text}")
  string(APPEND rows "      {\"${name}\",\n${literal}},\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from coordinator/page.
#include \"coordinator/page/page.h\"

namespace atelier {

absl::Span<const PageFile> PageFiles() {
  static constexpr PageFile kFiles[] = {
${rows}  };
  return kFiles;
}

}  // namespace atelier
")
