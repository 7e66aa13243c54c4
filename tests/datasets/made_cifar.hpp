// Pickles, archives and CIFAR files for tests and as seeds for the fuzzers.
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace smlt::test {

// clang-format off
/// {'batch_label': 'b', 'labels': [6, 9], 'data': numpy.array([[0, 10, 255], [39, 92, 200]], 'u1')}, as Python writes it:
/// pickle.dumps(..., protocol) of Python 3.11 with numpy 2.4 for the protocols 0 to 5, then as Python 2 with numpy 1
/// writes protocols 0 and 2.
inline const std::vector<std::string> kPickles = {
    std::string("(dp0\nVbatch_label\np1\nVb\np2\nsVlabels\np3\n(lp4\nI6\naI9\nasVdata\np5\ncnumpy._core.multiarray\n_reco"
                "nstruct\np6\n(cnumpy\nndarray\np7\n(I0\ntp8\nc_codecs\nencode\np9\n(Vb\np10\nVlatin1\np11\ntp12\nRp13\nt"
                "p14\nRp15\n(I1\n(I2\nI3\ntp16\ncnumpy\ndtype\np17\n(Vu1\np18\nI00\nI01\ntp19\nRp20\n(I3\nV|\np21\nNNNI-1"
                "\nI-1\nI0\ntp22\nbI00\ng9\n(V\\u0000\\u000a\377'\\u005c\310\np23\ng11\ntp24\nRp25\ntp26\nbs.", 336),
    std::string("}q\000(X\013\000\000\000batch_labelq\001X\001\000\000\000bq\002X\006\000\000\000labelsq\003]q\004(K\006K"
                "\011eX\004\000\000\000dataq\005cnumpy._core.multiarray\n_reconstruct\nq\006(cnumpy\nndarray\nq\007(K\000"
                "tq\010c_codecs\nencode\nq\011(X\001\000\000\000bq\nX\006\000\000\000latin1q\013tq\014Rq\015tq\016Rq\017("
                "K\001(K\002K\003tq\020cnumpy\ndtype\nq\021(X\002\000\000\000u1q\022I00\nI01\ntq\023Rq\024(K\003X\001\000"
                "\000\000|q\025NNNJ\377\377\377\377J\377\377\377\377K\000tq\026bI00\nh\011(X\010\000\000\000\000\n\303"
                "\277'\\\303\210q\027h\013tq\030Rq\031tq\032bu.", 294),
    std::string("\200\002}q\000(X\013\000\000\000batch_labelq\001X\001\000\000\000bq\002X\006\000\000\000labelsq\003]q"
                "\004(K\006K\011eX\004\000\000\000dataq\005cnumpy._core.multiarray\n_reconstruct\nq\006cnumpy\nndarray\nq"
                "\007K\000\205q\010c_codecs\nencode\nq\011X\001\000\000\000bq\nX\006\000\000\000latin1q\013\206q\014Rq"
                "\015\207q\016Rq\017(K\001K\002K\003\206q\020cnumpy\ndtype\nq\021X\002\000\000\000u1q\022\211\210\207q"
                "\023Rq\024(K\003X\001\000\000\000|q\025NNNJ\377\377\377\377J\377\377\377\377K\000tq\026b\211h\011X\010"
                "\000\000\000\000\n\303\277'\\\303\210q\027h\013\206q\030Rq\031tq\032bu.", 281),
    std::string("\200\003}q\000(X\013\000\000\000batch_labelq\001X\001\000\000\000bq\002X\006\000\000\000labelsq\003]q"
                "\004(K\006K\011eX\004\000\000\000dataq\005cnumpy._core.multiarray\n_reconstruct\nq\006cnumpy\nndarray\nq"
                "\007K\000\205q\010C\001bq\011\207q\nRq\013(K\001K\002K\003\206q\014cnumpy\ndtype\nq\015X\002\000\000\000"
                "u1q\016\211\210\207q\017Rq\020(K\003X\001\000\000\000|q\021NNNJ\377\377\377\377J\377\377\377\377K\000tq"
                "\022b\211C\006\000\n\377'\\\310q\023tq\024bu.", 226),
    std::string("\200\004\225\277\000\000\000\000\000\000\000}\224(\214\013batch_label\224\214\001b\224\214\006labels\224"
                "]\224(K\006K\011e\214\004data\224\214\026numpy._core.multiarray\224\214\014_reconstruct\224\223\224\214"
                "\005numpy\224\214\007ndarray\224\223\224K\000\205\224C\001b\224\207\224R\224(K\001K\002K\003\206\224h"
                "\011\214\005dtype\224\223\224\214\002u1\224\211\210\207\224R\224(K\003\214\001|\224NNNJ\377\377\377\377J"
                "\377\377\377\377K\000t\224b\211C\006\000\n\377'\\\310\224t\224bu.", 202),
    std::string("\200\005\225\252\000\000\000\000\000\000\000}\224(\214\013batch_label\224\214\001b\224\214\006labels\224"
                "]\224(K\006K\011e\214\004data\224\214\023numpy._core.numeric\224\214\013_frombuffer\224\223\224(\226\006"
                "\000\000\000\000\000\000\000\000\n\377'\\\310\224\214\005numpy\224\214\005dtype\224\223\224\214\002u1"
                "\224\211\210\207\224R\224(K\003\214\001|\224NNNJ\377\377\377\377J\377\377\377\377K\000t\224bK\002K\003"
                "\206\224\214\001C\224t\224R\224u.", 181),
    std::string("(dp0\nS'batch_label'\np1\nS'b'\np2\nsS'labels'\np3\n(lp4\nI6\naI9\nasS'data'\np5\ncnumpy.core.multiarray"
                "\n_reconstruct\np6\n(cnumpy\nndarray\np7\n(I0\ntp8\nS'b'\np9\ntp10\nRp11\n(I1\n(I2\nI3\ntp12\ncnumpy\ndt"
                "ype\np13\n(S'u1'\np14\nI0\nI1\ntp15\nRp16\n(I3\nS'|'\np17\nNNNI-1\nI-1\nI0\ntp18\nbI00\nS\"\\x00\\n\\xff"
                "'\\\\\\xc8\"\np19\ntp20\nbs.", 284),
    std::string("\200\002}q\001(U\013batch_labelq\002U\001bq\003U\006labelsq\004]q\005(K\006K\011eU\004dataq\006cnumpy.co"
                "re.multiarray\n_reconstruct\nq\007cnumpy\nndarray\nq\010K\000\205U\001b\207Rq\011(K\001\212\001\002K\003"
                "\206cnumpy\ndtype\nq\nU\002u1K\000K\001\207Rq\013(K\003U\001|NNNJ\377\377\377\377J\377\377\377\377K\000t"
                "b\211U\006\000\n\377'\\\310tbu.", 190),
};

/// {b'data': the same array, b'labels': numpy.array([1, 2])} in protocol 4.
inline const std::string kPickleOfArrays =
    std::string("\200\004\225\367\000\000\000\000\000\000\000}\224(C\004data\224\214\026numpy._core.multiarray\224\214"
                "\014_reconstruct\224\223\224\214\005numpy\224\214\007ndarray\224\223\224K\000\205\224C\001b\224\207\224R"
                "\224(K\001K\002K\003\206\224h\005\214\005dtype\224\223\224\214\002u1\224\211\210\207\224R\224(K\003\214"
                "\001|\224NNNJ\377\377\377\377J\377\377\377\377K\000t\224b\211C\006\000\n\377'\\\310\224t\224bC\006labels"
                "\224h\004h\007K\000\205\224h\011\207\224R\224(K\001K\002\205\224h\016\214\002i8\224\211\210\207\224R\224"
                "(K\003\214\001<\224NNNJ\377\377\377\377J\377\377\377\377K\000t\224b\211C\020\001\000\000\000\000\000\000"
                "\000\002\000\000\000\000\000\000\000\224t\224bu.", 258);
// clang-format on

/// `rows` images of CIFAR whose bytes are all their number, and labels 0, 1, ... that wrap at `classes`.
struct MadeCifar {
  size_t rows = 20;
  size_t classes = 10;  // up to 10 it is CIFAR-10, else CIFAR-100
  size_t first = 0;     // number of the first image

  bool is_100() const { return classes > 10; }
  char label(size_t row) const { return static_cast<char>((first + row) % classes); }
  std::string image(size_t row) const { return std::string(3072, static_cast<char>(first + row)); }

  /// Pickled like the original files: protocol 2, Python 2.
  std::string pickle() const {
    std::string labels, data;
    for (size_t row = 0; row < rows; ++row) labels += std::string("K") + label(row), data += image(row);
    const std::string key = is_100() ? "U\x0b"
                                       "fine_labels"
                                     : "U\x06labels";
    return std::string("\x80\x02}q\1(") + key + "](" + labels +
           "eU\x04"
           "datacnumpy.core.multiarray\n_reconstruct\n" +
           "cnumpy\nndarray\nK" + std::string(1, '\0') + "\x85U\1b\x87R(K\1M" + to_little_endian(rows, 2) + "M" +
           to_little_endian(3072, 2) +
           "\x86"
           "cnumpy\ndtype\nU\2u1K" +
           std::string(1, '\0') + "K\1\x87R(K\3U\1|NNN" + "J\xff\xff\xff\xffJ\xff\xff\xff\xffK" + std::string(1, '\0') +
           "tb\x89T" + to_little_endian(data.size(), 4) + data + "tbu.";
  }

  std::string binary() const {
    std::string out;
    for (size_t row = 0; row < rows; ++row) {
      if (is_100()) out += '\7';  // the coarse label
      out += label(row) + image(row);
    }
    return out;
  }
};

/// batches.meta with these names.
inline std::string made_cifar_meta(const std::vector<std::string>& names, bool is_100 = false) {
  std::string out = std::string("\x80\x02}q\1") +
                    (is_100 ? "U\x10"
                              "fine_label_names"
                            : "U\x0b"
                              "label_names") +
                    "](";
  for (const std::string& name : names) out += "U" + to_little_endian(name.size(), 1) + name;
  return out + "es.";
}

/// A tar archive (ustar) of these files.
inline std::string made_tar(const std::vector<std::pair<std::string, std::string>>& files, char type = '0') {
  std::string out;
  for (const auto& [name, content] : files) {
    std::array<char, 512> header{};
    std::copy(name.begin(), name.begin() + std::min<std::ptrdiff_t>(std::ssize(name), 100), header.begin());
    std::snprintf(header.data() + 124, 12, "%011zo", content.size());
    std::copy_n("        ", 8, header.begin() + 148);
    header[156] = type;
    std::copy_n("ustar\00000", 8, header.begin() + 257);
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    std::snprintf(header.data() + 148, 8, "%06o", sum);
    out += std::string(header.data(), header.size()) + content + std::string((512 - content.size() % 512) % 512, '\0');
  }
  return out + std::string(1024, '\0');
}

}  // namespace smlt::test
