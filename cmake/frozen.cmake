# The modules that are compiled into the program: what every start needs (the same that CPython freezes).
set(frozen_modules
  importlib._bootstrap importlib._bootstrap_external zipimport abc codecs io _collections_abc _sitebuiltins genericpath
  ntpath posixpath os site stat importlib.util importlib.machinery runpy __hello__ __phello__ __phello__.spam)
set(frozen_arguments)
foreach(module ${frozen_modules})
  string(REPLACE "." "/" path ${module})
  if(EXISTS ${KRAIT_STDLIB}/${path}/__init__.py)
    set(path ${path}/__init__)
  endif()
  list(APPEND frozen_arguments ${module}=${KRAIT_STDLIB}/${path}.py)
endforeach()
if(EXISTS ${KRAIT_STDLIB}/importlib/_bootstrap.py)
  krait_freeze(${GEN}/frozen_modules.cpp ${frozen_arguments})
  add_library(krait_frozen STATIC ${GEN}/frozen_modules.cpp)
  target_include_directories(krait_frozen PRIVATE ${CMAKE_SOURCE_DIR}/src)
endif()
