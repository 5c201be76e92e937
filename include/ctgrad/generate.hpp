#pragma once

/// Sequences of a trained model: decoders, greedy choice, beam search and sampling.
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/generate/beam.hpp>
#include <ctgrad/generate/beam_state.hpp>
#include <ctgrad/generate/cache.hpp>
#include <ctgrad/generate/decoder_only.hpp>
#include <ctgrad/generate/encoder_decoder.hpp>
#include <ctgrad/generate/greedy.hpp>
#include <ctgrad/generate/reorder.hpp>
#include <ctgrad/generate/sample.hpp>
#include <ctgrad/generate/sequences.hpp>
#include <ctgrad/generate/stepwise.hpp>
