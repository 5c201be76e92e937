#pragma once

/// Everything that a program written with ctgrad includes, but input and output of files and toy data.
#include <ctgrad/autodiff/grad.hpp>
#include <ctgrad/autodiff/jvp.hpp>
#include <ctgrad/autodiff/vjp.hpp>
#include <ctgrad/graph/print.hpp>
#include <ctgrad/nn/attention.hpp>
#include <ctgrad/nn/embedding.hpp>
#include <ctgrad/nn/encoder.hpp>
#include <ctgrad/nn/feed_forward.hpp>
#include <ctgrad/nn/layer_norm.hpp>
#include <ctgrad/nn/linear.hpp>
#include <ctgrad/ops/registry.hpp>
#include <ctgrad/runtime/parameters.hpp>
#include <ctgrad/runtime/program.hpp>
#include <ctgrad/train/adam.hpp>
#include <ctgrad/train/sgd.hpp>
