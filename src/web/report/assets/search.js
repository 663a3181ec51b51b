// Searches for parameters: what was tried, what was chosen, and what the choice was worth.

/** Returns sentences that say how far a choice may be believed; a probability from 0 to 1, or nothing where it is unknown. */
function belief({ overfitting, deflated_sharpe: skill, trials, lone_peak: alone }, among) {
  const said = [];
  if (typeof overfitting === "number") {
    said.push(el("p", {}, el("b", {}, `Overfitting ${percent(overfitting, 0)}. `),
      `Let half of the bars choose ${among} and look at the other half: so often the choice is no better there than the median of all that was tried. `,
      overfitting >= 0.4 ? "Blind chance gives 50\u202f%: here a choice tells next to nothing of what comes after."
        : overfitting >= 0.15 ? "Blind chance gives 50\u202f%: a choice tells something, but not much." : "Blind chance gives 50\u202f%: what does well here mostly does well there too."));
  }
  if (typeof skill === "number") {
    said.push(el("p", {}, el("b", {}, `Deflated Sharpe ${percent(skill, 0)}. `),
      `So likely is it that there is more to the Sharpe ratio than the luck of the best of ${plural(trials, "worthless trial")}. `,
      skill >= 0.95 ? "At 95\u202f% and more that is taken for skill." : "Below 95\u202f% luck remains a good explanation."));
  }
  if (typeof alone === "boolean") {
    said.push(el("p", {}, el("b", {}, alone ? "A lone peak. " : "On a plateau. "),
      alone ? "Most of the sets next to the chosen one do no better than the median of all: a little off, and it is gone."
        : "Most of the sets next to the chosen one do better than the median of all, so it does not hang on one value."));
  }
  return said.length ? section("How far to believe it", null, el("div", { class: "belief" }, said)) : null;
}

/** A walk-forward: what choices were worth out of sample. */
function search(it) {
  const times = stamps(it.times);
  let high = -Infinity;
  const depth = it.equity.map((worth) => worth / (high = Math.max(high, worth)) - 1);
  const zoom = times.length && new Zoom(times[0], times.at(-1));
  const joined = times.length > 1 && new Chart({ label: "Equity of the joined tests and its drawdown", zoom, panes: [
    { height: 240, format: short, series: [{ kind: "level", class: "base", value: 1 }, { kind: "line", class: "own", name: "Equity, 1 at the start", times, values: it.equity, format: (worth) => fixed(worth, 3) }] },
    { height: 80, label: "Drawdown", format: sharePlaces, zero: true, series: [{ kind: "area", class: "fall", name: "Drawdown", times, values: depth, format: (worth) => percent(worth) }] },
  ] });
  const known = ["name", "times", "equity", "folds", "parameters", "objective", "total_return", "cagr", "sharpe", "sortino", "max_drawdown", "deflated_sharpe", "expected_max_sharpe", "profitable_folds", "trials", "search", "in_sample", "out_of_sample", "overfitting"];
  const others = Object.entries(it).filter(([name]) => !known.includes(name));
  const skill = it.deflated_sharpe;
  const folds = it.folds ?? [];
  const names = [...new Set(folds.flatMap((fold) => Object.keys(fold.params ?? {})))];
  const range = (period) => (period ? `${period.start} to ${period.end}` : "–");
  const objective = words(it.objective ?? "objective");
  const has = (name) => folds.some((fold) => typeof fold[name] === "number");
  const share = (value) => percent(value, 0);
  return el("article", { class: "card" }, el("h2", {}, titled(it.name)),
    el("p", { class: "verdict" }, "Chosen in training, measured out of sample: ", el("b", {}, signed(it.cagr)), " a year over ", plural(folds.length, "fold"),
      typeof it.trials === "number" && ` after ${plural(it.trials, "trial")}`, ". ",
      typeof it.in_sample === "number" && typeof it.out_of_sample === "number" && [`What was chosen had a ${objective} of `, el("b", {}, number(it.in_sample)), " on average where it was chosen, and ", el("b", {}, number(it.out_of_sample)), " where it was measured."]),
    tiles([
      ["Total return", signed(it.total_return), null, ofSign(it.total_return)], ["Growth a year", signed(it.cagr), null, ofSign(it.cagr)],
      ["Sharpe ratio", number(it.sharpe), typeof it.expected_max_sharpe === "number" && `luck alone ${number(it.expected_max_sharpe)}`],
      ["Sortino ratio", number(it.sortino)], ["Max drawdown", percent(it.max_drawdown)], ["Deflated Sharpe", percent(skill)],
      ["Folds that earned", share(it.profitable_folds)],
      typeof it.overfitting === "number" ? ["Overfitting", share(it.overfitting), "mean of the folds"] : ["Objective", objective],
    ]),
    belief(it, "the parameters of each fold"),
    joined && section("Out of sample", "the tests of all folds, joined", charted(joined, [])),
    has("in_sample") && section("Where it was chosen, and where it was measured", `${objective} of each fold`,
      figure(el("span", {}, el("i", { class: "key own" }), "measured, behind the choice ", el("i", { class: "key bench" }), "chosen, in training"),
        pairs({ label: `${objective} measured, and in training`, rows: folds.map((fold) => [fold.test.start.slice(0, 7), fold.objective, fold.in_sample]), format: number, room: 52 }))),
    names.length > 0 && section("Parameters", "what each fold chose", figure(null, chosen(folds.filter((fold) => fold.params), names))),
    folds.length > 0 && section("Folds", null, table({
      label: "Folds", page: 30,
      columns: [{ title: "trained", text: true }, { title: "tested", text: true }, ...names.map((name) => ({ title: words(name), format: plain })),
        ...(has("in_sample") ? [{ title: `${objective} in training`, format: number }] : []),
        { title: objective, format: number, kind: ofSign }, { title: "return", format: (value) => signed(value), kind: ofSign }, { title: "drawdown", format: (value) => percent(value) }, { title: "trades", format: number }, { title: "trials", format: number },
        ...(has("overfitting") ? [{ title: "overfitting", format: share }] : [])],
      rows: folds.map((fold) => [range(fold.train), range(fold.test), ...names.map((name) => fold.params?.[name] ?? null), ...(has("in_sample") ? [fold.in_sample] : []), fold.objective, fold.total_return, fold.max_drawdown, fold.trades, fold.trials, ...(has("overfitting") ? [fold.overfitting] : [])]),
    })),
    others.length > 0 && section("Further", null, tree(Object.fromEntries(others))));
}

/** How each parameter changed from fold to fold. */
function chosen(folds, names) {
  return picture("Parameters chosen in each fold", (width) => {
    const [left, right, each, top] = [64, 10, 64, 10];
    const step = (width - left - right) / folds.length;
    const parts = names.map((name, row) => {
      const values = folds.map((it) => it.params?.[name]);
      const order = values.every((it) => typeof it === "number") ? null : [...new Set(values.map(plain))];
      const level = (it) => (order ? order.indexOf(plain(it)) : it);
      const [low, high] = [Math.min(...values.map(level)), Math.max(...values.map(level))];
      const y = (it) => top + row * each + 44 - ((level(it) - low) / (high - low || 1)) * 34;
      const line = values.map((it, at) => `${at ? "L" : "M"}${(left + at * step).toFixed(1)} ${y(it).toFixed(1)}h${step.toFixed(1)}`).join("");
      const end = (it) => (order ? order[it] : number(it));
      return [draw("text", { class: "name", x: 0, y: top + row * each + 30 }, words(name)),
        draw("text", { class: "tick", x: left - 6, y: top + row * each + 14, "text-anchor": "end" }, end(high)),
        low !== high && draw("text", { class: "tick", x: left - 6, y: top + row * each + 48, "text-anchor": "end" }, end(low)),
        draw("line", { class: "grid", x1: left, x2: width - right, y1: top + row * each + 54, y2: top + row * each + 54 }),
        draw("path", { class: "line own", d: line }, draw("title", {}, values.map(plain).join(", ")))];
    });
    return [top + names.length * each, parts];
  });
}

/** A cross-validation: how the paths are spread. */
function crossValidation(it) {
  const share = (value) => percent(value, 0);
  const dots = picture("Sharpe ratio of each path", (width) => {
    const all = it.paths.map((path) => path.sharpe).filter((value) => value !== null);
    const [low, high] = [Math.min(0, ...all, it.in_sample), Math.max(0, ...all, it.in_sample)];
    const x = (value) => 16 + ((value - low) / (high - low || 1)) * (width - 32);
    return [74, ticks(low, high, 6).map((value) => [
      draw("line", { class: value === 0 ? "grid zero" : "grid", x1: x(value), x2: x(value), y1: 6, y2: 50 }),
      draw("text", { class: "tick", x: x(value), y: 66, "text-anchor": "middle" }, number(value))]),
    draw("line", { class: "line bench", x1: x(it.in_sample), x2: x(it.in_sample), y1: 6, y2: 50 }, draw("title", {}, `where they were chosen ${number(it.in_sample)}`)),
    all.map((value) => draw("circle", { class: value < 0 ? "fell" : "rose", cx: x(value), cy: 28, r: 5, opacity: 0.7 }, draw("title", {}, number(value))))];
  });
  const names = Object.keys(it.splits[0]?.params ?? {});
  const days = (held) => held.map((group) => it.groups[group]).map((group) => `${group.start} to ${group.end}`).join(", ");
  return el("article", { class: "card" }, el("h2", {}, titled(it.name)),
    el("p", { class: "verdict" }, `Over ${plural(it.paths.length, "path")} of bars that no choice had seen the Sharpe ratio was `, el("b", {}, number(it.mean_sharpe)), " on average; where the parameters were chosen it was ", el("b", {}, number(it.in_sample)), "."),
    tiles([["Mean Sharpe", number(it.mean_sharpe), typeof it.sharpe_deviation === "number" && `± ${number(it.sharpe_deviation)}`], ["Worst path", number(it.worst_sharpe)],
      ["Paths that lost", share(it.losing_paths)], ["Sharpe in training", number(it.in_sample)], ["Trials", number(it.trials)], ["Splits", number(it.splits.length), `of ${plural(it.groups.length, "group")}`], ["Paths", number(it.paths.length)], ["Overfitting", share(it.overfitting?.probability)]]),
    belief({ overfitting: it.overfitting?.probability }, "the parameters"),
    section("Sharpe ratio of each path", null, figure(el("span", {}, el("i", { class: "key own" }), "a path ", el("i", { class: "key bench" }), "mean where the parameters were chosen"), dots)),
    section("Splits", "which groups were held back, and what the others chose", table({
      label: "Splits", page: 15,
      columns: [{ title: "held back", text: true, long: true }, ...names.map((name) => ({ title: words(name), format: plain })), { title: "Sharpe in training", format: number }, { title: "Sharpe", format: number, kind: ofSign }],
      rows: it.splits.map((split) => [days(split.held), ...names.map((name) => split.params[name]), split.in_sample, split.out_of_sample]),
    })));
}

/** Returns trials as a map over two of their parameters, the chosen set marked, with the table of all of them. */
function trialMap(found) {
  const { name, objective, less, rows } = found;
  const better = (a, b) => (less ? a < b : a > b);
  const names = Object.keys(rows[0].params).filter((it) => new Set(rows.map((row) => JSON.stringify(row.params[it]))).size > 1);
  const legal = (row) => row.objective !== null && !row.problem;
  const best = rows.filter(legal).reduce((a, b) => (!a || better(b.objective, a.objective) ? b : a), null);
  const has = (field) => rows.some((row) => row[field] !== null && row[field] !== undefined);
  const measures = [["objective", words(objective)], ...(has("mean") ? [["mean", `mean ${words(objective)} of the sets next to it`], ["worst", `worst ${words(objective)} of the sets next to it`]] : [])];
  const order = (a, b) => (legal(b) - legal(a)) || (a.objective === null) - (b.objective === null) || (better(a.objective, b.objective) ? -1 : better(b.objective, a.objective) ? 1 : 0);
  const listed = table({ label: `Trials of ${name}`, page: 10, filter: rows.length > 10,
    columns: [...names.map((it) => ({ title: words(it), format: plain })), { title: words(objective), format: number, kind: ofSign },
      ...(has("mean") ? [{ title: "mean next to it", format: number }, { title: "worst next to it", format: number }] : []),
      ...(has("problem") ? [{ title: "why not", text: true, long: true }] : [])],
    rows: [...rows].sort(order).map((row) => [...names.map((it) => row.params[it]), row.objective, ...(has("mean") ? [row.mean, row.worst] : []), ...(has("problem") ? [row.problem] : [])]) });
  const note = [plural(found.trials ?? rows.length, "trial"), best && `the best ${words(objective)} is ${number(best.objective)}`, found.stopped].filter(Boolean).join("; ");
  const told = belief(found, "the parameters");
  const defined = rows.filter((row) => row.objective !== null);
  if (names.length < 2 || !defined.length) return [section("Trials", note, listed), told];
  const host = el("div");
  const select = (label, all, chosen) => el("select", { "aria-label": label, onchange: () => paint() }, all.map(([value, text], at) => el("option", { value, selected: at === chosen }, text)));
  const axes = names.map((it) => [it, words(it)]);
  const [shown, across, down] = [select("Shows", measures, 0), select("Across", axes, 0), select("Down", axes, 1)];
  const values = (param) => [...new Set(rows.map((it) => JSON.stringify(it.params[param])))].map((it) => JSON.parse(it))
    .sort((a, b) => (typeof a === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true })));
  const paint = () => {
    const measure = shown.value;
    const known = rows.filter((row) => row[measure] !== null && row[measure] !== undefined);
    const low = Math.min(...known.map((it) => it[measure])), high = Math.max(...known.map((it) => it[measure]));
    const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
    const shade = (it) => low < 0 ? tint(it, most) : tint(0.08 + 0.92 * ((it - low) / (high - low || 1)), 1);
    const [xs, ys] = [values(across.value), values(down.value)];
    const key = (params) => JSON.stringify([params[across.value], params[down.value]]);
    const at = new Map();
    for (const row of known) {
      const old = at.get(key(row.params));
      if (old === undefined || better(row[measure], old)) at.set(key(row.params), row[measure]);
    }
    const problems = new Map(rows.filter((row) => row.problem).map((row) => [key(row.params), row.problem]));
    const mark = best && key((found.chosen ?? best.params));
    host.replaceChildren(el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${words(objective)} by ${across.value} and ${down.value}` },
      el("table", { class: "heat" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, `${words(down.value)} \\ ${words(across.value)}`), xs.map((it) => el("th", { scope: "col" }, plain(it))))),
        el("tbody", {}, ys.map((y) => el("tr", {}, el("th", { scope: "row" }, plain(y)), xs.map((x) => {
          const place = JSON.stringify([x, y]);
          const value = at.get(place);
          const isChosen = place === mark;
          const title = [isChosen && "chosen", names.length === 2 && problems.get(place)].filter(Boolean).join("; ");
          return el("td", { style: value === undefined ? null : shade(value), class: isChosen ? "best" : names.length === 2 && problems.has(place) && "refused", title: title || null }, value === undefined ? "" : fixed(value, most >= 100 ? 0 : 2));
        })))))));
  };
  paint();
  const choices = [measures.length > 1 && el("label", {}, "Shows ", shown), names.length > 2 && el("label", {}, "Across ", across), names.length > 2 && el("label", {}, "Down ", down)];
  return [section("Trials", note + (names.length > 2 ? "; each cell is the best over the other parameters" : "") + "; the chosen set is framed" + (names.length === 2 && rows.some((row) => row.problem && row.objective !== null) ? ", what breaks a constraint struck out" : ""),
    choices.some(Boolean) && el("p", { class: "choose" }, choices), host,
    el("details", {}, el("summary", {}, "All trials"), listed)), told];
}
