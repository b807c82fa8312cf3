# Finds every library from elsewhere. Each is linked by one adapter target only;
# docs/adr says why each is here.
find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Protobuf REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(CURL 7.84 REQUIRED)
pkg_check_modules(grpc REQUIRED IMPORTED_TARGET grpc++)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(vips REQUIRED IMPORTED_TARGET vips-cpp)
find_package(JPEG REQUIRED)
find_package(TIFF REQUIRED)
find_package(ZLIB REQUIRED)
find_package(LibArchive REQUIRED)
# Pipelines came with 14.
pkg_check_modules(libpq IMPORTED_TARGET libpq>=14)
if(NOT libpq_FOUND)
  message(FATAL_ERROR "Error: libpq of PostgreSQL 14 or later is missing; on "
                      "Debian, apt-get install libpq-dev")
endif()
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

# Debian's SOCI ships neither a CMake config nor pkg-config.
find_path(SOCI_INCLUDE_DIR soci/soci.h REQUIRED)
find_library(SOCI_CORE_LIBRARY soci_core REQUIRED)
find_library(SOCI_SQLITE3_LIBRARY soci_sqlite3 REQUIRED)
find_path(SQLITE3_INCLUDE_DIR sqlite3.h REQUIRED)
find_library(SQLITE3_LIBRARY sqlite3 REQUIRED)
add_library(atelier_soci INTERFACE)
add_library(atelier::soci ALIAS atelier_soci)
target_include_directories(atelier_soci SYSTEM INTERFACE
  ${SOCI_INCLUDE_DIR} ${SOCI_INCLUDE_DIR}/soci ${SQLITE3_INCLUDE_DIR})
target_link_libraries(atelier_soci INTERFACE
  ${SOCI_CORE_LIBRARY} ${SOCI_SQLITE3_LIBRARY} ${SQLITE3_LIBRARY})
if(ATELIER_SANITIZE MATCHES undefined)
  # SOCI hides the type information that this one check wants to link.
  target_compile_options(atelier_soci INTERFACE -fno-sanitize=vptr)
endif()

# Asio and Beast: headers only.
find_package(Boost 1.74 REQUIRED)
add_library(atelier_boost INTERFACE)
add_library(atelier::boost ALIAS atelier_boost)
target_link_libraries(atelier_boost INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(atelier_boost INTERFACE
  BOOST_ERROR_CODE_HEADER_ONLY BOOST_ASIO_NO_DEPRECATED)
if(ATELIER_SANITIZE MATCHES thread)
  # The sanitizer knows no fences; one thread runs each context of ours.
  target_compile_definitions(atelier_boost INTERFACE
    BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()

# Replaces malloc in the program that links it; a sanitizer brings its own.
add_library(atelier_allocator INTERFACE)
add_library(atelier::allocator ALIAS atelier_allocator)
if(NOT ATELIER_SANITIZE)
  pkg_check_modules(jemalloc IMPORTED_TARGET jemalloc)
  if(jemalloc_FOUND)
    # No symbol of ours names it, so that --as-needed would leave it out.
    target_link_options(atelier_allocator INTERFACE LINKER:--no-as-needed)
    target_link_libraries(atelier_allocator INTERFACE PkgConfig::jemalloc)
  else()
    message(STATUS "jemalloc is absent: the coordinator will be about a "
                   "fifth slower, and workers take more memory than they say")
  endif()
endif()

if(ATELIER_WORKER)
  find_package(Torch REQUIRED)
endif()
if(ATELIER_TESTS)
  find_package(GTest REQUIRED)
  # Test programs run briefly and compile long. But for those that share a
  # target's precompiled header, which takes the same options.
  set(shares_header $<BOOL:$<TARGET_PROPERTY:PRECOMPILE_HEADERS_REUSE_FROM>>)
  target_compile_options(GTest::gmock_main INTERFACE
    $<$<AND:$<CONFIG:Release>,$<NOT:${shares_header}>>:-O1>)
endif()
if(ATELIER_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
