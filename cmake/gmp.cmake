# Big integers: constants in the front end, the int type at run time.
find_library(GMP_LIBRARY NAMES libgmp.a gmp REQUIRED)
get_target_property(bytecode_type krait_bytecode TYPE)
if(bytecode_type STREQUAL INTERFACE_LIBRARY)
  target_link_libraries(krait_bytecode INTERFACE ${GMP_LIBRARY})
else()
  target_link_libraries(krait_bytecode PUBLIC ${GMP_LIBRARY})
endif()
