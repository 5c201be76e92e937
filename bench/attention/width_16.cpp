#include "ways.hpp"

std::span<const bench::AttentionCase> bench::attentions_of_width_16() { return attention_cases<16>(); }
