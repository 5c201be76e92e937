#pragma once

/// Programs as ONNX files, for other runtimes: `onnx::save`.
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/onnx/builder.hpp>
#include <ctgrad/onnx/message.hpp>
#include <ctgrad/onnx/model.hpp>
#include <ctgrad/onnx/rule.hpp>
#include <ctgrad/onnx/rules.hpp>
#include <ctgrad/onnx/save.hpp>
#include <ctgrad/onnx/terms.hpp>
#include <ctgrad/onnx/translation.hpp>
#include <ctgrad/onnx/words.hpp>
