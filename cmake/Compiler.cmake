# Language level, warnings, sanitizers and the compiler cache, for every target alike.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_compile_options(
  -Wall -Wextra -Wpedantic
  -Wshadow             # a name that hides another is easily misread
  -Wnon-virtual-dtor
  -Wold-style-cast
  -Woverloaded-virtual
  -Wconversion         # silently narrowing a size defeats length checks
  -Wsign-conversion
  -Wnull-dereference)
# g++ 12 sees these in optimised std::string and std::variant code that is correct (GCC bugs 105651 and 105562).
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
                    $<$<CXX_COMPILER_ID:GNU>:-Wno-null-dereference>)
if(SMLT_WERROR)
  add_compile_options(-Werror)
endif()

if(SMLT_SANITIZE)
  add_compile_options(-fsanitize=${SMLT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SMLT_SANITIZE})
  # LibTorch's headers have fences, which the thread sanitizer does not know; only GCC warns about them.
  if(SMLT_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)
  endif()
endif()

find_program(SMLT_CCACHE ccache)
if(SMLT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header is cached only if ccache may trust its definitions and time stamps. Paths below the checkout are
  # made relative, and the compiler is known by its content: all checkouts share compiled files, and so does the build of an image.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime,locale
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_COMPILERCHECK=content ${SMLT_CCACHE})
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()
