# Writes OUTPUT, a C++ source that holds the text of FOLDER/NAME.yaml for each of
# NAMES (comma-separated), in that order. Run as: cmake -D... -P embed_specs.cmake
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/CppLiteral.cmake)
string(REPLACE "," ";" names "${NAMES}")
set(rows "")
foreach(name IN LISTS names)
  file(READ ${FOLDER}/${name}.yaml text)
  cpp_literal(literal "${text}")
  string(APPEND rows "    {\"${name}\",\n${literal}},\n")
endforeach()
file(WRITE ${OUTPUT} "// Generated from client/studies/*.yaml.
#include \"client/studies/embedded_specs.h\"

namespace atelier {

absl::Span<const EmbeddedSpec> EmbeddedSpecs() {
  static constexpr EmbeddedSpec kSpecs[] = {
${rows}  };
  return kSpecs;
}

}  // namespace atelier
")
