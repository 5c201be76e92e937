#include "product.hpp"

std::span<const bench::Product> bench::products_of_seed_32() { return products<seed_32>(); }
