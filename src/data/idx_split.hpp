#pragma once

#include "data/split.hpp"
#include "datasets/idx_folder.hpp"

namespace smlt::data {

/// Takes what is read of a pair of IDX files: uint8 `[n, 1, H, W]` and int64 `[n]`. Throws what reading them throws,
/// and UserError if the counts of images and labels differ, naming both files and counts, or if there is no image.
Split idx_split(datasets::IdxReading& reading);

}  // namespace smlt::data
