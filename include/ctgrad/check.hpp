#pragma once

/// Checks of derivatives: `check_gradients`, against finite differences and between the modes, to order 2.
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/runtime/check_gradients.hpp>
