#pragma once

#include "command_line.hpp"
#include "file_options.hpp"

#include <string>

/// Options that say where a model that is trained in one go, and the report on it, lie; an empty path is
/// none.
struct ModelFileOptions {
  std::string save{}, load{}, report{};

  /// A model that is loaded takes no steps: --steps and --learning-rate are refused beside --load.
  void add_to(CommandLine& line);

  /// Forgets what is to be written, where another rank does that.
  void write_nothing() { save.clear(), report.clear(); }

  /// Throws as require_different does if one of them is to replace another, or one of those that the program
  /// only reads, and as require_writable does. A model may be saved where it was loaded from.
  void check(std::initializer_list<FileOption> read = {}) const;

  /// What a training says that a signal has stopped behind a step, when everything is written.
  std::string stopped(const char* signal, std::size_t step, std::size_t steps) const;
};
