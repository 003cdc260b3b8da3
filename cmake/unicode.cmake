# Unicode tables (support/unicode_tables.h). The database is fetched when it is not there.
set(KRAIT_UCD "${CMAKE_SOURCE_DIR}/build/deps/ucd" CACHE PATH "Unicode Character Database 16.0 (scripts/fetch-ucd.sh)")
set(unicode_tables ${GEN}/unicode_tables.cpp)
if(EXISTS ${KRAIT_UCD}/UnicodeData.json)
  set(fetch_ucd)
else()
  set(fetch_ucd COMMAND ${CMAKE_SOURCE_DIR}/scripts/fetch-ucd.sh)
endif()
add_custom_command(
  OUTPUT ${unicode_tables}
  ${fetch_ucd}
  COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/tools/gen/unicode.py ${KRAIT_UCD} ${unicode_tables}
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/gen/unicode.py
  VERBATIM)
target_sources(krait_support PRIVATE ${unicode_tables})
