#pragma once

#include <ctgrad/buckets/arguments.hpp>
#include <ctgrad/buckets/bucket.hpp>

#include <span>
#include <string>

namespace ctgrad::buckets {

/// What a caller calls the elements of a run's inputs: those of the sequences that it was given.
class RunNames final : public Names {
 public:
  explicit RunNames(std::span<const Input> inputs) : inputs_(inputs) {}

  /// Says which sequences the run has; rows behind them repeat the first one. They must outlive the run.
  void begin(std::span<const std::size_t> sequences) { sequences_ = sequences; }

  std::string element(std::int32_t number, const Shape& position) const override {
    const Input& input = inputs_[static_cast<std::size_t>(number)];
    if (input.form != Form::tokens && input.form != Form::each) return "";
    const auto row = static_cast<std::size_t>(position[0]);
    const std::size_t sequence = sequences_[row < sequences_.size() ? row : 0];
    const std::string argument = "argument " + std::to_string(input.argument + 1);
    if (input.form == Form::each) {
      Shape given = position;
      given[0] = static_cast<Size>(sequence);
      return argument + to_string(given);
    }
    const std::string of_sequence = argument + "[" + std::to_string(sequence) + "]";
    return input.part == 0 ? of_sequence + "[" + to_string(position[1]) + "]"
                           : "the length of " + of_sequence;
  }

 private:
  std::span<const Input> inputs_;
  std::span<const std::size_t> sequences_;
};

}  // namespace ctgrad::buckets
