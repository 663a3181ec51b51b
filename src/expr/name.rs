//! Names and fields of expressions.

use super::{
    Callee, Expr, Fact, Kind,
    builtins::find as find_builtin,
    lower::{Lowering, case_of, list_names, unknown},
    ops::is_textual,
    suggest::nearest,
    words::in_words,
};
use crate::{
    source::{Code, Diagnostic},
    syntax::ast::{self, ExprKind},
    value::{Field, Ty},
};

/// Returns a path of names as it is written, as in `lib.sma_cross`.
pub(crate) fn dotted(expr: &ast::Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Ref(name) => Some(name.text.to_string()),
        ExprKind::Field(base, name) => Some(format!("{}.{}", dotted(base)?, name.text)),
        _ => None,
    }
}

/// Returns the first name of a path.
pub(super) fn head(expr: &ast::Expr) -> Option<&ast::Name> {
    match &expr.kind {
        ExprKind::Ref(name) => Some(name),
        ExprKind::Field(base, _) => head(base),
        _ => None,
    }
}

impl Lowering<'_> {
    pub(super) fn name(&mut self, name: &ast::Name, want: Option<&Ty>) -> Expr {
        if let Some(found) = self.scope.find(&name.text) {
            self.scope.learn(Fact::Value(name, &found));
            self.names.insert(name.span, name.text.clone());
            return Expr { kind: found.kind, ty: found.ty, span: name.span };
        }
        if let Some(template) = self.scope.template(&name.text) {
            let head = ast::Expr { kind: ExprKind::Ref(name.clone()), span: name.span };
            self.scope.learn(Fact::Call(Callee::Template(&*template), &head, &[], None));
            return self.make(&template, &[], name.span, name.span);
        }
        // A strategy with a mistake of its own is there all the same.
        if !self.scope.templates().iter().any(|it| **it == *name.text) {
            let diagnostic = self.no_such_name(name, want);
            self.report(diagnostic);
        }
        unknown(name.span)
    }

    fn no_such_name(&mut self, name: &ast::Name, want: Option<&Ty>) -> Diagnostic {
        let text = &*name.text;
        let found = Diagnostic::new(Code::N003, name.span, format!("nothing here is called `{text}`"));
        if find_builtin(text).is_some() {
            return found.help(format!("`{text}` is a function: call it, as in `{text}(…)`"));
        }
        let names = self.scope.names();
        let mut templates = self.scope.templates();
        if want.is_some_and(|want| !Ty::domain("Strategy").fits(want)) {
            templates.clear();
        }
        let fits = |ty: &Ty| want.is_none_or(|want| ty.required().fits(want));
        let legal = names.iter().filter(|(_, ty)| fits(ty)).map(|(name, _)| &**name);
        let like = nearest(text, legal.chain(templates.iter().map(String::as_str)));
        let quoted = |it: &Ty| match it {
            Ty::Members(names) => nearest(text, names.iter().map(|it| &**it)).map(ToOwned::to_owned),
            it => is_textual(it).then(|| text.to_owned()),
        };
        match (case_of(want, quoted), like) {
            // A word in capitals, or nothing alike: it was meant as text.
            (Some(quoted), like) if like.is_none() || text.chars().all(|it| !it.is_lowercase()) => {
                let kind = case_of(want, |it| is_textual(it).then(|| in_words(it))).unwrap_or_default();
                found.note("a word without quotes is the name of a value").fix(
                    format!("write {kind} in quotes"),
                    name.span,
                    format!("\"{quoted}\""),
                )
            }
            (_, Some(like)) => found.fix("a value with a similar name exists", name.span, like),
            _ => found,
        }
    }

    pub(super) fn field(&mut self, whole: &ast::Expr, base: &ast::Expr, name: &ast::Name) -> Expr {
        if let (Some(head), Some(path)) = (head(whole), dotted(whole))
            && self.scope.find(&head.text).is_none()
            && let Some(template) = self.scope.template(&path)
        {
            self.scope.learn(Fact::Call(Callee::Template(&*template), whole, &[], None));
            return self.make(&template, &[], whole.span, whole.span);
        }
        if let Some(found) = self.not_in_namespace(base, name) {
            self.report(found);
            return unknown(whole.span);
        }
        let base = self.free(base, None);
        let ty = self.field_ty(&base, name);
        let known = ty != Ty::Unknown;
        let expr = Expr { kind: Kind::Field(base.into(), name.text.clone()), ty, span: whole.span };
        if known { self.folded(expr) } else { expr }
    }

    /// Says that what is imported under a name has no strategy of another name.
    fn not_in_namespace(&mut self, base: &ast::Expr, name: &ast::Name) -> Option<Diagnostic> {
        let ExprKind::Ref(space) = &base.kind else { return None };
        if self.scope.find(&space.text).is_some() {
            return None;
        }
        let all = self.scope.templates();
        let theirs: Vec<&str> = all.iter().filter_map(|it| it.strip_prefix(&*space.text)?.strip_prefix('.')).collect();
        if theirs.is_empty() {
            return None;
        }
        let found = Diagnostic::new(Code::N011, name.span, format!("`{}` has no `{}`", space.text, name.text));
        Some(match nearest(&name.text, theirs.iter().copied()) {
            Some(near) => found.fix("a similar name exists", name.span, near),
            None => found.note(format!("it has: {}", theirs.join(", "))),
        })
    }

    fn field_ty(&mut self, base: &Expr, name: &ast::Name) -> Ty {
        let ty = self.there(base);
        self.scope.learn(Fact::Field(name, &ty));
        if let Some(ty) = self.field_of(&ty, &name.text) {
            return ty;
        }
        let diagnostic = self.no_such_field(&ty, name);
        self.report(diagnostic);
        Ty::Unknown
    }

    /// Returns the type of a field of any value that has fields.
    pub(super) fn field_of(&self, ty: &Ty, name: &str) -> Option<Ty> {
        match (ty, name) {
            (Ty::Unknown | Ty::Any, _) => Some(Ty::Unknown),
            (Ty::DateRange, "start" | "end") => Some(Ty::Date),
            (Ty::Union(cases), _) => {
                let mut types = cases.iter().map(|it| self.field_of(it, name));
                let first = types.next()??;
                types.try_fold(first, |ty, next| ty.join(&next?))
            }
            _ => {
                let field = self.fields(ty).into_iter().find(|it| *it.name == *name)?;
                // What may be left out without a default is none when it is.
                Some(field.ty)
            }
        }
    }

    fn fields(&self, ty: &Ty) -> Vec<Field> {
        match ty {
            Ty::Record(fields) => fields.to_vec(),
            other => self.scope.fields(other),
        }
    }

    fn no_such_field(&mut self, ty: &Ty, name: &ast::Name) -> Diagnostic {
        let text = &*name.text;
        let fields = self.fields(ty);
        let what = match ty {
            Ty::Record(_) => "this record".to_owned(),
            Ty::List(_) => "a list".to_owned(),
            Ty::Stream(_) => "a stream".to_owned(),
            other => in_words(other),
        };
        let found = Diagnostic::new(Code::N010, name.span, format!("{what} has no field `{text}`"));
        match ty {
            Ty::List(item) if self.field_of(item, text).is_some() => {
                return found.help("its items have: take one, as in `[0]`, or go over them with `for x in …`");
            }
            Ty::Stream(_) => return found.help("handle each value as it comes: `on x in … { }`"),
            _ => {}
        }
        let found = match nearest(text, fields.iter().map(|it| &*it.name)) {
            Some(like) => found.fix("a field with a similar name exists", name.span, like),
            None => found,
        };
        if fields.is_empty() { found } else { found.note(format!("it has: {}", list_names(&fields))) }
    }
}
