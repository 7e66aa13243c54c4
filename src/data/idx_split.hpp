#pragma once

#include "data/split.hpp"
#include "datasets/idx_folder.hpp"
#include "datasets/read_ahead.hpp"

namespace smlt::data {

/// Reads a pair of IDX files: uint8 `[n, 1, H, W]` and int64 `[n]`. Throws UserError if the counts of images and labels
/// differ, naming both files and counts, or if there is no image.
Split read_idx_split(const datasets::IdxPair& pair, datasets::ReadAhead& files);

}  // namespace smlt::data
