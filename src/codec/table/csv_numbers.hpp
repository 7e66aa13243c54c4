#pragma once

#include <string>
#include <string_view>

#include "codec/array/number_array.hpp"

namespace smlt::codec {

/// Lines of comma-separated numbers as float32. If AWS's default handlers (numpy.genfromtxt(dtype=None, delimiter=","),
/// torch.FloatTensor) turn the text into a tensor, it is this one: a single line or a single column has one dimension,
/// other text two; nan, inf and true are numbers; blank lines and comments from '#' on are skipped. Unlike theirs, it
/// accepts columns of integers beside columns of floats, and cells in quotes. An empty cell is nan (theirs: nan in a
/// column of floats, -1 in one of integers, 0 if the whole column is empty).
///
/// Throws UserError naming `name`, row and column for a cell that is not a number, such as one of a header, and for a
/// row with another number of columns than the first.
NumberArray read_csv_numbers(std::string_view body, std::string_view name);

/// The same as rows, with two dimensions even if there is a single row or column, of a body whose first line has the
/// number `first_line`.
NumberArray read_csv_rows(std::string_view body, std::string_view name, int64_t first_line = 1);

/// What text after '#' does not belong to: the line without its comment.
std::string_view without_comment(std::string_view line);

/// As np.savetxt(array.tolist(), fmt="%s", delimiter=",") writes it: one line per row, or one value per line if there
/// is one dimension or none. Throws UserError for three or more dimensions and for complex numbers.
std::string write_csv_numbers(const NumberArray& array);

}  // namespace smlt::codec
