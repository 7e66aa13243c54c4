# LibTorch from the torch wheel, without find_package(Torch): that one drags in nvcc for the CUDA wheel and bakes stray rpaths.
# smlt_libtorch is LibTorch's CPU libraries, from the CPU wheel and the CUDA wheel alike; if the wheel is a CUDA one,
# smlt_libtorch_cuda adds its CUDA libraries, and no other compiler is needed.

if(NOT SMLT_LIBTORCH)
  set(SMLT_LIBTORCH ${CMAKE_SOURCE_DIR}/.deps/torch-${SMLT_TORCH_VERSION}/torch)
endif()
if(NOT EXISTS ${SMLT_LIBTORCH}/include/fmt/format.h)
  message(FATAL_ERROR "No LibTorch at ${SMLT_LIBTORCH}. Run scripts/setup, or set SMLT_LIBTORCH to the torch folder of an unpacked wheel.")
endif()

# The wheel contains fmt headers newer than Debian's, which they would shadow: so all code uses the wheel's, compiled once.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/fmt-include)
file(CREATE_LINK ${SMLT_LIBTORCH}/include/fmt ${CMAKE_BINARY_DIR}/fmt-include/fmt SYMBOLIC)
add_library(smlt_fmt STATIC ${CMAKE_SOURCE_DIR}/cmake/fmt.cpp)
target_include_directories(smlt_fmt SYSTEM PUBLIC ${CMAKE_BINARY_DIR}/fmt-include)
target_compile_options(smlt_fmt PRIVATE -w)

add_library(smlt_libtorch INTERFACE)
target_include_directories(smlt_libtorch SYSTEM INTERFACE
  ${SMLT_LIBTORCH}/include ${SMLT_LIBTORCH}/include/torch/csrc/api/include)
# --no-as-needed: operators register themselves when the library loads, whether or not a symbol of it is used. One option, because
# CMake drops the second of two equal ones. -L as an option: CMake would write a link directory's absolute path into what it builds.
target_link_options(smlt_libtorch INTERFACE
  -L${SMLT_LIBTORCH}/lib -Wl,--no-as-needed,-ltorch_cpu,-lc10,-l:libgomp.so.1,--as-needed -Wl,-rpath-link,${SMLT_LIBTORCH}/lib)
# The CPU libraries of a CUDA wheel need some of NVIDIA's, which are in wheels beside it (or in the CUDA toolkit).
set(smlt_nvidia ${SMLT_LIBTORCH}/../nvidia)
file(GLOB smlt_nvidia_libraries ${smlt_nvidia}/*/lib)
foreach(folder IN LISTS smlt_nvidia_libraries)
  target_link_options(smlt_libtorch INTERFACE -Wl,-rpath-link,${folder})
endforeach()
# LibTorch's own OpenMP runtime, shipped beside it, runs our parallel loops too: ATen/Parallel.h is an inline header.
target_compile_options(smlt_libtorch INTERFACE -fopenmp)
# x86-64-v2 is the oldest processor SageMaker rents out; faster code paths are chosen at run time. Only code that sees LibTorch is
# built for it: the program itself runs anywhere, so it can say what the processor lacks.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(smlt_libtorch INTERFACE -march=x86-64-v2)
endif()

# smlt_finds_libtorch(TARGET FOLDER): binaries built into FOLDER find LibTorch relative to themselves, so a checkout may be moved or
# mounted elsewhere; a wheel outside the checkout stays where it is.
function(smlt_finds_libtorch target folder)
  set(libraries ${SMLT_LIBTORCH}/lib)
  cmake_path(IS_PREFIX CMAKE_SOURCE_DIR ${libraries} NORMALIZE is_inside)
  if(is_inside)
    file(RELATIVE_PATH libraries ${folder} ${libraries})
    set(libraries "$ORIGIN/${libraries}")
  endif()
  set_target_properties(${target} PROPERTIES BUILD_RPATH "${libraries}")
endfunction()

if(EXISTS ${SMLT_LIBTORCH}/lib/libtorch_cuda.so)
  # One folder for all of CUDA 13's wheels, one each for CUDA 12's. The part that PyTorch does not install (crt) may come from the
  # toolkit.
  file(GLOB smlt_nvidia_headers ${smlt_nvidia}/*/include ${smlt_nvidia}/cu*/include/cccl)
  find_path(SMLT_CUDA_INCLUDE crt/host_defines.h HINTS ${smlt_nvidia_headers} /usr/local/cuda/include NO_CACHE)
  find_library(SMLT_CUDART NAMES libcudart.so.13 libcudart.so.12 libcudart.so
    HINTS ${smlt_nvidia_libraries} /usr/local/cuda/lib64 NO_CACHE)
  if(NOT SMLT_CUDA_INCLUDE OR NOT SMLT_CUDART)
    message(FATAL_ERROR "Expected CUDA's headers and runtime in ${smlt_nvidia} or /usr/local/cuda, found none. Run scripts/setup cuda.")
  endif()
  add_library(smlt_libtorch_cuda INTERFACE)
  target_include_directories(smlt_libtorch_cuda SYSTEM INTERFACE ${smlt_nvidia_headers} ${SMLT_CUDA_INCLUDE})
  target_compile_definitions(smlt_libtorch_cuda INTERFACE USE_CUDA USE_C10D_NCCL)
  # --allow-shlib-undefined: these libraries need the driver's, which a machine that only builds does not have.
  target_link_options(smlt_libtorch_cuda INTERFACE
    -Wl,--no-as-needed,-ltorch_cuda,-lc10_cuda,--as-needed -Wl,--allow-shlib-undefined)
  target_link_libraries(smlt_libtorch_cuda INTERFACE smlt_libtorch ${SMLT_CUDART})
endif()
