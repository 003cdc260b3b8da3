# The names of OpenSSL's errors, for the module _ssl.
find_path(OPENSSL_HEADERS openssl/ssl.h REQUIRED)
add_custom_command(
  OUTPUT ${GEN}/openssl/names.stamp
  BYPRODUCTS ${GEN}/openssl/libraries.inc ${GEN}/openssl/reasons.inc
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/gen/openssl_names.py ${OPENSSL_HEADERS}/openssl ${GEN}/openssl
  COMMAND ${CMAKE_COMMAND} -E touch ${GEN}/openssl/names.stamp
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/gen/openssl_names.py ${OPENSSL_HEADERS}/openssl/err.h ${OPENSSL_HEADERS}/openssl/sslerr.h)
add_custom_target(generate_openssl_names DEPENDS ${GEN}/openssl/names.stamp)
add_dependencies(krait_modules generate_openssl_names)
