#include "http/route.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"
#include "http/problem.hpp"
#include "http/target.hpp"

namespace smlt::http {
namespace {

bool takes(const Route& route, const std::string& method) {
  const std::string wanted = method == "HEAD" ? "GET" : method;
  return std::find(route.methods.begin(), route.methods.end(), wanted) != route.methods.end();
}

std::vector<std::string> allowed(const Route& route) {
  std::vector<std::string> methods = route.methods;
  if (takes(route, "HEAD")) methods.emplace_back("HEAD");
  return methods;
}

// What stands for the variable segment of a route's path, "" if it has none; nullopt if the request has another path.
// Segments are told apart before they are decoded, because a name may hold a slash.
std::optional<std::string> segment_in(const Request& request, std::string_view pattern) {
  const size_t open = pattern.find('{');
  if (open == std::string_view::npos) return request.path == pattern ? std::optional(std::string()) : std::nullopt;
  const std::string_view after = pattern.substr(pattern.find('}') + 1);
  std::string_view path = request.raw_path;
  if (!path.starts_with(pattern.substr(0, open)) || !path.ends_with(after)) return std::nullopt;
  path.remove_prefix(open);
  if (path.size() <= after.size()) return std::nullopt;
  path.remove_suffix(after.size());
  return path.find('/') == std::string_view::npos ? percent_decoded(path) : std::nullopt;
}

Response no_path(const std::vector<Route>& routes, const std::string& path) {
  std::vector<std::string> paths;
  paths.reserve(routes.size());
  for (const Route& route : routes) paths.push_back(route.path);
  return problem(404, "not_found", fmt::format("Expected one of {}, found {}.", listed(paths, "or"), in_quotes(path)));
}

Response wrong_method(const Route& route, const std::string& method) {
  const std::vector<std::string> methods = allowed(route);
  Response response =
      problem(405, "method_not_allowed",
              fmt::format("Expected {} for {}, found {}.", listed(methods, "or"), route.path, in_quotes(method)));
  response.headers.emplace_back("Allow", fmt::format("{}", fmt::join(methods, ", ")));
  return response;
}

}  // namespace

Match find_route(const std::vector<Route>& routes, const Request& request) {
  std::optional<std::string> segment;
  size_t index = 0;
  for (; index < routes.size() && !segment; ++index) segment = segment_in(request, routes[index].path);
  if (!segment) return {routes.size(), no_path(routes, request.path)};
  const Route& found = routes[--index];
  if (!takes(found, request.method)) return {index, wrong_method(found, request.method)};
  return {index, found.refusal ? found.refusal() : std::nullopt, std::move(*segment)};
}

}  // namespace smlt::http
