// expect: BOOST_HANA_DEFINE_STRUCT: a struct lists at most 39 members; put some into structs of their own
#include <ctgrad/ctgrad.hpp>

namespace cg = ctgrad;

using Weight = cg::Parameter<cg::init::zeros, 2>;

struct Model {
  BOOST_HANA_DEFINE_STRUCT(Model,
#ifndef CTGRAD_CONTROL
    (Weight, last),
#endif
    (Weight, w0),
    (Weight, w1),
    (Weight, w2),
    (Weight, w3),
    (Weight, w4),
    (Weight, w5),
    (Weight, w6),
    (Weight, w7),
    (Weight, w8),
    (Weight, w9),
    (Weight, w10),
    (Weight, w11),
    (Weight, w12),
    (Weight, w13),
    (Weight, w14),
    (Weight, w15),
    (Weight, w16),
    (Weight, w17),
    (Weight, w18),
    (Weight, w19),
    (Weight, w20),
    (Weight, w21),
    (Weight, w22),
    (Weight, w23),
    (Weight, w24),
    (Weight, w25),
    (Weight, w26),
    (Weight, w27),
    (Weight, w28),
    (Weight, w29),
    (Weight, w30),
    (Weight, w31),
    (Weight, w32),
    (Weight, w33),
    (Weight, w34),
    (Weight, w35),
    (Weight, w36),
    (Weight, w37),
    (Weight, w38));
};
cg::Parameters<Model> parameters{cg::Seed{1}};
