// The whole page, from its head to where it came from.

const { run } = data;

/** Returns a switch between light, dark and what the reader's system says. */
function theme() {
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => (isDark() ? "Light" : "Dark");
  const button = el("button", { type: "button", class: "theme", onclick: () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    button.textContent = name();
  } }, name());
  return button;
}

function heading() {
  const facts = [titled(run.mode), new Date(run.started).toISOString().slice(0, 16).replace("T", " ") + " UTC", `seed ${run.seed}`, `${span(run.seconds)}`];
  return el("header", { class: "head" },
    el("div", { class: "brand" }, el("span", {}, "wf"), theme()),
    el("h1", {}, titled(run.workflow)),
    run.doc && el("p", { class: "doc" }, run.doc.split("`").map((it, at) => (at % 2 ? el("code", {}, it) : it))),
    el("p", { class: "meta" }, el("span", { class: "status " + run.status }, run.status), facts.map((it) => el("span", {}, it))),
    run.error && el("p", { class: "error" }, run.error));
}

/** Several reports side by side, each a line and a row. */
function overview(reports, choose) {
  const column = (name) => measures.findIndex((it) => it.name === name);
  const shown = ["total_return", "cagr", "sharpe", "max_drawdown", "volatility", "win_rate", "benchmark_return"];
  const value = (it) => (typeof it === "number" ? it : null);
  const rows = reports.map((it) => [it.label, it.strategy, it.all_trades, ...shown.map((name) => value(it.metrics[column(name)]))]);
  const share = (it) => percent(it);
  const list = table({
    label: "All reports", filter: reports.length > 15,
    columns: [{ title: "report", text: true }, { title: "strategy", text: true, long: true }, { title: "trades", format: number },
      { title: "return", format: share, kind: ofSign }, { title: "a year", format: share, kind: ofSign }, { title: "Sharpe", format: number },
      { title: "drawdown", format: share }, { title: "volatility", format: share }, { title: "won", format: share }, { title: "held", format: share }],
    rows,
  });
  const few = reports.slice(0, 8);
  const lines = few.map((it, at) => ({ kind: "line", class: `line-${at}`, name: it.label, times: stamps(it.times), values: it.equity.map((worth) => worth / it.capital) }));
  const zoom = new Zoom(Math.min(...lines.map((it) => it.times[0])), Math.max(...lines.map((it) => it.times.at(-1))));
  lines.sort((a, b) => b.times.length - a.times.length);
  let log = false;
  const chart = new Chart({ label: "Equity of each report over its capital", zoom, panes: [{ height: 240, format: (it, step) => short(it, step) + "×", log: () => log, series: lines.map((it) => ({ ...it, format: (worth) => fixed(worth, 2) + "×" })) }] });
  return el("article", { class: "card" }, el("h2", {}, "All together"),
    section("Equity over capital", few.length < reports.length ? `the first ${few.length} of ${reports.length}` : null, charted(chart, [["Log", log, (it) => (log = it)]])),
    section("Reports", null, list));
}

/** The reports, one shown at a time. */
function reports() {
  const built = new Map();
  const host = el("div");
  const build = (at) => {
    if (!built.has(at)) {
      const report = data.reports[at];
      const article = el("article", { class: "card report", id: `report-${at}`, role: data.reports.length > 1 ? "tabpanel" : null, "aria-label": report.label },
        el("h2", {}, report.label), el("p", { class: "by" }, `${report.strategy} · ${report.timeframe} bars · ${plural(report.bars, "bar")}`), backtest(report));
      built.set(at, article);
      host.append(article);
    }
    return built.get(at);
  };
  const choose = (at) => {
    build(at);
    built.forEach((it, place) => (it.hidden = place !== at));
    (tabs || []).forEach((it, place) => {
      it.setAttribute("aria-selected", String(place === at));
      it.tabIndex = place === at ? 0 : -1;
    });
  };
  const few = data.reports.length > 1 && data.reports.length <= 8;
  const tabs = few && data.reports.map((it, at) => el("button", {
    type: "button", role: "tab", "aria-controls": `report-${at}`, onclick: () => choose(at), onkeydown: (event) => {
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1 }[event.key];
      if (to === undefined) return;
      const next = (to + tabs.length) % tabs.length;
      choose(next);
      tabs[next].focus();
    },
  }, it.label));
  const many = data.reports.length > 8 && el("p", { class: "choose" }, el("label", {}, "Report ",
    el("select", { onchange: (event) => choose(event.target.selectedIndex) }, data.reports.map((it) => el("option", {}, it.label)))));
  choose(0);
  addEventListener("beforeprint", () => data.reports.length <= 6 && data.reports.forEach((_, at) => build(at)));
  return [data.reports.length > 1 && overview(data.reports, choose), few && el("div", { class: "tabs", role: "tablist", "aria-label": "Reports" }, tabs), many, host];
}

function steps() {
  const path = new Set(data.critical_path);
  const most = Math.max(...data.steps.map((it) => it[5]), 1e-9);
  const rows = data.steps.map(([name, method, status, tries, queued, took, fault]) => [name, method, status, tries, queued, took, fault]);
  const wrong = rows.filter((it) => it[6]);
  const count = Object.entries(run.summary).filter(([name, it]) => name !== "total" && it > 0).map(([name, it]) => `${it} ${words(name)}`).join(", ");
  return el("article", { class: "card" }, el("h2", {}, "Run"),
    section("Steps", count + (data.steps.length < run.summary.total ? `; the first ${fixed(data.steps.length, 0)} are here` : ""), table({
      label: "Steps", page: 20, filter: rows.length > 20,
      columns: [{ title: "step", text: true, kind: (it) => (path.has(it) ? "slowest" : "") }, { title: "method", text: true }, { title: "status", text: true, kind: (it) => "is-" + it },
        { title: "tries" }, { title: "queued", format: span }, { title: "time", format: (it) => it === null ? "–" : el("span", { class: "took", style: `--part:${((it / most) * 100).toFixed(1)}%` }, span(it)) },
        ...(wrong.length ? [{ title: "what went wrong", text: true, long: true }] : [])],
      rows: wrong.length ? rows : rows.map((it) => it.slice(0, 6)),
    }), el("p", { class: "note" }, "Steps in bold are on the slowest path.")));
}

function origin() {
  const facts = [["run", run.id], ["wf", data.version], ["mode", run.mode], ["seed", String(run.seed)], ["started", run.started], ["prices", data.data], ...data.inputs];
  return el("article", { class: "card" }, el("h2", {}, "Where it came from"),
    section("Given", "parameters and context", el("dl", { class: "facts" }, facts.map(([name, it]) => el("div", {}, el("dt", {}, words(name)), el("dd", {}, it))))),
    section("Texts", "as they were read, with their SHA-256", data.sources.map(([name, text, hash]) =>
      el("details", { class: "source" }, el("summary", {}, el("span", {}, name), el("code", {}, hash)), el("pre", { tabindex: 0 }, text)))));
}

function others() {
  if (!data.others.length) return null;
  return el("article", { class: "card" }, el("h2", {}, "Outputs"), data.others.map(([name, it]) => section(titled(name), null, tree(it))));
}

const nothing = !data.reports.length && !data.searches.length && !data.validations.length && !data.trials.length && !data.choices.length && !data.others.length;
document.getElementById("page").append(heading(), el("main", { id: "main" },
  nothing && el("article", { class: "card" }, el("p", { class: "empty" }, "The run gave no outputs.")),
  data.reports.length > 0 && reports() || [], data.searches.map(search), data.validations.map(crossValidation),
  data.trials.length > 0 && el("article", { class: "card" }, el("h2", {}, "Search"), data.trials.map(trialMap)) || [],
  data.choices.map(choice), others() ?? [], steps(), origin()),
  el("footer", {}, `wf ${data.version}. Past results say little about future ones.`));

// A printed page has no buttons to turn: everything is drawn for the paper's width, and the longest tables are cut at 200 rows.
const redraw = (on) => {
  printing.on = on;
  tables.forEach((it) => it.render());
  charts.forEach((it) => it.render());
  drawings.forEach((it) => it());
  document.querySelectorAll("details.fold").forEach((it) => {
    if (on) it.dataset.open = it.open;
    it.open = on || it.dataset.open === "true";
  });
};
addEventListener("beforeprint", () => redraw(true));
addEventListener("afterprint", () => redraw(false));
