//! Changes of a text that know its tokens, so that more of what comes out can be read than by changes of bytes.

use std::ops::Range;

use wf::syntax::{
    ast::Form,
    dsl::{Kind, Token, scan},
};

/// Returns the form that a text is likely meant in.
pub fn form(text: &str) -> Form {
    let is_key = |line: &str| {
        let line = line.trim_start_matches([' ', '-']);
        line.split_once(':')
            .is_some_and(|(key, _)| !key.is_empty() && key.chars().all(|it| it.is_alphanumeric() || it == '_'))
    };
    let first = text.lines().find(|it| !it.trim().is_empty() && !it.trim_start().starts_with('#'));
    if first.is_some_and(is_key) { Form::Yaml } else { Form::Wf }
}

/// The texts that parts are taken from.
const SHIPPED: &[&str] = &[
    include_str!("../../workflows/portfolio.wf"),
    include_str!("../../workflows/optimization.wf"),
    include_str!("../../workflows/simple_backtest.wf"),
    include_str!("../../workflows/tests/portfolio.wf"),
    include_str!("../../workflows/strategies/sma_cross.wf"),
    include_str!("../../tests/syntax/files/paper_trading.wf"),
    include_str!("../../tests/syntax/files/signal_trading.wf"),
];

/// What stands between two tokens; comments go where nobody would put them.
const GAPS: &[&str] = &["", " ", "\n", "\n\n", " # c\n", "\n# own\n", "\n## doc\n", "\r\n", "\t", "\u{feff}"];

/// A random number generator (splitmix64): a seed gives the same text always.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((it ^ (it >> 31)) >> 1).unwrap_or(0) % count.max(1)
    }

    fn of<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        let at = self.below(items.len());
        items.get(at).copied()
    }
}

/// Returns a text with one to three changes.
pub fn mutated(text: &str, seed: u32) -> String {
    let mut dice = Dice(u64::from(seed));
    let mut text = text.to_owned();
    for _ in 0..=dice.below(3) {
        text = if form(&text) == Form::Wf { of_tokens(&text, &mut dice) } else { of_lines(&text, &mut dice) }
            .unwrap_or(text);
    }
    text
}

fn of_tokens(text: &str, dice: &mut Dice) -> Option<String> {
    let tokens = scan(text);
    let at = dice.below(tokens.len());
    let token = *tokens.get(at)?;
    let here = token.start as usize..token.end as usize;
    match dice.below(6) {
        // Another token of its kind, or a bracket with all that is in it.
        0 | 1 => {
            let (from, others) = other(text, &tokens, dice);
            let wanted: Vec<usize> =
                (0..others.len()).filter(|it| others.get(*it).map(|it| it.kind) == Some(token.kind)).collect();
            let new = dice.of(&wanted)?;
            Some(replaced(text, stretch(&tokens, at), from.get(stretch(&others, new))?))
        }
        // A statement twice, or one from elsewhere.
        2 | 3 => {
            let (from, others) = other(text, &tokens, dice);
            let starts: Vec<usize> =
                (0..others.len()).filter(|it| others.get(*it).is_some_and(|it| it.first)).collect();
            let new = dice.of(&starts)?;
            let first = (0..=at).rev().find(|it| tokens.get(*it).is_some_and(|it| it.first))?;
            let place = tokens.get(first)?.start as usize;
            let line = from.get(line(&others, new))?;
            Some(replaced(text, place..place, &format!("{line}\n")))
        }
        // Without a statement, or without what is in a bracket.
        4 => {
            let range = if dice.below(2) == 0 { line(&tokens, at) } else { stretch(&tokens, at) };
            Some(replaced(text, range, ""))
        }
        // Another gap.
        _ => Some(replaced(text, here.start..here.start, dice.of(GAPS)?)),
    }
}

/// Returns the text itself or a shipped one, with its tokens.
fn other<'t>(text: &'t str, tokens: &[Token], dice: &mut Dice) -> (&'t str, Vec<Token>) {
    match dice.of(SHIPPED).filter(|_| dice.below(2) == 0) {
        Some(shipped) => (shipped, scan(shipped)),
        None => (text, tokens.to_vec()),
    }
}

/// Returns a token's bytes, up to the closing bracket for an opening one.
fn stretch(tokens: &[Token], at: usize) -> Range<usize> {
    let mut depth = 0_usize;
    let start = tokens.get(at).map_or(0, |it| it.start as usize);
    for token in tokens.iter().skip(at) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return start..token.end as usize;
        }
    }
    start..tokens.get(at).map_or(0, |it| it.end as usize)
}

/// Returns the bytes from a token to the end of its line, and on to where its brackets close.
fn line(tokens: &[Token], at: usize) -> Range<usize> {
    let mut depth = 0_usize;
    let start = tokens.get(at).map_or(0, |it| it.start as usize);
    let mut end = start;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        if index > at && depth == 0 && (token.first || token.kind == Kind::Close) {
            break;
        }
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        end = token.end as usize;
    }
    start..end
}

/// YAML: a line twice, gone, deeper, less deep, or with a comment.
fn of_lines(text: &str, dice: &mut Dice) -> Option<String> {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let (at, from) = (dice.below(lines.len()), dice.below(lines.len()));
    let other = lines.get(from)?.clone();
    let line = lines.get_mut(at)?;
    match dice.below(7) {
        0 => lines.insert(at, other),
        1 => drop(lines.remove(at)),
        2 => line.insert_str(0, "  "),
        3 => *line = line.strip_prefix("  ")?.to_owned(),
        4 => line.push_str(" # c"),
        5 => {
            let indent = " ".repeat(line.len() - line.trim_start().len());
            lines.insert(at, format!("{indent}# own"));
        }
        _ => {
            let (key, _) = line.split_once(": ")?;
            let (_, value) = other.split_once(": ")?;
            *line = format!("{key}: {value}");
        }
    }
    Some(lines.join("\n"))
}

fn replaced(text: &str, range: Range<usize>, new: &str) -> String {
    let mut text = text.to_owned();
    if text.get(range.clone()).is_some() {
        text.replace_range(range, new);
    }
    text
}

/// Changes the text in a buffer of libFuzzer and returns its new length: half of the time by tokens, else by `bytes`.
pub fn step(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    bytes: fn(&mut [u8], usize, usize) -> usize,
) -> usize {
    if seed % 2 == 0
        && let Some(text) = data.get(..size).and_then(|it| std::str::from_utf8(it).ok())
    {
        let mut text = mutated(text, seed);
        text.truncate(text.floor_char_boundary(max_size.min(data.len())));
        if let Some(room) = data.get_mut(..text.len()) {
            room.copy_from_slice(text.as_bytes());
            return text.len();
        }
    }
    bytes(data, size, max_size)
}
