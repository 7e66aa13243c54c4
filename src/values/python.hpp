#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace smlt::values {

/// `value` as Python's json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True) writes it: the
/// format of every SM_* variable that is not plain text (platform 4). A byte that is not UTF-8 becomes \udc80 to
/// \udcff.
std::string json_dumps(const boost::json::value& value);

/// `value` as Python's str() writes it, null as "": the format of a command-line argument. Text beyond ASCII stays as
/// it is inside lists.
std::string python_str(const boost::json::value& value);

/// A hyperparameter as AWS's toolkit decodes it: json.loads, or the raw text if that fails (platform 5). Differences:
/// an integer beyond 64 bits inside a list or object becomes a real, and text with half of a surrogate pair or more
/// than 32 levels is not JSON.
struct Decoded {
  std::string json;      // inside SM_HPS
  std::string variable;  // of SM_HP_<NAME>
  std::string argument;  // inside SM_USER_ARGS
};
Decoded decode(std::string_view raw);

}  // namespace smlt::values
