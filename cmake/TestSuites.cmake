# discover_test_suites(TARGET [FILTER filter] [SUFFIX suffix] [ENVIRONMENT NAME=VALUE])
#
# As gtest_discover_tests, with one process for each suite and not for each
# test: for executables that take long to start (600 tests of Torch's, at 0.7 s
# each, were seven minutes of starting). A suite all of whose tests are skipped
# counts as skipped. SUFFIX, a word, tells a second run from the first.
function(discover_test_suites target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FILTER;SUFFIX;ENVIRONMENT" "")
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}${arg_SUFFIX}_suites.cmake)
  add_custom_command(TARGET ${target} POST_BUILD BYPRODUCTS ${list}
    COMMAND ${CMAKE_COMMAND} -DTEST_EXECUTABLE=$<TARGET_FILE:${target}>
            "-DFILTER=${arg_FILTER}" "-DSUFFIX=${arg_SUFFIX}"
            "-DENVIRONMENT=${arg_ENVIRONMENT}" -DLIST=${list}
            -P ${PROJECT_SOURCE_DIR}/cmake/ListTestSuites.cmake
    VERBATIM)
  set(wrapper ${CMAKE_CURRENT_BINARY_DIR}/${target}${arg_SUFFIX}_include.cmake)
  file(WRITE ${wrapper} "
if(EXISTS \"${list}\")
  include(\"${list}\")
else()
  add_test(${target}_NOT_BUILT ${target}_NOT_BUILT)
endif()
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${wrapper})
  set_property(TARGET ${target} APPEND PROPERTY
    LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/ListTestSuites.cmake)
endfunction()
