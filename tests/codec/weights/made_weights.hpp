// Weights files for tests and as seeds for the fuzzers.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "tests/codec/archive/made_zip.hpp"

namespace smlt::test {

// clang-format off
/// The data.pkl of OrderedDict(a=torch.tensor([[1., 2., 3.], [4., 5., 6.]]), t=torch.tensor([[7, 8]]).t()), as
/// torch.save of PyTorch 2.13 writes it.
inline const std::string kTorchPickled = std::string(
    "\200\002ccollections\nOrderedDict\nq\000)Rq\001(X\001\000\000\000aq\002ctorch._utils\n_rebuild_tensor_v2\n"
    "q\003((X\007\000\000\000storageq\004ctorch\nFloatStorage\nq\005X\001\000\000\0000q\006X\003\000\000\000cp"
    "uq\007K\006tq\010QK\000K\002K\003\206q\011K\003K\001\206q\n\211h\000)Rq\013tq\014Rq\015X\001\000\000\000t"
    "q\016h\003((h\004ctorch\nLongStorage\nq\017X\001\000\000\0001q\020h\007K\002tq\021QK\000K\002K\001\206q\022"
    "K\001K\002\206q\023\211h\000)Rq\024tq\025Rq\026u.", 250);

/// The same as torch.save wrote it before PyTorch 1.6.
inline const std::string kOldTorchFile = std::string(
    "\200\002\212\nl\374\234F\371 j\250P\031.\200\002M\351\003.\200\002}q\000(X\020\000\000\000protocol_versio"
    "nq\001M\351\003X\015\000\000\000little_endianq\002\210X\n\000\000\000type_sizesq\003}q\004(X\005\000\000\000"
    "shortq\005K\002X\003\000\000\000intq\006K\004X\004\000\000\000longq\007K\004uu.\200\002ccollections\nOrde"
    "redDict\nq\000)Rq\001(X\001\000\000\000aq\002ctorch._utils\n_rebuild_tensor_v2\nq\003((X\007\000\000\000s"
    "torageq\004ctorch\nFloatStorage\nq\005X\016\000\000\00094254689427792q\006X\003\000\000\000cpuq\007K\006N"
    "tq\010QK\000K\002K\003\206q\011K\003K\001\206q\n\211h\000)Rq\013tq\014Rq\015X\001\000\000\000tq\016h\003("
    "(h\004ctorch\nLongStorage\nq\017X\016\000\000\00094254689434080q\020h\007K\002Ntq\021QK\000K\002K\001\206"
    "q\022K\001K\002\206q\023\211h\000)Rq\024tq\025Rq\026u.\200\002]q\000(X\016\000\000\00094254689427792q\001"
    "X\016\000\000\00094254689434080q\002e.\006\000\000\000\000\000\000\000\000\000\200?\000\000\000@\000\000@"
    "@\000\000\200@\000\000\240@\000\000\300@\002\000\000\000\000\000\000\000\007\000\000\000\000\000\000\000\010"
    "\000\000\000\000\000\000\000", 521);

/// The data.pkl of {"epoch": 1, "lr": 0.5, "args": argparse.Namespace(x=1), "model": the same, "opt": an optimizer's}.
inline const std::string kTorchCheckpointPickled = std::string(
    "\200\002}q\000(X\005\000\000\000epochq\001K\001X\002\000\000\000lrq\002G?\340\000\000\000\000\000\000X\004"
    "\000\000\000argsq\003cargparse\nNamespace\nq\004)\201q\005}q\006X\001\000\000\000xq\007K\001sbX\005\000\000"
    "\000modelq\010ccollections\nOrderedDict\nq\011)Rq\n(X\001\000\000\000aq\013ctorch._utils\n_rebuild_tensor"
    "_v2\nq\014((X\007\000\000\000storageq\015ctorch\nFloatStorage\nq\016X\001\000\000\0000q\017X\003\000\000\000"
    "cpuq\020K\006tq\021QK\000K\002K\003\206q\022K\003K\001\206q\023\211h\011)Rq\024tq\025Rq\026X\001\000\000\000"
    "tq\027h\014((h\015ctorch\nLongStorage\nq\030X\001\000\000\0001q\031h\020K\002tq\032QK\000K\002K\001\206q\033"
    "K\001K\002\206q\034\211h\011)Rq\035tq\036Rq\037uX\003\000\000\000optq }q!(X\005\000\000\000stateq\"}q#X\014"
    "\000\000\000param_groupsq$]q%}q&(h\002G?\271\231\231\231\231\231\232X\010\000\000\000momentumq'G?\354\314"
    "\314\314\314\314\315X\011\000\000\000dampeningq(K\000X\014\000\000\000weight_decayq)K\000X\010\000\000\000"
    "nesterovq*\211X\010\000\000\000maximizeq+\211X\007\000\000\000foreachq,NX\016\000\000\000differentiableq-"
    "\211X\005\000\000\000fusedq.NX\006\000\000\000paramsq/]q0K\000auauu.", 584);
// clang-format on

/// What torch.save makes of that pickle and the two storages of kTorchPickled.
inline std::string made_torch_file(const std::string& pickled) {
  const std::string old = kOldTorchFile;
  const size_t longs = old.size() - 16, floats = longs - 8 - 24;
  return made_zip({{"archive/data.pkl", pickled},
                   {"archive/byteorder", "little"},
                   {"archive/data/0", old.substr(floats, 24)},
                   {"archive/data/1", old.substr(longs)}});
}

/// A safetensors file with this header.
inline std::string made_safetensors(const std::string& header, const std::string& values) {
  return to_little_endian(header.size(), 8) + header + values;
}

}  // namespace smlt::test
