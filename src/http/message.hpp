#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smlt::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A request as the server took it off the wire: body whole, chunks joined, limits kept.
struct Request {
  std::string method;  // "POST"
  std::string path;    // "/invocations", percent-decoded, without the query
  std::string query;   // what stands behind "?", as it was sent
  Headers headers;     // in the order they came
  std::string body;

  /// The value of the first header of that name (in any case), or "".
  std::string_view header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type;  // "": no such header, for a response without a body
  Headers headers = {};      // further ones
  std::string body = {};
  std::string remark = {};  // for the request log alone: what failed within an answer that is sent all the same
};

/// Takes the answer to one request; called once, from any thread.
using Reply = std::function<void(Response)>;

/// Answers requests. Called on an input/output thread: it must not block, and answers later where there is work.
using Handler = std::function<void(Request, Reply)>;

}  // namespace smlt::http
