# Developer tools around the compiler's back half.
add_executable(krait-cfg-driver EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tools/compare/cfg-driver.cpp)
target_link_libraries(krait-cfg-driver PRIVATE krait_compiler)
add_executable(krait-code-driver EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tools/compare/code-driver.cpp)
target_link_libraries(krait-code-driver PRIVATE krait_bytecode)
# Compiles Python source at build time: frozen modules and .pyc files.
add_executable(krait-freeze EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tools/freeze/freeze.cpp)
target_link_libraries(krait-freeze PRIVATE krait_parser krait_compiler)
# krait_freeze(OUT.cpp [-O] MODULE=FILE...): rule that writes a table of frozen modules (bytecode/frozen.h).
function(krait_freeze out)
  set(files)
  foreach(argument ${ARGN})
    if(argument MATCHES "=(.*)$")
      list(APPEND files ${CMAKE_MATCH_1})
    endif()
  endforeach()
  add_custom_command(OUTPUT ${out} COMMAND krait-freeze --cpp ${out} ${ARGN} DEPENDS krait-freeze ${files} VERBATIM)
endfunction()
