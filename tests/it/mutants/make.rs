//! The mutants of a text: each is one mistake.

use std::ops::Range;

use wf::syntax::words::{CLAUSES, RESERVED, STATEMENTS};

use super::words::{Kind, Token, tokens};

/// What a mutant deserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It breaks a promise of the language.
    Broken,
    /// It is a workflow too, though another one.
    Legal,
}

#[derive(Clone, Debug)]
pub struct Mutant {
    pub kind: &'static str,
    /// What was done, for whoever reads that it was missed.
    pub what: String,
    pub fate: Fate,
    pub text: String,
    /// The text that it was made of, where that is not the shipped one.
    pub base: Option<String>,
}

impl Mutant {
    fn new(kind: &'static str, what: String, fate: Fate, text: String) -> Self {
        Self { kind, what, fate, text, base: None }
    }
}

/// What a name without a declaration may still mean.
fn is_context(name: &str) -> bool {
    wf::expr::Context::find(name).is_some()
}

/// A text with its tokens, and what is known of the words in it.
struct Subject<'t> {
    text: &'t str,
    tokens: Vec<Token>,
}

/// Returns every mutant of a text.
pub fn all(text: &str) -> Vec<Mutant> {
    let subject = Subject { text, tokens: tokens(text) };
    let mut out = Vec::new();
    subject.names(&mut out);
    subject.units(&mut out);
    subject.types(&mut out);
    subject.signs(&mut out);
    subject.statements(&mut out);
    subject.clauses(&mut out);
    subject.values(&mut out);
    subject.swaps(&mut out);
    subject.safety(&mut out);
    out
}

impl Subject<'_> {
    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |it| &self.text[it.at.clone()])
    }

    fn line(&self, at: usize) -> usize {
        self.text[..self.tokens[at].at.start].matches('\n').count() + 1
    }

    fn with(&self, range: Range<usize>, new: &str) -> String {
        format!("{}{new}{}", &self.text[..range.start], &self.text[range.end..])
    }

    fn put(&self, out: &mut Vec<Mutant>, kind: &'static str, fate: Fate, at: usize, new: &str) {
        let range = self.tokens[at].at.clone();
        if &self.text[range.clone()] == new {
            return;
        }
        let what = format!("line {}: `{}` -> `{new}`", self.line(at), &self.text[range.clone()]);
        out.push(Mutant::new(kind, what, fate, self.with(range, new)));
    }

    fn count(&self, word: &str) -> usize {
        (0..self.tokens.len()).filter(|at| self.tokens[*at].kind == Kind::Word && self.word(*at) == word).count()
    }

    /// How deep in round brackets a token is.
    fn depth(&self, at: usize) -> i32 {
        (0..at).map(|it| i32::from(self.word(it) == "(") - i32::from(self.word(it) == ")")).sum()
    }

    /// Which settings a token stands in: `limits` or `orders`.
    fn settings(&self, at: usize) -> Option<&str> {
        let mut deep = 0;
        for it in (0..at).rev() {
            match self.word(it) {
                "}" => deep += 1,
                "{" if deep > 0 => deep -= 1,
                "{" => return Some(self.word(it.checked_sub(1)?)).filter(|it| ["limits", "orders"].contains(it)),
                _ => {}
            }
        }
        None
    }

    fn is_keyword(&self, at: usize) -> bool {
        let word = self.word(at);
        let starts_line = at == 0 || self.line(at) != self.line(at - 1);
        RESERVED.contains(&word)
            || (starts_line && (CLAUSES.contains(&word) || STATEMENTS.contains(&word)))
            || (word == "backoff" && self.word(at + 1).starts_with(|it: char| it.is_ascii_digit()))
            || ["long", "short"].contains(&word) && ["enter", "exit"].contains(&self.word(at.wrapping_sub(1)))
    }

    /// Misspelt names: a letter left out, two letters changed round.
    fn names(&self, out: &mut Vec<Mutant>) {
        for at in 0..self.tokens.len() {
            let word = self.word(at).to_owned();
            if self.tokens[at].kind != Kind::Word || self.is_keyword(at) {
                continue;
            }
            let before = self.word(at.wrapping_sub(1));
            let after = self.word(at + 1);
            // A name that nobody reads may be any; so may what the world calls by it.
            let declares = ["workflow", "strategy", "output", "step", "let", "param", "type"].contains(&before);
            let unread = declares && (["workflow", "strategy", "output"].contains(&before) || self.count(&word) == 1);
            let unread = unread || (is_context(&word) && (declares || before == "for"));
            // A key of a record says what its reader calls it; one that nobody reads here is free.
            let free_key = after == ":" && self.depth(at) == 0 && self.settings(at).is_none() && !declares;
            let read_elsewhere = self.count(&word) > 1;
            // What is declared under its new name and filled by type is no broken reference.
            let fate = if unread || (free_key && !read_elsewhere) { Fate::Legal } else { Fate::Broken };
            if declares && fate == Fate::Broken && !self.is_read(at, &word) {
                continue;
            }
            if free_key {
                continue;
            }
            if word.len() > 2 {
                let middle = word.len() / 2;
                let mut short = word.clone();
                short.remove(middle);
                self.put(out, "name", fate, at, &short);
            }
            let mut letters: Vec<char> = word.chars().collect();
            if letters.len() > 3 && letters[1] != letters[2] {
                letters.swap(1, 2);
                self.put(out, "name", fate, at, &letters.into_iter().collect::<String>());
            }
            self.put(out, "name", fate, at, &format!("{word}_x"));
        }
    }

    /// Says whether a declared name is read as a reference: not as an argument's name, a field or a method.
    fn is_read(&self, declared: usize, word: &str) -> bool {
        (0..self.tokens.len()).any(|at| {
            at != declared
                && self.word(at) == word
                && self.tokens[at].kind == Kind::Word
                && self.word(at + 1) != ":"
                && self.word(at.wrapping_sub(1)) != "."
                && !["step", "let", "param", "output"].contains(&self.word(at.wrapping_sub(1)))
                && !(self.word(at + 1) == "." && ["=", "else", "=>"].contains(&self.word(at.wrapping_sub(1))))
        })
    }

    /// A unit left out, one of another dimension, one that does not exist.
    fn units(&self, out: &mut Vec<Mutant>) {
        for at in 0..self.tokens.len() {
            let text = self.word(at).to_owned();
            if self.tokens[at].kind == Kind::Number {
                let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic() || it == '%');
                let unit = &text[digits.len()..];
                if unit.is_empty() || text.contains('-') {
                    continue;
                }
                // A target of 3 is a distance in price.
                self.put(out, "unit", if unit == "R" { Fate::Legal } else { Fate::Broken }, at, digits);
                self.put(out, "unit", Fate::Broken, at, &format!("{digits}qq"));
                let others: &[&str] = match unit {
                    "%" | "bps" => &["s", "d"],
                    "R" | "x" => &["d", "bars"],
                    _ => &["%", "x"],
                };
                for other in others {
                    let gap = if *other == "bars" { " " } else { "" };
                    self.put(out, "unit", Fate::Broken, at, &format!("{digits}{gap}{other}"));
                }
            } else if ["USD", "bars"].contains(&text.as_str()) && self.tokens[at - 1].kind == Kind::Number {
                let number = self.tokens[at - 1].at.start..self.tokens[at].at.end;
                let digits = self.word(at - 1);
                for new in [digits.to_owned(), format!("{digits}%"), format!("{digits}d"), format!("{digits} EUR")] {
                    let what = format!("line {}: `{digits} {text}` -> `{new}`", self.line(at));
                    out.push(Mutant::new("unit", what, Fate::Broken, self.with(number.clone(), &new)));
                }
            }
        }
    }

    /// A literal of another type.
    fn types(&self, out: &mut Vec<Mutant>) {
        for at in 0..self.tokens.len() {
            match self.tokens[at].kind {
                Kind::Text if self.word(at.wrapping_sub(1)) != "use" => {
                    self.put(out, "type", Fate::Broken, at, "42");
                    self.put(out, "type", Fate::Broken, at, "true");
                    // Bare is a reference.
                    let bare = self.word(at).trim_matches('"').to_owned();
                    if bare.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_') {
                        self.put(out, "type", Fate::Broken, at, &bare);
                    }
                    self.put(out, "type", Fate::Broken, at, "\"no such text\"");
                }
                Kind::Number if !["USD", "bars"].contains(&self.word(at + 1)) => {
                    self.put(out, "type", Fate::Broken, at, "\"five\"");
                    // A fee and a slippage may be left out.
                    let optional = ["fee", "slippage"].contains(&self.word(at.wrapping_sub(2)));
                    self.put(out, "type", if optional { Fate::Legal } else { Fate::Broken }, at, "none");
                    self.put(out, "type", Fate::Broken, at, "{ a: 1 }");
                }
                _ => {}
            }
        }
    }

    /// A bracket, a comma, an arrow left out or written twice.
    fn signs(&self, out: &mut Vec<Mutant>) {
        for at in 0..self.tokens.len() {
            let sign = self.word(at).to_owned();
            if self.tokens[at].kind == Kind::Text {
                let open = sign[..sign.len() - 1].to_owned();
                self.put(out, "structure", Fate::Broken, at, &open);
                continue;
            }
            if self.tokens[at].kind != Kind::Sign || sign == "-" {
                continue;
            }
            // A comma at the end of a list is a matter of layout, and so is one between settings.
            let ends = [")", "]", "}"].contains(&self.word(at + 1));
            let fate = if sign == "," && ends { Fate::Legal } else { Fate::Broken };
            self.put(out, "structure", fate, at, " ");
            if ![")", "]", "}", "(", "["].contains(&sign.as_str()) {
                self.put(out, "structure", Fate::Broken, at, &format!("{sign} {sign}"));
            } else if [")", "]", "}"].contains(&sign.as_str()) {
                self.put(out, "structure", Fate::Broken, at, &format!("{sign}{sign}"));
            }
        }
        for at in 0..self.tokens.len() {
            let word = self.word(at).to_owned();
            let starts_line = at == 0 || self.line(at) != self.line(at - 1);
            if starts_line && STATEMENTS.contains(&word.as_str()) {
                self.put(out, "structure", Fate::Broken, at, "");
                self.put(out, "structure", Fate::Broken, at, &word[..word.len() - 1]);
            }
        }
    }

    /// The lines of each statement that starts a line: its first byte, and the byte after its last line.
    fn spans(&self, word: &str) -> Vec<(usize, Range<usize>)> {
        let mut all = Vec::new();
        for at in 0..self.tokens.len() {
            if self.word(at) != word || (at > 0 && self.line(at) == self.line(at - 1)) {
                continue;
            }
            let start = self.text[..self.tokens[at].at.start].rfind('\n').map_or(0, |it| it + 1);
            let indent = self.tokens[at].at.start - start;
            let mut end = start;
            for (number, line) in self.text[start..].split_inclusive('\n').enumerate() {
                let own = line.len() - line.trim_start().len();
                let closes = line.trim_start().starts_with([')', ']', '}']);
                if number > 0 && !line.trim().is_empty() && (own < indent || (own == indent && !closes)) {
                    break;
                }
                if number > 0 && line.trim().is_empty() {
                    break;
                }
                end += line.len();
            }
            all.push((at, start..end));
        }
        all
    }

    /// A statement that others need left out, or written twice.
    fn statements(&self, out: &mut Vec<Mutant>) {
        for word in ["step", "let", "param", "yield", "enter", "modes"] {
            for (at, span) in self.spans(word) {
                let name = self.word(at + 1).to_owned();
                let text = &self.text[span.clone()];
                let line = self.line(at);
                if ["step", "let", "param"].contains(&word) {
                    let twice = self.with(span.end..span.end, text);
                    let what = format!("line {line}: `{word} {name}` twice");
                    out.push(Mutant::new("structure", what, Fate::Broken, twice));
                    if !self.is_read(at + 1, &name) {
                        continue;
                    }
                }
                if word == "enter" && self.count("enter") > 1 {
                    continue;
                }
                // Where the declaration of a context value is gone, its readers read the context.
                let legal = word == "modes" || is_context(&name);
                let fate = if legal { Fate::Legal } else { Fate::Broken };
                let what = format!("line {line}: without `{word} {name}`");
                out.push(Mutant::new("structure", what, fate, self.with(span, "")));
            }
        }
        // A circle: a step that reads what is made of it.
        for (at, span) in self.spans("step") {
            let name = self.word(at + 1).to_owned();
            let text = &self.text[span.clone()];
            if let Some(open) = text.find('(').filter(|_| text.contains(": ") && !text.contains("= for ")) {
                let colon = text[open..].find(": ").unwrap() + open + 2;
                let end = text[colon..].find([',', ')']).unwrap() + colon;
                let range = span.start + colon..span.start + end;
                let what = format!("line {}: `{name}` reads itself", self.line(at));
                out.push(Mutant::new("structure", what, Fate::Broken, self.with(range, &name)));
            }
        }
    }

    /// A clause left out is another workflow; one without its value is none.
    fn clauses(&self, out: &mut Vec<Mutant>) {
        for word in CLAUSES {
            for (at, span) in self.spans(word) {
                let line = self.line(at);
                let what = format!("line {line}: without `{word}`");
                out.push(Mutant::new("clause", what, Fate::Legal, self.with(span.clone(), "")));
                let head = self.tokens[at].at.end;
                let rest = self.text[head..].find(['\n', '#']).map_or(self.text.len(), |it| it + head);
                let what = format!("line {line}: `{word}` without a value");
                out.push(Mutant::new("clause", what, Fate::Broken, self.with(head..rest, " ")));
                let text = self.text[span.clone()].to_owned();
                if *word != "else" {
                    let what = format!("line {line}: `{word}` twice");
                    out.push(Mutant::new("clause", what, Fate::Broken, self.with(span.end..span.end, &text)));
                }
            }
        }
    }

    /// Another number of the same unit is another workflow.
    fn values(&self, out: &mut Vec<Mutant>) {
        for at in 0..self.tokens.len() {
            let text = self.word(at).to_owned();
            if self.tokens[at].kind == Kind::Number && !text.contains('-') {
                let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic() || it == '%');
                self.put(out, "value", Fate::Legal, at, &format!("{digits}1{}", &text[digits.len()..]));
            } else if text.matches('-').count() == 2 && text.len() == 10 {
                self.put(out, "type", Fate::Broken, at, &format!("{}-31", &text[..7].replace("-01", "-02")));
                self.put(out, "type", Fate::Broken, at, &format!("{}-13-{}", &text[..4], &text[8..]));
            }
        }
    }

    /// Two arguments in each other's place.
    fn swaps(&self, out: &mut Vec<Mutant>) {
        for at in 0..self.tokens.len() {
            // `a: x, b: y` with one word each.
            let is = |at: usize, want: &str| self.word(at) == want;
            let words = [at, at + 2, at + 4, at + 6]
                .iter()
                .all(|it| self.tokens.get(*it).is_some_and(|it| it.kind == Kind::Word));
            if words && is(at + 1, ":") && is(at + 3, ",") && is(at + 5, ":") && self.depth(at) > 0 {
                let (a, b) = (self.word(at + 2).to_owned(), self.word(at + 6).to_owned());
                if a == b {
                    continue;
                }
                let range = self.tokens[at + 2].at.start..self.tokens[at + 6].at.end;
                let between = &self.text[self.tokens[at + 2].at.end..self.tokens[at + 6].at.start];
                let what = format!("line {}: `{a}` and `{b}` swapped", self.line(at));
                let text = self.with(range, &format!("{b}{between}{a}"));
                out.push(Mutant::new("type", what, Fate::Broken, text));
            }
        }
    }

    /// What loses money: a look into the future, a measure on the bars that chose, live trading without its limits.
    fn safety(&self, out: &mut Vec<Mutant>) {
        let mut put = |what: &str, text: String| {
            if text != self.text {
                out.push(Mutant::new("safety", what.to_owned(), Fate::Broken, text));
            }
        };
        let text = self.text;
        for (at, _) in text.match_indices('[') {
            let digit = text[at + 1..].starts_with(|it: char| it.is_ascii_digit());
            if digit {
                put("a bar of the future", self.with(at + 1..at + 1, "-"));
            }
        }
        put("filled at the close that decided", text.replace("fill: \"next_open\"", "fill: \"close\""));
        if text.contains("orders {") && !text.contains("fill:") {
            put("filled at the close that decided", text.replace("orders {", "orders {\n    fill: \"close\""));
        }
        put("measured on the training bars", text.replace("bars: held", "bars: train"));
        put("measured on all bars", text.replace("bars: held", "bars: history"));
        put("no embargo", text.replace(", embargo: 5d", ""));
        put("tested without its warm-up", text.replace(", warmup: 200 bars", ""));
        let costs =
            text.split("costs: {").nth(1).and_then(|it| it.split('}').next()).map(|it| format!("costs: {{{it}}}"));
        if let Some(costs) = costs {
            put("without costs", text.replace(&costs, "costs: none"));
        }
        for side in ["long", "short"] {
            let exits = format!("exit {side} when");
            let without: String =
                text.lines().filter(|it| !it.trim_start().starts_with(&exits)).map(|it| format!("{it}\n")).collect();
            let unstopped: String = without
                .lines()
                .filter(|it| {
                    !["stop:", "target:", "trail:", "max_holding:"].iter().any(|word| it.trim_start().starts_with(word))
                })
                .map(|it| format!("{it}\n"))
                .collect();
            if text.contains(&format!("enter {side} when")) && text.contains(&exits) {
                put("neither an exit nor a stop", unstopped);
            }
        }
        // The portfolio, live: each of its limits must be there.
        if text.contains("limits {") {
            let live = text.replacen("workflow portfolio {", "workflow portfolio {\n  modes backtest, live", 1);
            let place = "  step placed = desk.rebalance(targets: checked)\n    timeout 31s\n\n  output result = result";
            let live = live.replace("  output result = result", place);
            // Nothing in it may come from an `else` or from what a loop dropped.
            let degrades = |it: &&str| it.trim_start().starts_with("else ") || it.trim_start().starts_with("tolerate ");
            let live: String = live.lines().filter(|it| !degrades(it)).map(|it| format!("{it}\n")).collect();
            let mut put = |what: String, text: String| {
                let mutant = Mutant::new("safety", what, Fate::Broken, text);
                out.push(Mutant { base: Some(live.clone()), ..mutant });
            };
            let start = live.find("limits {").unwrap();
            let end = live[start..].find('}').unwrap() + start + 1;
            put("live without limits".into(), format!("{}{}", &live[..start], &live[end..]));
            let needed = ["max_position", "max_daily_loss", "max_drawdown", "on_breach"];
            for line in live[start..end].lines().filter(|line| needed.iter().any(|it| line.contains(it))) {
                put(format!("live without `{}`", line.trim()), live.replace(line, ""));
            }
            put("orders tried again".into(), live.replace("    timeout 31s", "    timeout 31s\n    retry 3"));
            put("orders unchecked".into(), live.replace("rebalance(targets: checked)", "rebalance(targets: weights)"));
            put("the network without a time-out".into(), live.replace("    timeout 31s\n", ""));
            for (what, clause) in
                [("kept", "cache 1d"), ("made up", "else ml_strategy.fixed(strategy: sma_cross(fast: 20, slow: 50))")]
            {
                let timeout = "      timeout 20s\n";
                let text = live.replace(timeout, &format!("{timeout}      {clause}\n"));
                put(format!("orders from what was {what}"), text);
            }
            put(
                "a key in the file".into(),
                live.replace("step weights", "let api_key = \"sk_live_4eC39HqLyjWDarjtT1zdp7dc\"\n  step weights"),
            );
        }
    }
}
