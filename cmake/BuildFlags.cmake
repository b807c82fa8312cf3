# atelier::build_flags: how our own sources are compiled; linked PRIVATE by each
# of our targets, so that it never reaches generated code or third parties.
add_library(atelier_build_flags INTERFACE)
add_library(atelier::build_flags ALIAS atelier_build_flags)
target_compile_options(atelier_build_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror
  -Wnon-virtual-dtor -Woverloaded-virtual -Wshadow=local -Wunused)
# Everything is included by its path from the top: "common/digest.h".
target_include_directories(atelier_build_flags INTERFACE ${PROJECT_SOURCE_DIR})

set(ATELIER_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
if(ATELIER_SANITIZE)
  add_compile_options(-fsanitize=${ATELIER_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ATELIER_SANITIZE})
  # g++ 12 takes what the sanitizers add for reads of the uninitialized (its bug
  # 105562, in std::regex for one); the builds without them keep the warning.
  target_compile_options(atelier_build_flags INTERFACE -Wno-maybe-uninitialized)
  if(ATELIER_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()

option(ATELIER_COVERAGE "Instrument for gcov" OFF)
if(ATELIER_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
