/* Trampolines for the functions of libcrypto.def: each jumps where its slot points, once
   lazy_library.cpp has filled the slots. */
#define LAZY_LIBRARY libcrypto
#define LAZY_TABLE "modules/openssl/libcrypto.def"
#include "modules/openssl/trampolines.inc"
