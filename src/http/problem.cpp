#include "http/problem.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"
#include "base/text.hpp"

namespace smlt::http {
namespace {

// With the longest code, the JSON around it and every character of the sentence escaped once, under 2,048 bytes.
constexpr size_t kLongestSentence = 960;

std::string cut(std::string_view sentence) {
  const std::string quoted = in_quotes(printable(sentence), kLongestSentence);  // cut at the length in which it is sent
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

Response problem(int status, std::string_view code, std::string_view sentence) {
  boost::json::object body;
  body["error"] = cut(sentence);
  body["code"] = code;
  return {status, "application/json", {}, compact(body)};
}

Response try_again_later(std::string_view code, std::string_view sentence) {
  Response response = problem(503, code, sentence);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace smlt::http
