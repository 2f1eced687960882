# add_module(name SOURCES ... DEPENDS ... [LIBS ...] [SQL ...] [ALONE ...] [TESTS ...] [TEST_DEPENDS ...] [TEST_LABELS ...])
#   A static library skald_<name> from the files named (no globs: a file nobody names fails tests/tidy), the modules it may
#   include (DEPENDS) and outside libraries (LIBS). SQL files are embedded: "a/b.sql" becomes a std::string_view
#   skald::<name>::sql::b in generated/<path>/sql.h. TESTS become one GoogleTest program, <name>_test.
# add_suite(name SOURCES ... DEPENDS ... [LABELS ...] [ALONE ...])
#   A test program of its own, for tests that belong to no single module.
# ALONE: files whose private names are also those of other files, and which are therefore compiled by themselves where
#   a preset compiles several files at once (docs/HACKING.md).
# Labels (add_module: TEST_LABELS, "inprocess" unless said otherwise) tell ./dev test what a program is run under:
#   inprocess  needs no server: run with the address and undefined-behaviour sanitizers (target tests_inprocess)
#   threads    has threads worth watching: run with the thread sanitizer too (target tests_threads)
#   services   needs PostgreSQL, Redis or Kafka: SKALD_TEST_PG, SKALD_TEST_REDIS, SKALD_TEST_KAFKA say where they are
# What is not inprocess is run as released (target tests_released).
add_custom_target(tests_inprocess)
add_custom_target(tests_threads)
add_custom_target(tests_released)

function(add_module name)
  cmake_parse_arguments(M "" "" "SOURCES;DEPENDS;LIBS;SQL;ALONE;TESTS;TEST_DEPENDS;TEST_LABELS" ${ARGN})
  set(target skald_${name})
  set(sources ${M_SOURCES})
  if(M_SQL)
    embed_sql(${name} "${M_SQL}" sql_source)
    list(APPEND sources ${sql_source})
  endif()
  set_source_files_properties(${M_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  list(FILTER sources INCLUDE REGEX "\\.(cpp|cc)$")
  if(sources)
    add_library(${target} STATIC ${M_SOURCES} ${sql_source})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    target_sources(${target} PRIVATE ${M_SOURCES})
    set(scope INTERFACE)
  endif()
  target_link_libraries(${target} ${scope} skald_options ${M_LIBS})
  foreach(module ${M_DEPENDS})
    target_link_libraries(${target} ${scope} skald_${module})
  endforeach()
  if(M_TESTS)
    if(NOT M_TEST_LABELS)
      set(M_TEST_LABELS inprocess)
    endif()
    add_suite(${name} SOURCES ${M_TESTS} DEPENDS ${name} ${M_TEST_DEPENDS} LABELS ${M_TEST_LABELS})
  endif()
endfunction()

function(add_suite name)
  cmake_parse_arguments(S "" "" "SOURCES;DEPENDS;LIBS;LABELS;ALONE" ${ARGN})
  set_source_files_properties(${S_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  add_executable(${name}_test ${S_SOURCES})
  foreach(module ${S_DEPENDS})
    target_link_libraries(${name}_test PRIVATE skald_${module})
  endforeach()
  target_link_libraries(${name}_test PRIVATE skald_options ${S_LIBS} GTest::gtest GTest::gtest_main ${SKALD_RAPIDCHECK})
  # Tests are compiled more often than they run: no optimising of their own code, whatever the preset.
  target_compile_options(${name}_test PRIVATE -Wno-old-style-cast -O0)
  if(SKALD_SANITIZE MATCHES undefined)
    # Undefined behaviour is looked for in what is tested: in the tests' own templates it doubles the time they compile.
    target_compile_options(${name}_test PRIVATE -fno-sanitize=undefined)
  endif()
  add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1
           --gtest_output=xml:${CMAKE_BINARY_DIR}/test-results/${name}.xml
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${S_LABELS}" TIMEOUT 300)
  foreach(label inprocess threads)
    if(label IN_LIST S_LABELS)
      add_dependencies(tests_${label} ${name}_test)
    endif()
  endforeach()
  if(NOT inprocess IN_LIST S_LABELS)
    add_dependencies(tests_released ${name}_test)
  endif()
endfunction()

# Turns .sql files into string_views, so that SQL is written in files of its own and the program needs none at run time.
function(embed_sql name files out)
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set(header ${CMAKE_BINARY_DIR}/generated/${folder}/sql.h)
  set(absolute "")
  foreach(file ${files})
    list(APPEND absolute ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  string(REPLACE ";" "," joined "${absolute}")
  add_custom_command(OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DHEADER=${header} -DFILES=${joined} -P ${CMAKE_SOURCE_DIR}/cmake/embed_sql.cmake
    DEPENDS ${absolute} ${CMAKE_SOURCE_DIR}/cmake/embed_sql.cmake VERBATIM)
  set(${out} ${header} PARENT_SCOPE)
endfunction()
