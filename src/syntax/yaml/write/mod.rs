//! The tree to YAML: canonical, with the comments and blank lines of the file that it was read from.

mod build;
mod out;

use std::ops::Range;

use crate::{
    source::Source,
    syntax::{
        ast::{Comment, File, Form},
        format::HOLDERS,
    },
};
use build::Build;
use out::{Out, Pair, spell_key};

/// Returns a file as canonical YAML; `source` is the text that it was read from, in either form.
///
/// What could not be read of a YAML file cannot be written, so such a file is given back as it is.
pub fn write(file: &File, source: &Source) -> String {
    let mut build = Build { source, comments: &file.comments, form: file.form, bad: false };
    let pairs = build.file(file);
    if (build.bad || pairs.is_empty()) && file.form == Form::Yaml {
        return source.text().to_string();
    }
    let mut printer = Printer {
        source,
        comments: &file.comments,
        next: 0,
        lines: Vec::new(),
        fresh: true,
        commented: false,
        sections: file.form == Form::Yaml,
    };
    printer.top(&pairs);
    printer.comments_until(u32::MAX, 0);
    let mut text = printer.lines.join("\n");
    text.push('\n');
    text
}

struct Printer<'s> {
    source: &'s Source,
    comments: &'s [Comment],
    /// The first comment that is not written yet.
    next: usize,
    lines: Vec<String>,
    /// Whether the last line opens a block, where no blank line belongs.
    fresh: bool,
    /// Whether the last line ends in a comment.
    commented: bool,
    /// Whether the source has keys that hold statements.
    sections: bool,
}

impl Printer<'_> {
    fn top(&mut self, pairs: &[Pair]) {
        for pair in pairs {
            if !self.lines.is_empty() {
                self.trailing_until(pair.first().unwrap_or(0));
                self.lines.push(String::new());
            }
            self.fresh = true;
            self.pair(pair, 0, "");
        }
    }

    /// Writes an entry; `lead` stands before it on its first line.
    fn pair(&mut self, pair: &Pair, indent: usize, lead: &str) {
        if let Some(at) = pair.at {
            self.comments_until(at, indent);
        }
        if pair.at.is_none() && pair.key.is_some() {
            self.above_section(pair, indent);
        }
        if pair.statement && self.blank_before(pair.first()) {
            self.blank();
        }
        let pad = format!("{}{lead}", " ".repeat(indent));
        let inner = indent + lead.len();
        let commented = |range: Range<u32>| {
            let after = self.comments.partition_point(|it| it.span.start < range.start);
            self.comments.get(after).is_some_and(|it| it.span.start < range.end)
        };
        let head = pair.key.as_ref().map(|key| format!("{}:", spell_key(key)));
        match (pair.flat(inner, commented), &pair.value) {
            (Some(text), _) => match head {
                Some(head) => self.line(format!("{pad}{head} {text}")),
                None => self.line(format!("{pad}- {text}")),
            },
            (None, Out::Map(pairs)) if pair.key.is_none() => self.map(pairs, inner + 2, &format!("{pad}- ")),
            (None, value) => {
                self.line(format!("{pad}{}", head.unwrap_or_else(|| "-".into())));
                self.fresh = true;
                for each in value.pairs() {
                    self.pair(each, inner + 2, "");
                }
            }
        }
        if let Some(end) = pair.end {
            self.comments_until(end, inner + 2);
        }
        if let Some(reach) = pair.reach {
            self.comments_until(reach, indent);
        }
    }

    /// Writes what stands above a key that is no statement itself: a blank line, and in YAML comments of its own.
    fn above_section(&mut self, pair: &Pair, indent: usize) {
        let Some(first) = pair.first().filter(|_| pair.tall) else { return };
        self.trailing_until(first);
        let start = self.comments.get(self.next).map_or(first, |it| it.span.start.min(first));
        let Some(key) = pair.key.as_ref().filter(|_| self.sections) else {
            let holds = pair.key.as_ref().is_some_and(|it| HOLDERS.contains(&format!("{it}:").as_str()));
            if holds && self.blank_before(Some(start)) {
                self.blank();
            }
            return;
        };
        let mut apart = self.blank_before(Some(start));
        while let Some(comment) = self.comments.get(self.next).filter(|it| it.span.start < first && !it.trailing) {
            // Up to the first entry, which may be called as the key is.
            let below = self.source.text().get(comment.span.range().end..first as usize).unwrap_or_default();
            let line =
                below.lines().find(|it| !it.trim().is_empty() && !it.trim().starts_with('#')).unwrap_or_default();
            if line.trim().strip_prefix(key.as_str()).is_none_or(|it| !it.starts_with(':')) {
                break;
            }
            let deeper = self.source.line_column(comment.span.start).column > line.len() - line.trim_start().len() + 1;
            let end = comment.span.start + 1;
            self.comments_until(end, if deeper { indent + 2 } else { indent });
            apart = below.lines().nth(1).is_some_and(|it| it.trim().is_empty());
        }
        if apart {
            self.blank();
        }
    }

    /// Writes a map whose first entry stands on the line of a dash.
    fn map(&mut self, pairs: &[Pair], indent: usize, dash: &str) {
        let start = self.lines.len();
        for (at, each) in pairs.iter().enumerate() {
            if at == 0 {
                // The entry is written as ever, and the dash then takes the place of its indentation.
                self.pair(each, indent, "");
                let first = (start..self.lines.len()).find(|line| {
                    self.lines.get(*line).is_some_and(|it| !it.is_empty() && !it.trim_start().starts_with('#'))
                });
                if let Some(line) = first.and_then(|it| self.lines.get_mut(it)) {
                    *line = format!("{dash}{}", line.get(indent..).unwrap_or_default());
                }
            } else {
                self.pair(each, indent, "");
            }
        }
    }

    fn line(&mut self, line: String) {
        self.lines.push(line);
        self.fresh = false;
        self.commented = false;
    }

    fn blank(&mut self) {
        if !self.fresh && self.lines.last().is_some_and(|it| !it.is_empty()) {
            self.lines.push(String::new());
        }
    }

    /// Writes the comments that stand before a byte of the source.
    fn comments_until(&mut self, at: u32, indent: usize) {
        while let Some(comment) = self.comments.get(self.next).filter(|it| it.span.start < at) {
            self.next += 1;
            match self.lines.last_mut() {
                Some(line) if comment.trailing && !line.is_empty() && !self.commented => {
                    line.push(' ');
                    line.push('#');
                    line.push_str(&comment.text);
                    self.commented = true;
                }
                _ => {
                    if self.blank_before(Some(comment.span.start)) {
                        self.blank();
                    }
                    // What stood behind something does not become the doc of what it now stands above.
                    let text = if comment.trailing { comment.text.trim_start_matches('#') } else { &comment.text };
                    self.line(format!("{}#{text}", " ".repeat(indent)));
                    self.commented = true;
                }
            }
        }
    }

    /// Writes the comments that belong to the line above, up to a byte of the source.
    fn trailing_until(&mut self, at: u32) {
        while !self.commented && self.comments.get(self.next).is_some_and(|it| it.trailing && it.span.start < at) {
            let end = self.comments.get(self.next).map_or(0, |it| it.span.start + 1);
            self.comments_until(end, 0);
        }
    }

    /// Says whether the line above a byte of the source is blank.
    fn blank_before(&self, at: Option<u32>) -> bool {
        let Some(at) = at else { return false };
        let start = self.source.text().floor_char_boundary(at as usize);
        let before = self.source.text().get(..start).unwrap_or_default();
        let mut above = before.rsplit('\n').skip(1).peekable();
        if self.sections {
            // The key that holds the first statement is not a statement: what counts is the line above it.
            while above.peek().is_some_and(|it| {
                let key = it.split('#').next().unwrap_or_default().trim();
                HOLDERS.contains(&key)
            }) {
                above.next();
            }
        }
        above.next().is_some_and(|it| it.trim().is_empty())
    }
}
