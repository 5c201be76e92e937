#pragma once

#include <ctgrad/autodiff/attention_rules.hpp>
#include <ctgrad/autodiff/linear_cross_entropy_rules.hpp>

/// The derivatives of all fused operations.
