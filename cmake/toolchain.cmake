# Compiler settings that every target shares, on one INTERFACE target; ccache and mold are used when present.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(SKALD_CCACHE ccache)
if(SKALD_CCACHE)
  # base_dir makes a clone in another directory hit the same cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=true CCACHE_SLOPPINESS=pch_defines,time_macros ${SKALD_CCACHE})
endif()
find_program(SKALD_MOLD mold)

add_library(skald_options INTERFACE)
target_include_directories(skald_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(skald_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
    -Wold-style-cast -Woverloaded-virtual -Wno-missing-field-initializers -Werror -fno-omit-frame-pointer -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=
    -fdebug-prefix-map=${CMAKE_SOURCE_DIR}=.)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # A false alarm of g++ 12 about "text" + std::string at -O2 (GCC bug 105651).
  target_compile_options(skald_options INTERFACE -Wno-restrict)
endif()
if(SKALD_MOLD)
  target_link_options(skald_options INTERFACE -fuse-ld=mold)
endif()

set(SKALD_SANITIZE "" CACHE STRING "What -fsanitize= gets: address,undefined or thread")
if(SKALD_SANITIZE)
  # g++ 12 warns about the standard library's own uninitialised members once it has instrumented them.
  target_compile_options(skald_options INTERFACE -fsanitize=${SKALD_SANITIZE} -fno-sanitize-recover=all
      -Wno-maybe-uninitialized)
  target_link_options(skald_options INTERFACE -fsanitize=${SKALD_SANITIZE})
endif()
option(SKALD_COVERAGE "Count executed lines" OFF)
if(SKALD_COVERAGE)
  target_compile_options(skald_options INTERFACE --coverage)
  target_link_options(skald_options INTERFACE --coverage)
endif()
