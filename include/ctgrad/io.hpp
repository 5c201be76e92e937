#pragma once

/// Files: parameters in safetensors, under their own names or those of PyTorch and Keras, and locks.
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/io/descriptor.hpp>
#include <ctgrad/io/dtype.hpp>
#include <ctgrad/io/file_lock.hpp>
#include <ctgrad/io/file_permissions.hpp>
#include <ctgrad/io/keras_names.hpp>
#include <ctgrad/io/metadata.hpp>
#include <ctgrad/io/name_map.hpp>
#include <ctgrad/io/parameters.hpp>
#include <ctgrad/io/part_places.hpp>
#include <ctgrad/io/pytorch_names.hpp>
#include <ctgrad/io/quoted.hpp>
#include <ctgrad/io/read_file.hpp>
#include <ctgrad/io/replace_file.hpp>
#include <ctgrad/io/safetensors.hpp>
#include <ctgrad/io/safetensors_header.hpp>
#include <ctgrad/io/safetensors_index.hpp>
#include <ctgrad/io/safetensors_writer.hpp>
#include <ctgrad/io/tensor_load.hpp>
#include <ctgrad/io/utf8.hpp>
#include <ctgrad/io/values.hpp>
#include <ctgrad/io/write_error.hpp>
#include <ctgrad/io/write_place.hpp>
