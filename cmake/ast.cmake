# gen/ast/nodes.{h,cpp} from the node table.
add_custom_command(
  OUTPUT ${GEN}/ast/nodes.stamp
  BYPRODUCTS ${GEN}/ast/nodes.h ${GEN}/ast/nodes.cpp
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/gen/ast-nodes.py ${CMAKE_SOURCE_DIR}/src/ast/nodes.table ${GEN}/ast
  COMMAND ${CMAKE_COMMAND} -E touch ${GEN}/ast/nodes.stamp
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/gen/ast-nodes.py ${CMAKE_SOURCE_DIR}/src/ast/nodes.table)
add_custom_target(generate_ast DEPENDS ${GEN}/ast/nodes.stamp)
set_source_files_properties(${GEN}/ast/nodes.cpp PROPERTIES GENERATED TRUE)
target_sources(krait_ast PRIVATE ${GEN}/ast/nodes.cpp)
add_dependencies(krait_ast generate_ast)
# Whatever includes a node header must wait for it.
foreach(user parser symtable compiler)
  add_dependencies(krait_${user} generate_ast)
endforeach()
