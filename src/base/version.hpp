#pragma once

namespace smlt {

/// The version of this project, from CMakeLists.txt: "0.1.0".
constexpr const char* version() { return SMLT_VERSION; }

}  // namespace smlt
