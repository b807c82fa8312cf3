# OneDNN2::dnnl: oneDNN 2.6 or a later 2.x, where it is installed. (oneDNN 3 has
# other calls. Debian's own CMake config asks for OpenCL, which nothing here
# uses.)
find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.hpp)
find_library(DNNL_LIBRARY dnnl)
set(OneDNN2_VERSION "")
if(DNNL_INCLUDE_DIR)
  foreach(part MAJOR MINOR PATCH)
    file(STRINGS ${DNNL_INCLUDE_DIR}/oneapi/dnnl/dnnl_version.h line
         REGEX "^#define DNNL_VERSION_${part} ")
    string(REGEX MATCH "[0-9]+$" number "${line}")
    list(APPEND OneDNN2_VERSION ${number})
  endforeach()
  list(JOIN OneDNN2_VERSION "." OneDNN2_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OneDNN2
  REQUIRED_VARS DNNL_LIBRARY DNNL_INCLUDE_DIR
  VERSION_VAR OneDNN2_VERSION HANDLE_VERSION_RANGE)
if(OneDNN2_FOUND AND NOT TARGET OneDNN2::dnnl)
  add_library(OneDNN2::dnnl UNKNOWN IMPORTED)
  set_target_properties(OneDNN2::dnnl PROPERTIES
    IMPORTED_LOCATION ${DNNL_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${DNNL_INCLUDE_DIR})
endif()
