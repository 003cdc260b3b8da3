# krait-frontend: dumps of the front end's stages, which tools/compare/ compares with the oracle's.
file(GLOB frontend_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/frontend/*.cpp)
add_executable(krait-frontend ${frontend_sources})
target_include_directories(krait-frontend PRIVATE ${CMAKE_SOURCE_DIR}/tools/frontend)
target_link_libraries(krait-frontend PRIVATE krait_lexer)
target_link_libraries(krait-frontend PRIVATE krait_parser)
target_link_libraries(krait-frontend PRIVATE krait_compiler)
