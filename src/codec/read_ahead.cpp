#include "codec/read_ahead.hpp"

namespace smlt::codec {

void ReadAhead::start(const std::filesystem::path& path, Decode decode) {
  if (!begun_.contains(path)) begun_.emplace(path, std::async(std::launch::async, decode, path));
}

ByteArray ReadAhead::take(const std::filesystem::path& path, Decode decode) {
  const auto found = begun_.find(path);
  if (found == begun_.end()) return decode(path);
  std::future<ByteArray> result = std::move(found->second);
  begun_.erase(found);
  return result.get();
}

}  // namespace smlt::codec
