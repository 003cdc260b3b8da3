# Tables of the characters of identifiers.
set(identifier_table ${GEN}/lexer/identifier-table.inc)
file(MAKE_DIRECTORY ${GEN}/lexer)
add_custom_command(
  OUTPUT ${identifier_table}
  COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/gen/identifiers.py ${identifier_table}
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/gen/identifiers.py
  VERBATIM)
target_sources(krait_lexer PRIVATE ${identifier_table})
