// What every part of the page uses: its figures, elements, numbers as people read them.

const data = JSON.parse(document.getElementById("data").textContent);
const SVG = document.getElementById("namespace").namespaceURI;

/** Makes an element; texts become text, never markup. */
function make(space, name, attributes, children) {
  const it = space ? document.createElementNS(space, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) it.addEventListener(key.slice(2), value);
    else it.setAttribute(key, value === true ? "" : value);
  }
  it.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return it;
}
const el = (name, attributes, ...children) => make(null, name, attributes, children);
const draw = (name, attributes, ...children) => make(SVG, name, attributes, children);

/** Reads `{start, unit, steps}` as seconds since 1970. */
function stamps(packed) {
  if (packed.start === null) return [];
  let at = packed.start;
  return [at, ...packed.steps.map((step) => (at += step * packed.unit))];
}

// Numbers: a true minus, groups of three by a narrow space that does not break.
const grouped = (text) => text.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
function fixed(value, digits) {
  const [whole, part] = Math.abs(value).toFixed(digits).split(".");
  const zero = Number(value.toFixed(digits)) === 0;
  return (value < 0 && !zero ? "\u2212" : "") + grouped(whole) + (part ? "." + part : "");
}
function number(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return fixed(value, 0);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(2).replace("-", "\u2212");
  return fixed(value, size >= 1000 ? 0 : size >= 0.01 ? 2 : 4);
}
function percent(value, digits) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value * 100);
  return fixed(value * 100, digits ?? (size >= 100 ? 0 : size >= 1 || size === 0 ? 1 : size >= 0.01 ? 2 : 4)) + "\u202f%";
}
const signed = (value, digits) => (value > 0 ? "+" : "") + percent(value, digits);
const money = (value, currency) =>
  value === null || value === undefined ? "–" : fixed(value, Math.abs(value) >= 1000 ? 0 : 2) + (currency ? "\u00a0" + currency : "");
const price = (value) => fixed(value, Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 10 ? 2 : 4);
/** Returns how many decimals tell values apart that are a step from each other. */
const places = (step) => Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
/** Returns a number for the side of a chart: short, but other than that of the next step. */
function short(value, step) {
  const size = Math.abs(value);
  const [by, unit] = size >= 1e9 ? [1e9, "bn"] : size >= 1e6 ? [1e6, "m"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
  const scaled = value / by;
  const digits = Math.abs(scaled) >= 100 || Number.isInteger(scaled) ? 0 : Math.abs(scaled) >= 1 ? 1 : 2;
  return fixed(scaled, step ? places(step / by) : Math.abs(scaled) < 0.05 && scaled !== 0 ? 3 : digits) + unit;
}
function span(seconds) {
  if (seconds >= 60) return `${fixed(Math.floor(seconds / 60), 0)} min ${fixed(seconds % 60, 0)} s`;
  if (seconds >= 1) return fixed(seconds, 2) + " s";
  return seconds >= 1e-3 ? fixed(seconds * 1e3, 1) + " ms" : fixed(seconds * 1e6, 0) + " µs";
}

// Days are those of UTC, as in the figures.
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const dated = (seconds) => new Date(seconds * 1000).toISOString();
function day(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const text = dated(seconds);
  return seconds % 86400 === 0 ? text.slice(0, 10) : text.slice(0, 16).replace("T", " ");
}
const longDay = (text) => `${Number(text.slice(8, 10))} ${MONTHS[Number(text.slice(5, 7)) - 1]} ${text.slice(0, 4)}`;
const words = (name) => name.replaceAll("_", " ");
const TITLES = { cagr: "CAGR", var_95: "VaR 95", cvar_95: "CVaR 95", var_normal_95: "VaR 95, normal", sqn: "SQN", r_squared: "R²" };
const titled = (name) => TITLES[name] ?? words(name).replace(/^./, (it) => it.toUpperCase());
const plural = (count, one, many) => `${fixed(count, 0)} ${count === 1 ? one : many ?? one + "s"}`;

/** Calls back when an element has another width, not when what is drawn gives it another height. */
function onWidth(host, act) {
  let width = 0;
  new ResizeObserver(() => {
    if (host.clientWidth === width) return;
    width = host.clientWidth;
    requestAnimationFrame(act);
  }).observe(host);
}

/** Returns the place of the last time at or before this one; -1 where all are later. */
function before(times, time) {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle + 1; else high = middle;
  }
  return low - 1;
}
