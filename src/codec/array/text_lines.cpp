#include "codec/array/text_lines.hpp"

#include <algorithm>

#include "base/byte_order_mark.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

namespace smlt::codec {
namespace {

constexpr size_t kMostRecords = 1000000;

}  // namespace

std::vector<TextLine> text_lines(std::string_view body, std::string_view name, int64_t first_line) {
  if (first_line <= 1) body = without_byte_order_mark(body, name);
  std::vector<TextLine> records;
  for (int64_t line = first_line; !body.empty(); ++line) {
    const size_t length = std::min(body.find('\n'), body.size());
    const std::string_view text = trimmed(body.substr(0, length));
    body.remove_prefix(std::min(length + 1, body.size()));
    if (text.empty()) continue;
    if (records.size() == kMostRecords) {
      throw UserError("Expected at most {} records in {}, found more; send them in several requests.", kMostRecords,
                      in_quotes(name, 200));
    }
    records.push_back({line, text});
  }
  return records;
}

}  // namespace smlt::codec
