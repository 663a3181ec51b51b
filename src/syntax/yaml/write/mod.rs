//! The tree to YAML: canonical, with the comments and blank lines of the file that it was read from.

mod build;
mod out;

use crate::{
    source::{Source, Span},
    syntax::{
        ast::{File, Form},
        comments::{HOLDERS, Kind, Lines, Note, Notes, Slot, shown},
    },
};
use build::Build;
use out::{Out, Pair, spell_key};

/// Returns a file as canonical YAML; `source` is the text that it was read from, in either form.
///
/// What could not be read of a YAML file cannot be written, so such a file is given back as it is.
pub fn write(file: &File, source: &Source) -> String {
    let mut build = Build { source, bad: false };
    let pairs = build.file(file);
    if (build.bad || pairs.is_empty()) && file.form == Form::Yaml {
        return source.text().to_string();
    }
    let whole = (Kind::Group, Span::new(file.id, 0, u32::MAX as usize));
    let notes = Notes::of(file, source, Form::Yaml);
    let mut printer = Printer { source, form: file.form, notes, lines: Vec::new(), fresh: true };
    for pair in &pairs {
        printer.lift(pair, whole);
    }
    for pair in &pairs {
        if !printer.lines.is_empty() {
            printer.lines.push(String::new());
        }
        printer.fresh = true;
        printer.pair(pair, 0, whole, Vec::new());
    }
    let mut rest = printer.notes.take(whole.0, whole.1, Slot::Last);
    rest.extend(printer.notes.rest());
    printer.notes(rest, 0);
    let mut text = printer.lines.join("\n");
    text.push('\n');
    text
}

/// A part of the tree.
type Part = (Kind, Span);

struct Printer<'s> {
    source: &'s Source,
    form: Form,
    notes: Notes,
    lines: Vec<String>,
    /// Whether the last line opens a block, where no blank line belongs.
    fresh: bool,
}

impl Printer<'_> {
    /// Moves the comments that have no place in YAML, inside an expression or at a key that is not written, to above
    /// the part that they are in; and what stands behind the last bracket of an item, of which YAML has none, inside.
    fn lift(&mut self, pair: &Pair, owner: Part) {
        let owner = pair.part.unwrap_or(owner);
        if let Some((kind, span)) = pair.part {
            for (key, slot) in self.notes.keys(kind, span) {
                if !pair.value.pairs().iter().any(|it| has_key(it, &key)) {
                    let found = self.notes.take_key(kind, span, slot, &key);
                    self.notes.give(kind, span, Slot::Above, found.into_iter().map(Note::plain).collect());
                }
            }
            if let (Kind::Item, true, Some(group)) = (kind, pair.tall, pair.value.group()) {
                let found = self.notes.take(kind, span, Slot::Behind);
                self.notes.give(Kind::Group, group, Slot::Last, found);
            }
        }
        if let Out::Expr(_, span) = pair.value {
            self.notes.lift(span, owner.0, owner.1);
        }
        for each in pair.value.pairs() {
            // A block whose only statement is its `yield` has no key of its own in YAML.
            if let (Some((kind, span)), Some(block)) = (each.part, each.closes)
                && !pair.value.pairs().iter().any(|it| it.value.group() == Some(block))
            {
                let found = self.notes.take(Kind::Group, block, Slot::Open);
                self.notes.give(kind, span, Slot::Above, found.into_iter().map(Note::plain).collect());
            }
            self.lift(each, owner);
        }
    }

    /// Writes an entry of `owner`, with `behind` on its first line.
    fn pair(&mut self, pair: &Pair, indent: usize, owner: Part, mut behind: Vec<Note>) {
        self.above(pair, indent, owner);
        if let Some((kind, span)) = pair.part {
            behind.extend(self.notes.take(kind, span, Slot::Behind));
        } else if let Some(key) = &pair.key {
            behind.extend(self.notes.take_key(owner.0, owner.1, Slot::BehindKey, key));
        }
        let owner = pair.part.unwrap_or(owner);
        let pad = " ".repeat(indent);
        let head = pair.key.as_ref().map_or_else(|| "-".to_owned(), |key| format!("{}:", spell_key(key)));
        let pairs = pair.value.pairs();
        let noted = self.is_noted(pair, owner);
        // What stands last in the block would be taken for the last of a value without brackets.
        let closed = pair.closes.is_some_and(|it| self.notes.has(Kind::Group, it, Slot::Last));
        if let Some(text) = pair.flat(indent).filter(|_| !noted) {
            self.line(format!("{pad}{head} {text}"), behind);
        } else if pairs.is_empty() && behind.is_empty() {
            let open = self.group_notes(pair.value.group(), Slot::Open);
            self.line(format!("{pad}{head}"), open.into_iter().chain(behind).collect());
            if is_block(pair) {
                let last = self.group_notes(pair.last, Slot::Last);
                self.notes(last, indent + 2);
            }
            self.line(format!("{pad}  {}", pair.value.flow(true)), Vec::new());
        } else if let Some(group) = pair.value.group()
            && (pair.key.is_none() && noted || closed || !behind.is_empty())
        {
            self.line(format!("{pad}{head} "), Vec::new());
            self.brackets(&pair.value, group, indent + 2);
            self.behind(behind);
        } else if pair.key.is_none() && matches!(pair.value, Out::Map(..)) {
            self.map(pairs, indent, owner, behind);
        } else {
            let open = self.group_notes(pair.value.group(), Slot::Open);
            self.line(format!("{pad}{head}"), behind.into_iter().chain(open).collect());
            self.fresh = true;
            for each in pairs {
                self.pair(each, indent + 2, owner, Vec::new());
            }
        }
        for group in [pair.last, pair.closes] {
            let last = self.group_notes(group, Slot::Last);
            self.notes(last, indent + 2);
        }
        if let Some((kind, span)) = pair.part {
            let below = self.notes.take(kind, span, Slot::Below);
            self.notes(below, indent);
        }
    }

    /// Writes what stands above an entry.
    fn above(&mut self, pair: &Pair, indent: usize, owner: Part) {
        let lines = Lines { text: self.source.text() };
        if let Some((kind, span)) = pair.part {
            let notes = self.notes.take(kind, span, Slot::Above);
            self.notes(notes, indent);
            if pair.statement && lines.blank_above(span.start, self.form) {
                self.blank();
            }
        } else if let Some(key) = &pair.key {
            let notes = self.notes.take_key(owner.0, owner.1, Slot::AboveKey, key);
            let holds = HOLDERS.iter().any(|it| it.strip_suffix(':') == Some(key)) && pair.tall;
            if let Some((kind, span)) = pair.first().filter(|_| holds && notes.is_empty()) {
                let above = self.notes.first(kind, span, Slot::Above, "");
                if above.map_or_else(|| lines.blank_above(span.start, self.form), |it| it.blank) {
                    self.blank();
                }
            }
            self.notes(notes, indent);
        }
    }

    /// Writes a map whose first entry stands on the line of a dash.
    fn map(&mut self, pairs: &[Pair], indent: usize, owner: Part, behind: Vec<Note>) {
        let start = self.lines.len();
        let mut behind = Some(behind);
        for each in pairs {
            self.pair(each, indent + 2, owner, behind.take().unwrap_or_default());
        }
        // The first entry is written as ever, and the dash then takes the place of its indentation.
        let first = self.lines.iter_mut().skip(start).find(|it| !it.is_empty() && !it.trim_start().starts_with('#'));
        if let Some(line) = first {
            *line = format!("{}- {}", " ".repeat(indent), line.get(indent + 2..).unwrap_or_default());
        }
    }

    /// Writes a list or a map with brackets over several lines, on from the last one: so there is a line for what
    /// stands behind the closing bracket.
    fn brackets(&mut self, value: &Out, group: Span, indent: usize) {
        let list = matches!(value, Out::List(..));
        self.append(if list { "[" } else { "{" });
        let open = self.notes.take(Kind::Group, group, Slot::Open);
        self.behind(open);
        self.fresh = true;
        let pad = " ".repeat(indent);
        for pair in value.pairs() {
            let (kind, span) = pair.part.unwrap_or((Kind::Group, group));
            let above = self.notes.take(kind, span, Slot::Above);
            self.notes(above, indent + 2);
            if pair.statement && (Lines { text: self.source.text() }).blank_above(span.start, self.form) {
                self.blank();
            }
            let head = pair.key.as_ref().map_or_else(String::new, |key| format!("{}: ", spell_key(key)));
            self.line(format!("{pad}  {head}"), Vec::new());
            match pair.value.group().filter(|_| self.is_noted(pair, (kind, span))) {
                Some(inner) if !pair.value.pairs().is_empty() => self.brackets(&pair.value, inner, indent + 2),
                _ => self.append(&pair.value.flow(true)),
            }
            self.append(",");
            let behind = self.notes.take(kind, span, Slot::Behind);
            self.behind(behind);
        }
        let last = self.notes.take(Kind::Group, group, Slot::Last);
        self.notes(last, indent + 2);
        self.line(format!("{pad}{}", if list { "]" } else { "}" }), Vec::new());
    }

    /// Says whether comments stand inside an entry, so that it takes several lines.
    fn is_noted(&self, pair: &Pair, owner: Part) -> bool {
        let at = |kind, span, slot| self.notes.has(kind, span, slot);
        let group = pair.value.group().is_some_and(|it| at(Kind::Group, it, Slot::Open));
        // An empty value of a statement is no empty block: what comes last in the block stands below it.
        let is_list = matches!(pair.value, Out::List(..) | Out::Map(..));
        let empty_or_own =
            is_list && is_block(pair) && pair.value.pairs().is_empty() || pair.last == pair.value.group();
        let last = pair.last.filter(|_| empty_or_own).is_some_and(|it| at(Kind::Group, it, Slot::Last));
        group
            || last
            || pair.part.is_some_and(|it| !self.notes.keys(it.0, it.1).is_empty())
            || pair.value.pairs().iter().any(|it| {
                let own = it.part.is_some_and(|it| at(it.0, it.1, Slot::Above) || at(it.0, it.1, Slot::Behind));
                let inner = it.part.unwrap_or(owner);
                let key = it.key.as_ref().filter(|_| it.part.is_none()).is_some_and(|key| {
                    let at = |slot| self.notes.first(owner.0, owner.1, slot, key).is_some();
                    at(Slot::AboveKey) || at(Slot::BehindKey)
                });
                let last = it.last.into_iter().chain(it.closes).any(|it| at(Kind::Group, it, Slot::Last));
                own || key || last || self.is_noted(it, inner)
            })
    }

    fn group_notes(&mut self, group: Option<Span>, slot: Slot) -> Vec<Note> {
        group.map(|it| self.notes.take(Kind::Group, it, slot)).unwrap_or_default()
    }

    fn line(&mut self, line: String, behind: Vec<Note>) {
        self.lines.push(line);
        self.fresh = false;
        self.behind(behind);
    }

    fn append(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.push_str(text);
        }
    }

    fn behind(&mut self, notes: Vec<Note>) {
        for note in notes {
            self.append(&format!(" #{}", shown(&note.text)));
        }
    }

    /// Writes comments, each on its line.
    fn notes(&mut self, notes: Vec<Note>, indent: usize) {
        for note in notes {
            if note.blank {
                self.blank();
            }
            self.line(format!("{}#{}", " ".repeat(indent), shown(&note.text)), Vec::new());
        }
    }

    fn blank(&mut self) {
        if !self.fresh && self.lines.last().is_some_and(|it| !it.is_empty()) {
            self.lines.push(String::new());
        }
    }
}

/// Says whether an entry is a key, or holds one, that is no part.
fn has_key(pair: &Pair, key: &str) -> bool {
    pair.part.is_none() && (pair.key.as_deref() == Some(key) || pair.value.pairs().iter().any(|it| has_key(it, key)))
}

/// Says whether an entry holds statements, rather than being one.
fn is_block(pair: &Pair) -> bool {
    pair.part.is_none_or(|it| it.0 == Kind::Item) || pair.last.is_some() && pair.last == pair.value.group()
}
