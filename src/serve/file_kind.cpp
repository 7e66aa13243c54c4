#include "serve/file_kind.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "base/mapped_file.hpp"
#include "codec/archive/zip.hpp"

namespace smlt::serve {
namespace {

constexpr std::string_view kZip = "PK\x03\x04";
constexpr std::string_view kPickle = "\x80\x02";  // torch.save before PyTorch 1.6

// Whether a path inside an archive begins with `start`, below the archive's own folder or without one.
bool lies_under(std::string_view path, std::string_view start) {
  return path.starts_with(start) || path.substr(std::min(path.find('/'), path.size() - 1) + 1).starts_with(start);
}

FileKind kind_of_archive(const std::vector<codec::ZipMember>& members) {
  const auto has = [&](std::string_view start) {
    return std::any_of(members.begin(), members.end(), [&](const codec::ZipMember& member) {
      return !member.name.empty() && lies_under(member.name, start);
    });
  };
  if (has("data/aotinductor/")) return FileKind::kCompiled;
  if (has("code/") || has("constants.pkl")) return FileKind::kScript;
  if (has("models/") || has("serialized_exported_program.json")) return FileKind::kExported;
  return has("data.pkl") ? FileKind::kWeights : FileKind::kOther;
}

}  // namespace

FileKind kind_of(const std::filesystem::path& file) {
  const std::string start = read_start(file, kZip.size());
  if (start.starts_with(kPickle)) return FileKind::kWeights;
  if (start != kZip) return FileKind::kOther;
  const MappedFile archive(file);
  try {
    return kind_of_archive(codec::zip_members(archive.bytes()));
  } catch (const std::invalid_argument&) {  // damaged: what loads it says so
    return FileKind::kOther;
  }
}

}  // namespace smlt::serve
