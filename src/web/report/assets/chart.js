// Charts over time: panes above each other that share their time, a crosshair and a zoom.

const GAP = 12, TITLE = 16, FOOT = 22, HEAD = 8;
const printing = { on: false, width: 690 };
const charts = new Set();

/** A stretch of time that several charts show. */
class Zoom {
  constructor(from, to) {
    this.all = [from, to > from ? to : from + 86400];
    this.now = [...this.all];
    this.watchers = new Set();
  }
  set(from, to) {
    const least = (this.all[1] - this.all[0]) / 2000;
    this.now = [Math.max(this.all[0], from), Math.min(this.all[1], Math.max(to, from + least))];
    this.watchers.forEach((it) => it());
  }
  reset() { this.set(...this.all); }
  get isWhole() { return this.now[0] === this.all[0] && this.now[1] === this.all[1]; }
}

/** Returns round values within a range. */
function ticks(low, high, count) {
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((it) => it * power).find((it) => it >= raw * 0.999) ?? power * 10;
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) found.push(Number((at * step).toPrecision(12)));
  return found;
}
function logTicks(low, high, count) {
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const it of [1, 2, 5]) found.push(it * 10 ** power);
  }
  const inside = found.filter((it) => it >= low && it <= high);
  return inside.length < 3 ? ticks(low, high, count) : inside.length > 2 * count ? inside.filter((_, at) => at % 3 === 0) : inside;
}

/** Returns the begins of years, months, days or hours within a stretch, with what to call them. */
function dates(from, to, count) {
  const units = [[3600, "h"], [3 * 3600, "h"], [12 * 3600, "h"], [86400, "d"], [7 * 86400, "d"]];
  const each = (to - from) / Math.max(1, count);
  const found = [];
  const small = units.find(([length]) => length >= each);
  if (small) {
    for (let at = Math.ceil(from / small[0]) * small[0]; at <= to; at += small[0]) {
      const text = dated(at);
      const date = `${Number(text.slice(8, 10))} ${MONTHS[Number(text.slice(5, 7)) - 1]}`;
      found.push([at, small[1] === "d" || at % 86400 === 0 ? date : text.slice(11, 16)]);
    }
    return found;
  }
  const months = [1, 3, 6, 12, 24, 60, 120, 240].find((it) => it * 2629800 >= each) ?? 600;
  const first = new Date(from * 1000);
  const start = Math.floor((first.getUTCFullYear() * 12 + first.getUTCMonth()) / months) * months;
  for (let at = start; ; at += months) {
    const seconds = Date.UTC(Math.floor(at / 12), at % 12, 1) / 1000;
    if (seconds > to) return found;
    if (seconds >= from) found.push([seconds, at % 12 === 0 ? String(Math.floor(at / 12)) : MONTHS[at % 12]]);
  }
}

/**
 * A chart: `{label, zoom, panes, readout}`. A pane has `height`, `format`, `series` and maybe `log` (a function), `zero`,
 * `rows`. A series has `kind` (line, area, layer, step, candle, marks, spans, level), a class, a name and its columns.
 */
class Chart {
  constructor(options) {
    Object.assign(this, options);
    this.at = null;
    this.tip = el("div", { class: "tip", hidden: true, "aria-hidden": "true" });
    this.said = el("p", { class: "aside", "aria-live": "polite" });
    this.host = el("div", {
      class: "chart", tabindex: 0, role: "group", "aria-label": this.label + ". Left and right read values, plus and minus zoom, 0 shows all.",
      onkeydown: (event) => this.key(event),
    }, this.tip, this.said);
    this.zoom.watchers.add(() => this.render());
    charts.add(this);
    onWidth(this.host, () => this.render());
  }

  get lead() { return this.panes[0].series.find((it) => it.times); }

  x(time) {
    const [from, to] = this.zoom.now;
    return this.left + ((time - from) / (to - from)) * (this.width - this.left - this.right);
  }
  time(x) {
    const [from, to] = this.zoom.now;
    return from + ((x - this.left) / (this.width - this.left - this.right)) * (to - from);
  }

  render() {
    const width = printing.on ? printing.width * (this.share ?? 1) : this.host.clientWidth;
    if (width < 40) return;
    this.width = width;
    this.left = this.gutter ?? 50;
    this.right = 10;
    let top = HEAD;
    const body = [];
    for (const pane of this.panes) {
      if (pane.label) top += TITLE;
      pane.top = top;
      pane.size = typeof pane.height === "function" ? pane.height() : pane.height;
      top += pane.size + GAP;
      body.push(this.pane(pane));
    }
    this.height = top - GAP + FOOT;
    this.clip = `clip${Chart.count++}`;
    const [from, to] = this.zoom.now;
    const axis = dates(from, to, (width - 60) / 78).map(([time, text]) => [
      draw("line", { class: "grid", x1: this.x(time), x2: this.x(time), y1: HEAD, y2: top - GAP }),
      this.x(time) < width - 18 && draw("text", { class: "tick", x: this.x(time), y: top - GAP + 15, "text-anchor": "middle" }, text),
    ]);
    this.cross = draw("g", { class: "cross" });
    this.band = draw("rect", { class: "band", y: HEAD, height: top - GAP - HEAD, width: 0, x: 0 });
    const cover = draw("rect", { class: "cover", x: this.left, y: 0, width: Math.max(0, width - this.left - this.right), height: top });
    const inner = draw("clipPath", { id: this.clip }, draw("rect", { x: this.left, y: 0, width: Math.max(0, width - this.left - this.right), height: top }));
    const image = draw("svg", { viewBox: `0 0 ${width} ${this.height}`, width: "100%", role: "img", "aria-label": this.label }, inner, axis,
      body.map((it) => [it.under, draw("g", { "clip-path": `url(#${this.clip})` }, it.over), it.above]), this.band, this.cross, cover);
    this.pointer(cover);
    this.image?.remove();
    this.image = image;
    this.host.prepend(image);
    if (this.at !== null) this.show(this.at); else this.tip.hidden = true;
  }

  /** Draws a pane: its grid, its series, its labels. */
  pane(pane) {
    const { top, size } = pane;
    const under = [], over = [], above = [];
    if (pane.label) above.push(draw("text", { class: "name", x: this.left, y: top - 7 }, pane.label));
    if (pane.rows) {
      pane.y = (row) => top + ((row + 0.5) / pane.rows.length) * size;
      pane.rows.forEach((name, row) => under.push(
        draw("line", { class: "grid", x1: this.left, x2: this.width - this.right, y1: pane.y(row), y2: pane.y(row) }),
        draw("text", { class: "tick", x: this.left - 6, y: pane.y(row) + 4, "text-anchor": "end" }, name.length > 7 ? name.slice(0, 6) + "…" : name)));
    } else {
      const log = pane.log?.() ?? false;
      let [low, high] = this.range(pane, log);
      const place = log ? (it) => Math.log(Math.max(it, 1e-12)) : (it) => it;
      const [bottom, ceiling] = [place(low), place(high)];
      pane.y = (value) => top + size - ((place(value) - bottom) / (ceiling - bottom || 1)) * size;
      const count = Math.max(2, Math.round(size / 44));
      const marks = log ? logTicks(low, high, count) : ticks(low, high, count);
      const step = log ? undefined : marks[1] - marks[0];
      for (const it of marks) {
        const y = pane.y(it);
        under.push(draw("line", { class: it === 0 && !log ? "grid zero" : "grid", x1: this.left, x2: this.width - this.right, y1: y, y2: y }));
        if (y > top - 4) under.push(draw("text", { class: "tick", x: this.left - 6, y: y + 4, "text-anchor": "end" }, pane.format(it, step)));
      }
    }
    for (const series of pane.series) if (!series.off?.()) over.push(this.series(pane, series));
    return { under, over, above };
  }

  /** Returns which places of a series are to be seen, one more on each side. */
  seen(times) {
    const [from, to] = this.zoom.now;
    return [Math.max(0, before(times, from)), Math.min(times.length - 1, before(times, to) + 1)];
  }

  range(pane, log) {
    let low = Infinity, high = -Infinity;
    const see = (it) => {
      if (it === null || !Number.isFinite(it) || (log && it <= 0)) return;
      if (it < low) low = it;
      if (it > high) high = it;
    };
    for (const series of pane.series) {
      if (series.off?.()) continue;
      if (series.kind === "level") { see(series.value); continue; }
      if (!series.times || series.kind === "marks") continue;
      const [first, last] = this.seen(series.times);
      const columns = series.kind === "candle" ? [series.low, series.high] : [series.values];
      for (let at = first; at <= last; at++) columns.forEach((column) => see(column[at]));
    }
    if (pane.zero) see(0);
    if (low > high) [low, high] = [0, 1];
    if (log) return [low / 1.02, high * 1.02];
    const room = (high - low || Math.abs(high) || 1) * 0.05;
    return [pane.zero && low === 0 ? 0 : low - room, pane.zero && high === 0 ? 0 : high + room];
  }

  series(pane, series) {
    const y = pane.y;
    const point = (time, value) => `${this.x(time).toFixed(1)} ${y(value).toFixed(1)}`;
    if (series.kind === "level") {
      return draw("line", { class: "level " + series.class, x1: this.left, x2: this.width - this.right, y1: y(series.value), y2: y(series.value) });
    }
    if (series.kind === "spans") {
      const [from, to] = this.zoom.now;
      const thick = Math.max(4, Math.min(12, pane.size / pane.rows.length - 5));
      return series.spans.filter((it) => it.to >= from && it.from <= to).map((it) => draw("rect", {
        class: it.class, x: this.x(it.from), width: Math.max(1.2, this.x(it.to) - this.x(it.from)), y: y(it.row) - thick / 2, height: thick, rx: 1,
      }));
    }
    if (series.kind === "marks") {
      const [from, to] = this.zoom.now;
      return series.marks.filter((it) => it.time >= from && it.time <= to).map((it) => {
        const [x, at, s] = [this.x(it.time), y(it.value), it.up ? 1 : -1];
        return draw("path", { class: it.class, d: `M${x.toFixed(1)} ${(at + 3 * s).toFixed(1)}l-4.5 ${8 * s}h9z` });
      });
    }
    const [first, last] = this.seen(series.times);
    if (series.kind === "candle") {
      const wide = (this.width - this.left - this.right) / Math.max(1, last - first);
      if (wide >= 3.2) {
        const body = Math.min(9, wide * 0.62);
        const paths = { up: "", down: "" };
        for (let at = first; at <= last; at++) {
          const x = this.x(series.times[at]);
          const [a, b] = [y(series.open[at]), y(series.close[at])];
          const rises = series.close[at] >= series.open[at];
          paths[rises ? "up" : "down"] += `M${x.toFixed(1)} ${y(series.high[at]).toFixed(1)}V${Math.min(a, b).toFixed(1)}M${x.toFixed(1)} ${Math.max(a, b).toFixed(1)}V${y(series.low[at]).toFixed(1)}` +
            `M${(x - body / 2).toFixed(1)} ${a.toFixed(1)}h${body.toFixed(1)}V${(Math.abs(a - b) < 0.6 ? a + 0.6 : b).toFixed(1)}h${(-body).toFixed(1)}z`;
        }
        return Object.entries(paths).map(([name, d]) => draw("path", { class: "candle " + name, d }));
      }
    }
    if (series.kind === "layer") {
      let up = "", down = "";
      for (let at = first; at <= last; at++) up += (up ? "L" : "M") + point(series.times[at], series.values[at]);
      for (let at = last; at >= first; at--) down += "L" + point(series.times[at], series.base[at]);
      return up && draw("path", { class: "layer " + series.class, d: up + down + "z" });
    }
    const values = series.values ?? series.close;
    let d = "", open = false, lastX = 0;
    for (let at = first; at <= last; at++) {
      const value = values[at];
      if (value === null || value === undefined) { open = false; continue; }
      const place = point(series.times[at], value);
      if (series.kind === "step" && open) d += `H${place.split(" ")[0]}`;
      d += (open ? "L" : "M") + place;
      [open, lastX] = [true, this.x(series.times[at])];
    }
    if (series.kind === "area" && d) {
      const base = y(0).toFixed(1);
      return [
        draw("path", { class: "fill " + series.class, d: `M${this.x(series.times[first]).toFixed(1)} ${base}` + d.replace("M", "L") + `L${lastX.toFixed(1)} ${base}z` }),
        draw("path", { class: "line " + series.class, d }),
      ];
    }
    return draw("path", { class: "line " + series.class, d });
  }

  pointer(cover) {
    const local = (event) => {
      const box = this.image.getBoundingClientRect();
      return ((event.clientX - box.left) / box.width) * this.width;
    };
    let from = null;
    cover.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      from = local(event);
      if (event.pointerType === "mouse") cover.setPointerCapture(event.pointerId);
    });
    cover.addEventListener("pointermove", (event) => {
      const x = local(event);
      this.show(this.nearest(this.time(x)));
      if (from === null) return;
      this.band.setAttribute("x", Math.min(from, x));
      this.band.setAttribute("width", Math.abs(x - from));
    });
    const end = (event, zooms) => {
      const start = from;
      from = null;
      this.band.setAttribute("width", 0);
      if (zooms && start !== null && Math.abs(local(event) - start) > 8) {
        this.zoom.set(...[this.time(start), this.time(local(event))].sort((a, b) => a - b));
      }
    };
    cover.addEventListener("pointerup", (event) => end(event, true));
    cover.addEventListener("pointercancel", (event) => end(event, false));
    cover.addEventListener("pointerleave", () => { if (from === null) this.hide(); });
    cover.addEventListener("dblclick", () => this.zoom.reset());
  }

  nearest(time) {
    const times = this.lead.times;
    const at = Math.max(0, before(times, time));
    return at + 1 < times.length && times[at + 1] - time < time - times[at] ? at + 1 : at;
  }

  key(event) {
    const times = this.lead.times;
    const [from, to] = this.zoom.now;
    const at = this.at ?? this.nearest((from + to) / 2);
    const step = event.shiftKey ? 20 : 1;
    const middle = this.at === null ? (from + to) / 2 : times[at];
    const act = {
      ArrowLeft: () => this.show(Math.max(0, at - step), true),
      ArrowRight: () => this.show(Math.min(times.length - 1, at + step), true),
      Home: () => this.show(0, true),
      End: () => this.show(times.length - 1, true),
      "+": () => this.zoom.set(middle - (middle - from) / 1.6, middle + (to - middle) / 1.6),
      "-": () => this.zoom.set(middle - (middle - from) * 1.6, middle + (to - middle) * 1.6),
      "0": () => this.zoom.reset(),
      Escape: () => this.hide(),
    }[event.key === "=" ? "+" : event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  /** Puts the crosshair at a place of the leading series, and says what is there. */
  show(at, aloud) {
    const time = this.lead.times[at];
    this.at = at;
    const x = this.x(time);
    if (x < this.left - 1 || x > this.width - this.right + 1) { this.cross.replaceChildren(); this.tip.hidden = true; return; }
    const marks = [draw("line", { x1: x, x2: x, y1: HEAD, y2: this.height - FOOT })];
    const rows = [];
    for (const pane of this.panes) {
      for (const series of pane.series) {
        if (series.off?.() || !series.name) continue;
        if (series.kind === "spans") {
          const held = series.spans.filter((it) => it.from <= time && it.to > time).map((it) => it.text);
          rows.push(["spans", series.name, held.length > 3 ? `${held.length} positions` : held.join(", ") || "none"]);
          continue;
        }
        const place = before(series.times, time);
        const value = place < 0 ? null : (series.shown ?? series.values ?? series.close)[place];
        if (value === null || value === undefined) continue;
        if (series.kind !== "layer") marks.push(draw("circle", { class: "dot " + series.class, cx: x, cy: pane.y(value), r: 3.2 }));
        rows.push([series.class, series.name, (series.format ?? pane.format)(value)]);
      }
    }
    this.cross.replaceChildren(...marks);
    this.tip.replaceChildren(el("b", {}, day(time)), ...rows.map(([kind, name, text]) => el("div", {}, el("i", { class: "key " + kind }), el("span", {}, name), el("em", {}, text))));
    this.tip.hidden = false;
    const room = this.tip.offsetWidth + 16;
    this.tip.style.left = `${x + room > this.width ? x - room : x + 14}px`;
    if (aloud) this.said.textContent = `${day(time)}: ` + rows.map((it) => `${it[1]} ${it[2]}`).join(", ");
  }

  hide() {
    this.at = null;
    this.cross.replaceChildren();
    this.tip.hidden = true;
  }
}
Chart.count = 0;
