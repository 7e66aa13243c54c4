# smlt_room(NAME [LINK library...]): the static library smlt_NAME from every source in its folder, linked to the rooms
# that cmake/Rooms.cmake lets it see.

include(Rooms)

function(smlt_room name)
  cmake_parse_arguments(ROOM "" "" "LINK;SOURCES" ${ARGN})
  if(NOT ROOM_SOURCES)
    file(GLOB ROOM_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  endif()
  add_library(smlt_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(smlt_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  list(TRANSFORM SMLT_SEES_${name} PREPEND smlt_ OUTPUT_VARIABLE seen)
  target_link_libraries(smlt_${name} PUBLIC ${seen} ${ROOM_LINK})
  if(NOT name STREQUAL "base")
    target_link_libraries(smlt_${name} PUBLIC smlt_base)
  endif()
  if(name IN_LIST SMLT_TORCH_ROOMS)
    target_link_libraries(smlt_${name} PUBLIC smlt_libtorch)
    smlt_precompile_torch(smlt_${name})
  endif()
endfunction()

# torch/torch.h takes 10 s to read: once for all targets instead of once a source.
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
