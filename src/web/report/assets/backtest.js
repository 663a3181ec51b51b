// One backtest: what it came to, how, and how that was found.

const measures = data.measures.map(([name, group, isShare, doc, formula, source]) => ({ name, group, isShare, doc, formula, source }));

/** Returns what a metric is, as text. */
function told(measure, value) {
  if (typeof value === "string") return "–";
  return measure.isShare ? percent(value, Math.abs(value) < 0.1 ? 2 : undefined) : number(value);
}

function backtest(report, zooms) {
  const at = (name) => {
    const value = report.metrics[measures.findIndex((it) => it.name === name)];
    return typeof value === "number" ? value : null;
  };
  const times = stamps(report.times);
  const zoom = new Zoom(times[0], times.at(-1));
  zooms?.push(zoom);
  const sure = new Map((report.intervals.rows ?? []).map(([name, value, low, high]) => [name, [value, low, high]]));
  const held = report.symbols.length === 1 ? report.symbols[0] : "the symbols in equal parts";
  const currency = report.currency;
  const growth = at("cagr");
  const ended = report.events.find(([, , what]) => what === "halted" || what === "flattened");

  const verdict = el("p", { class: "verdict" },
    `${money(report.capital, currency)} became `, el("b", {}, money(report.final_equity, currency)), ` between ${longDay(report.start)} and ${longDay(report.end)}`,
    growth === null ? "." : [": ", el("b", {}, signed(growth)), " a year"],
    growth !== null && at("excess_return") !== null && `, against ${signed(growth - at("excess_return"))} for holding ${held}`,
    growth !== null && ". ", at("max_drawdown") !== null && at("max_drawdown") < 0 && ["At its worst it was ", el("b", {}, percent(-at("max_drawdown"))), " below its highest."],
    ended && ` A limit ended all trading: ${ended[3]}.`);

  const interval = (name, format) => sure.has(name) ? `95 %: ${format(sure.get(name)[1])} to ${format(sure.get(name)[2])}` : null;
  const head = tiles([
    ["Total return", signed(at("total_return")), `held ${signed(at("benchmark_return"))}`, ofSign(at("total_return"))],
    ["Growth a year", signed(growth), interval("cagr", (it) => percent(it)), ofSign(growth)],
    ["Sharpe ratio", number(at("sharpe")), interval("sharpe", (it) => fixed(it, 2))],
    ["Max drawdown", percent(at("max_drawdown")), interval("max_drawdown", (it) => percent(it))],
    ["Volatility", percent(at("volatility")), `beta ${number(at("beta"))}`],
    ["Sortino ratio", number(at("sortino")), `Calmar ${number(at("calmar"))}`],
    ["Trades", fixed(report.all_trades, 0) + (report.open.length ? ` + ${report.open.length} open` : ""), at("win_rate") === null ? null : `${percent(at("win_rate"), 0)} won`],
    ["In the market", percent(at("exposure")), `profit factor ${number(at("profit_factor"))}`],
  ]);

  return [
    verdict, head,
    equity(report, times, zoom),
    exposure(report, times, zoom),
    symbols(report),
    prices(report, zoom),
    el("div", { class: "pair" },
      section("Months", "return in percent", monthMap(report.months, report.years)),
      section("Years", null, figure(el("span", {}, el("i", { class: "key own" }), "result ", el("i", { class: "key bench" }), "held"), yearBars(report.years)))),
    el("div", { class: "pair" },
      report.histogram && section("Returns", "of bars that moved" + (report.histogram.still ? `; ${fixed(report.histogram.still, 0)} did not` : ""), distribution(report.histogram, at("var_95"), at("cvar_95"))),
      report.intervals.rows?.length > 0 && section("How sure", `95 % intervals of ${fixed(report.intervals.resamples, 0)} resamples of ${report.intervals.of} by the stationary bootstrap`,
        ranges(report.intervals.rows.map(([name, ...rest]) => [titled(name).replace("CAGR", "Growth a year"), ...rest, name === "sharpe" ? (it) => fixed(it, 2) : (it) => percent(it)])))),
    rollings(report, zoom),
    falls(report), trades(report), limits(report), metrics(report), conventions(report),
  ];
}

/** Returns a share for the side of a chart. */
const sharePlaces = (value, step) => percent(value, places((step ?? 1) * 100));

/** Says whether values are so far apart that the small ones need a logarithmic axis to be seen. */
const wide = (values) => {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  return low > 0 && values.reduce((a, b) => Math.max(a, b), 0) / low > 5;
};

/** Equity with its benchmark, the drawdown and the positions below. */
function equity(report, times, zoom) {
  let [log, bench] = [wide([...report.equity, ...report.benchmark]), true];
  let high = -Infinity;
  const falls = report.equity.map((it) => it / (high = Math.max(high, it)) - 1);
  const spans = [...report.trades, ...report.open].map(([symbol, side, , from, , to]) => ({
    from, to: to ?? times.at(-1), row: report.symbols.indexOf(symbol), class: side === "long" ? "held-long" : "held-short",
    text: report.symbols.length > 1 ? `${side} ${symbol}` : side,
  }));
  const rows = report.symbols.length > 1 && report.symbols.length <= 12 ? report.symbols : [report.symbols.length === 1 ? "held" : "all"];
  if (rows.length === 1) spans.forEach((it) => (it.row = 0));
  const whole = (it) => money(it, report.currency);
  const chart = new Chart({
    label: `Equity of ${report.label} from ${report.start} to ${report.end}, with its drawdown below`, zoom,
    panes: [
      { height: () => (innerWidth < 600 ? 220 : 300), format: short, log: () => log, series: [
        { kind: "line", class: "bench", name: "Held", times, values: report.benchmark, format: whole, off: () => !bench },
        { kind: "line", class: "own", name: "Equity", times, values: report.equity, format: whole },
      ] },
      { height: 96, label: "Drawdown", format: sharePlaces, zero: true, series: [
        { kind: "area", class: "fall", name: "Drawdown", times, values: falls, format: (it) => percent(it) },
      ] },
      { height: Math.max(18, rows.length * 15), rows, format: String, series: [{ kind: "spans", name: "Position", class: "spans", keys: [["long", "Long"], ["short", "Short"]].filter(([it]) => spans.some((span) => span.class === `held-${it}`)), spans }] },
    ],
  });
  return section("Equity", el("span", { class: "hint" }, "drag to zoom, double-click for all"),
    charted(chart, [["Log", log, (it) => (log = it)], ["Held", true, (it) => (bench = it)]]));
}

/** What was held as a share of equity: of one symbol as it is, of several one upon the other. */
function exposure(report, times, zoom) {
  const all = report.weights;
  if (!all.length || !all.some((it) => it.some((value) => value !== 0))) return null;
  const share = (it) => percent(it);
  const sum = (of) => times.map((_, at) => all.reduce((total, it) => total + of(it[at]), 0));
  const hasShorts = all.some((it) => it.some((value) => value < 0));
  const net = sum((it) => it), gross = sum(Math.abs);
  const total = hasShorts
    ? [{ kind: "line", class: "net", name: "Net", times, values: net, format: share }, { kind: "line", class: "bench", name: "Gross", times, values: gross, format: share }]
    : [{ kind: "line", class: "bench", name: all.length > 1 ? "Together" : "Held", times, values: gross, format: share }];
  const few = all.length > 1 && all.length <= 8;
  // Longs are piled upward and shorts downward.
  const piles = few ? all.map((it, place) => {
    const below = all.slice(0, place);
    return it.map((value, at) => value + below.reduce((pile, other) => pile + (other[at] * value > 0 ? other[at] : 0), 0));
  }) : [];
  const layers = few
    ? piles.map((values, place) => ({ kind: "layer", class: `line-${place}`, name: report.symbols[place], times, values, base: values.map((value, at) => value - all[place][at]), shown: all[place], format: share }))
    : all.length === 1 ? [{ kind: "area", class: "own", name: "Held", times, values: net, format: share }] : [];
  const chart = new Chart({
    label: `What was held of ${report.label} at each close as a share of equity`, zoom,
    panes: [{ height: few ? 190 : 110, format: sharePlaces, zero: true, series: all.length === 1 ? layers : [...layers, ...total] }],
  });
  const mean = (it) => it.reduce((a, b) => a + b, 0) / (it.length || 1);
  const note = `at each close as a share of equity; at most ${percent(gross.reduce((a, b) => Math.max(a, b), 0))}` + (hasShorts ? `, net ${percent(mean(net))} in the mean` : "");
  return section("Exposure", note, charted(chart, [], false));
}

/** What each symbol came to, and what it added to the risk. */
function symbols(report) {
  const rows = report.symbols_came_to;
  if (rows.length < 2) return null;
  const most = Math.max(...rows.map((it) => Math.abs(it[5] ?? 0)), 1e-9);
  return section("Symbols", "profit after costs, open positions included; weight in the mean of all closes; risk as a share of the account’s variance", table({
    label: "What each symbol came to", page: 15,
    columns: [{ title: "symbol", text: true }, { title: "trades", format: number }, { title: "profit", format: (it) => money(it), kind: ofSign }, { title: "fees", format: (it) => money(it) },
      { title: "weight", format: (it) => percent(it) }, { title: "risk", format: (it) => percent(it), bar: (it) => Math.max(0, it ?? 0) / most }],
    rows,
  }));
}

/** Prices of a symbol with the entries and exits. */
function prices(report, zoom) {
  const all = [...report.trades, ...report.open];
  const paint = (bars) => {
    const times = stamps(bars.times);
    const marks = all.filter((it) => it[0] === bars.symbol).flatMap(([, side, , entry, bought, exit, sold]) => [
      { time: entry, value: bought, up: side === "long", class: "entry" },
      exit === null ? null : { time: exit, value: sold, up: side !== "long", class: "exit" },
    ]).filter(Boolean);
    let log = wide(bars.close);
    return charted(new Chart({
      label: `Prices of ${bars.symbol} with ${plural(marks.length, "entry or exit", "entries and exits")}`, zoom,
      panes: [{ height: () => (innerWidth < 600 ? 220 : 280), format: short, log: () => log, series: [
        { kind: "candle", class: "close", name: bars.symbol, times, open: bars.open, high: bars.high, low: bars.low, close: bars.close, format: price },
        { kind: "marks", marks },
      ] }],
    }), [["Log", log, (it) => (log = it)]]);
  };
  if (!report.prices.length) return null;
  const host = el("div", {}, paint(report.prices[0]));
  const choose = report.prices.length > 1 && el("p", { class: "choose" }, el("label", {}, "Symbol ",
    el("select", { onchange: (event) => host.replaceChildren(paint(report.prices[event.target.selectedIndex])) },
      report.prices.map((it) => el("option", {}, it.symbol)))));
  const marks = el("span", { class: "marks" }, el("i", { class: "mark entry" }), "entry ", el("i", { class: "mark exit" }), "exit");
  return section("Prices", ["adjusted as the run read them; ", marks], choose, host);
}

function rollings(report, zoom) {
  if (!report.rolling) return null;
  const times = stamps(report.rolling.times);
  const pane = (label, key, kind, format, read) => ({ height: 86, label, format, zero: true, series: [{ kind: "line", class: kind, name: label, times, values: report.rolling[key], format: read }] });
  const chart = new Chart({
    label: `Sharpe ratio, volatility and beta over ${report.rolling.window} bars`, zoom,
    panes: [pane("Sharpe ratio", "sharpe", "own", short, number), pane("Volatility", "volatility", "third", sharePlaces, percent), pane("Beta", "beta", "bench", short, number)],
  });
  return section("Rolling", `over the last ${report.rolling.window} bars`, charted(chart, [], false));
}

function falls(report) {
  if (!report.falls.length) return null;
  return section("Drawdowns", `the deepest ${report.falls.length} of ${fixed(report.all_falls, 0)}`, table({
    label: "Deepest drawdowns",
    columns: [{ title: "from", text: true, format: day }, { title: "lowest", text: true, format: day }, { title: "back", text: true, format: (it) => (it === null ? "not yet" : day(it)) },
      { title: "depth", format: (it) => percent(it), kind: () => "loss" }, { title: "bars", format: number }, { title: "days", format: number }],
    rows: report.falls,
  }));
}

function trades(report) {
  const all = [...report.trades, ...report.open];
  if (!all.length) return section("Trades", null, el("p", { class: "empty" }, "Nothing was traded."));
  const walks = new Map(report.trades.slice(0, report.walks.length).map((row, at) => [row, report.walks[at]]));
  const cut = report.all_trades > report.trades.length ? `the first ${fixed(report.trades.length, 0)} of ${fixed(report.all_trades, 0)}; all are in the JSON` : "after costs";
  const hint = walks.size > 0 && el("span", { class: "hint" }, "; open one to see how it came about");
  return section("Trades", [cut, hint], table({
    label: "Trades", filter: true, page: 15,
    detail: (row) => walks.get(row)?.length && el("dl", { class: "walk" }, walks.get(row).map(([title, text]) => [el("dt", {}, title), el("dd", {}, text)])),
    columns: [{ title: "symbol", text: true }, { title: "side", text: true }, { title: "quantity", format: number }, { title: "entry", format: day },
      { title: "price", format: price }, { title: "exit", format: day }, { title: "price", format: price }, { title: "fees", format: (it) => money(it) },
      { title: "profit", format: (it) => money(it), kind: ofSign }, { title: "return", format: (it) => signed(it), kind: ofSign },
      { title: "bars", format: number }, { title: "closed by", text: true, format: words }],
    rows: all,
  }));
}

function limits(report) {
  if (!report.events.length) return null;
  return section("Limits", "what happened because of them", table({
    label: "Events of limits", page: 10, filter: report.events.length > 10,
    columns: [{ title: "date", text: true, format: day }, { title: "symbol", text: true }, { title: "what", text: true }, { title: "message", text: true, long: true }],
    rows: report.events,
  }));
}

function metrics(report) {
  const groups = [...new Set(measures.map((it) => it.group))];
  const said = data.conventions[report.basis];
  return section("Metrics", el("span", { class: "hint" }, "open one for its formula"), el("div", { class: "metrics" }, groups.map((group) =>
    el("div", { class: "group" }, el("h4", {}, titled(group)), measures.map((measure, place) => {
      if (measure.group !== group) return null;
      const value = report.metrics[place];
      return el("details", {}, el("summary", {}, el("span", {}, titled(measure.name)), el("b", { class: typeof value === "string" ? "none" : null }, told(measure, value))),
        el("p", {}, measure.doc), typeof value === "string" && el("p", {}, `Undefined: ${value}.`),
        el("p", { class: "formula" }, measure.formula), el("p", { class: "note" }, said[place] + (measure.source ? ` · ${measure.source}` : "")));
    })))));
}

function conventions(report) {
  const notes = report.notes.flatMap(([symbol, all]) => all.map((it) => [`data of ${symbol}`, it]));
  return el("details", { class: "fold" }, el("summary", {}, "How it was simulated"),
    el("dl", { class: "facts" }, [...report.conventions, ...notes].map(([name, it]) => el("div", {}, el("dt", {}, words(name)), el("dd", {}, it)))));
}
