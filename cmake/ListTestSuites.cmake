# Writes LIST, a ctest file with a test for each suite of TEST_EXECUTABLE, of
# those of its tests that match FILTER. Run after each build of it: see
# TestSuites.cmake.
if(NOT FILTER)
  set(FILTER *)
endif()
execute_process(
  COMMAND ${TEST_EXECUTABLE} --gtest_list_tests --gtest_filter=${FILTER}
  OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
# "SuiteTest.", or "SuiteTest/0.  # TypeParam = int", and then "  Test", or
# "  Test/0  # GetParam() = 5": what follows the names may be anything.
string(REGEX REPLACE "  #[^\n]*" "" output "${output}")
string(REGEX MATCHALL "[^\n]+" lines "${output}")
set(suites "")
foreach(line IN LISTS lines)
  if(line MATCHES "^([^ ]+)\\.$")
    set(suite ${CMAKE_MATCH_1})
    list(APPEND suites ${suite})
    set(tests_of_${suite} "")
  elseif(line MATCHES "^  ([^ ]+)$")
    list(APPEND tests_of_${suite} ${suite}.${CMAKE_MATCH_1})
  endif()
endforeach()
if(suites STREQUAL "")
  message(FATAL_ERROR "${TEST_EXECUTABLE}: no tests under '${FILTER}'")
endif()
# An output that ends with nothing but the list of skipped tests. "PASSED 0
# tests" alone is also what is said where all of them failed.
set(skipped "\\[  PASSED  \\] 0 tests[^\n]*\n(\\[  SKIPPED \\] [^\n]*\n)+$")
set(tests "")
foreach(suite IN LISTS suites)
  set(filter ${suite}.*)
  if(NOT FILTER STREQUAL "*")
    list(JOIN tests_of_${suite} ":" filter)
  endif()
  set(name "[=[${suite}${SUFFIX}]=]")
  string(APPEND tests
    "add_test(${name} [=[${TEST_EXECUTABLE}]=] [=[--gtest_filter=${filter}]=])\n"
    "set_tests_properties(${name} PROPERTIES"
    " SKIP_REGULAR_EXPRESSION [=[${skipped}]=]"
    " ENVIRONMENT [=[${ENVIRONMENT}]=])\n")
endforeach()
file(WRITE ${LIST} "${tests}")
