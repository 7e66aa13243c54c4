#include "data/fingerprint.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace smlt::data {

std::string fingerprint(std::span<const std::filesystem::path> files, const DataSet& data) {
  std::string text;
  for (const std::filesystem::path& file : files) {
    std::error_code error;
    const uintmax_t size = std::filesystem::file_size(file, error);
    text += fmt::format("{}, {} bytes; ", printable(file.filename().native()), error ? 0 : size);
  }
  return text + fmt::format("{} rows to train on, {} to evaluate on", data.train.size(), data.validation.size());
}

}  // namespace smlt::data
