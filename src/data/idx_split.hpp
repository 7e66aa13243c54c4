#pragma once

#include "codec/idx_folder.hpp"
#include "codec/read_ahead.hpp"
#include "data/split.hpp"

namespace smlt::data {

/// Reads a pair of IDX files: uint8 `[n, 1, H, W]` and int64 `[n]`. Throws UserError when the counts of images and
/// labels differ, naming both files and counts, or when there is not one image.
Split read_idx_split(const codec::IdxPair& pair, codec::ReadAhead& files);

}  // namespace smlt::data
