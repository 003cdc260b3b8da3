/* Trampolines for the functions of libssl.def: see libcrypto.S. */
#define LAZY_LIBRARY libssl
#define LAZY_TABLE "modules/openssl/libssl.def"
#include "modules/openssl/trampolines.inc"
