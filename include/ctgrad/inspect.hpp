#pragma once

/// What a model and its program are made of: `summary`, a table of layers, parameters and operations, and
/// `residuals`, what a derivative's program keeps of the forward pass. `table`, `dot` and `explain` come with
/// ctgrad.hpp.
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/runtime/residuals.hpp>
#include <ctgrad/runtime/summary.hpp>
#include <ctgrad/runtime/summary_table.hpp>
