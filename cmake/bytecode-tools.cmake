# Developer tools around the compiler's back half.
add_executable(krait-cfg-driver EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tools/compare/cfg-driver.cpp)
target_link_libraries(krait-cfg-driver PRIVATE krait_compiler)
add_executable(krait-code-driver EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tools/compare/code-driver.cpp)
target_link_libraries(krait-code-driver PRIVATE krait_bytecode)
