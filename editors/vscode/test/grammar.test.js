// Runs the TextMate grammar over text and looks at the scopes that it gives, as the editor would.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

const here = path.join(__dirname, "..");
const root = path.join(here, "..", "..");

async function grammar() {
  const wasm = fs.readFileSync(path.join(path.dirname(require.resolve("vscode-oniguruma")), "onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => {
      const file = path.join(here, "syntaxes", "wf.tmLanguage.json");
      return textmate.parseRawGrammar(fs.readFileSync(file, "utf8"), file);
    },
  });
  return registry.loadGrammar("source.wf");
}

const ready = grammar();

/** Returns every token of a text as `[line, text, innermost scope]`. */
async function tokens(text) {
  const found = [];
  let stack = textmate.INITIAL;
  for (const [number, line] of text.split("\n").entries()) {
    const result = (await ready).tokenizeLine(line, stack);
    stack = result.ruleStack;
    for (const token of result.tokens) {
      found.push([number + 1, line.slice(token.startIndex, token.endIndex), token.scopes.at(-1)]);
    }
  }
  return found;
}

/** Asserts that a word of a text has a scope. */
async function says(text, word, scope) {
  const all = await tokens(text);
  const of_word = all.filter((it) => it[1].trim() === word).map((it) => it[2]);
  assert.ok(of_word.includes(scope), `\`${word}\` in \`${text}\` is ${of_word.join(", ") || "no token"}, not ${scope}`);
}

test("each kind of word has its scope", async () => {
  await says("workflow portfolio {", "workflow", "storage.type.wf");
  await says("workflow portfolio {", "portfolio", "entity.name.type.wf");
  await says("  step prices = data.get_historical(symbol: symbol)", "prices", "entity.name.function.wf");
  await says("  step prices = data.get_historical(symbol: symbol)", "data", "entity.name.namespace.wf");
  await says("  step prices = data.get_historical(symbol: symbol)", "get_historical", "support.function.wf");
  await says("  step prices = data.get_historical(symbol: symbol)", "symbol", "variable.parameter.key.wf");
  await says("  step prices = data.get_historical", "get_historical", "support.function.wf");
  await says("    else ml_strategy.fixed(strategy: x)", "fixed", "support.function.wf");
  await says("    timeout 30s", "timeout", "keyword.control.clause.wf");
  await says("    retry 3 backoff 1s..20s", "backoff", "keyword.control.wf");
  await says("  step r = for symbol in universe parallel 8 {", "symbol", "variable.parameter.wf");
  await says("  step r = for symbol in universe parallel 8 {", "in", "keyword.operator.word.wf");
  await says("  enter long when close > sma(close, 20)", "long", "constant.language.side.wf");
  await says("  enter long when close > sma(close, 20)", "sma", "support.function.wf");
  await says("  enter long when close > bands.lower and sideways", "and", "keyword.operator.word.wf");
  await says('test "a name" {', "test", "keyword.control.clause.wf");
  await says("  mock data.get_historical = bars", "mock", "keyword.control.clause.wf");
  await says("  param capital: Money<USD> = 1 USD", "Money", "support.type.wf");
  await says("  let x = none", "none", "constant.language.wf");
  await says("## What it is for.", "## What it is for.", "comment.line.documentation.wf");
});

test("numbers, units and dates are told apart", async () => {
  await says("  param capital: Money<USD> = 10_000.50 USD", "10_000.50", "constant.numeric.wf");
  await says("  param capital: Money<USD> = 10_000 USD", "USD", "keyword.other.unit.wf");
  await says("    timeout 30s", "s", "keyword.other.unit.wf");
  await says("  let p = 24mo", "mo", "keyword.other.unit.wf");
  await says("  let f = 5bps", "bps", "keyword.other.unit.wf");
  await says("  let f = 2%", "%", "keyword.other.unit.wf");
  await says("  let p = 2005-01-01..2012-12-31", "2005-01-01", "constant.numeric.date.wf");
  await says("  let p = 2005-01-01..2012-12-31", "2012-12-31", "constant.numeric.date.wf");
  await says("  at 10:00 fail data.get_historical", "10:00", "constant.numeric.time.wf");
});

test("text and comments hold nothing else", async () => {
  await says('  let x = "step 30s # no" # yes', "# yes", "comment.line.number-sign.wf");
  for (const [, text, scope] of await tokens('  let x = "step 30s # no"')) {
    assert.ok(!text.includes("30s") || scope === "string.quoted.double.wf", `${text}: ${scope}`);
  }
  // A text that is not closed ends with its line.
  await says('  let x = "open\n  step y = 1', "step", "keyword.control.wf");
});

test("a word of a clause may be a name", async () => {
  await says("  step report = backtest.execute(timeout: 30s)", "timeout", "variable.parameter.key.wf");
  const all = await tokens("  let a = cache + 1");
  assert.ok(all.every((it) => it[1] !== "cache" || !it[2].includes("clause")));
});

function shipped(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((it) => {
    const name = path.join(folder, it.name);
    if (it.isDirectory()) return shipped(name);
    return it.name.endsWith(".wf") ? [name] : [];
  });
}

test("in what is shipped every number, statement and comment is coloured", async () => {
  const files = shipped(path.join(root, "workflows"));
  assert.ok(files.length >= 8, `${files.length} files`);
  for (const file of files) {
    const all = await tokens(fs.readFileSync(file, "utf8"));
    for (const [line, text, scope] of all) {
      if (scope === "source.wf") {
        assert.ok(!/\d/.test(text.replace(/[A-Za-z_]\w*/g, "")), `${file}:${line}: the number in \`${text}\``);
        assert.ok(!/^\s*(step|param|let|output|workflow|strategy|enter|exit)\s/.test(text), `${file}:${line}: \`${text}\``);
        assert.ok(!text.includes("#") && !text.includes('"'), `${file}:${line}: \`${text}\``);
      }
    }
  }
});
