# Writes OUTPUT, a C++ source that holds FILES (comma-separated) of FOLDER. Run
# as: cmake -D... -P embed_page.cmake
string(REPLACE "," ";" names "${FILES}")
set(rows "")
foreach(name IN LISTS names)
  file(READ ${FOLDER}/${name} text)
  # In pieces: compilers bound the length of one literal.
  set(literal "")
  string(LENGTH "${text}" length)
  set(from 0)
  while(from LESS length)
    string(SUBSTRING "${text}" ${from} 16000 piece)
    string(APPEND literal "R\"page(${piece})page\"\n")
    math(EXPR from "${from} + 16000")
  endwhile()
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
