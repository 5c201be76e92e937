#include "ways.hpp"

std::span<const bench::AttentionCase> bench::attentions_of_width_64() { return attention_cases<64>(); }
