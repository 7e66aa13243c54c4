#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "http/message.hpp"

namespace smlt::http {

/// What a server offers under one path. All functions are called on the input/output thread.
struct Route {
  std::string path;                  // "/ping"; in "/models/{name}/invoke" one segment of any text
  std::vector<std::string> methods;  // "GET"; HEAD is answered wherever GET is
  Handler handler;
  /// Called when a request's head has arrived: a response refuses the request before its body is read. May be empty.
  std::function<std::optional<Response>()> refusal = {};
  bool logged = true;  // in the request log
  /// Called once with a head if the length of the body is not announced: whether the body is lines that are answered
  /// while the rest arrives. Then the handler gets one part after the other, each of whole lines (Request::first_line),
  /// and the bodies of its answers are sent in that order as one chunked response; status, type and headers are those
  /// of the first answer. It may set Request::chosen for the parts. May be empty.
  std::function<bool(Request&)> takes_parts = {};
  std::optional<std::chrono::milliseconds> answer = {};  // instead of Limits::answer
  size_t max_body = 0;                                   // bytes, instead of Limits::max_body; 0: that
};

/// The route for a request, or why there is none: 404, or 405 with Allow.
struct Match {
  size_t index;  // among the routes; their number if there is none
  std::optional<Response> refusal;
  std::string segment = {};  // Request::segment
};
Match find_route(const std::vector<Route>& routes, const Request& request);

}  // namespace smlt::http
