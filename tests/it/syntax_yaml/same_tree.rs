//! Both forms give the same tree.

use wf::{
    source::{FileId, Source, Sources, render},
    syntax::{self, ast::File},
};

/// Reads a text that is right.
pub fn read(name: &str, text: &str) -> File {
    let mut sources = Sources::default();
    let id = sources.add(Source::new(name, None, text));
    let parsed = syntax::parse(id, sources.get(id).unwrap());
    assert!(parsed.diagnostics.is_empty(), "{}\n{text}", render(&sources, &parsed.diagnostics, false));
    parsed.file
}

/// Returns a tree without its places.
pub fn shape(file: &File) -> String {
    syntax::same::canonical(file)
}

pub fn assert_same(wf: &str, yaml: &str) {
    let (left, right) = (shape(&read("a.wf", wf)), shape(&read("a.yaml", yaml)));
    if left != right {
        let at = left.bytes().zip(right.bytes()).position(|it| it.0 != it.1).unwrap_or(0);
        let near = |it: &str| it.chars().skip(at.saturating_sub(80)).take(200).collect::<String>();
        panic!("{yaml}\n--- wf\n{}\n--- yaml\n{}", near(&left), near(&right));
    }
}

#[test]
fn of_the_six_lines() {
    assert_same(
        "workflow simple_backtest {
           step fetch_data = data.get_historical
           step analyze = analyze.find_patterns
           step detect_regime = market_regime.detect
           step select_strategy = ml_strategy.predict_best
           step size_position = position_sizing.calculate
           step run_backtest = backtest.execute
         }",
        "simple_backtest:
  steps:
    - fetch_data: {slice: data, method: get_historical}
    - analyze: {slice: analyze, method: find_patterns}
    - detect_regime: {slice: market_regime, method: detect}
    - select_strategy: {slice: ml_strategy, method: predict_best}
    - size_position: {slice: position_sizing, method: calculate}
    - run_backtest: {slice: backtest, method: execute}
",
    );
}

#[test]
fn of_everything() {
    assert_same(
        r#"use "./p.wf" { a, b }
           use "q.wf" as ns
           type T = { a: Int, b: Text? }
           workflow w {
             modes paper, live
             param n: Int in 2..100 by 5 = 20
             param capital: Money<USD> in 1_000 USD..5_000_000 USD = 10_000 USD
             param symbols: [Symbol] = ["AAPL", "MSFT"]
             param period: DateRange = 2001-01-01..2012-12-31
             param kind: "limit" | "market" = "limit"
             limits { max_position: 5% of capital on_breach: "halt" max_leverage: 1x }
             deadline 2h
             step a: Bars = data.get(symbol: "AAPL", x: none, y: -3, z: [1, n], r: { t: true, d: "2020-01-01" })
               when n > 3 and capital != none
               after b, c
               timeout 30s
               retry 3 backoff 1s..20s
               else market_regime.neutral
               else none
             step b = act(x: a.rows[3])
             step c = len(a, 1)
             let d: Int = 4
             step e = for s in symbols where s != "IBM" parallel 8 {
               step f = match mode {
                 "backtest", "paper" => data.get(symbol: s)
                 true => none
                 _ => { step g = h.i yield g }
               }
               yield { s: s, f: f }
             }
               tolerate 20%
               accept a, b
               cache 1d
               every 1w
             on x in e where x.n > 1 every 60s by x.symbol max 1_000 as xs { step y = a.b(xs: xs) }
             on x in e { step y = a.b }
             output r = e
           }
           strategy s {
             param fast: Int in 2..100 = 20
             let m = sma(close, fast)
             enter long when m > close[1]
             exit short when not (m > 3)
             orders { stop: 2 * atr(14) size: 1% of equity fill: "next_open" }
           }
           test "it works" {
             let x = 1
             mock data.get = { a: 1 }
             fail a.b
             fail a.b n times as "input"
             delay a.b 5s
             at 10:00 fail a.b 2 times
             run w(n: 3)
             run first = ns.w()
             expect outputs.r == "x: y"
           }"#,
        r#"use:
  - {path: ./p.wf, names: [a, b]}
  - {path: "q.wf", as: ns}
types:
  T: {a: Int, b: Text?}
w:
  modes: [paper, live]
  params:
    n: {type: Int, in: 2..100 by 5, default: 20}
    capital: {type: Money<USD>, in: $1_000 USD..5_000_000 USD, default: 10_000 USD}
    symbols: {type: [Symbol], default: [AAPL, MSFT]}
    period: {type: DateRange, default: 2001-01-01..2012-12-31}
    kind: {type: '"limit" | "market"', default: limit}
  limits: {max_position: $5% of capital, on_breach: halt, max_leverage: 1x}
  deadline: 2h
  steps:
    - a:
        type: Bars
        slice: data
        method: get
        with: {symbol: AAPL, x: null, y: -3, z: [1, $n], r: {t: true, d: "2020-01-01"}}
        when: $n > 3 and capital != none
        after: [b, c]
        timeout: 30s
        retry: {max: 3, backoff: $1s..20s}
        else: [{slice: market_regime, method: neutral}, null]
    - b: {run: act, with: {x: "$a.rows[3]"}}
    - c: $len(a, 1)
    - let: {d: 4}
      type: Int
    - e:
        for: s
        in: $symbols
        where: '$s != "IBM"'
        parallel: 8
        steps:
          - f:
              match: $mode
              cases:
                - {is: [backtest, paper], slice: data, method: get, with: {symbol: $s}}
                - {is: true, value: null}
                - is: _
                  steps: [g: {slice: h, method: i}]
                  yield: $g
        yield: {s: $s, f: $f}
        tolerate: 20%
        accept: [a, b]
        cache: 1d
        every: 1w
    - on: x
      in: $e
      where: $x.n > 1
      every: 60s
      by: $x.symbol
      max: 1_000
      as: xs
      steps:
        - y: {slice: a, method: b, with: {xs: $xs}}
    - {on: x, in: $e, steps: [{y: {slice: a, method: b}}]}
  outputs: {r: $e}
strategies:
  s:
    params: {fast: {type: Int, in: 2..100, default: 20}}
    let: {m: "$sma(close, fast)"}
    rules:
      - {enter: long, when: "$m > close[1]"}
      - {exit: short, when: $not (m > 3)}
    orders:
      stop: $2 * atr(14)
      size: $1% of equity
      fill: next_open
tests:
  it works:
    - let: {x: 1}
    - mock: {data.get: {a: 1}}
    - fail: a.b
    - {fail: a.b, times: $n, as: input}
    - delay: {a.b: 5s}
    - {at: 10:00, fail: a.b, times: 2}
    - run: w
      with: {n: 3}
    - {run: ns.w, as: first}
    - expect: "$outputs.r == \"x: y\""
"#,
    );
}

#[test]
fn and_places_are_those_of_the_file() {
    let text = "w:\n  steps:\n    - a: {value: \"$f(\\\"x\\\", bb)\"}\n    - c: $d.é\n";
    let file = read("a.yaml", text);
    let source = Source::new("a.yaml", None, text);
    let debug = format!("{:?}", file.items);
    let place = |part: &str| {
        let at = text.find(part).unwrap();
        format!("{:?}", wf::source::Span::new(FileId(0), at, at + part.len()))
    };
    for part in ["bb", "\\\"x\\\"", "d.é", "f(\\\"x\\\", bb)", "a"] {
        assert!(debug.contains(&place(part)), "{part} {}\n{debug}", source.text());
    }
}
