#pragma once

/// Training: optimizers, schedules, clipping and sums of gradients, which ctgrad.hpp has too; the loop with
/// its progress line and stop on signals, checkpoints, metrics and toy tasks.
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/train/adam.hpp>
#include <ctgrad/train/adamw.hpp>
#include <ctgrad/train/checkpoint.hpp>
#include <ctgrad/train/clip.hpp>
#include <ctgrad/train/equal_steps.hpp>
#include <ctgrad/train/flat.hpp>
#include <ctgrad/train/gradient_sum.hpp>
#include <ctgrad/train/groups.hpp>
#include <ctgrad/train/loop.hpp>
#include <ctgrad/train/metrics.hpp>
#include <ctgrad/train/moving_norm.hpp>
#include <ctgrad/train/non_finite.hpp>
#include <ctgrad/train/optimizer.hpp>
#include <ctgrad/train/progress.hpp>
#include <ctgrad/train/ranks.hpp>
#include <ctgrad/train/require.hpp>
#include <ctgrad/train/run_view.hpp>
#include <ctgrad/train/schedule.hpp>
#include <ctgrad/train/sgd.hpp>
#include <ctgrad/train/stop_signal.hpp>
#include <ctgrad/train/toy.hpp>
#include <ctgrad/train/update_slices.hpp>
