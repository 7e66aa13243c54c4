#pragma once

#include <map>
#include <string>

namespace smlt {

/// The process environment, captured once in `main`; nobody calls getenv later.
using Environment = std::map<std::string, std::string>;
Environment captured_environment();

}  // namespace smlt
