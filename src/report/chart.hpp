#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace smlt::report {

/// A named line through (x, y) points.
struct Curve {
  std::string name;
  std::vector<std::pair<double, double>> points;
};

/// An inline SVG with the curves on common axes and their names beside them; if there are no points, a paragraph that
/// says so.
std::string chart(std::span<const Curve> curves);

}  // namespace smlt::report
