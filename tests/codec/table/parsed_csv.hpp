#pragma once

#include <string_view>

#include "codec/table/csv.hpp"

namespace smlt::test {

/// The table in `text`, which errors call 'a.csv'.
inline codec::FloatTable parsed_csv(std::string_view text, codec::CsvHeader header = codec::CsvHeader::kNone) {
  return codec::parse_csv({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, header, "a.csv");
}

}  // namespace smlt::test
