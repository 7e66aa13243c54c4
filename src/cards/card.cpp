#include "cards/card.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "cards/registry.hpp"

namespace smlt::cards {

const std::vector<Card>& cards() {
  static const std::vector<Card> kAll = {
#define SMLT_MODEL(folder) models::folder##_card(),
#include "models/registry.inc"
#undef SMLT_MODEL
  };
  return kAll;
}

const Card& card_named(const std::string& name) {
  std::vector<std::string> known;
  for (const Card& card : cards()) {
    if (folded(name) == folded(card.name)) return card;
    known.push_back(card.name);
    for (const std::string& alias : card.aliases) {
      if (folded(name) == folded(alias)) return card;
    }
  }
  throw UserError("Expected the name of a model ({}), found {}; a job's default, auto, decides by its data.",
                  listed(known, "or"), in_quotes(name));
}

}  // namespace smlt::cards
