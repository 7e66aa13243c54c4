// Any bytes as CSV, with and without a header. Whatever can be read is rectangular, and reads the same in two pieces
// and row by row, which bypasses the code for many plain rows. The same holds with classes in front.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "codec/table/csv_rows.hpp"

namespace {

using namespace smlt::codec;

void read(std::string_view text, CsvHeader header) {
  try {
    FloatTable whole;
    CsvRowReader(header, "fuzz.csv", whole).take(text, true);
    if (static_cast<size_t>(whole.rows * whole.columns) != whole.values.size()) std::abort();
    FloatTable pieces;
    CsvRowReader reader(header, "fuzz.csv", pieces);
    const size_t used = reader.take(text.substr(0, text.size() / 2), false);
    reader.take(text.substr(used), true);
    if (pieces.rows != whole.rows || pieces.values != whole.values) std::abort();
    FloatTable rows;
    CsvRowReader row_reader(header, "fuzz.csv", rows);
    for (size_t at = 0, end = 0; at < text.size(); end = std::min(end + 40, text.size())) {
      at += row_reader.take(text.substr(at, end - at), end == text.size());
    }
    if (rows.rows != whole.rows || rows.values != whole.values) std::abort();
  } catch (const smlt::UserError&) {
  }
}

void read_classes(std::string_view text, CsvHeader header) {
  try {
    CsvClasses classes, in_pieces;
    FloatTable whole, pieces;
    CsvRowReader(header, "fuzz.csv", whole, &classes).take(text, true);
    CsvRowReader reader(header, "fuzz.csv", pieces, &in_pieces);
    const size_t used = reader.take(text.substr(0, text.size() / 2), false);
    reader.take(text.substr(used), true);
    if (pieces.values != whole.values || classes.names() != in_pieces.names()) std::abort();
    if (classes.close().size() != classes.names().size()) std::abort();
    for (const std::string& name : classes.names()) {
      if (classes.names()[static_cast<size_t>(classes.number_of(name).value())] != name) std::abort();
    }
  } catch (const smlt::UserError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const CsvHeader header : {CsvHeader::kNone, CsvHeader::kFirstRow})
    read(text, header), read_classes(text, header);
  return 0;
}
