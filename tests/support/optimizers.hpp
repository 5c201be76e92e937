#pragma once

#include <ctgrad/ctgrad.hpp>

namespace ctgrad::test {

/// check(make) for functions that make optimisers of all kinds for parameters of a model with linear layers
/// `hidden` and `head`.
template <class Check>
void for_each_optimizer(const Check& check) {
  check([](const auto& parameters) { return Sgd{parameters, {.momentum = 0.9}}; });
  check([](const auto& parameters) { return Adam{parameters}; });
  check([](const auto& parameters) { return AdamW{parameters, {.weight_decay = 0.1}}; });
  check([](const auto& parameters) {
    AdamW adam{parameters, {.weight_decay = 0.1}};
    adam.set_groups(
        {{.parameters = "head", .rate_factor = 3}, {.parameters = "hidden.bias", .frozen = true}});
    return adam;
  });
}

}  // namespace ctgrad::test
