#pragma once

#include <string_view>

#include "codec/table/csv_rows.hpp"

namespace smlt::test {

/// The table in `text`, which errors call 'a.csv'.
inline codec::FloatTable parsed_csv(std::string_view text, codec::CsvHeader header = codec::CsvHeader::kNone) {
  codec::FloatTable table;
  codec::CsvRowReader(header, "a.csv", table).take(text, true);
  return table;
}

}  // namespace smlt::test
