#pragma once

/// Reports: a page of HTML with layers, curves, samples, attention weights and graphs.
#include <ctgrad/ctgrad.hpp>
#include <ctgrad/report/chart.hpp>
#include <ctgrad/report/curve.hpp>
#include <ctgrad/report/graph_drawing.hpp>
#include <ctgrad/report/heatmap.hpp>
#include <ctgrad/report/html.hpp>
#include <ctgrad/report/layers.hpp>
#include <ctgrad/report/plan_drawing.hpp>
#include <ctgrad/report/report.hpp>
#include <ctgrad/report/style.hpp>
#include <ctgrad/report/svg.hpp>
#include <ctgrad/report/text.hpp>
#include <ctgrad/report/ticks.hpp>
