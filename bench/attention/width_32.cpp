#include "ways.hpp"

std::span<const bench::AttentionCase> bench::attentions_of_width_32() { return attention_cases<32>(); }
