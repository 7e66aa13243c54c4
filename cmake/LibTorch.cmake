# LibTorch from the torch wheel, without find_package(Torch): that one drags in nvcc for the CUDA wheel and bakes stray
# rpaths. The same target serves the CPU wheel and the CUDA wheel.

if(NOT SMLT_LIBTORCH)
  set(SMLT_LIBTORCH ${CMAKE_SOURCE_DIR}/.deps/torch-${SMLT_TORCH_VERSION}/torch)
endif()
if(NOT EXISTS ${SMLT_LIBTORCH}/include/fmt/format.h)
  message(FATAL_ERROR "No LibTorch at ${SMLT_LIBTORCH}. Run scripts/setup, or set SMLT_LIBTORCH to the torch folder of an unpacked wheel.")
endif()

# The wheel carries fmt headers newer than Debian's, and they would shadow Debian's: so everybody uses the wheel's, compiled once.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/fmt-include)
file(CREATE_LINK ${SMLT_LIBTORCH}/include/fmt ${CMAKE_BINARY_DIR}/fmt-include/fmt SYMBOLIC)
add_library(smlt_fmt STATIC ${CMAKE_SOURCE_DIR}/cmake/fmt.cpp)
target_include_directories(smlt_fmt SYSTEM PUBLIC ${CMAKE_BINARY_DIR}/fmt-include)
target_compile_options(smlt_fmt PRIVATE -w)

add_library(smlt_libtorch INTERFACE)
target_include_directories(smlt_libtorch SYSTEM INTERFACE
  ${SMLT_LIBTORCH}/include ${SMLT_LIBTORCH}/include/torch/csrc/api/include)
target_link_directories(smlt_libtorch INTERFACE ${SMLT_LIBTORCH}/lib)
# --no-as-needed: operators register themselves when the library loads, whether or not a symbol of it is used.
target_link_options(smlt_libtorch INTERFACE
  -Wl,--no-as-needed -ltorch_cpu -lc10 -Wl,--as-needed -Wl,-rpath-link,${SMLT_LIBTORCH}/lib)
# LibTorch's own OpenMP runtime, the one beside it, runs our parallel loops too: ATen/Parallel.h is an inline header.
target_compile_options(smlt_libtorch INTERFACE -fopenmp)
target_link_libraries(smlt_libtorch INTERFACE ${SMLT_LIBTORCH}/lib/libgomp.so.1)
# x86-64-v2 is the oldest processor SageMaker rents out; faster code paths are chosen at run time. Only what sees LibTorch
# is built for it: the program itself runs anywhere, so that it can say what the processor lacks.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(smlt_libtorch INTERFACE -march=x86-64-v2)
endif()
