#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "codec/array/array.hpp"
#include "codec/table/csv_classes.hpp"

namespace smlt::codec {

/// What the first row of a CSV file is. pandas writes names ("0,1,2" if a frame has none, so the content cannot tell);
/// the files of SageMaker's own algorithms and the bodies of its endpoints begin with numbers.
enum class CsvHeader { kNone, kFirstRow };

using SeeFirstRow = std::function<void(std::vector<std::string>)>;

/// Numbers as comma-separated text: RFC 4180 with LF or CRLF, fields quoted or not, blanks around them, a UTF-8 mark,
/// and empty lines only at the end. A line feed ends a row of data even within quotes. Each number is the float nearest
/// to its decimal text; True and False, in any case, are 1 and 0. The file is plain or gzip, and its rows are appended
/// to `table`; they must have its columns, if it has any. Beside the table a buffer of 1 MiB, or of the longest row, is
/// held: at most 64 MiB, a longer row is a UserError.
///
/// Throws UserError that names the file, row and column as a spreadsheet counts them (from 1, the header included) for
/// a field that is empty, not a number, nan, infinite or beyond the range of a float, for an empty line, and for a row
/// with another number of columns than the first; for text in UTF-16 or UTF-32; and, naming it, for another separator
/// than commas.
///
/// If there are `classes`, the first column is theirs: the table holds its numbers or, if they are names, the number
/// that each name has in `classes`. Throws UserError for a name among numbers or a number among names, a missing value,
/// a name that is too long or not printable UTF-8, and a name that `classes` does not accept; and, without a header,
/// for a file of one column. Throws PlatformError if the file cannot be read.
///
/// `see_first_row`, if there is one, is called with the contents of the fields of the first row before any row is read.
void read_csv(const std::filesystem::path& path, CsvHeader header, FloatTable& table, CsvClasses* classes = nullptr,
              const SeeFirstRow& see_first_row = {});

/// The tutorial's files X_*.csv and y_*.csv (plain or .gz) come from pandas and have a header; others have none.
CsvHeader csv_header_by_name(const std::filesystem::path& path);

}  // namespace smlt::codec
