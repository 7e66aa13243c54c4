#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smlt::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A request as received: body complete, chunks joined, limits checked. If its route answers a body in parts
/// (http/route.hpp), each part comes as a request with the same head.
struct Request {
  std::string method;  // "POST"
  std::string path;    // "/invocations", percent-decoded, without the query
  std::string query;   // what follows "?", as sent
  Headers headers;     // in the order received
  std::string body;
  std::string raw_path = {};        // the path as sent
  std::string segment = {};         // what stands for "{name}" in the route's path, percent-decoded
  std::weak_ptr<void> chosen = {};  // by Route::takes_parts for all parts of a body: what answers them
  int64_t first_line = 0;  // of a part: the number of its first line in the whole body, from 1; 0 for a whole body

  /// The value of the first header of that name (in any case), or "".
  std::string_view header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type;  // "" for a response without a body, which has no such header
  Headers headers = {};      // further ones
  std::string body = {};
  std::string separator = {};  // before the body if it is a part's, and an earlier part had a body
  std::string remark = {};     // for the request log only: what failed in an answer that is sent anyway
};

/// Takes the answer to one request; called once, from any thread.
using Reply = std::function<void(Response)>;

/// Answers requests. Called on an input/output thread: it must not block; if there is work to do, it answers later.
using Handler = std::function<void(Request, Reply)>;

}  // namespace smlt::http
