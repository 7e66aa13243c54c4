#include "datasets/looks.hpp"

#include <algorithm>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "codec/archive/byte_source.hpp"
#include "codec/archive/tar.hpp"
#include "codec/image/image.hpp"
#include "codec/image/image_format.hpp"
#include "codec/table/csv_values.hpp"
#include "codec/weights/safetensors.hpp"
#include "codec/weights/torch_file.hpp"
#include "datasets/cifar.hpp"

namespace smlt::datasets {
namespace fs = std::filesystem;
namespace {

constexpr size_t kStart = size_t{4} << 10;        // bytes that tell every format but a table's
constexpr size_t kTableFront = size_t{64} << 10;  // bytes
constexpr uint64_t kArchiveFront = uint64_t{1} << 20;

using Bytes = std::span<const uint8_t>;

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Reads on in small steps, so that what comes before the damage in a gzip file is seen.
void read_on(codec::ByteSource& source, size_t size, std::vector<uint8_t>& front, Look& look) {
  constexpr size_t kStep = 16;
  size_t held = front.size();
  try {
    for (bool is_more = true; is_more && held < size;) {
      front.resize(held + kStep);
      held += source.read(std::span(front).subspan(held));
      is_more = held == front.size();
    }
  } catch (const UserError&) {
    look.is_damaged = true;
  }
  front.resize(held);
}

void tell_format(Bytes start, Look& look) {
  look.idx = codec::idx_header(start);
  look.is_cifar_100 = looks_like_cifar_100(start);
  if (look.is_gzip) return;  // these are not packed
  look.is_image = codec::is_image(start);
  look.is_other_picture = !codec::undecoded_format(start).empty();
  look.is_weights = codec::is_torch_file(as_text(start)) || codec::looks_like_safetensors(as_text(start), look.size);
}

Look look_at(const fs::path& file, bool may_be_table) {
  Look look;
  codec::ByteSource source(file);
  look.is_gzip = source.is_gzip();
  look.size = source.file_size();
  std::vector<uint8_t> front;
  read_on(source, kStart, front, look);
  tell_format(front, look);
  if (!may_be_table || look.is_damaged) return look;
  read_on(source, kTableFront, front, look);
  if (look.is_damaged) return look;
  look.table = codec::table_look(as_text(front), /*is_whole=*/front.size() < kTableFront);
  if (look.table != codec::TableLook::kNone) look.values = codec::csv_values(source);
  return look;
}

Look look_at_archive(const fs::path& file) {
  Look look;
  codec::TarReader archive(file, kArchiveFront);
  try {
    while (auto member = archive.next()) look.members.push_back(std::move(member->name));
  } catch (const UserError&) {  // not read to the end, or damaged
  }
  return look;
}

}  // namespace

const Look& Looks::at(const fs::path& file) {
  const std::lock_guard lock(mutex_);
  if (const auto found = looks_.find(file); found != looks_.end()) return found->second;
  const bool is_in_channel = std::find(channels_.begin(), channels_.end(), file.parent_path()) != channels_.end();
  Look look{.is_damaged = true};
  try {
    look = codec::is_tar_file(file) ? look_at_archive(file) : look_at(file, is_in_channel);
  } catch (const UserError&) {  // not a regular file
  }
  return looks_.emplace(file, std::move(look)).first->second;
}

}  // namespace smlt::datasets
