#include "codec/image/image_format.hpp"

namespace smlt::codec {
namespace {

using namespace std::string_view_literals;

struct Format {
  std::string_view name;
  size_t at;
  std::string_view bytes;
};

// The signatures that the file formats' own documents give; for ISO's container the brand decides.
constexpr Format kFormats[] = {
    {"GIF", 0, "GIF87a"},
    {"GIF", 0, "GIF89a"},
    {"WebP", 8, "WEBP"},
    {"AVIF", 4, "ftypavif"},
    {"AVIF", 4, "ftypavis"},
    {"HEIC", 4, "ftyphe"},
    {"HEIC", 4, "ftypmif1"},
    {"HEIC", 4, "ftypmsf1"},
    {"TIFF", 0, "II*\0"sv},
    {"TIFF", 0, "MM\0*"sv},
    {"TIFF", 0, "II+\0"sv},
    {"TIFF", 0, "MM\0+"sv},
    {"JPEG 2000", 0, "\0\0\0\x0CjP  "sv},
    {"JPEG 2000", 0, "\xFF\x4F\xFF\x51"},
    {"JPEG XL", 0, "\0\0\0\x0CJXL "sv},
    {"JPEG XL", 0, "\xFF\x0A"},
    {"Photoshop", 0, "8BPS"},
};

// Two letters alone say little, so the file size and the reserved bytes after it are checked too.
bool is_bmp(std::string_view start) {
  return start.starts_with("BM") && start.size() >= 10 && start.substr(6, 4) == "\0\0\0\0"sv;
}

// "P6" and white space.
bool is_pnm(std::string_view start) {
  return start.size() >= 3 && start[0] == 'P' && start[1] >= '1' && start[1] <= '7' &&
         " \t\r\n"sv.find(start[2]) != std::string_view::npos;
}

}  // namespace

std::string_view undecoded_format(std::span<const uint8_t> bytes) {
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const Format& format : kFormats) {
    if (start.size() >= format.at && start.substr(format.at).starts_with(format.bytes)) return format.name;
  }
  return is_bmp(start) ? "BMP" : is_pnm(start) ? "PNM" : "";
}

}  // namespace smlt::codec
