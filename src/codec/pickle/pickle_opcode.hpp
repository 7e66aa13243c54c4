#pragma once

#include <cstdint>

namespace smlt::codec {

/// The opcodes of a pickle that are known here, named as in Python's Lib/pickletools.py, which explains each of them.
enum class PickleOpcode : uint8_t {
  // The pickle itself.
  kProto = 0x80,
  kFrame = 0x95,
  kStop = '.',

  // Constants and numbers.
  kNone = 'N',
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kInt = 'I',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kLong = 'L',
  kLong1 = 0x8A,
  kLong4 = 0x8B,
  kFloat = 'F',
  kBinFloat = 'G',

  // Texts, and bytes, which Python 2 calls strings.
  kString = 'S',
  kBinString = 'T',
  kShortBinString = 'U',
  kBinBytes = 'B',
  kShortBinBytes = 'C',
  kBinBytes8 = 0x8E,
  kByteArray8 = 0x96,
  kUnicode = 'V',
  kBinUnicode = 'X',
  kShortBinUnicode = 0x8C,
  kBinUnicode8 = 0x8D,
  kNextBuffer = 0x97,
  kReadonlyBuffer = 0x98,

  // Lists, tuples and dictionaries.
  kMark = '(',
  kEmptyList = ']',
  kList = 'l',
  kAppend = 'a',
  kAppends = 'e',
  kEmptyTuple = ')',
  kTuple = 't',
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kEmptyDict = '}',
  kDict = 'd',
  kSetItem = 's',
  kSetItems = 'u',

  // The memo, from which a value is fetched that occurs again.
  kPut = 'p',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kMemoize = 0x94,
  kGet = 'g',
  kBinGet = 'h',
  kLongBinGet = 'j',

  // Functions, classes and what they make.
  kGlobal = 'c',
  kStackGlobal = 0x93,
  kReduce = 'R',
  kNewObj = 0x81,
  kBuild = 'b',
  kBinPersId = 'Q',
};

}  // namespace smlt::codec
