#pragma once

/// Programs for sequences whose lengths and numbers vary: `BucketedProgram`, its `summary`, and `Bucket`, a
/// part of one that may be compiled by itself.
#include <ctgrad/ctgrad.hpp>

#include <ctgrad/buckets/arguments.hpp>
#include <ctgrad/buckets/bucket.hpp>
#include <ctgrad/buckets/bucket_table.hpp>
#include <ctgrad/buckets/bucketed_program.hpp>
#include <ctgrad/buckets/given_sequences.hpp>
#include <ctgrad/buckets/join_runs.hpp>
#include <ctgrad/buckets/lane.hpp>
#include <ctgrad/buckets/lengths.hpp>
#include <ctgrad/buckets/padded_inputs.hpp>
#include <ctgrad/buckets/partition.hpp>
#include <ctgrad/buckets/results.hpp>
#include <ctgrad/buckets/run_names.hpp>
#include <ctgrad/buckets/summary.hpp>
