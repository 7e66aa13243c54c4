#include "report/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace smlt::report {
namespace {

constexpr double kWidth = 720;
constexpr double kHeight = 260;
constexpr double kLeft = 60;    // room for the numbers of the y axis
constexpr double kRight = 140;  // room for the names
constexpr double kEdge = 24;
constexpr const char* kColors[] = {"#0969da", "#cf222e", "#1a7f37", "#8250df"};

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void take(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  double share(double value) const { return high > low ? (value - low) / (high - low) : 0.5; }
};

struct Axes {
  Range x;
  Range y;
  double left(double value) const { return kLeft + x.share(value) * (kWidth - kLeft - kRight); }
  double top(double value) const { return kHeight - kEdge - y.share(value) * (kHeight - 2 * kEdge); }
};

Axes axes_of(std::span<const Curve> curves) {
  Axes axes;
  for (const Curve& curve : curves) {
    for (const auto& [x, y] : curve.points) {
      axes.x.take(x);
      axes.y.take(y);
    }
  }
  return axes;
}

std::string line_of(const Curve& curve, const Axes& axes, const char* color) {
  std::string points;
  std::string dots;
  for (const auto& [x, y] : curve.points) {
    points += fmt::format("{:.1f},{:.1f} ", axes.left(x), axes.top(y));
    dots +=
        fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\" fill=\"{}\"/>", axes.left(x), axes.top(y), color);
  }
  return fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>{}", points, color, dots);
}

std::string y_label(const Axes& axes, double value) {
  return fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{:.4g}</text>", kLeft - 8,
                     axes.top(value) + 4, value);
}

std::string x_label(const Axes& axes, double value) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\">{:g}</text>", axes.left(value),
                     kHeight - 4, value);
}

}  // namespace

std::string chart(std::span<const Curve> curves) {
  const Axes axes = axes_of(curves);
  if (axes.x.high < axes.x.low) return "<p>Not measured.</p>\n";
  std::string body = y_label(axes, axes.y.low) + x_label(axes, axes.x.low);
  if (axes.y.high > axes.y.low) body += y_label(axes, axes.y.high);
  if (axes.x.high > axes.x.low) body += x_label(axes, axes.x.high);
  size_t number = 0;
  for (const Curve& curve : curves) {
    if (curve.points.empty()) continue;
    const char* color = kColors[number % std::size(kColors)];
    body += line_of(curve, axes, color);
    body += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" style=\"fill:{}\">{}</text>", kWidth - kRight + 12,
                        kEdge + 18 * static_cast<double>(number), color, curve.name);
    ++number;
  }
  return fmt::format(
      "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" font-size=\"12\" fill=\"currentColor\">{}</svg>\n", kWidth,
      kHeight, body);
}

}  // namespace smlt::report
