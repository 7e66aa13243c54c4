#include "codec/archive/tar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"

// The format: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar's manual, "Basic Tar
// Format".

namespace smlt::codec {
namespace {

constexpr size_t kBlock = 512;
constexpr uint64_t kLongestText = uint64_t{64} << 10;  // of a long name or pax records
constexpr uint64_t kLargestMember = uint64_t{1} << 50;
using Block = std::array<uint8_t, kBlock>;

struct Field {
  size_t at;
  size_t size;
};
constexpr Field kName{0, 100}, kSize{124, 12}, kCheckSum{148, 8}, kMagic{257, 5}, kPrefix{345, 155};
constexpr size_t kType = 156;

std::string_view text_of(const uint8_t* block, Field field) {
  const std::string_view whole(reinterpret_cast<const char*>(block + field.at), field.size);
  return whole.substr(0, whole.find('\0'));
}

// Octal digits, or (GNU) big-endian bytes after a set first bit.
std::optional<uint64_t> number_of(const uint8_t* block, Field field) {
  const uint8_t* bytes = block + field.at;
  uint64_t value = 0;
  if ((bytes[0] & 0x80) != 0) {
    value = bytes[0] & 0x3F;
    for (size_t i = 1; i < field.size; ++i) {
      if (value > kLargestMember) return std::nullopt;
      value = value << 8 | bytes[i];
    }
    return (bytes[0] & 0x40) == 0 && value <= kLargestMember ? std::optional(value) : std::nullopt;
  }
  const std::string_view digits = trimmed(text_of(block, field));
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, /*base=*/8);
  if (digits.empty()) return 0;
  if (error != std::errc() || end != digits.data() + digits.size() || value > kLargestMember) return std::nullopt;
  return value;
}

bool has_right_check_sum(const uint8_t* block) {
  uint64_t sum = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    const bool is_sum = i >= kCheckSum.at && i < kCheckSum.at + kCheckSum.size;
    sum += is_sum ? ' ' : block[i];
  }
  return number_of(block, kCheckSum) == sum;
}

std::string full_name(const uint8_t* block) {
  const std::string name(text_of(block, kName));
  const std::string_view prefix = text_of(block, kPrefix);
  // GNU's own magic "ustar  " puts times where POSIX has the prefix.
  const bool is_posix = text_of(block, {kMagic.at, 6}) == "ustar" && block[kMagic.at + 5] == '\0';
  return is_posix && !prefix.empty() ? std::string(prefix) + "/" + name : name;
}

std::string without_dot(std::string name) {
  while (name.starts_with("./")) name.erase(0, 2);
  return name;
}

uint64_t padded(uint64_t size) { return (size + kBlock - 1) / kBlock * kBlock; }

}  // namespace

struct TarReader::Header {
  char type = '0';
  std::string name;
  uint64_t size = 0;
};

bool is_tar_file(const std::filesystem::path& path) {
  const std::string name = path.filename().native();
  return (name.ends_with(".tar") || name.ends_with(".tar.gz") || name.ends_with(".tgz")) && is_file(path);
}

TarReader::TarReader(const std::filesystem::path& path, uint64_t most_bytes) : source_(path), most_bytes_(most_bytes) {}

std::optional<TarMember> TarReader::next() {
  while (auto header = next_header()) {
    switch (header->type) {
      case 'L':  // GNU: the name of the entry that follows
        name_ = read_text(header->size);
        name_->resize(std::min(name_->size(), name_->find('\0')));
        break;
      case 'x':
        read_pax(read_text(header->size));
        break;
      case '0':
      case '7':
      case '\0': {
        TarMember member{without_dot(name_.value_or(header->name)), header->size};
        name_.reset();
        if (member.name.ends_with('/')) break;  // a folder, as in the oldest archives
        member_size_ = header->size;
        return member;
      }
      case 'S':
        damaged("it holds a sparse file, which is not read here");
      case 'g':
      case 'K':
        break;  // about all entries, or about a link's target: neither changes the name of a file
      default:
        name_.reset();
    }
  }
  return std::nullopt;
}

std::vector<uint8_t> TarReader::read() {
  const size_t size = std::exchange(member_size_, 0);
  count(size);
  std::vector<uint8_t> content = source_.read_vector(size, "the archive");
  rest_ -= size;
  return content;
}

void TarReader::end_member() {
  count(rest_);
  source_.skip(rest_, "the archive");
  rest_ = 0;
  member_size_ = 0;
}

std::optional<TarReader::Header> TarReader::next_header() {
  end_member();
  if (source_.at_end()) {
    if (passed_ == 0) damaged("it is empty");
    return std::nullopt;  // tar(1) also accepts an archive without its closing blocks
  }
  Block block;
  source_.read_exactly(block, "the archive");
  if (std::all_of(block.begin(), block.end(), [](uint8_t byte) { return byte == 0; })) {
    finish();
    return std::nullopt;
  }
  Header header = header_from(block.data());
  count(kBlock);
  rest_ = padded(header.size);
  return header;
}

// What follows the closing block is padding, and then gzip's checksum of everything.
void TarReader::finish() {
  Block block;
  while (source_.read(block) > 0) count(kBlock);
}

void TarReader::count(uint64_t bytes) {
  passed_ += bytes;
  if (passed_ <= most_bytes_) return;
  throw UserError(
      "Expected an archive that holds at most {} bytes, found more in {}; pack it again without unneeded files.",
      most_bytes_, in_quotes(source_.path().native(), 200));
}

TarReader::Header TarReader::header_from(const uint8_t* block) {
  if (!has_right_check_sum(block))
    damaged(passed_ == 0 ? "it is not a tar archive" : "the checksum of an entry is wrong");
  const auto size = number_of(block, kSize);
  if (!size) damaged("the size of an entry is not a number");
  Header header{static_cast<char>(block[kType]), full_name(block), *size};
  const bool is_about_next = header.type == 'x' || header.type == 'L' || header.type == 'K' || header.type == 'g';
  if (!is_about_next) header.size = std::exchange(size_, std::nullopt).value_or(header.size);
  const bool has_content = header.type < '1' || header.type > '6';  // links, devices, folders and pipes have none
  if (!has_content) header.size = 0;
  return header;
}

// Records "LENGTH KEY=VALUE\n", where LENGTH counts the whole record.
void TarReader::read_pax(const std::string& records) {
  std::string_view rest = records;
  while (!rest.empty()) {
    size_t length = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
    const size_t key_at = static_cast<size_t>(end - rest.data()) + 1;
    if (error != std::errc() || length <= key_at || length > rest.size() || rest[length - 1] != '\n') {
      damaged("a pax record has a wrong length");
    }
    const std::string_view record = rest.substr(key_at, length - key_at - 1);
    rest.remove_prefix(length);
    const size_t equals = std::min(record.find('='), record.size());
    const std::string_view key = record.substr(0, equals), value = record.substr(std::min(equals + 1, record.size()));
    if (key == "path") name_ = std::string(value);
    if (key == "size") {
      uint64_t size = 0;
      const auto parsed = std::from_chars(value.data(), value.data() + value.size(), size);
      if (parsed.ec != std::errc() || size > kLargestMember) damaged("a pax record has a size that is not a number");
      size_ = size;
    }
  }
}

std::string TarReader::read_text(uint64_t size) {
  if (size > kLongestText) damaged("the name of an entry is longer than 64 KiB");
  count(size);
  std::string text(size, '\0');
  source_.read_exactly({reinterpret_cast<uint8_t*>(text.data()), text.size()}, "the archive");
  rest_ -= size;
  return text;
}

void TarReader::damaged(std::string_view reason) const {
  throw UserError("{} is not an archive that can be read: {}; replace it.", in_quotes(source_.path().native(), 200),
                  reason);
}

}  // namespace smlt::codec
