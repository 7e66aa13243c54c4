#include "http/message.hpp"

#include <boost/beast/core/string.hpp>

namespace smlt::http {

std::string_view Request::header(std::string_view name) const {
  for (const auto& [found, value] : headers) {
    if (boost::beast::iequals(found, name)) return value;  // of ASCII alone; names have no other letters
  }
  return {};
}

}  // namespace smlt::http
