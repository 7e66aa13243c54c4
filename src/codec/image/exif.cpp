#include "codec/image/exif.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"

namespace smlt::codec {
namespace {

constexpr std::string_view kIntroduction{"Exif\0\0", 6};
constexpr uint32_t kOrientation = 0x0112;
constexpr size_t kEntrySize = 12;

// The bytes of a value of TIFF's type: BYTE, SHORT, LONG and their signed forms, or 0 if it is not an integer.
size_t integer_size(uint32_t type) {
  switch (type) {
    case 1:
    case 6:
      return 1;
    case 3:
    case 8:
      return 2;
    case 4:
    case 9:
      return 4;
    default:
      return 0;
  }
}

// A TIFF file in memory: numbers in the byte order of its first two bytes.
class Tiff {
 public:
  explicit Tiff(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  // Some programs write the 42 in the wrong byte order.
  bool is_valid() const {
    const auto magic = number(2, 2);
    return (starts_with("II") || starts_with("MM")) && (magic == 42 || magic == 42 << 8);
  }

  // Nullopt beyond the end.
  std::optional<uint32_t> number(size_t at, size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) return std::nullopt;
    const std::span<const uint8_t> found = bytes_.subspan(at, size);
    return static_cast<uint32_t>(starts_with("MM") ? from_big_endian(found) : from_little_endian(found));
  }

 private:
  bool starts_with(std::string_view text) const {
    return bytes_.size() >= text.size() && std::equal(text.begin(), text.end(), bytes_.begin());
  }

  std::span<const uint8_t> bytes_;
};

std::optional<uint32_t> orientation_in(const Tiff& tiff) {
  const auto directory = tiff.number(4, 4);
  if (!directory) return std::nullopt;
  const uint32_t entries = tiff.number(*directory, 2).value_or(0);
  std::optional<uint32_t> found;
  for (size_t i = 0; i < entries; ++i) {
    const size_t at = size_t{*directory} + 2 + i * kEntrySize;
    const size_t size = integer_size(tiff.number(at + 2, 2).value_or(0));
    if (tiff.number(at, 2) != kOrientation || size == 0 || tiff.number(at + 4, 4).value_or(0) == 0) continue;
    if (const auto value = tiff.number(at + 8, size)) found = value;  // the last one counts
  }
  return found;
}

// The orientation of the first directory, stored as an integer of any size (Exif 2.3, tag 0x0112). Damage after it does
// not matter.
std::optional<uint32_t> exif_orientation(std::span<const uint8_t> exif) {
  while (is_exif(exif)) exif = exif.subspan(kIntroduction.size());
  const Tiff tiff(exif);
  return tiff.is_valid() ? orientation_in(tiff) : std::nullopt;
}

// The same of a packet of XMP (tiff:Orientation), in which editors that write no EXIF put it.
std::optional<uint32_t> xmp_orientation(std::span<const uint8_t> xmp) {
  constexpr std::string_view kName = "tiff:Orientation";
  std::string_view text(reinterpret_cast<const char*>(xmp.data()), xmp.size());
  for (size_t at = text.find(kName); at != std::string_view::npos; at = text.find(kName)) {
    text.remove_prefix(at + kName.size());
    const size_t start = text.starts_with("=\"") ? 2 : text.starts_with('>') ? 1 : 0;
    if (start > 0 && text.size() > start && text[start] >= '0' && text[start] <= '9') {
      return static_cast<uint32_t>(text[start] - '0');
    }
  }
  return std::nullopt;
}

}  // namespace

bool is_exif(std::span<const uint8_t> segment) {
  return segment.size() >= kIntroduction.size() &&
         std::equal(kIntroduction.begin(), kIntroduction.end(), segment.begin());
}

int orientation_of(std::span<const uint8_t> exif, std::span<const uint8_t> xmp) {
  auto found = exif_orientation(exif);
  if (!found) found = xmp_orientation(xmp);
  return found && *found >= 1 && *found <= 8 ? static_cast<int>(*found) : 1;
}

Image upright(Image image, int orientation) {
  if (orientation == 1) return image;
  const bool is_turned = orientation >= 5;  // rows become columns
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  Image out{is_turned ? image.width : image.height, is_turned ? image.height : image.width, image.channels, {}};
  out.pixels.resize(image.pixels.size());
  uint8_t* to = out.pixels.data();
  for (int64_t row = 0; row < out.height; ++row) {
    for (int64_t column = 0; column < out.width; ++column, to += image.channels) {
      // In turned orientations the file's rows run along the picture's columns.
      const int64_t y = is_turned ? column : row;
      const int64_t x = is_turned ? row : column;
      const bool flip_y = is_turned ? from_right : from_bottom;
      const bool flip_x = is_turned ? from_bottom : from_right;
      const int64_t source = (flip_y ? image.height - 1 - y : y) * image.width + (flip_x ? image.width - 1 - x : x);
      std::copy_n(image.pixels.data() + source * image.channels, image.channels, to);
    }
  }
  return out;
}

}  // namespace smlt::codec
