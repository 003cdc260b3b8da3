# The modules that are compiled into the program: what every start needs (the same that CPython freezes).
set(frozen_modules
  importlib._bootstrap importlib._bootstrap_external zipimport abc codecs io _collections_abc _sitebuiltins genericpath
  ntpath posixpath os site stat importlib.util importlib.machinery runpy __hello__ __phello__
  __phello__.ham __phello__.ham.eggs __phello__.spam __hello_only__)
set(frozen_arguments)
foreach(module ${frozen_modules})
  string(REPLACE "." "/" path ${module})
  if(EXISTS ${KRAIT_STDLIB}/${path}/__init__.py)
    list(APPEND frozen_arguments ${module}:package=${KRAIT_STDLIB}/${path}/__init__.py)
  elseif(module STREQUAL "__hello_only__")
    list(APPEND frozen_arguments ${module}=${CMAKE_SOURCE_DIR}/tools/freeze/flag.py)
  elseif(module MATCHES "^__phello__[.]ham")  # empty files, which Debian leaves out
    file(CONFIGURE OUTPUT ${GEN}/empty.py CONTENT "")
    string(REGEX REPLACE "ham$" "ham:package" module ${module})
    list(APPEND frozen_arguments ${module}=${GEN}/empty.py)
  else()
    list(APPEND frozen_arguments ${module}=${KRAIT_STDLIB}/${path}.py)
  endif()
endforeach()
if(EXISTS ${KRAIT_STDLIB}/importlib/_bootstrap.py)
  krait_freeze(${GEN}/frozen_modules.cpp ${frozen_arguments})
  add_library(krait_frozen STATIC ${GEN}/frozen_modules.cpp)
  target_include_directories(krait_frozen PRIVATE ${CMAKE_SOURCE_DIR}/src)
endif()
if(TARGET krait AND TARGET krait_frozen)
  target_link_libraries(krait PRIVATE krait_frozen)
endif()
