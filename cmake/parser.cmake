# The parsers, made from the grammar.
set(grammar ${CMAKE_SOURCE_DIR}/src/parser/python.gram ${CMAKE_SOURCE_DIR}/src/parser/errors.gram)
add_custom_command(
  OUTPUT ${GEN}/parser/rules.stamp
  BYPRODUCTS ${GEN}/parser/kinds.h ${GEN}/parser/rules-fast.cpp ${GEN}/parser/rules-exact.cpp
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/gen/parser.py ${CMAKE_SOURCE_DIR}/src/lexer/tokens.def
          ${CMAKE_SOURCE_DIR}/src/ast/nodes.table ${GEN}/parser ${grammar}
  COMMAND ${CMAKE_COMMAND} -E touch ${GEN}/parser/rules.stamp
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/gen/parser.py ${CMAKE_SOURCE_DIR}/src/lexer/tokens.def
          ${CMAKE_SOURCE_DIR}/src/ast/nodes.table ${grammar})
add_custom_target(generate_parser DEPENDS ${GEN}/parser/rules.stamp)
set_source_files_properties(${GEN}/parser/rules-fast.cpp ${GEN}/parser/rules-exact.cpp PROPERTIES GENERATED TRUE)
# The exact parser only words errors: small matters more than fast.
set_source_files_properties(${GEN}/parser/rules-exact.cpp PROPERTIES COMPILE_OPTIONS -Os)
target_sources(krait_parser PRIVATE ${GEN}/parser/rules-fast.cpp ${GEN}/parser/rules-exact.cpp)
add_dependencies(krait_parser generate_parser)
