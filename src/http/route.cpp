#include "http/route.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"
#include "http/problem.hpp"

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

Match find_route(const std::vector<Route>& routes, const std::string& method, const std::string& path) {
  const auto found = std::find_if(routes.begin(), routes.end(), [&](const Route& route) { return route.path == path; });
  const auto index = static_cast<size_t>(found - routes.begin());
  if (found == routes.end()) return {index, no_path(routes, path)};
  if (!takes(*found, method)) return {index, wrong_method(*found, method)};
  return {index, found->refusal ? found->refusal() : std::nullopt};
}

}  // namespace smlt::http
