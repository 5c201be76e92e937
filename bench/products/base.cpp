#include "product.hpp"

std::span<const bench::Product> bench::products_of_base() { return products<base>(); }
