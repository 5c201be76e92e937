#pragma once

#include <string_view>

/// How reports look: on light and dark screens and on paper, without anything from elsewhere.
namespace ctgrad::report {

inline constexpr std::string_view style = R"css(
:root { color-scheme: light dark;
  --paper: #ffffff; --ink: #1c2430; --soft: #5a6676; --rule: #d9dee5; --faint: #f4f6f9; --accent: #1f5fa8;
  --heat: #0b3c78; --wrong: #b3261e; --wrong-paper: #fdeceb; --right: #1b6e3c;
  --s0: #1f5fa8; --s1: #c4500c; --s2: #1d7d4f; --s3: #8a3ca0; --s4: #8a6a00; --s5: #0c7f8c;
  --leaf: #eef1f5; --elementwise: #dcefdf; --rows: #fbe6c8; --product: #d3e3f8; --moving: #eadff3;
  --leaf-line: #97a3b3; --elementwise-line: #5a9a68; --rows-line: #c58a2c; --product-line: #3f78bd;
  --moving-line: #9270b5; --edge: #aab4c1; }
@media screen and (prefers-color-scheme: dark) { :root {
  --paper: #14181e; --ink: #e3e8ef; --soft: #9aa7b7; --rule: #313a46; --faint: #1c222a; --accent: #7db4f0;
  --heat: #8cc3ff; --wrong: #ff9a92; --wrong-paper: #43211f; --right: #7fd3a0;
  --s0: #6fb0f5; --s1: #f59a5c; --s2: #6fcf9c; --s3: #cf9be0; --s4: #dcbc4d; --s5: #5fc7d3;
  --leaf: #262d37; --elementwise: #1f3a27; --rows: #453314; --product: #1c3557; --moving: #372a48;
  --leaf-line: #6b7889; --elementwise-line: #5a9a68; --rows-line: #c58a2c; --product-line: #5a93d8;
  --moving-line: #9a7cc0; --edge: #566272; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1040px; padding: 28px 24px 64px; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 6px; }
h2 { font-size: 19px; margin: 40px 0 10px; padding-bottom: 5px; border-bottom: 1px solid var(--rule); }
p { margin: 8px 0; max-width: 46em; }
nav { margin: 10px 0 0; color: var(--soft); font-size: 14px; }
nav a { color: var(--accent); text-decoration: none; margin-right: 16px; }
figure { margin: 16px 0 24px; }
figcaption, caption { color: var(--soft); font-size: 13.5px; text-align: left; }
figcaption { margin-top: 6px; max-width: 56em; }
.row { display: flex; flex-wrap: wrap; gap: 14px 28px; align-items: flex-start; }
svg { display: block; max-width: 100%; height: auto; }
svg text { fill: var(--ink); font-family: system-ui, "Segoe UI", Helvetica, Arial, sans-serif; font-size: 12px; }
svg .tick { fill: var(--soft); font-size: 11.5px; font-variant-numeric: tabular-nums; }
svg .head { font-weight: 600; font-size: 12.5px; }
svg .axis { stroke: var(--soft); }
svg .grid { stroke: var(--rule); }
svg .token, table .token, .samples td { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
svg .token { font-size: 11px; }
.series { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.s0 { stroke: var(--s0); } .s1 { stroke: var(--s1); stroke-dasharray: 7 4; }
.s2 { stroke: var(--s2); stroke-dasharray: 2 4; } .s3 { stroke: var(--s3); stroke-dasharray: 9 3 2 3; }
.s4 { stroke: var(--s4); stroke-dasharray: 4 3; } .s5 { stroke: var(--s5); stroke-dasharray: 1 3; }
circle.series { stroke-dasharray: none; fill: var(--paper); stroke-width: 1.4; }
.cell { fill: var(--heat); }
.strip { shape-rendering: crispEdges; }
.cell.missing { fill: none; stroke: var(--wrong); stroke-dasharray: 2 2; }
.frame { fill: none; stroke: var(--rule); pointer-events: none; }
.edges path { fill: none; stroke: var(--edge); }
svg.graph text { font: 9px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; text-anchor: middle; }
svg.graph .shape { fill: var(--soft); }
.box.leaf rect { fill: var(--leaf); stroke: var(--leaf-line); }
.box.elementwise rect { fill: var(--elementwise); stroke: var(--elementwise-line); }
.box.rows rect { fill: var(--rows); stroke: var(--rows-line); }
.box.product rect { fill: var(--product); stroke: var(--product-line); }
.box.moving rect { fill: var(--moving); stroke: var(--moving-line); }
.box.output rect { stroke-width: 2.5; }
.swatches { font-size: 13px; color: var(--soft); max-width: none; }
.swatch { margin-right: 18px; white-space: nowrap; }
.swatch::before { content: ""; display: inline-block; width: 12px; height: 12px; margin-right: 6px;
  border-radius: 3px; border: 1px solid; vertical-align: -1px; }
.swatch.leaf::before { background: var(--leaf); border-color: var(--leaf-line); }
.swatch.elementwise::before { background: var(--elementwise); border-color: var(--elementwise-line); }
.swatch.rows::before { background: var(--rows); border-color: var(--rows-line); }
.swatch.product::before { background: var(--product); border-color: var(--product-line); }
.swatch.moving::before { background: var(--moving); border-color: var(--moving-line); }
table { border-collapse: collapse; margin: 12px 0 20px; font-size: 13.5px; }
caption { padding: 0 0 6px; }
th, td { padding: 2px 14px 2px 0; text-align: left; vertical-align: top; }
th { font-weight: 600; color: var(--soft); border-bottom: 1px solid var(--rule); }
tbody tr { border-bottom: 1px solid var(--faint); }
tr.group td { color: var(--soft); }
tr.group td:first-child { color: var(--ink); font-weight: 600; }
tr.total td { border-top: 1.5px solid var(--soft); font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; padding-right: 0; padding-left: 22px; }
.samples td { padding: 1px 10px 1px 0; white-space: pre; font-size: 13.5px; }
.samples th { border: 0; padding: 1px 18px 1px 0; font-weight: 400; }
.samples tbody { border-bottom: 8px solid transparent; }
.samples tbody tr { border: 0; }
mark { background: var(--wrong-paper); color: var(--wrong); font-weight: 700; text-decoration: underline; }
.scroll { overflow: auto; max-height: 78vh; border: 1px solid var(--rule); border-radius: 6px; padding: 6px; }
.scroll svg { max-width: none; }
details { margin: 12px 0; }
summary { cursor: pointer; color: var(--accent); margin-bottom: 8px; }
@media print {
  body { max-width: none; padding: 0; font-size: 11pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  nav { display: none; }
  .row svg.chart { width: 47%; }
  figure, table.samples tbody, tr { break-inside: avoid; }
  .scroll { overflow: visible; max-height: none; border: 0; padding: 0; }
  .scroll svg { max-width: 100%; }
}
)css";

}  // namespace ctgrad::report
