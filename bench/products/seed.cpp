#include "product.hpp"

std::span<const bench::Product> bench::products_of_seed() { return products<seed>(); }
