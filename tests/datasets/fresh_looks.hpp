#pragma once

#include <memory>

#include "datasets/looks.hpp"

namespace smlt::test {

/// A look at files that nobody has looked at before; only files directly in `channel` may be tables. It replaces the
/// one returned before.
inline datasets::Looks& fresh_looks(const std::filesystem::path& channel = {}) {
  static std::unique_ptr<datasets::Looks> looks;
  looks = std::make_unique<datasets::Looks>(std::vector{channel});
  return *looks;
}

}  // namespace smlt::test
