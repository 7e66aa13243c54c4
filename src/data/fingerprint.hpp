#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "data/split.hpp"
#include "datasets/image_folder.hpp"

namespace smlt::data {

/// What DataSet::fingerprint is made of: each file's name (without its folder, which another machine may mount
/// elsewhere) and size, then the rows of both splits.
std::string fingerprint(std::span<const std::filesystem::path> files, const DataSet& data);

/// A checksum (CRC-32), as text, of both splits' data in memory: files of the same name and size may differ. Reads all
/// of it: about one second per gigabyte.
std::string content(const DataSet& data);

/// A checksum of one split: of everything in memory, or of a few images if they are kept as files.
std::string content(const Split& split);

/// The same as the first for thousands of images: their counts, bytes, and a hash of each one's folder, name, size and
/// class; and the name and size of the weights that training starts from.
std::string fingerprint(const datasets::ImageFiles& train, const datasets::ImageFiles& validation,
                        const std::optional<std::filesystem::path>& weights);

}  // namespace smlt::data
