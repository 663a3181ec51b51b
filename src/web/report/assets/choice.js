// A choice between strategies: how sure it is, whether that was borne out, and what it goes by.

function choice(it) {
  const found = it.quality;
  const share = (text) => (typeof text === "string" ? percent(Number(text.replace("%", "")) / 100) : "–");
  const by = it.model.split(", ")[0];
  const label = it.symbol ? `${it.symbol}: choice by ${by}` : `Choice by ${by}`;
  const better = found && found.brier < found.base_brier;
  return el("article", { class: "card" }, el("h2", {}, label), el("p", { class: "by" }, it.model),
    el("p", { class: "verdict" }, "In force is ", el("b", {}, it.strategy.name), ", with a confidence of ", el("b", {}, share(it.confidence)), ". ",
      found && (better ? "Out of sample its confidence told more than always saying how often it is right."
        : "Out of sample its confidence told no more than always saying how often it is right: there is no sign of skill.")),
    found && tiles([
      ["Confidence", share(it.confidence), "50 % is chance"], ["Did better", percent(found.hit_rate), `than the median, in ${plural(found.windows, "window")}`],
      ["Brier score", fixed(found.brier, 4), `base rate ${fixed(found.base_brier, 4)}`], ["Log loss", fixed(found.log_loss, 4), `base rate ${fixed(found.base_log_loss, 4)}`],
    ]),
    found && el("div", { class: "pair" },
      section("Reliability", "out of sample; the line is what a true confidence would give", reliability(found.reliability, found.hit_rate)),
      section("What it goes by", "how much worse its predictions are without", importance(found.importance.slice(0, 12)))));
}

/** Returns how often choices of each confidence did better, with 95 % intervals. */
function reliability(rows, rate) {
  const label = "Reliability: " + rows.map((it) => `said ${percent(it.predicted)}, came ${percent(it.observed)} of ${it.count}`).join("; ");
  return picture(label, (width) => {
    const [left, right, top, size] = [48, 12, 10, 230];
    const all = rows.flatMap((it) => [it.predicted, it.low, it.high]);
    const [low, high] = [Math.max(0, Math.floor(Math.min(...all, 0.45) * 20) / 20), Math.min(1, Math.ceil(Math.max(...all, 0.55) * 20) / 20)];
    // What was said lies closer together than what came of it, so each side has its own scale.
    const said = rows.map((it) => it.predicted);
    const [from, to] = [Math.max(0, Math.floor((Math.min(...said, 0.42) - 0.01) * 20) / 20), Math.min(1, Math.ceil((Math.max(...said, 0.58) + 0.01) * 20) / 20)];
    const x = (it) => left + ((it - from) / (to - from)) * (width - left - right);
    const y = (it) => top + size - ((it - low) / (high - low)) * size;
    const marks = ticks(from, to, Math.max(2, (width - left) / 90));
    const [start, end] = [Math.max(from, low), Math.min(to, high)];
    return [top + size + 42,
      ticks(low, high, 5).map((it) => [
        draw("line", { class: "grid", x1: left, x2: width - right, y1: y(it), y2: y(it) }),
        draw("text", { class: "tick", x: left - 6, y: y(it) + 4, "text-anchor": "end" }, percent(it, 0))]),
      draw("line", { class: "chance", x1: left, x2: width - right, y1: y(rate), y2: y(rate) }, draw("title", {}, `did better in ${percent(rate)}`)),
      start < end && draw("line", { class: "honest", x1: x(start), x2: x(end), y1: y(start), y2: y(end) }),
      rows.map((it) => draw("g", {}, draw("title", {}, `said ${percent(it.predicted)}, did better in ${percent(it.observed)} of ${it.count} (${percent(it.low)} to ${percent(it.high)})`),
        draw("line", { class: "interval", x1: x(it.predicted), x2: x(it.predicted), y1: y(it.low), y2: y(it.high) }),
        draw("circle", { class: "point", cx: x(it.predicted), cy: y(it.observed), r: 5 }))),
      marks.map((it) => draw("text", { class: "tick", x: x(it), y: top + size + 18, "text-anchor": "middle" }, percent(it, places((marks[1] - marks[0]) * 100)))),
      draw("text", { class: "tick", x: (left + width - right) / 2, y: top + size + 36, "text-anchor": "middle" }, "confidence; the height is how often the choice did better")];
  }, 0.48);
}

/** Returns how much predictions lose without each feature. */
function importance(rows) {
  const label = "Importance: " + rows.map((it) => `${words(it.feature)} ${number(it.loss)}`).join("; ");
  return picture(label, (width) => {
    const [left, right, top, each] = [Math.min(150, width * 0.36), 12, 4, 22];
    const ends = rows.flatMap((it) => [it.loss - it.deviation, it.loss + it.deviation]);
    const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends) || 1e-6];
    const x = (it) => left + ((it - low) / (high - low || 1)) * (width - left - right);
    const bottom = top + rows.length * each;
    const marks = ticks(low, high, Math.max(2, (width - left) / 110));
    const digits = places(marks.length > 1 ? marks[1] - marks[0] : high);
    return [bottom + 22,
      marks.map((it) => [draw("line", { class: it === 0 ? "grid zero" : "grid", x1: x(it), x2: x(it), y1: top, y2: bottom }),
        draw("text", { class: "tick", x: x(it), y: bottom + 16, "text-anchor": "middle" }, fixed(it, digits))]),
      rows.map((it, at) => {
        const middle = top + (at + 0.5) * each;
        return draw("g", {}, draw("title", {}, `${words(it.feature)}: ${fixed(it.loss, 5)} ± ${fixed(it.deviation, 5)}`),
          draw("text", { class: "tick", x: left - 8, y: middle + 4, "text-anchor": "end" }, words(it.feature)),
          draw("rect", { class: it.loss < 0 ? "fell" : "rose", x: Math.min(x(0), x(it.loss)), width: Math.max(0.8, Math.abs(x(it.loss) - x(0))), y: middle - 6, height: 12 }),
          draw("line", { class: "interval", x1: x(it.loss - it.deviation), x2: x(it.loss + it.deviation), y1: middle, y2: middle }));
      })];
  }, 0.48);
}
