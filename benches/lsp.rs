//! How long an editor waits: from a keystroke in a file of 1,000 lines to its findings, and to what is offered.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench may fail loudly and reads the time"
)]

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use lsp_server::{Connection, Message, Notification, Request};
use serde_json::{Value, json};
use wf::{
    check::{Options, check, check_and_index},
    lsp, slices,
    source::{Source, Sources},
};

// As the command does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const URI: &str = "file:///bench/large.wf";
const KEYS: usize = 200;

/// Returns a file of some 1,000 lines that is right: strategies, and workflows with loops, clauses and wiring.
fn large() -> String {
    let mut text = String::new();
    for at in 0..25 {
        _ = writeln!(
            text,
            "## Strategy {at}.\nstrategy s{at} {{\n  param fast: Int in 2..100 by 1 = {}\n  param slow: Int in 5..400 by 5 = 50\n\n  \
             let a = sma(close, fast)\n  let b = ema(close, slow)\n  let calm = rsi(close, 14) < 70 and volume > sma(volume, 20)[1]\n\n  \
             enter long when crosses_above(a, b) and calm\n  exit long when crosses_below(a, b)\n\n  \
             orders {{\n    stop: 2 * atr(14)\n    size: 1% of equity\n  }}\n}}\n",
            at + 2
        );
        _ = writeln!(
            text,
            "workflow w{at} {{\n  param symbols: [Symbol] = [\"AAPL\", \"MSFT\"]\n  param capital: Money<USD> = 10_000 USD\n\n  \
             step results = for symbol in symbols parallel 4 {{\n    step prices = data.get_historical\n      timeout 30s\n      retry 3 backoff 1s..20s\n    \
             step patterns = analyze.find_patterns\n      else none\n    step regime = market_regime.detect\n    \
             step report = backtest.execute(\n      strategy: s{at}(fast: {}, slow: 50),\n      costs: {{ fee: 1bps, slippage: 2bps }},\n    )\n    \
             let high = max([1, 2, {at}]) * 2 + {at}\n    yield report\n  }}\n    tolerate 50%\n\n  \
             step summary = monitor.summarize(reports: results)\n  output reports = results\n  output summary = summary\n}}\n",
            at + 3
        );
    }
    text
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!("{what:<44} median {:>8.2?}  95 % {:>8.2?}  most {:>8.2?}", at(50), at(95), at(100));
}

fn timed(times: usize, mut work: impl FnMut()) -> Vec<Duration> {
    let one = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..times).map(one).collect()
}

struct Editor {
    connection: Connection,
    next: i32,
}

impl Editor {
    fn tell(&self, method: &str, params: Value) {
        self.connection.sender.send(Message::Notification(Notification { method: method.into(), params })).unwrap();
    }

    fn ask(&mut self, method: &str, params: Value) {
        self.next += 1;
        let request = Request { id: self.next.into(), method: method.into(), params };
        self.connection.sender.send(Message::Request(request)).unwrap();
        while !matches!(self.connection.receiver.recv().unwrap(), Message::Response(_)) {}
    }

    fn findings(&self) {
        while !matches!(self.connection.receiver.recv().unwrap(), Message::Notification(_)) {}
    }
}

fn main() {
    let text = large();
    let registry = slices::library();
    println!("a file of {} lines, {} bytes", text.lines().count(), text.len());
    let source = || Source::new("large.wf", None, text.as_str());
    let plain = timed(KEYS, || {
        let mut sources = Sources::default();
        let root = sources.add(source());
        check(&mut sources, root, &registry, &Options::default());
    });
    report("check, without an index", plain);
    let indexed = timed(KEYS, || {
        let mut sources = Sources::default();
        let root = sources.add(source());
        check_and_index(&mut sources, root, &registry, &Options::default());
    });
    report("check, with an index", indexed);

    let (theirs, ours) = Connection::memory();
    let settings = |_: &std::path::Path| Ok(Options::default());
    let server = std::thread::spawn(move || lsp::serve(&theirs, &slices::library(), &settings).unwrap());
    let mut editor = Editor { connection: ours, next: 0 };
    editor.ask("initialize", json!({ "capabilities": {} }));
    editor.tell("initialized", json!({}));
    let document = json!({ "uri": URI, "languageId": "wf", "version": 0, "text": text });
    editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
    editor.findings();
    // A digit more and a digit less, in the middle of the file.
    let line = text.lines().position(|it| it.contains("let high = max([1, 2, 12])")).unwrap();
    let place = |column: usize| json!({ "line": line, "character": column });
    let mut version = 0;
    let keys = timed(KEYS, || {
        version += 1;
        let (end, key) = if version % 2 == 1 { (24, "7") } else { (25, "") };
        let change = json!({ "range": { "start": place(24), "end": place(end) }, "text": key });
        let document = json!({ "uri": URI, "version": version });
        editor.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
        editor.findings();
    });
    report("a keystroke to its findings", keys);
    let at = json!({ "textDocument": { "uri": URI }, "position": place(24) });
    report("completion", timed(KEYS, || editor.ask("textDocument/completion", at.clone())));
    report("hover", timed(KEYS, || editor.ask("textDocument/hover", at.clone())));
    let document = json!({ "textDocument": { "uri": URI } });
    report("semantic tokens", timed(KEYS, || editor.ask("textDocument/semanticTokens/full", document.clone())));
    editor.ask("shutdown", Value::Null);
    editor.tell("exit", Value::Null);
    server.join().unwrap();
}
