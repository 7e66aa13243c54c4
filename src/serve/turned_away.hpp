#pragma once

#include <string_view>

#include "http/problem.hpp"

namespace smlt::serve {

/// An answer to a request that may be tried again in a second.
inline http::Response turned_away(int status, std::string_view code, std::string_view sentence) {
  http::Response response = http::problem(status, code, sentence);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace smlt::serve
