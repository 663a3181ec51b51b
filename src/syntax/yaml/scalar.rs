//! Scalars to expressions, names and types.

use std::sync::Arc;

use super::{
    Reader,
    places::Walk,
    tree::{Kind, Node},
};
use crate::{
    source::{Code, Diagnostic, Source, Span},
    syntax::{
        ast::{Arg, ArgKind, Expr, ExprKind, Name, TypeExpr, TypeKind},
        dsl,
        literal::{self, Bad},
        words,
    },
    value::Value,
};

/// How deep values may be nested.
const MAX_DEPTH: usize = 64;

/// Codes that are surely a currency right behind a number.
const CURRENCIES: &[&str] = &[
    "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "CNY", "HKD", "SEK", "NOK", "DKK", "INR", "BTC", "ETH",
    "USDT", "USDC",
];

impl Reader<'_> {
    /// Reads a value: an expression, a literal, a text, a list or a record.
    pub fn value(&mut self, node: &Node) -> Expr {
        let bad = Expr { kind: ExprKind::Bad, span: node.span };
        if self.depth >= MAX_DEPTH {
            self.too_deep(node.span);
            return bad;
        }
        match &node.kind {
            Kind::Bad => bad,
            Kind::Scalar(it) => {
                if let Some(rest) = it.text.strip_prefix('$') {
                    if rest.starts_with('$') {
                        return Expr { kind: ExprKind::Text(rest.into()), span: node.span };
                    }
                    return self.expression(node, 1);
                }
                if it.plain { self.plain(node, &it.text) } else { text(node, &it.text) }
            }
            Kind::List(items) => {
                self.depth += 1;
                let items = items.iter().map(|it| self.value(it)).collect();
                self.depth -= 1;
                Expr { kind: ExprKind::List(items), span: node.span }
            }
            Kind::Map(_) => {
                self.depth += 1;
                let fields = self.args(node, "the fields of a record");
                self.depth -= 1;
                Expr { kind: ExprKind::Record(fields), span: node.span }
            }
        }
    }

    /// Reads named values.
    pub fn args(&mut self, node: &Node, what: &str) -> Vec<Arg> {
        let mut args = Vec::new();
        for entry in self.named(node, what) {
            let Some(name) = self.name(&entry.key) else { continue };
            let value = self.value_of(entry, &name.text);
            args.push(Arg { kind: ArgKind::Named(name, value), span: entry.span() });
        }
        args
    }

    fn plain(&mut self, node: &Node, text: &Arc<str>) -> Expr {
        let literal =
            |value, spelling: &str| Expr { kind: ExprKind::Literal { value, text: spelling.into() }, span: node.span };
        match &**text {
            "" | "null" | "~" => return literal(Value::None, "none"),
            _ => {}
        }
        match literal::parse(text) {
            None => self::text(node, text),
            // A sign and a range are operators to the language; it must see them the same way in both forms.
            Some(Ok(_)) if text.starts_with('-') || text.contains("..") => self.expression(node, 0),
            Some(Ok(value)) => literal(value, text),
            Some(Err(bad)) => self.bad_literal(node, text, &bad),
        }
    }

    /// Reports a plain scalar that is meant as a literal; what may as well be a text is one.
    fn bad_literal(&mut self, node: &Node, text: &Arc<str>, bad: &Bad) -> Expr {
        let found = bad.diagnostic(text, node.span);
        let meant = match &bad {
            // `30sec` is meant as a duration, `3M` and `7eleven` are not.
            Bad::Unit(unit) => {
                unit.len() > 1 && unit.bytes().all(|it| it.is_ascii_lowercase()) && !found.fixes.is_empty()
            }
            Bad::NoSpace => CURRENCIES.iter().any(|it| text.ends_with(it)),
            Bad::Date | Bad::Backwards | Bad::TooLarge => true,
        };
        if !meant {
            return self::text(node, text);
        }
        let found = found.help("put it in quotes if it is a text");
        self.report(found);
        Expr { kind: ExprKind::Bad, span: node.span }
    }

    /// Reads what can only be an expression: a plain text without `$` is reported, and read as the expression it is.
    pub fn condition(&mut self, node: &Node, key: &str) -> Expr {
        let value = self.value(node);
        match (&value.kind, node.scalar()) {
            (ExprKind::Text(text), Some(scalar)) if !scalar.text.starts_with('$') => {
                let found =
                    Diagnostic::new(Code::S001, node.span, format!("`{key}` takes an expression, and this is a text"));
                let fix = if scalar.plain { format!("${text}") } else { format!("'${}'", text.replace('\'', "''")) };
                let found = if scalar.plain && (text.contains(": ") || text.contains(" #")) {
                    found.help("start it with `$`")
                } else {
                    found.safe_fix("start it with `$`", node.span, fix)
                };
                self.report(found);
                if scalar.plain { self.expression(node, 0) } else { Expr { kind: ExprKind::Bad, span: node.span } }
            }
            _ => value,
        }
    }

    /// Reads what may be a range: one of literals may stand without `$`.
    pub fn range(&mut self, node: &Node, key: &str) -> Expr {
        if node.scalar().is_some_and(|it| it.plain && is_plain_range(&it.text)) {
            return self.expression(node, 0);
        }
        self.condition(node, key)
    }

    /// Parses the text of a scalar from `skip` bytes on as an expression.
    fn expression(&mut self, node: &Node, skip: usize) -> Expr {
        if let Some(path) = self.named_path(node, skip) {
            return path;
        }
        let mut expr = self.inner(node, skip, dsl::parse_expr);
        if matches!(expr.kind, ExprKind::Bad) {
            expr.span = node.span;
        }
        expr
    }

    /// Reads a scalar that is nothing but names and dots, as most are, without the grammar.
    fn named_path(&self, node: &Node, skip: usize) -> Option<Expr> {
        let text = node.scalar()?.text.get(skip..)?;
        let raw = self.source.slice(node.span);
        let start = node.span.range().start + usize::from(raw.starts_with(['"', '\''])) + skip;
        let at = Span::new(self.id, start, start + text.len());
        let mut names = text.split('.');
        let is_plain = |it: &str| it.is_ascii() && words::is_word(it);
        let head = names.next().filter(|it| is_plain(it) && !words::is_reserved(it))?;
        if !names.clone().all(is_plain) || self.source.slice(at) != text {
            return None;
        }
        let name =
            |from: usize, text: &str| Name { text: text.into(), span: Span::new(self.id, from, from + text.len()) };
        let span = Span::new(self.id, start, start + head.len());
        let head = Expr { kind: ExprKind::Ref(name(start, head)), span };
        Some(names.fold(head, |of, part| {
            let name = name(of.span.range().end + 1, part);
            let span = of.span.to(name.span);
            Expr { kind: ExprKind::Field(Box::new(of), name), span }
        }))
    }

    /// Reads a type: its text, or a list or a map of types.
    pub fn ty(&mut self, node: &Node) -> TypeExpr {
        let bad = TypeExpr { kind: TypeKind::Bad, span: node.span };
        if self.depth >= MAX_DEPTH {
            self.too_deep(node.span);
            return bad;
        }
        self.depth += 1;
        let ty = match &node.kind {
            Kind::Scalar(it) if !it.text.is_empty() => self.inner(node, 0, dsl::parse_type),
            Kind::List(items) if items.len() == 1 => {
                let inner = items.iter().map(|it| self.ty(it)).next();
                let kind = inner.map_or(TypeKind::Bad, |it| TypeKind::List(Box::new(it)));
                TypeExpr { kind, span: node.span }
            }
            Kind::Map(_) => {
                let mut fields = Vec::new();
                for entry in self.named(node, "the fields of a record") {
                    if let Some(name) = self.name(&entry.key) {
                        fields.push((name, self.ty(&entry.value)));
                    }
                }
                TypeExpr { kind: TypeKind::Record(fields), span: node.span }
            }
            _ => {
                self.expected(node, "a type, as in `Int`, `[Symbol]` or `Money<USD>`", "");
                bad
            }
        };
        self.depth -= 1;
        ty
    }

    /// Parses the text of a scalar from `skip` bytes on, at its place in the file.
    fn inner<T: Walk>(
        &mut self,
        node: &Node,
        skip: usize,
        parse: fn(crate::source::FileId, &Source, Span) -> (T, Vec<Diagnostic>),
    ) -> T {
        let Some(scalar) = node.scalar() else { return T::bad(node.span) };
        let raw = self.source.slice(node.span);
        let quotes = usize::from(raw.starts_with(['"', '\'']));
        let start = node.span.range().start + quotes;
        let end = (node.span.range().end - quotes).max(start);
        let place = Span::new(self.id, start, end);
        if self.source.slice(place) == &*scalar.text {
            let (value, found) = parse(self.id, self.source, Span::new(self.id, (start + skip).min(end), end));
            self.diagnostics.extend(found);
            return value;
        }
        // Escapes and folded lines: what is parsed is not what stands in the file, so places are translated.
        let copy = Source::new(self.source.name(), None, Arc::clone(&scalar.text));
        let (mut value, found) = parse(self.id, &copy, Span::new(self.id, skip, scalar.text.len()));
        let places = align(&scalar.text, raw);
        let (id, base) = (self.id, node.span.range().start);
        let at = |byte: u32| base + places.get(byte as usize).copied().unwrap_or(raw.len());
        let mut there = |span: &mut Span| *span = Span::new(id, at(span.start), at(span.end));
        value.spans(&mut there);
        for mut it in found {
            there(&mut it.span);
            it.labels.iter_mut().for_each(|label| there(&mut label.span));
            // Its edits are of the text without escapes.
            it.fixes.clear();
            self.report(it);
        }
        value
    }

    /// Reads a name, in backticks or not.
    pub fn name(&mut self, node: &Node) -> Option<Name> {
        let Some(scalar) = node.scalar() else {
            self.expected(node, "a name", "");
            return None;
        };
        let bare = |it: &str| !it.is_empty() && !it.contains(['`', '\n', '\r']);
        let quoted = scalar.text.strip_prefix('`').and_then(|it| it.strip_suffix('`'));
        let text = quoted.unwrap_or(&scalar.text);
        if !bare(text) {
            let what =
                if scalar.text.is_empty() { "a name is missing here".into() } else { format!("`{text}` is no name") };
            self.report(Diagnostic::new(Code::S001, node.span, what));
            return None;
        }
        let raw = self.source.slice(node.span);
        let inset = usize::from(raw.starts_with(['"', '\''])) + usize::from(quoted.is_some());
        let range = node.span.range();
        let inside = Span::new(self.id, range.start + inset, range.end.saturating_sub(inset));
        let span = if self.source.slice(inside) == text { inside } else { node.span };
        if !text.is_ascii()
            && let Some(found) = dsl::deceiving_name(text, span)
        {
            self.report(found);
        }
        Some(Name { text: text.into(), span })
    }

    /// Reads names: one, or a list of them.
    pub fn names(&mut self, node: &Node) -> Vec<Name> {
        match &node.kind {
            Kind::List(items) => items.iter().filter_map(|it| self.name(it)).collect(),
            _ => self.name(node).into_iter().collect(),
        }
    }

    /// Reads a dotted path, as in `ns.act`.
    pub fn path(&mut self, node: &Node) -> Option<Expr> {
        let whole = self.name(node)?;
        let exact = self.source.slice(whole.span) == &*whole.text;
        let dotted = node.scalar().is_some_and(|it| !it.text.starts_with('`')) && exact;
        if !dotted || !whole.text.contains('.') {
            let span = whole.span;
            return Some(Expr { kind: ExprKind::Ref(whole), span });
        }
        let mut at = whole.span.range().start;
        let mut path: Option<Expr> = None;
        for part in whole.text.split('.') {
            let span = Span::new(self.id, at, at + part.len());
            at += part.len() + 1;
            if part.is_empty() {
                self.report(Diagnostic::new(Code::S001, span, "a name is missing beside `.`"));
                return None;
            }
            let name = Name { text: part.into(), span };
            path = Some(match path {
                None => Expr { kind: ExprKind::Ref(name), span },
                Some(of) => {
                    let span = of.span.to(span);
                    Expr { kind: ExprKind::Field(Box::new(of), name), span }
                }
            });
        }
        path
    }

    fn too_deep(&mut self, span: Span) {
        let found = Diagnostic::new(Code::S010, span, format!("nested more than {MAX_DEPTH} levels deep"));
        self.report(found.help("split it into several workflows"));
    }

    /// Says whether one more level of blocks may be read.
    pub fn enter(&mut self, span: Span) -> bool {
        if self.blocks >= MAX_DEPTH {
            self.too_deep(span);
            return false;
        }
        self.blocks += 1;
        true
    }
}

/// Says whether a text is a range of literals, which needs no `$` where a range is wanted.
pub(super) fn is_plain_range(text: &str) -> bool {
    text.split_once("..").is_some_and(|(start, rest)| {
        let (end, by) = rest.split_once(" by ").unwrap_or((rest, "0"));
        [start, end, by].iter().all(|it| literal::read(it.trim()).is_some())
    })
}

fn text(node: &Node, text: &Arc<str>) -> Expr {
    Expr { kind: ExprKind::Text(Arc::clone(text)), span: node.span }
}

/// Returns for each byte of a text where in `raw`, as YAML writes it, it comes from; and one for the end.
fn align(text: &str, raw: &str) -> Vec<usize> {
    let mut places = Vec::with_capacity(text.len() + 1);
    let double = raw.starts_with('"');
    let mut at = usize::from(raw.starts_with(['"', '\'']));
    let rest = |at: usize| raw.get(at..).unwrap_or_default();
    // The line that starts a block text says how it is written.
    if raw.starts_with(['|', '>']) {
        at = raw.find('\n').map_or(raw.len(), |it| it + 1);
        at += rest(at).len() - rest(at).trim_start_matches(' ').len();
    }
    for it in text.chars() {
        // A line break in the file is a blank or a break in the text, with the indentation behind it.
        let folded = it == ' ' && rest(at).trim_start_matches(' ').starts_with(['\n', '\r']);
        let broken = it == '\n' && rest(at).starts_with(['\n', '\r']);
        let length = if folded || broken {
            rest(at).len() - rest(at).trim_start_matches([' ', '\t', '\r', '\n']).len()
        } else if double && rest(at).starts_with('\\') {
            escape(rest(at))
        } else if it == '\'' && rest(at).starts_with("''") {
            2
        } else {
            it.len_utf8()
        };
        places.extend(std::iter::repeat_n(at.min(raw.len()), it.len_utf8()));
        at += length;
    }
    places.push(at.min(raw.len()));
    places
}

/// Returns the length of an escape, backslash included.
fn escape(text: &str) -> usize {
    match text.as_bytes().get(1) {
        Some(b'x') => 4,
        Some(b'u') => 6,
        Some(b'U') => 10,
        _ => 2,
    }
}
