#include "digit_picture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "digit_forms.hpp"

// Nothing but arithmetic and square roots, which are exact: sines and exponentials differ in their last bits from one C
// library to the next, and the pictures must not.
namespace smlt::examples {
namespace {

constexpr int kBox = 20;
constexpr double kMiddle = 50;                     // of the height of a form
constexpr double kMiddleWidth = 30;                // and of its width, about
using Coverage = std::array<double, kBox * kBox>;  // 0 paper to 1 ink

const Form& choose_form(int digit, Random& random) {
  const auto& forms = digit_forms();
  const auto is_other = [&](const Form& form) { return form.digit != digit; };
  const auto first = std::find_if_not(forms.begin(), forms.end(), is_other);
  const auto last = std::find_if(first, forms.end(), is_other);
  const double sum = std::accumulate(first, last, 0.0, [](double s, const Form& form) { return s + form.frequency; });
  double left = random.uniform(0, sum);
  const auto chosen = std::find_if(first, last, [&](const Form& form) { return (left -= form.frequency) < 0; });
  return chosen == last ? *first : *chosen;
}

// How one writer bends the plane: smooth, so that touching strokes still touch.
class Hand {
 public:
  explicit Hand(Random& random) {
    for (double& bend : bends_) bend = random.normal(0, 3.2);
    const double half = random.normal(0, 0.06);  // the tangent of half the angle
    cosine_ = (1 - half * half) / (1 + half * half);
    sine_ = 2 * half / (1 + half * half);
    slant_ = random.normal(0.13, 0.25);
    width_ = std::max(0.5, random.normal(1.0, 0.22));
  }

  Point operator()(Point p) const {
    const double u = (p.x - kMiddleWidth) / kMiddle;
    const double v = (p.y - kMiddle) / kMiddle;
    const double x =
        p.x - kMiddleWidth + bends_[0] * u * u + bends_[1] * u * v + bends_[2] * v * v + bends_[3] * v * v * v;
    const double y = p.y - kMiddle + bends_[4] * u * u + bends_[5] * u * v + bends_[6] * v * v + bends_[7] * u * u * v;
    const double slanted = width_ * x - slant_ * y;
    return {cosine_ * slanted - sine_ * y, sine_ * slanted + cosine_ * y};
  }

 private:
  std::array<double, 8> bends_;
  double cosine_, sine_, slant_, width_;
};

Stroke shaken(Stroke stroke, Random& random) {
  Point before, moved;
  for (size_t i = 0; i < stroke.size(); ++i) {
    const Point point = stroke[i];
    if (i == 0 || point != before) moved = {random.normal(point.x, 2.0), random.normal(point.y, 2.0)};
    stroke[i] = moved;
    before = point;
  }
  return stroke;
}

// Catmull-Rom: through every point, and a point given twice makes a corner.
Point between(const Point& a, const Point& b, const Point& c, const Point& d, double t) {
  const auto blend = [t](double p, double q, double r, double s) {
    return q + 0.5 * t * (r - p + t * (2 * p - 5 * q + 4 * r - s + t * (3 * (q - r) + s - p)));
  };
  return {blend(a.x, b.x, c.x, d.x), blend(a.y, b.y, c.y, d.y)};
}

Stroke smoothed(const Stroke& stroke) {
  constexpr int kSteps = 8;
  Stroke curve;
  const size_t last = stroke.size() - 1;
  for (size_t i = 0; i < last; ++i) {
    const Point& before = stroke[i == 0 ? 0 : i - 1];
    for (int step = 0; step < kSteps; ++step) {
      curve.push_back(between(before, stroke[i], stroke[i + 1], stroke[std::min(i + 2, last)], step * 1.0 / kSteps));
    }
  }
  curve.push_back(stroke[last]);
  return curve;
}

// Writers begin and end a stroke a little early.
Stroke trimmed_ends(const Stroke& curve, Random& random) {
  const auto most = static_cast<double>(curve.size()) * 0.05;
  const auto head = static_cast<std::ptrdiff_t>(random.uniform(0, most));
  const auto tail = static_cast<std::ptrdiff_t>(random.uniform(0, most));
  return {curve.begin() + head, curve.end() - tail};
}

std::vector<Stroke> write_form(const Form& form, Random& random) {
  const Hand hand(random);
  std::vector<Stroke> curves;
  for (const Stroke& stroke : form.strokes) {
    Stroke curve = trimmed_ends(smoothed(shaken(stroke, random)), random);
    std::transform(curve.begin(), curve.end(), curve.begin(), hand);
    curves.push_back(std::move(curve));
  }
  return curves;
}

// Scales the strokes so that they, `radius` thick on both sides, fill the box in one direction and fit in the other.
void fit_into_box(std::vector<Stroke>& curves, double radius) {
  Point low{1e9, 1e9}, high{-1e9, -1e9};
  for (const Stroke& curve : curves) {
    for (const Point& p : curve) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  }
  const double scale = (kBox - 2 * radius) / std::max({high.x - low.x, high.y - low.y, 1.0});
  for (Stroke& curve : curves) {
    for (Point& p : curve) {
      p.x = kBox / 2.0 + scale * (p.x - (low.x + high.x) / 2);
      p.y = kBox / 2.0 + scale * (p.y - (low.y + high.y) / 2);
    }
  }
}

double distance(const Point& p, const Point& from, const Point& to) {
  const double dx = to.x - from.x, dy = to.y - from.y;
  const double length2 = std::max(dx * dx + dy * dy, 1e-12);
  const double along = std::clamp(((p.x - from.x) * dx + (p.y - from.y) * dy) / length2, 0.0, 1.0);
  const double ex = p.x - from.x - along * dx, ey = p.y - from.y - along * dy;
  return std::sqrt(ex * ex + ey * ey);
}

struct Pen {
  double radius;          // pixels
  double pressure_right;  // relative growth of the radius from the middle to the edge
  double pressure_down;
  double softness;  // pixels over which ink turns into paper, half of them on each side
  double ink;

  double radius_at(const Point& p) const {
    return radius * (1 + pressure_right * (2 * p.x / kBox - 1) + pressure_down * (2 * p.y / kBox - 1));
  }
};

Pen choose_pen(Random& random) {
  return {std::clamp(random.normal(1.25, 0.45), 0.6, 2.6), random.normal(0, 0.1), random.normal(0, 0.1),
          random.uniform(0.8, 1.4), random.uniform(0.97, 1.3)};
}

void draw_line(Coverage& coverage, const Pen& pen, const Point& from, const Point& to) {
  const double reach = 2 * pen.radius + 1;
  const auto first = [&](double a, double b) { return std::max(0, static_cast<int>(std::min(a, b) - reach)); };
  const auto last = [&](double a, double b) { return std::min(kBox - 1, static_cast<int>(std::max(a, b) + reach)); };
  for (int row = first(from.y, to.y); row <= last(from.y, to.y); ++row) {
    for (int column = first(from.x, to.x); column <= last(from.x, to.x); ++column) {
      const Point centre{column + 0.5, row + 0.5};
      const double depth = pen.radius_at(centre) - distance(centre, from, to);
      double& pixel = coverage[static_cast<size_t>(row * kBox + column)];
      pixel = std::max(pixel, std::clamp(0.5 + depth / pen.softness, 0.0, 1.0));
    }
  }
}

// By how much the box is moved in the field, in [0, 8], so that `mass` is at the field's centre.
int offset(double moment, double mass) {
  const double centre = mass > 0 ? moment / mass : kBox / 2.0;
  return std::clamp(static_cast<int>(std::floor(kField / 2.0 - centre + 0.5)), 0, kField - kBox);
}

Picture centred(const Coverage& coverage, const Pen& pen, Random& random) {
  double mass = 0, moment_x = 0, moment_y = 0;
  for (int i = 0; i < kBox * kBox; ++i) {
    const double ink = coverage[static_cast<size_t>(i)];
    mass += ink;
    moment_x += ink * (i % kBox + 0.5);
    moment_y += ink * (i / kBox + 0.5);
  }
  Picture picture{};
  const int start = offset(moment_y, mass) * kField + offset(moment_x, mass);
  for (int i = 0; i < kBox * kBox; ++i) {
    const double ink = coverage[static_cast<size_t>(i)] * std::min(1.0, pen.ink * random.uniform(0.9, 1.05));
    picture[static_cast<size_t>(start + i / kBox * kField + i % kBox)] = static_cast<uint8_t>(255 * ink + 0.5);
  }
  return picture;
}

}  // namespace

Picture draw_digit(int digit, Random& random) {
  std::vector<Stroke> curves = write_form(choose_form(digit, random), random);
  const Pen pen = choose_pen(random);
  fit_into_box(curves, pen.radius);
  Coverage coverage{};
  for (const Stroke& curve : curves) {
    for (size_t i = 1; i < curve.size(); ++i) draw_line(coverage, pen, curve[i - 1], curve[i]);
  }
  return centred(coverage, pen, random);
}

}  // namespace smlt::examples
