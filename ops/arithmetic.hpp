#pragma once

#include <ctgrad/ops/add.hpp>
#include <ctgrad/ops/div.hpp>
#include <ctgrad/ops/mul.hpp>
#include <ctgrad/ops/mul_no_nan.hpp>
#include <ctgrad/ops/sub.hpp>
