#include "picture.hpp"

#include <ctgrad/report/chart.hpp>
#include <ctgrad/report/style.hpp>

#include <fstream>
#include <stdexcept>

namespace report = ctgrad::report;

void bench::ModelPicture::add(const RankTimes& times, const std::string& what) {
  struct Link {
    const char* name;
    Network network;
  };
  for (const Link& link :
       {Link{"12.5 GB/s, 2 us", {2e-6, 12.5e9, 0}}, Link{"1.25 GB/s, 20 us", {20e-6, 1.25e9, 0}}}) {
    report::Curve curve(what + ", " + link.name);
    const double shard = times.seconds[0] / static_cast<double>(times.shards);
    for (std::size_t ranks = 1; ranks <= 1024; ranks = ranks < 64 ? 2 * ranks : ranks + 64) {
      const auto n = static_cast<double>(ranks);
      curve.add(n, n * shard / predicted_seconds(link.network, ranks, shard * n, times.parameter_bytes));
    }
    curves_.push_back(std::move(curve));
  }
}

void bench::ModelPicture::write(const std::string& file) const {
  std::string drawing = report::line_chart(curves_, {.x_label = "ranks, each with a shard",
                                                     .y_label = "times the samples of one rank",
                                                     .reaches = {1024}})
                            .text;
  // A file of its own has no page around it that says what it is and how it looks.
  drawing.insert(std::string_view("<svg").size(), " xmlns=\"http://www.w3.org/2000/svg\"");
  drawing.insert(drawing.find('>') + 1, "<style>" + std::string(report::style) + "</style>");
  std::ofstream stream(file);
  stream << drawing << '\n';
  if (!stream.flush()) throw std::runtime_error("cannot write " + file);
}
