#pragma once

/// What a model and its program are made of: `table`, `dot` and `explain` (which ctgrad.hpp brings too),
/// `summary`, a table of layers, parameters and operations, `residuals`, what a derivative's program keeps of
/// the forward pass, and `profile`, where the time of a run goes.
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/inspect/call_costs.hpp>
#include <ctgrad/inspect/columns.hpp>
#include <ctgrad/inspect/cost.hpp>
#include <ctgrad/inspect/explain.hpp>
#include <ctgrad/inspect/explanation.hpp>
#include <ctgrad/inspect/operation_costs.hpp>
#include <ctgrad/inspect/peak.hpp>
#include <ctgrad/inspect/print.hpp>
#include <ctgrad/inspect/profile.hpp>
#include <ctgrad/inspect/profile_table.hpp>
#include <ctgrad/inspect/residuals.hpp>
#include <ctgrad/inspect/stopwatch.hpp>
#include <ctgrad/inspect/summary.hpp>
#include <ctgrad/inspect/summary_table.hpp>
#include <ctgrad/inspect/timed_runs.hpp>
#include <ctgrad/inspect/timeline.hpp>
