#pragma once

#include <cstdint>
#include <vector>

#include "random.hpp"

namespace smlt::examples {

/// Rows of features and the class of each.
struct LabelledTable {
  int64_t columns = 0;
  std::vector<double> features;  // row by row
  std::vector<int> classes;

  int64_t rows() const { return static_cast<int64_t>(classes.size()); }
};

/// What scikit-learn's make_classification(n_samples=rows, n_features=15, n_informative=10, n_redundant=5, n_classes=3,
/// n_clusters_per_class=2, class_sep=1.5, flip_y=0.01, weights=[0.5, 0.5, 0.5]) draws from, the call of the tutorial on
/// synthetic data. Six clusters of rows / 4 are asked for and the rows end after four of them: class 0 has half of the
/// rows, 1 and 2 a quarter each.
LabelledTable make_classification(int64_t rows, Random& random);

}  // namespace smlt::examples
