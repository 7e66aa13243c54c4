#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smlt {

/// Whether `text` is valid UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

/// `text` with every byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string as_utf8(std::string_view text);

/// Like `as_utf8`, with every TAB, CR, line feed and other control character replaced by a blank: one invalid byte on
/// stdout ends a local-mode job in both SageMaker SDKs, and the log pipeline rewrites TAB before the metric regexes see
/// it (platform 9, 13.4).
std::string printable(std::string_view text);

/// `text` in single quotes, made printable and cut at `limit` bytes: a value as an error sentence shows it.
std::string in_quotes(std::string_view text, size_t limit = 80);

/// `text` made printable and cut at `limit` bytes; three dots show the cut.
std::string shortened(std::string_view text, size_t limit);

/// Without white space at both ends.
std::string_view trimmed(std::string_view text);

/// ASCII letters in lower case, whatever the locale; all other bytes stay.
std::string lower_case(std::string_view text);

/// ASCII letters in lower case, '_' as '-': `BATCH_SIZE`, `batch_size` and `batch-size` are one name.
std::string folded(std::string_view name);

/// "a", "a and b", "a, b and c".
std::string listed(std::span<const std::string> words, std::string_view last = "and");

/// The first `most` items, and how many more there are: "a, b and 3 more".
std::string listed_few(std::span<const std::string> words, size_t most);

/// The same with each item in quotes: "'a', 'b' and 3 more".
std::string quoted_few(std::span<const std::string> words, size_t most);

/// "1 epoch", "3 epochs".
std::string counted(int64_t count, std::string_view noun);

/// Appends a finite number as Python's repr() has it: the fewest digits that read back equal, always with a point or an
/// exponent ("0.1", "2.0", "1e-05").
void append_real(std::string& text, double value);

/// The candidate with the smallest edit distance to `word`, or "" when none is near (more than a third differs).
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace smlt
