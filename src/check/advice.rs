//! What only the workflow around an expression can tell of its mistakes: where a none comes from, what was meant.

use super::{scope::What, visit, walk::Walk};
use crate::{
    expr::{self, in_words},
    source::{Code, Diagnostic, Edit, Fix, Label, Span},
    syntax::ast,
    value::Ty,
};

impl Walk<'_, '_> {
    /// Adds to the mistakes of an expression what is known of them here.
    pub fn advise(&mut self, tree: &ast::Expr, want: Option<&Ty>, out: &mut [Diagnostic]) {
        for found in out {
            self.explain_absence(found);
            self.explain_slice(found);
            self.explain_inner(found);
            self.explain_mode(found);
            self.explain_type(tree, want, found);
        }
    }

    /// Adds to "may be none" where the none comes from, and the clause that mends it.
    fn explain_absence(&self, found: &mut Diagnostic) {
        let name = self.text(found.span);
        let Some(at) = self.scopes.locate(name).filter(|_| found.code == Code::T009) else { return };
        let entry = self.scopes.entry(at);
        if let Some(absent) = entry.and_then(|it| it.absent) {
            let conditional = self.text(absent).starts_with("when");
            let message = if conditional { "skipped when this is false" } else { "none when the step fails" };
            found.labels.push(Label { span: absent, message: message.to_owned() });
        }
        if let Some(fix) = self.only_when(name, found.span) {
            found.fixes.clear();
            found.fixes.push(fix);
        }
    }

    /// Adds to "nothing here is called so" that a block inside of this one has it.
    fn explain_inner(&self, found: &mut Diagnostic) {
        if found.code != Code::N003 || !found.fixes.is_empty() {
            return;
        }
        let tree = self.tree;
        let inside = self.inside.get_or_init(|| visit::inside(&tree.body));
        let Some(at) = inside.get(self.text(found.span)).copied() else { return };
        found.labels.push(Label { span: at, message: "this one is seen inside its block only".to_owned() });
        found.notes.push("what a block gives out is what it yields".to_owned());
    }

    /// Returns the mend that runs the step around this place only where a value is there that is read at `reader`.
    pub fn only_when(&self, name: &str, reader: Span) -> Option<Fix> {
        let site = self.steps.last()?;
        let title = format!("run this step only when `{name}` is there");
        Some(match site.when {
            // What the condition itself reads must be asked for before; the rest of it then counts in both cases.
            Some(when) => {
                let edit = |span, text| Edit { span, text };
                let either = self.text(when).contains(" or ");
                let (open, close) = if either { ("(", ")") } else { ("", "") };
                let edits = if when.contains(reader) {
                    let close = either.then(|| edit(when.after(), close.to_owned()));
                    std::iter::once(edit(when.before(), format!("{name} != none and {open}"))).chain(close).collect()
                } else {
                    let open = either.then(|| edit(when.before(), open.to_owned()));
                    open.into_iter().chain([edit(when.after(), format!("{close} and {name} != none"))]).collect()
                };
                Fix { title, safe: false, edits }
            }
            None => self.with_clause(&title, site.work, "when", &format!("{name} != none")),
        })
    }

    /// Says of a slice in the middle of an expression how its methods are called.
    fn explain_slice(&self, found: &mut Diagnostic) {
        let name = self.text(found.span);
        if found.code != Code::N003 || !self.session.registry.slices().any(|it| it == name) {
            return;
        }
        let Some(source) = self.session.sources.get(found.span.file) else { return };
        let behind = source.text().get(found.span.end as usize..).unwrap_or_default();
        let Some(rest) = behind.strip_prefix('.') else { return };
        let length = rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(rest.len());
        let span = Span { end: found.span.end + 1 + u32::try_from(length).unwrap_or(0), ..found.span };
        *found = expr::not_in_expression(self.text(span), span);
    }

    /// Offers to make a step of a `let` whose value is what a method gives; its mistakes come after `before`.
    pub fn offer_step(&mut self, tree: &ast::Let, before: usize) {
        let keyword = Span { end: tree.span.start + 3, ..tree.span };
        let whole = match &tree.value.kind {
            ast::ExprKind::Call { callee, .. } => callee.span,
            _ => tree.value.span,
        };
        if self.text(keyword) != "let" {
            return;
        }
        for found in self.out.iter_mut().skip(before).filter(|it| it.code == Code::S006 && it.span == whole) {
            let edits = vec![Edit { span: keyword, text: "step".to_owned() }];
            found.fixes = vec![Fix { title: "make it a step".to_owned(), safe: false, edits }];
        }
    }

    /// Says of a misspelt `mode` that it may be that; what is no value that could be meant elsewhere.
    fn explain_mode(&self, found: &mut Diagnostic) {
        let name = self.text(found.span);
        let is_like = name.len() <= 4 && expr::nearest(name, ["mode"]).is_some();
        if found.code == Code::N003 && found.fixes.is_empty() && is_like {
            let edits = vec![Edit { span: found.span, text: "mode".to_owned() }];
            found.fixes.push(Fix { title: "the mode of the run is `mode`".to_owned(), safe: false, edits });
        }
    }

    /// Says how a value of the wrong type becomes one of the right.
    fn explain_type(&mut self, tree: &ast::Expr, want: Option<&Ty>, found: &mut Diagnostic) {
        if found.code != Code::T001 || !found.fixes.is_empty() {
            return;
        }
        let name = self.text(found.span);
        let entry = self.scopes.locate(name).and_then(|it| self.scopes.entry(it));
        let text = entry.is_some_and(|it| matches!(it.what, What::Var) && it.ty == Some(Ty::Text));
        if text && found.message.starts_with("expected a symbol") {
            found.notes.push("texts in a list are texts, unless its type says otherwise".to_owned());
            let title = format!("say what the list is of: `let symbols: [Symbol] = […]`, then `for {name} in symbols`");
            found.fixes.push(advice(title));
            return;
        }
        let slashes = name.contains('/') && name.chars().all(|it| it.is_ascii_digit() || it == '/');
        if found.message.starts_with("expected a date") && slashes {
            found.fixes.push(advice("a date is written year, month, day, as in `2020-01-31`"));
            return;
        }
        let (Some(want), true) = (want.map(Ty::required), found.span == tree.span) else { return };
        if *want == Ty::DateRange {
            found.fixes.push(advice("say from which day to which, as in `2015-01-01..2024-12-31`"));
            return;
        }
        let is = expr::lower(tree, self, None, &mut Vec::new()).ty;
        if !matches!((want, &is), (Ty::Domain(_), Ty::Domain(_))) {
            return;
        }
        let registry = self.session.registry;
        let mut methods = registry.slices().flat_map(|it| registry.methods(it)).filter(|it| it.output == *want);
        let made = methods.find_map(|it| {
            let mut needed = it.inputs.iter().filter(|it| !it.is_optional());
            let input = needed.next().filter(|it| it.ty == is)?;
            needed.next().is_none().then(|| format!("{}({}: {})", it.path(), input.name, self.text(tree.span)))
        });
        if let Some(made) = made.filter(|it| !it.contains('\n')) {
            let title = format!("a step makes {} of it: `{made}`", in_words(want));
            found.fixes.push(advice(title));
        }
    }
}

fn advice(title: impl Into<String>) -> Fix {
    Fix { title: title.into(), safe: false, edits: Vec::new() }
}
