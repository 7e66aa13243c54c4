# smlt_room(NAME [SOURCES source...] [LINK library...]): the static library of a room, src/NAME/*.cpp unless other sources
# are named, linked to the rooms that cmake/Rooms.cmake lets it see. Its target is smlt_NAME, with _ for /.

include(Rooms)

# The targets of rooms.
function(smlt_targets result)
  list(TRANSFORM ARGN REPLACE "/" "_" OUTPUT_VARIABLE targets)
  list(TRANSFORM targets PREPEND smlt_)
  set(${result} ${targets} PARENT_SCOPE)
endfunction()

function(smlt_room name)
  cmake_parse_arguments(ROOM "" "" "LINK;SOURCES" ${ARGN})
  if(NOT ROOM_SOURCES)
    file(GLOB ROOM_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  endif()
  smlt_targets(target ${name})
  smlt_targets(seen ${SMLT_SEES_${name}})
  if(ROOM_SOURCES)
    add_library(${target} STATIC ${ROOM_SOURCES})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)  # headers only
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} ${scope} ${seen} ${ROOM_LINK})
  if(NOT name STREQUAL "base")
    target_link_libraries(${target} ${scope} smlt_base)
  endif()
  if(name IN_LIST SMLT_TORCH_ROOMS)
    target_link_libraries(${target} PUBLIC smlt_libtorch)
    smlt_read_torch_once(${target})
  endif()
endfunction()

# LibTorch's headers take 10 s to read. If SMLT_UNITY is on, a target's sources form one translation unit, which reads them once;
# otherwise each source uses them precompiled, which suits work on single sources.
function(smlt_read_torch_once target)
  if(SMLT_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
  else()
    smlt_precompile_torch(${target})
  endif()
endfunction()

function(smlt_precompile_torch target)
  if(NOT TARGET smlt_torch_pch)
    file(WRITE ${CMAKE_BINARY_DIR}/torch_pch.cpp.new "")
    file(COPY_FILE ${CMAKE_BINARY_DIR}/torch_pch.cpp.new ${CMAKE_BINARY_DIR}/torch_pch.cpp ONLY_IF_DIFFERENT)
    add_library(smlt_torch_pch OBJECT ${CMAKE_BINARY_DIR}/torch_pch.cpp)
    target_link_libraries(smlt_torch_pch PUBLIC smlt_libtorch smlt_fmt)
    target_precompile_headers(smlt_torch_pch PRIVATE <torch/torch.h> <torch/script.h> <fmt/format.h>)
  endif()
  target_precompile_headers(${target} REUSE_FROM smlt_torch_pch)
endfunction()
