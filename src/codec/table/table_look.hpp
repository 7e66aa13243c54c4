#pragma once

#include <string_view>

namespace smlt::codec {

/// How much a file looks like a table of numbers.
enum class TableLook {
  kNone,     // not delimited text, or with hardly a number in it
  kSimilar,  // a table to judge by its form, but one whose reading may end in an error: with missing values, text or
             // another separator, or with names in front that might be those of files
  kTable     // two columns or more, and only numbers (or nothing) in its first or second row; or classes' names in
             // front that occur more than once
};

/// Judging by the front of a file, or by the whole of it.
TableLook table_look(std::string_view front, bool is_whole);

}  // namespace smlt::codec
