#pragma once

/// Checks of derivatives: `check_gradients`, against finite differences and between the modes, to order 2.
#include <ctgrad/check/check_gradients.hpp>
#include <ctgrad/check/derivative_programs.hpp>
#include <ctgrad/check/differences.hpp>
#include <ctgrad/check/gradient_options.hpp>
#include <ctgrad/ctgrad.hpp>
