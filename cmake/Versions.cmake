# The pins of versions.env as SMLT_<NAME> variables.
file(STRINGS ${CMAKE_SOURCE_DIR}/versions.env smlt_pins REGEX "^[A-Z_]+=")
foreach(pin IN LISTS smlt_pins)
  string(REGEX MATCH "^([A-Z_]+)=(.*)$" ignored "${pin}")
  set(SMLT_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
endforeach()
