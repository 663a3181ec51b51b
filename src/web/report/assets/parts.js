// What sections are made of: figures, tables, bars, maps.

/** Returns a section with a heading; what is said beside it is small. */
const section = (title, note, ...children) =>
  el("section", { class: "part" }, el("header", {}, el("h3", {}, title), note && el("p", { class: "note" }, note)), ...children);

const figure = (caption, ...children) => el("figure", {}, ...children, caption && el("figcaption", {}, caption));

/** Returns a chart with its legend and buttons; `switches` are `[name, initial, change]`. */
function charted(chart, switches = [], stretches = true) {
  const zoom = chart.zoom;
  // A pane with a label says by itself what it shows.
  const named = chart.panes.filter((pane) => !pane.label).flatMap((pane) => pane.series.flatMap((it) => it.keys ?? (it.name ? [[it.class, it.name]] : [])));
  const legend = named.map(([kind, name]) => el("span", { class: "legend" }, el("i", { class: "key " + kind }), name));
  const buttons = switches.map(([name, initial, change]) => {
    const button = el("button", {
      type: "button", "aria-pressed": String(initial), onclick: () => {
        const pressed = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(pressed));
        change(pressed);
        chart.render();
      },
    }, name);
    return button;
  });
  const years = (zoom.all[1] - zoom.all[0]) / 31557600;
  const choices = stretches ? [["3M", 0.25], ["1Y", 1], ["5Y", 5]].filter(([, length]) => length < years * 0.9) : [];
  const reset = el("button", { type: "button", onclick: () => zoom.reset() }, "All");
  const mark = () => {
    reset.setAttribute("aria-pressed", String(zoom.isWhole));
    reset.hidden = zoom.isWhole && !choices.length;
  };
  zoom.watchers.add(mark);
  mark();
  const last = ([name, length]) => el("button", {
    type: "button", "aria-label": `The last ${name}`, onclick: () => zoom.set(zoom.all[1] - length * 31557600, zoom.all[1]),
  }, name);
  return el("div", { class: "charted" },
    el("div", { class: "bar" }, el("div", { class: "legends" }, legend),
      el("div", { class: "buttons" }, buttons, el("span", { class: "set" }, choices.map(last), reset))),
    chart.host);
}

/** Returns figures as tiles: `[name, value, below, kind]`. */
const tiles = (rows) => el("dl", { class: "tiles" }, rows.map(([name, value, below, kind]) =>
  el("div", { class: kind }, el("dt", {}, name), el("dd", {}, value), below && el("dd", { class: "below" }, below))));

const tables = new Set();

/**
 * A table: `{label, columns, rows, page, filter}`. A column has a `title`, maybe a `format`, `text` (aligned left), `long` (in
 * several lines) and `kind`, a function that gives a cell its class. `detail(row)` gives what a row opens to, where it does.
 */
class Table {
  constructor(options) {
    Object.assign(this, { page: 25, filter: false }, options);
    this.order = null;
    this.from = 0;
    this.wanted = "";
    this.body = el("tbody");
    this.heads = this.columns.map((column, at) => el("th", { scope: "col", class: column.text && "text" },
      this.rows.length > 1 ? el("button", { type: "button", onclick: () => this.sort(at) }, column.title) : column.title));
    this.count = el("span", { class: "count", "aria-live": "polite" });
    const turn = (name, by) => el("button", { type: "button", onclick: () => { this.from += by * this.page; this.render(); } }, name);
    this.turns = [turn("Previous", -1), turn("Next", 1)];
    const input = el("input", { type: "search", placeholder: "Filter", "aria-label": `Filter ${this.label}`, oninput: () => {
      this.wanted = input.value.toLowerCase();
      this.from = 0;
      this.render();
    } });
    const foot = (this.rows.length > this.page || this.filter) && el("div", { class: "pager" }, this.filter && input, this.count, this.turns);
    this.host = el("div", { class: "tabled" },
      el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": this.label },
        el("table", {}, el("thead", {}, el("tr", {}, this.heads)), this.body)), foot);
    tables.add(this);
    this.render();
  }

  sort(at) {
    const down = this.order?.at === at ? !this.order.down : !this.columns[at].text;
    this.order = { at, down };
    this.from = 0;
    this.render();
  }

  /** Lets a line open what its row has to tell, below it. */
  opens(line, row) {
    const told = this.detail(row);
    if (!told) return;
    const first = line.firstChild;
    const button = el("button", { type: "button", class: "more", "aria-expanded": "false", "aria-label": `How ${first.textContent} came about` }, ...first.childNodes);
    first.replaceChildren(button);
    line.classList.add("opens");
    const below = el("tr", { class: "told", hidden: true }, el("td", { colspan: this.columns.length }, told));
    line.addEventListener("click", () => {
      if (String(getSelection())) return;
      if (!below.isConnected) line.after(below);
      below.hidden = !below.hidden;
      button.setAttribute("aria-expanded", String(!below.hidden));
    });
  }

  text(row, at) {
    const { format } = this.columns[at];
    const value = row[at];
    return format ? format(value, row) : value === null || value === undefined ? "–" : String(value);
  }

  render() {
    let rows = this.rows;
    if (this.wanted) rows = rows.filter((row) => this.columns.some((_, at) => String(this.text(row, at)).toLowerCase().includes(this.wanted)));
    if (this.order) {
      const { at, down } = this.order;
      const none = (it) => it === null || it === undefined;
      rows = [...rows].sort((a, b) => {
        if (none(a[at]) || none(b[at])) return none(a[at]) - none(b[at]);
        const way = typeof a[at] === "number" && typeof b[at] === "number" ? a[at] - b[at] : String(a[at]).localeCompare(String(b[at]), "en", { numeric: true });
        return down ? -way : way;
      });
    }
    const page = printing.on ? Math.max(this.page, 200) : this.page;
    this.from = Math.max(0, Math.min(this.from, Math.floor((rows.length - 1) / page) * page));
    const shown = rows.slice(this.from, this.from + page);
    this.body.replaceChildren(...shown.map((row) => {
      const line = el("tr", {}, this.columns.map((column, at) =>
        el(at === 0 && column.text ? "th" : "td", { scope: at === 0 && column.text ? "row" : null, class: [column.text ? (column.long ? "text long" : "text") : "", column.kind?.(row[at], row) ?? ""].join(" ").trim() || null },
          column.bar && el("i", { class: "bar-of", style: `width:${Math.round(column.bar(row[at]) * 72)}px` }), this.text(row, at))));
      if (this.detail) this.opens(line, row);
      return line;
    }));
    this.heads.forEach((head, at) => head.setAttribute("aria-sort", this.order?.at !== at ? "none" : this.order.down ? "descending" : "ascending"));
    this.count.textContent = rows.length ? `${this.from + 1}–${this.from + shown.length} of ${fixed(rows.length, 0)}` : "nothing fits";
    this.turns[0].disabled = this.from === 0;
    this.turns[1].disabled = this.from + page >= rows.length;
  }
}
const table = (options) => new Table(options).host;
const ofSign = (value) => (value > 0 ? "gain" : value < 0 ? "loss" : "");

/** Returns the colour of a share of the greatest size: one hue for gains, another for losses. */
const tint = (value, most) =>
  value === null || value === undefined ? null
    : `background: color-mix(in srgb, var(--${value < 0 ? "loss" : "gain"}) ${Math.round(Math.min(1, Math.abs(value) / most) * 62)}%, transparent)`;

/** Returns the months of a result, a row for each year. */
function monthMap(months, years) {
  const sizes = months.map((it) => Math.abs(it[2])).sort((a, b) => a - b);
  const most = sizes[Math.floor(sizes.length * 0.95)] || 0.01;
  const cells = new Map(months.map(([year, month, value]) => [`${year}-${month}`, value]));
  const cell = (value, more = {}) => el("td", { style: tint(value, most), ...more }, value === undefined ? "" : fixed(value * 100, 1));
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Return of each month in percent" },
    el("table", { class: "months" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "%"), MONTHS.map((it) => el("th", { scope: "col" }, it)), el("th", { scope: "col" }, "Year"))),
      el("tbody", {}, years.map(([year, own]) => el("tr", {}, el("th", { scope: "row" }, year),
        MONTHS.map((_, at) => cell(cells.get(`${year}-${at + 1}`))), el("td", { class: "sum " + ofSign(own) }, fixed(own * 100, 1)))))));
}

const drawings = new Set();

/** Returns a picture that is drawn anew for each width: `paint(width)` gives its parts and height. */
function picture(label, paint, share = 1) {
  const host = el("div", { class: "picture" });
  const render = () => {
    const width = printing.on ? printing.width * share : host.clientWidth;
    if (width < 40) return;
    const [height, ...parts] = paint(width);
    host.replaceChildren(draw("svg", { viewBox: `0 0 ${width} ${height}`, width: "100%", role: "img", "aria-label": label }, parts));
  };
  drawings.add(render);
  onWidth(host, render);
  return host;
}

/** Returns pairs of bars: `{label, rows, format, room}` with rows of `[name, own, other]`; a name needs so much room. */
function pairs({ label, rows, format, places = (it) => format(it), room = 30, brief = (name) => name }) {
  return picture(`${label}: ` + rows.map(([name, own, other]) => `${name} ${format(own)}, ${format(other)}`).join("; "), (width) => {
    const [left, right, top, size] = [44, 6, 8, 200];
    const all = rows.flatMap((it) => [it[1], it[2]]).filter((it) => it !== null && it !== undefined);
    let [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
    const spare = (high - low || 0.1) * 0.06;
    [low, high] = [low < 0 ? low - spare : 0, high > 0 ? high + spare : 0];
    const y = (it) => top + size - ((it - low) / (high - low || 1)) * size;
    const each = (width - left - right) / rows.length;
    const bar = Math.min(16, each * 0.36);
    const one = (value, x, kind) => value === null || value === undefined ? null : draw("rect", {
      class: kind, x: x - bar / 2, width: bar, y: Math.min(y(value), y(0)), height: Math.max(0.8, Math.abs(y(value) - y(0))),
    }, draw("title", {}, format(value)));
    const skip = Math.ceil(room / each);
    return [top + size + 24,
      ticks(low, high, 5).map((it) => [
        draw("line", { class: it === 0 ? "grid zero" : "grid", x1: left, x2: width - right, y1: y(it), y2: y(it) }),
        draw("text", { class: "tick", x: left - 6, y: y(it) + 4, "text-anchor": "end" }, places(it))]),
      rows.map(([name, own, other], at) => {
        const x = left + (at + 0.5) * each;
        return [one(other, x + bar * 0.55, "held"), one(own, x - bar * 0.55, own < 0 ? "fell" : "rose"),
          (rows.length - 1 - at) % skip === 0 && draw("text", { class: "tick", x, y: top + size + 17, "text-anchor": "middle" }, each < room + 4 ? brief(String(name)) : String(name))];
      })];
  }, 0.48);
}

/** Returns pairs of bars, one for each year: the result's and its benchmark's. */
const yearBars = (years) =>
  pairs({ label: "Return of each year, and held", rows: years, format: signed, places: (it) => percent(it, 0), brief: (year) => "’" + year.slice(2) });

/** Returns how often returns fell where, the worst twentieth marked. */
function distribution(histogram, risk, tail) {
  const { from, width: step, counts } = histogram;
  const most = Math.max(...counts);
  const label = `Distribution of returns: most lie between ${percent(from)} and ${percent(from + step * counts.length)}. Value at risk ${percent(risk)}.`;
  return picture(label, (width) => {
    const [left, right, top, size] = [10, 10, 30, 170];
    const to = from + step * counts.length;
    const x = (it) => left + ((it - from) / (to - from)) * (width - left - right);
    const y = (it) => top + size - (it / most) * size;
    const mark = (value, name, line) => value === null || value >= 0 || value < from ? null : [
      draw("line", { class: "risk", x1: x(value), x2: x(value), y1: top - 6 - line * 13, y2: top + size }),
      draw("text", { class: "label", x: x(value) + 4, y: top + 2 - line * 13 }, `${name} ${percent(value, Math.abs(value) < 1e-4 ? undefined : 2)}`)];
    const wide = x(step) - x(0);
    const marks = ticks(from, to, width / 80);
    return [top + size + 22,
      counts.map((count, at) => draw("rect", {
        class: risk !== null && from + (at + 0.5) * step < risk ? "fell" : "rose", x: x(from + at * step) + 0.4, width: Math.max(0.6, wide - 0.8), y: y(count), height: top + size - y(count),
      }, draw("title", {}, `${percent(from + at * step, 2)} to ${percent(from + (at + 1) * step, 2)}: ${count}`))),
      draw("line", { class: "grid zero", x1: left, x2: width - right, y1: top + size, y2: top + size }),
      marks.map((it) => draw("text", { class: "tick", x: x(it), y: top + size + 16, "text-anchor": "middle" }, percent(it, places((marks[1] - marks[0]) * 100)))),
      mark(risk, "VaR 95", 0), mark(tail, "mean beyond", 1)];
  }, 0.48);
}

/** Returns where figures lie between: a line for each. */
function ranges(rows) {
  return el("div", { class: "ranges" }, rows.map(([name, value, low, high, format]) => {
    const [from, to] = [Math.min(low, value, 0), Math.max(high, value, 0)];
    const at = (it) => `${((it - from) / (to - from || 1)) * 100}%`;
    return el("div", {}, el("span", {}, name), el("b", {}, format(value)),
      el("div", { class: "range", role: "img", "aria-label": `${name} between ${format(low)} and ${format(high)}` },
        el("i", { class: "zero", style: `left:${at(0)}` }),
        el("i", { class: "reach", style: `left:${at(low)};right:calc(100% - ${at(high)})` }),
        el("i", { class: "here", style: `left:${at(value)}` })),
      el("span", { class: "ends" }, `${format(low)} to ${format(high)}`));
  }));
}

/** Returns any value of a result as a person reads it. */
function plain(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return number(value);
  if (typeof value === "string" && /^-?\d+(\.\d+)?%$/.test(value)) return percent(Number(value.slice(0, -1)) / 100);
  if (typeof value === "string" && /^-?\d+\.\d+$/.test(value)) return number(Number(value));
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (value.amount !== undefined && value.currency !== undefined) return money(Number(value.amount), value.currency);
  if (value.start !== undefined && value.end !== undefined) return `${value.start} to ${value.end}`;
  if (value.reason !== undefined && value.value === null) return "–";
  return Object.entries(value).map(([name, it]) => `${words(name)} ${plain(it)}`).join(", ");
}

/** Returns a value as names and values; lists of records as tables. */
function tree(value) {
  if (Array.isArray(value) && value.length && value.every((it) => it && typeof it === "object" && !Array.isArray(it))) {
    const names = [...new Set(value.flatMap(Object.keys))];
    return table({ label: "Rows", columns: names.map((it) => ({ title: words(it), format: plain, text: typeof value[0][it] !== "number" })), rows: value.map((row) => names.map((it) => row[it])) });
  }
  if (value && typeof value === "object" && !Array.isArray(value) && plain(value).length > 60) {
    return el("dl", { class: "facts" }, Object.entries(value).map(([name, it]) => el("div", {}, el("dt", {}, words(name)), el("dd", {}, tree(it)))));
  }
  return plain(value);
}
