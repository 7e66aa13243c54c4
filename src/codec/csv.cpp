#include "codec/csv.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/folder.hpp"
#include "base/text.hpp"
#include "codec/byte_source.hpp"
#include "codec/csv_rows.hpp"

namespace smlt::codec {
namespace fs = std::filesystem;
namespace {

constexpr size_t kPiece = size_t{1} << 20;        // bytes read at once
constexpr size_t kLongestRow = size_t{64} << 20;  // bytes
constexpr size_t kPeeked = size_t{64} << 10;      // bytes

std::string_view as_text(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Room for all rows, should they be as long as the first ones: a table that grows bit by bit is there twice at times.
void reserve(FloatTable& table, size_t values_before, uint64_t bytes, uint64_t bytes_in_all) {
  const double share = static_cast<double>(bytes) / static_cast<double>(std::max(bytes, bytes_in_all));
  const auto values = static_cast<double>(table.values.size() - values_before);
  table.values.reserve(values_before + static_cast<size_t>(1.01 * values / share));
}

[[noreturn]] void refuse_long_row(const fs::path& path) {
  throw UserError("Expected rows of at most {} MiB in {}, found a longer one; it may be no CSV file.",
                  kLongestRow >> 20, in_quotes(path.native(), 200));
}

bool is_number_or_empty(std::string_view field) { return trimmed(field).empty() || csv_number(field).has_value(); }

bool are_numbers(std::span<const std::string_view> fields) {
  const auto is_number = [](std::string_view field) { return csv_number(field).has_value(); };
  return std::all_of(fields.begin(), fields.end(), is_number_or_empty) &&
         std::any_of(fields.begin(), fields.end(), is_number);
}

// Of the front of a file: its last field may be cut off, unless the file `is_whole`.
std::optional<int64_t> columns_of_numbers(std::string_view text, bool is_whole) {
  if (text.starts_with(kCsvByteOrderMark)) text.remove_prefix(kCsvByteOrderMark.size());
  for (int i = 0; i < 2 && !text.empty(); ++i) {
    CsvRow row = first_csv_row(text);
    if (!is_whole && row.length == text.size()) row.fields.pop_back();
    if (are_numbers(row.fields)) return static_cast<int64_t>(row.fields.size());
    text.remove_prefix(std::min(row.length + 1, text.size()));
  }
  return std::nullopt;
}

}  // namespace

FloatTable parse_csv(std::span<const uint8_t> bytes, CsvHeader header, std::string_view name) {
  FloatTable table;
  CsvRowReader(header, name, table).take(as_text(bytes), true);
  return table;
}

void read_csv(const fs::path& path, CsvHeader header, FloatTable& table) {
  ByteSource source(path);
  CsvRowReader reader(header, path.native(), table);
  std::vector<uint8_t> buffer(kPiece);
  size_t held = 0;
  for (bool is_first = true, is_last = false; !is_last;) {
    held += source.read(std::span(buffer).subspan(held));
    is_last = held < buffer.size();
    const size_t values_before = table.values.size();
    const size_t used = reader.take(as_text(std::span(buffer).first(held)), is_last);
    if (is_first && used > 0 && !source.is_gzip()) reserve(table, values_before, used, source.most_bytes());
    is_first = is_first && used == 0;
    std::copy(buffer.data() + used, buffer.data() + held, buffer.data());
    held -= used;
    if (held < buffer.size()) continue;
    if (buffer.size() >= kLongestRow) refuse_long_row(path);
    buffer.resize(2 * buffer.size());
  }
}

CsvHeader csv_header_by_name(const fs::path& path) {
  const std::string name = folded(path.filename().native());
  return name.starts_with("x-") || name.starts_with("y-") ? CsvHeader::kFirstRow : CsvHeader::kNone;
}

std::vector<std::string> csv_names(const fs::path& path) {
  ByteSource source(path);
  std::vector<uint8_t> front(kPeeked);
  for (size_t size = 0; true; front.resize(2 * front.size())) {
    size += source.read(std::span(front).subspan(size));
    std::string_view text = as_text(std::span(front).first(size));
    if (text.starts_with(kCsvByteOrderMark)) text.remove_prefix(kCsvByteOrderMark.size());
    const CsvRow row = first_csv_row(text);
    if (row.length == text.size() && size == front.size()) {  // the row may go on
      if (size >= kLongestRow) refuse_long_row(path);
      continue;
    }
    std::vector<std::string> names;
    for (const std::string_view field : row.fields) names.emplace_back(csv_content(field));
    return names;
  }
}

std::optional<int64_t> peek_csv(const fs::path& path) {
  if (!is_file(path)) return std::nullopt;
  try {
    ByteSource source(path);
    std::vector<uint8_t> front(kPeeked);
    const size_t size = source.read(front);
    return columns_of_numbers(as_text(std::span(front).first(size)), size < front.size());
  } catch (const UserError&) {
    return std::nullopt;
  }
}

}  // namespace smlt::codec
