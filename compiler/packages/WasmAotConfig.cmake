# find_package(WasmAot): WebAssembly modules as libraries of C and C++ programs. It belongs to the compiler that is installed
# with it; WasmAot_COMPILER names another one.
#
#   add_wasm_library(NAME MODULE [SHARED] [PREFIX PREFIX] [MANY] [TARGET TARGET] [LINK NAME=MODULE...] [OPTIONS OPTION...])
#
# makes a target NAME of a module, to be linked by target_link_libraries, with the directory of its header, PREFIX.h. It is
# compiled again when the module or the compiler changes.
#
#   SHARED   a shared library instead of a static one
#   PREFIX   what all names of C begin with; by default NAME, with `_` for what no identifier has
#   MANY     any number of instances, instead of one
#   TARGET   what it is compiled for; by default what CMake compiles for
#   LINK     further modules, which provide what others import from a module of that name
#   OPTIONS  further options of `wasm-aot build`

cmake_minimum_required(VERSION 3.16)

find_program(WasmAot_COMPILER wasm-aot HINTS "${CMAKE_CURRENT_LIST_DIR}/../../../bin"
  DOC "The compiler from WebAssembly to native code")
if(NOT WasmAot_COMPILER)
  set(WasmAot_FOUND FALSE)
  set(WasmAot_NOT_FOUND_MESSAGE "There is no wasm-aot; -DWasmAot_COMPILER=FILE says where it is.")
  return()
endif()

# The target of the compiler that CMake compiles for.
function(_wasm_aot_target result)
  string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" processor)
  if(APPLE AND CMAKE_OSX_ARCHITECTURES)
    set(processor "${CMAKE_OSX_ARCHITECTURES}")
  endif()
  if(processor STREQUAL "amd64")
    set(processor "x86_64")
  elseif(processor STREQUAL "arm64")
    set(processor "aarch64")
  endif()
  string(TOLOWER "${CMAKE_SYSTEM_NAME}" system)
  if(system STREQUAL "darwin")
    set(system "macos")
  endif()
  set(${result} "${processor}-${system}" PARENT_SCOPE)
endfunction()

function(add_wasm_library name module)
  cmake_parse_arguments(PARSE_ARGV 2 wasm "SHARED;MANY" "PREFIX;TARGET" "LINK;OPTIONS")
  if(wasm_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "add_wasm_library(${name}): unknown arguments: ${wasm_UNPARSED_ARGUMENTS}")
  endif()
  get_filename_component(module "${module}" ABSOLUTE)
  if(NOT wasm_PREFIX)
    string(MAKE_C_IDENTIFIER "${name}" wasm_PREFIX)
  endif()
  if(NOT wasm_TARGET)
    _wasm_aot_target(wasm_TARGET)
  endif()

  set(directory "${CMAKE_CURRENT_BINARY_DIR}/wasm/${name}")
  file(MAKE_DIRECTORY "${directory}")
  if(wasm_SHARED)
    set(kind SHARED)
    set(emit cdylib)
  else()
    set(kind STATIC)
    set(emit staticlib)
  endif()
  set(library "${directory}/${CMAKE_${kind}_LIBRARY_PREFIX}${name}${CMAKE_${kind}_LIBRARY_SUFFIX}")
  set(outputs "${library}" "${directory}/${wasm_PREFIX}.h")
  if(wasm_SHARED AND WIN32)
    set(import_library "${directory}/${name}.lib")
    list(APPEND outputs "${import_library}")
  endif()
  set(options --quiet --target "${wasm_TARGET}" --emit ${emit} --prefix "${wasm_PREFIX}" ${wasm_OPTIONS})
  if(wasm_MANY)
    list(APPEND options --instances many)
  endif()
  set(modules "${module}")
  foreach(linked IN LISTS wasm_LINK)
    if(NOT linked MATCHES "^([^=]+)=(.+)$")
      message(FATAL_ERROR "add_wasm_library(${name}): LINK takes NAME=MODULE, not `${linked}`")
    endif()
    set(linked_name "${CMAKE_MATCH_1}")
    get_filename_component(linked "${CMAKE_MATCH_2}" ABSOLUTE)
    list(APPEND options --link "${linked_name}=${linked}")
    list(APPEND modules "${linked}")
  endforeach()

  add_custom_command(OUTPUT ${outputs}
    COMMAND "${WasmAot_COMPILER}" build "${module}" -o "${library}" ${options}
    DEPENDS ${modules} "${WasmAot_COMPILER}"
    COMMENT "Compiling WebAssembly to ${wasm_TARGET}: ${name}"
    VERBATIM)
  add_custom_target(${name}-compiled DEPENDS ${outputs})
  add_library(${name} ${kind} IMPORTED GLOBAL)
  add_dependencies(${name} ${name}-compiled)
  set_target_properties(${name} PROPERTIES
    IMPORTED_LOCATION "${library}"
    INTERFACE_INCLUDE_DIRECTORIES "${directory}")
  if(import_library)
    set_target_properties(${name} PROPERTIES IMPORTED_IMPLIB "${import_library}")
  endif()
endfunction()
