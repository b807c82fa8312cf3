# atelier::build_flags: how our own sources are compiled; linked PRIVATE by each
# of our targets, so that it never reaches generated code or third parties.
option(ATELIER_WERROR "Warnings are errors" OFF)
add_library(atelier_build_flags INTERFACE)
add_library(atelier::build_flags ALIAS atelier_build_flags)
target_compile_options(atelier_build_flags INTERFACE
  -Wall -Wextra -Wpedantic $<$<BOOL:${ATELIER_WERROR}>:-Werror>
  -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local> -Wunused)
# Everything is included by its path from the top: "common/digest.h".
target_include_directories(atelier_build_flags INTERFACE ${PROJECT_SOURCE_DIR})

# Headers take most of a small source's compilation: of a target that says so,
# several sources are compiled as one. Not in the presets whose builds are for
# editors and clang-tidy, which want to know each source.
option(ATELIER_UNITY "Build faster from scratch, slower after an edit" ON)

set(ATELIER_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
if(ATELIER_SANITIZE)
  add_compile_options(-fsanitize=${ATELIER_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ATELIER_SANITIZE})
  # g++ 12 takes what the sanitizers add for reads of the uninitialized (its bug
  # 105562, in std::regex for one); the builds without them keep the warning.
  target_compile_options(atelier_build_flags
    INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  if(ATELIER_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()

# atelier::tsan_absl: makes Abseil's locks known to the thread sanitizer. Linked
# by test programs that run threads of ours.
if(ATELIER_SANITIZE MATCHES thread)
  add_library(atelier_tsan_absl INTERFACE)
  add_library(atelier::tsan_absl ALIAS atelier_tsan_absl)
  target_sources(atelier_tsan_absl
    INTERFACE ${PROJECT_SOURCE_DIR}/tests/testing/absl_tsan.cc)
  target_link_options(atelier_tsan_absl INTERFACE
    -Wl,--wrap=_ZN4absl7debian35Mutex4LockEv
    -Wl,--wrap=_ZN4absl7debian35Mutex6UnlockEv
    -Wl,--wrap=_ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE
    -Wl,--wrap=_ZN4absl7debian312Notification6NotifyEv
    -Wl,--wrap=_ZNK4absl7debian312Notification19WaitForNotificationEv)
endif()

option(ATELIER_COVERAGE "Instrument for gcov" OFF)
if(ATELIER_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
