#include "codec/table/csv.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "codec/archive/byte_source.hpp"
#include "codec/table/csv_rows.hpp"
#include "codec/table/csv_values.hpp"

namespace smlt::codec {
namespace fs = std::filesystem;
namespace {

constexpr size_t kPiece = size_t{1} << 20;        // bytes read at once
constexpr size_t kLongestRow = size_t{64} << 20;  // bytes

std::string_view as_text(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Room for all rows of the file: a table that grows bit by bit exists twice at times. Consecutive files get more room
// than they ask for; otherwise each of them would copy the table.
void reserve(FloatTable& table, const ByteSource& source) {
  const size_t held = table.values.size();
  if (held < table.values.capacity()) return;  // planned for all files together
  const size_t wanted = held + csv_values(source);
  table.values.reserve(held == 0 ? wanted : std::max(wanted, held + held / 2));
}

[[noreturn]] void refuse_long_row(const fs::path& path) {
  throw UserError("Expected rows of at most {} MiB in {}, found a longer one; it may not be a CSV file.",
                  kLongestRow >> 20, in_quotes(path.native(), 200));
}

}  // namespace

void read_csv(const fs::path& path, CsvHeader header, FloatTable& table, CsvClasses* classes,
              const SeeFirstRow& see_first_row) {
  ByteSource source(path);
  reserve(table, source);
  CsvRowReader reader(header, path.native(), table, classes, see_first_row);
  std::vector<uint8_t> buffer(kPiece);
  size_t held = 0;
  for (bool is_last = false; !is_last;) {
    held += source.read(std::span(buffer).subspan(held));
    is_last = held < buffer.size();
    const size_t used = reader.take(as_text(std::span(buffer).first(held)), is_last);
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

}  // namespace smlt::codec
