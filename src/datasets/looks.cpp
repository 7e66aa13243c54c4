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

// Reads on in steps, of which the one that meets damage in a gzip file is lost.
void read_on(codec::ByteSource& source, size_t size, size_t step, std::vector<uint8_t>& front, Look& look) {
  size_t held = front.size();
  try {
    for (bool is_more = true; is_more && held < size;) {
      front.resize(std::min(held + step, size));
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

// Which is any file if reading on fails: reading it as a table will say why.
void tell_table(codec::ByteSource& source, std::vector<uint8_t> front, Look& look) {
  try {
    read_on(source, kTableFront, kTableFront, front, look);
    if (look.is_damaged) return;
    look.table = codec::table_look(as_text(front), /*is_whole=*/front.size() < kTableFront);
    if (look.table != codec::TableLook::kNone) look.values = codec::csv_values(source);
  } catch (const PlatformError&) {
    look.table = codec::TableLook::kSimilar;
  }
}

// Not to the end, and not beyond damage.
std::vector<std::string> first_members(const fs::path& file) {
  std::vector<std::string> names;
  try {
    codec::TarReader archive(file, kArchiveFront);
    while (auto member = archive.next()) names.push_back(std::move(member->name));
  } catch (const UserError&) {
  }
  return names;
}

Look look_at(const fs::path& file, bool may_be_table) {
  Look look;
  if (codec::is_tar_file(file)) look.members = first_members(file);
  if (!look.members.empty()) return look;
  try {
    codec::ByteSource source(file);
    look.is_gzip = source.is_gzip();
    look.size = source.file_size();
    std::vector<uint8_t> front;
    read_on(source, kStart, look.is_gzip ? 1 : kStart, front, look);
    tell_format(front, look);
    if (may_be_table && !look.is_damaged) tell_table(source, std::move(front), look);
  } catch (const UserError&) {  // not a regular file
    look.is_damaged = true;
  }
  return look;
}

}  // namespace

Look look_at(const fs::path& file) { return look_at(file, /*may_be_table=*/false); }

Looks::Looks(std::vector<fs::path> channels) : channels_(std::move(channels)) {}

const Look& Looks::at(const fs::path& file) {
  const std::lock_guard lock(mutex_);
  if (const auto found = looks_.find(file.native()); found != looks_.end()) return found->second;
  const bool is_in_channel = std::find(channels_.begin(), channels_.end(), file.parent_path()) != channels_.end();
  return looks_.emplace(file.native(), look_at(file, is_in_channel)).first->second;
}

}  // namespace smlt::datasets
