#include "synthetic_table.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

namespace smlt::examples {
namespace {

constexpr int64_t kInformative = 10;
constexpr int64_t kRedundant = 5;
constexpr int64_t kFeatures = kInformative + kRedundant;
constexpr int64_t kClasses = 3;
constexpr int64_t kClusters = 2 * kClasses;
constexpr double kSeparation = 1.5;
constexpr double kFlipped = 0.01;  // share of the rows whose class is drawn again
constexpr double kWeight = 0.5;    // of each class

using Matrix = std::vector<double>;  // row by row

Matrix random_matrix(int64_t rows, int64_t columns, Random& random) {
  Matrix matrix(static_cast<size_t>(rows * columns));
  for (double& value : matrix) value = random.uniform(-1, 1);
  return matrix;
}

// The first `from` values of `row` times a matrix [from, to].
std::vector<double> product(const double* row, const Matrix& matrix, int64_t from, int64_t to) {
  std::vector<double> result(static_cast<size_t>(to));
  for (int64_t i = 0; i < from; ++i) {
    for (int64_t j = 0; j < to; ++j) result[static_cast<size_t>(j)] += row[i] * matrix[static_cast<size_t>(i * to + j)];
  }
  return result;
}

// The bits of a vertex say on which side of each axis it is; no two clusters share one.
std::vector<uint64_t> draw_vertices(Random& random) {
  std::set<uint64_t> seen;
  std::vector<uint64_t> vertices;
  while (vertices.size() < kClusters) {
    const auto vertex = static_cast<uint64_t>(random.below(int64_t{1} << kInformative));
    if (seen.insert(vertex).second) vertices.push_back(vertex);
  }
  return vertices;
}

// Normal around a vertex of the hypercube, stretched and turned by `spread`.
void draw_informative(double* row, uint64_t vertex, const Matrix& spread, Random& random) {
  std::vector<double> drawn(kInformative);
  for (double& value : drawn) value = random.gaussian();
  const std::vector<double> turned = product(drawn.data(), spread, kInformative, kInformative);
  for (int64_t i = 0; i < kInformative; ++i) {
    row[i] = turned[static_cast<size_t>(i)] + ((vertex >> i & 1) != 0 ? kSeparation : -kSeparation);
  }
}

LabelledTable draw_clusters(int64_t rows, Random& random) {
  LabelledTable table{kFeatures, std::vector<double>(static_cast<size_t>(rows * kFeatures)), {}};
  const std::vector<uint64_t> vertices = draw_vertices(random);
  const auto size = static_cast<int64_t>(static_cast<double>(rows) * kWeight / (kClusters / kClasses));
  for (int64_t cluster = 0; cluster < kClusters; ++cluster) {
    const Matrix spread = random_matrix(kInformative, kInformative, random);
    const bool is_last = cluster == kClusters - 1;
    for (int64_t i = 0; (i < size || is_last) && table.rows() < rows; ++i) {
      double* row = table.features.data() + table.rows() * kFeatures;
      draw_informative(row, vertices[static_cast<size_t>(cluster)], spread, random);
      table.classes.push_back(static_cast<int>(cluster % kClasses));
    }
  }
  return table;
}

void add_redundant(LabelledTable& table, Random& random) {
  const Matrix mixture = random_matrix(kInformative, kRedundant, random);
  for (int64_t i = 0; i < table.rows(); ++i) {
    double* row = table.features.data() + i * kFeatures;
    const std::vector<double> mixed = product(row, mixture, kInformative, kRedundant);
    std::copy(mixed.begin(), mixed.end(), row + kInformative);
  }
}

void flip_some(LabelledTable& table, Random& random) {
  for (int& label : table.classes) {
    if (random.uniform() < kFlipped) label = static_cast<int>(random.below(kClasses));
  }
}

std::vector<int64_t> shuffled(int64_t count, Random& random) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), int64_t{0});
  for (int64_t i = count - 1; i > 0; --i) {
    std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(random.below(i + 1))]);
  }
  return order;
}

}  // namespace

LabelledTable make_classification(int64_t rows, Random& random) {
  LabelledTable drawn = draw_clusters(rows, random);
  add_redundant(drawn, random);
  flip_some(drawn, random);
  const std::vector<int64_t> row_order = shuffled(rows, random);
  const std::vector<int64_t> column_order = shuffled(kFeatures, random);
  LabelledTable table{kFeatures, {}, {}};
  for (const int64_t row : row_order) {
    for (const int64_t column : column_order) {
      table.features.push_back(drawn.features[static_cast<size_t>(row * kFeatures + column)]);
    }
    table.classes.push_back(drawn.classes[static_cast<size_t>(row)]);
  }
  return table;
}

}  // namespace smlt::examples
