/** Of both pages: the fonts of the system, one accent, and a third kind of ink for what is less important. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --card: #f6f7f7; --line: #d9dddf; --ink: #1b2226; --faint: #566168;
  --accent: #0a6a66; --wash: #d8ecea; --mid: #6fb5b0;
  --bad: #a8201a; --warn: #8a5300; --good: #1d6b34;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181a; --card: #1d2326; --line: #363f44; --ink: #e7ebed; --faint: #a3afb5;
    --accent: #63cfc6; --wash: #17403e; --mid: #2f807a;
    --bad: #ff938a; --warn: #eeb766; --good: #82d69b;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 70rem; padding: 0 clamp(1rem, 4vw, 3rem);
  background: var(--paper); color: var(--ink); overflow-wrap: break-word;
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  font-variant-numeric: tabular-nums;
}
header { padding: 3rem 0 1.5rem; }
.brand { margin: 0; color: var(--accent); font-weight: 600; letter-spacing: .02em; }
h1 { margin: .25rem 0 1rem; font-size: clamp(1.7rem, 5vw, 2.5rem); line-height: 1.2; letter-spacing: -.02em; text-wrap: balance; }
h2 { margin: 0 0 1rem; font-size: 1.35rem; line-height: 1.3; letter-spacing: -.01em; }
h3 { margin: 2rem 0 .5rem; font-size: 1.05rem; line-height: 1.4; }
p { margin: 0 0 1rem; max-width: 44rem; }
.lead { font-size: 1.2rem; line-height: 1.55; }
.faint, caption, .tiles dt, nav { color: var(--faint); }
a { color: var(--accent); text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--paper); }
nav { border-block: 1px solid var(--line); padding: .75rem 0; font-size: .9rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding: .2rem 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }
section { padding: 2.5rem 0 1rem; scroll-margin-top: 1rem; }
section + section { border-top: 1px solid var(--line); }
footer { margin: 2rem 0 3rem; border-top: 1px solid var(--line); padding-top: 1rem; font-size: .9rem; color: var(--faint); }
ul { margin: 0 0 1rem; padding-left: 1.2rem; }
li + li { margin-top: .35rem; }
nav li + li { margin-top: 0; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .875em; overflow-wrap: anywhere; }
pre { margin: .5rem 0 1rem; padding: 1rem; background: var(--card); border-radius: 8px; white-space: pre-wrap; line-height: 1.5; }
pre.type { border-left: 4px solid var(--accent); font-size: 1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1rem 1.5rem; margin: 1.5rem 0; }
.tiles div { display: flex; flex-direction: column-reverse; justify-content: flex-end; border-top: 3px solid var(--accent); padding-top: .5rem; }
.tiles dt { font-size: .9rem; line-height: 1.4; }
.tiles dd { margin: 0; font-size: 1.45rem; font-weight: 600; line-height: 1.3; letter-spacing: -.01em; }
table { width: 100%; border-collapse: collapse; margin: 1rem 0 1.5rem; font-size: .925rem; line-height: 1.5; }
caption { text-align: left; padding-bottom: .5rem; overflow-wrap: anywhere; }
th, td { padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-weight: 600; color: var(--faint); border-bottom-width: 2px; overflow-wrap: break-word; }
tbody th { font-weight: 500; min-width: 9rem; }
.number { text-align: right; }
td.number { white-space: nowrap; }
tfoot th, tfoot td, tr.total th, tr.total td { font-weight: 600; }
.finding { margin: 0 0 .75rem; padding: .75rem 1rem; background: var(--card); border-left: 4px solid var(--faint); border-radius: 0 8px 8px 0; }
.finding p { margin: .25rem 0 0; max-width: none; }
.finding .what { margin: 0; font-size: .9rem; }
.finding.blocker { border-color: var(--bad); }
.finding.warning { border-color: var(--warn); }
.level { font-weight: 700; }
.blocker .level, .lost { color: var(--bad); }
.warning .level, .approximated { color: var(--warn); }
.lost, .approximated { font-weight: 600; }
.ok { color: var(--good); }
details { margin: 0 0 .75rem; border: 1px solid var(--line); border-radius: 8px; padding: 0 1rem; }
summary { margin: 0 -1rem; padding: .7rem 1rem; cursor: pointer; font-weight: 500; }
details[open] > summary { border-bottom: 1px solid var(--line); margin-bottom: .75rem; }
.changes { list-style: none; padding: 0; margin: 0 0 1rem; }
.changes li { display: grid; grid-template-columns: 1.6rem minmax(0, 1fr) auto; gap: .25rem .5rem; padding: .4rem 0; border-bottom: 1px solid var(--line); margin: 0; overflow-wrap: anywhere; }
.changes .sign { color: var(--accent); font-weight: 700; }
.changes .stop, .changes .delete { color: var(--bad); }
.changes small { display: block; color: var(--faint); font-size: .85rem; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1.5rem; align-items: start; }
figure { margin: 0; }
figcaption { font-weight: 600; margin-bottom: .5rem; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--ink); }
svg .small { font-size: 10.5px; fill: var(--faint); }
svg .name { font-weight: 600; }
svg .port { fill: var(--accent); font-weight: 700; font-size: 11px; }
svg .port.inner { fill: var(--faint); font-weight: 400; }
svg .host, svg .disk { fill: var(--card); stroke: var(--line); }
svg .disk { fill: var(--wash); stroke: var(--mid); }
svg .task { fill: none; stroke: var(--accent); stroke-width: 1.5; }
svg .box { fill: var(--paper); stroke: var(--faint); }
svg .idle { stroke-dasharray: 4 3; }
svg .data { fill: var(--wash); stroke: var(--mid); }
svg .mount { fill: none; stroke: var(--mid); stroke-width: 1.5; }
svg .call { fill: none; stroke: var(--accent); stroke-width: 1.5; }
svg .tip { fill: var(--accent); }
svg .call.cut { stroke: var(--bad); stroke-dasharray: 4 3; }
svg .tip.cut { fill: var(--bad); }
.bar { height: 2rem; border-radius: 6px; overflow: hidden; margin: .5rem 0; background: var(--card); }
.bar.thin { height: .6rem; margin: .2rem 0; border-radius: 3px; min-width: 3rem; }
.bar svg { height: 100%; }
svg .odd { fill: var(--accent); } svg .even { fill: var(--mid); }
svg .kept { fill: var(--faint); } svg .over { fill: var(--bad); } svg .free { fill: var(--card); }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; margin: .75rem 0 1rem; font-size: .9rem; color: var(--faint); }
.key li { margin: 0; }
.columns { columns: 15rem; column-gap: 2rem; list-style: none; padding: 0; }
.columns li { break-inside: avoid; margin: 0; }
@media (max-width: 34rem) {
  header { padding-top: 1.75rem; }
  table { font-size: .875rem; }
  th, td { padding-right: .5rem; }
  tbody th { min-width: 0; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tiles dd { font-size: 1.25rem; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  :root { --paper: #fff; --card: #f6f7f7; --line: #ccc; --ink: #000; --faint: #444; --accent: #0a6a66; --wash: #d8ecea; --mid: #6fb5b0; --bad: #a8201a; --warn: #8a5300; --good: #1d6b34; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip { display: none; }
  header { padding-top: 0; }
  section { padding: 1.25rem 0 .5rem; }
  h2, h3, summary { break-after: avoid; }
  tr, .finding, figure, .changes li { break-inside: avoid; }
  details { border: 0; padding: 0; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  details.definition::details-content { display: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
