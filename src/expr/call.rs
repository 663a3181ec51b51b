//! Calls in expressions: of builtins and of strategies.

use std::sync::Arc;

use super::{
    Callee, Expr, Fact, Kind, Part, Template,
    builtins::{BUILTINS, find as find_builtin},
    check_within,
    lower::{Call, Lowering, const_of, list_names, twice, unknown},
    name::{dotted, head},
    nearest_within,
    suggest::nearest,
};
use crate::{
    source::{Code, Diagnostic, Edit, Fix, Span},
    syntax::ast::{self, ArgKind, ExprKind},
    value::{Field, Name, Ty, Value},
};

/// Returns what is said of a method inside an expression.
pub(crate) fn not_in_expression(path: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::S006, span, format!("`{path}` cannot be called inside an expression"))
        .note("a method of a slice runs as a step of its own")
        .help(format!("give it a step, `step x = {path}(…)`, and use `x` here"))
}

/// Returns the path inside a record to one that has parameters among its fields; nothing to walk where it has itself.
fn of_params(ty: &Ty, params: &[Field]) -> Option<String> {
    let Ty::Record(fields) = ty else { return None };
    let known = |it: &Field| params.iter().any(|param| param.name == it.name);
    if fields.iter().any(known) {
        return Some(String::new());
    }
    let inner = fields.iter().find(|it| matches!(&it.ty, Ty::Record(fields) if fields.iter().any(known)))?;
    Some(format!(".{}", inner.name))
}

/// Returns the mend that writes something before and behind a record.
fn spread_of(title: &str, span: Span, before: &str, behind: &str) -> Fix {
    let edit = |span, text: &str| Edit { span, text: text.to_owned() };
    let edits = [edit(span.before(), before), edit(span.after(), behind)];
    Fix { title: title.to_owned(), safe: false, edits: edits.into_iter().filter(|it| !it.text.is_empty()).collect() }
}

impl Lowering<'_> {
    pub(super) fn call(&mut self, callee: &ast::Expr, args: &[ast::Arg], args_span: Span, span: Span) -> Expr {
        if let ExprKind::Ref(name) = &callee.kind
            && let Some(builtin) = find_builtin(&name.text)
        {
            self.scope.learn(Fact::Call(Callee::Builtin(builtin), callee, args, Some(args_span)));
            let (args, ty) = (builtin.infer)(self, &Call { name, args, span });
            return self.folded(Expr { kind: Kind::Builtin(builtin, args), ty, span });
        }
        let Some(path) = dotted(callee) else {
            if !matches!(callee.kind, ExprKind::Bad) {
                self.report(Diagnostic::new(Code::S006, callee.span, "only a name can be called"));
            }
            return unknown(span);
        };
        if let Some(template) = self.scope.template(&path) {
            self.scope.learn(Fact::Call(Callee::Template(&*template), callee, args, Some(args_span)));
            return self.make(&template, args, args_span, span);
        }
        // A strategy with a mistake of its own is there all the same.
        if !self.scope.templates().contains(&path) {
            let diagnostic = self.no_such_callee(callee, &path);
            self.report(diagnostic);
        }
        // What is wrong inside the arguments is a mistake of its own.
        for arg in args {
            let (ArgKind::Named(_, value) | ArgKind::Positional(value) | ArgKind::Spread(value)) = &arg.kind;
            self.free(value, None);
        }
        unknown(span)
    }

    fn no_such_callee(&mut self, callee: &ast::Expr, path: &str) -> Diagnostic {
        let value = head(callee).is_some_and(|it| self.scope.find(&it.text).is_some());
        if path.contains('.') && !value {
            return not_in_expression(path, callee.span);
        }
        if value && !path.contains('.') {
            return Diagnostic::new(Code::N003, callee.span, format!("`{path}` is a value and cannot be called"));
        }
        let found = Diagnostic::new(Code::N003, callee.span, format!("there is nothing called `{path}` to call"));
        let templates = self.scope.templates();
        let known = BUILTINS.iter().map(|it| it.name).chain(templates.iter().map(String::as_str));
        match nearest(path, known) {
            Some(like) => found.fix("one with a similar name exists", callee.span, like),
            None => found,
        }
    }

    /// Checks the parameters of a strategy.
    pub(super) fn make(
        &mut self,
        template: &Arc<dyn Template>,
        args: &[ast::Arg],
        args_span: Span,
        span: Span,
    ) -> Expr {
        let params = template.params();
        let mut parts = Vec::with_capacity(args.len());
        let mut given: Vec<Name> = Vec::new();
        let mut named: Vec<&ast::Name> = Vec::new();
        let mut hidden = false;
        for arg in args {
            match &arg.kind {
                ArgKind::Named(name, value) => {
                    if let Some(first) = named.iter().find(|it| it.text == name.text) {
                        self.report(twice(name, first));
                    }
                    named.push(name);
                    let Some(param) = params.iter().find(|it| it.name == name.text) else {
                        self.no_such_param(&**template, name, &given);
                        self.free(value, None);
                        hidden = true;
                        continue;
                    };
                    let value = self.expr(value, Some(&param.ty));
                    self.within(&**template, param, &value);
                    given.push(name.text.clone());
                    parts.push(Part::Field(name.text.clone(), value));
                }
                ArgKind::Positional(value) => {
                    self.needs_name(value, params, &given);
                    hidden = true;
                }
                ArgKind::Spread(value) => {
                    let value = self.free(value, None);
                    match self.spread(&value) {
                        Some(fields) => self.spread_params(&**template, &fields, value.span, &mut given),
                        None => hidden = true,
                    }
                    parts.push(Part::Spread(value));
                }
            }
        }
        // What could not be read may have been what is missing.
        let mut absent = params.iter().filter(|it| !it.is_optional() && !given.contains(&it.name)).filter(|_| !hidden);
        if let Some(first) = absent.next() {
            let all = std::iter::once(first).chain(absent).map(|it| format!("`{}`", it.name)).collect::<Vec<_>>();
            let are = if all.len() == 1 { "is" } else { "are" };
            let message = format!("{} {are} required by `{}`", all.join(", "), template.name());
            self.report(Diagnostic::new(Code::N005, args_span, message).note(format!("the parameter is `{first}`")));
        }
        let ty = template.ty();
        let record = Expr { kind: Kind::Record(parts), ty: Ty::Record(params.into()), span: args_span };
        Expr { kind: Kind::Make(template.clone(), record.into()), ty, span }
    }

    fn within(&mut self, template: &dyn Template, param: &Field, value: &Expr) {
        let (Some(known), Some(within)) = (const_of(value), template.within(&param.name)) else { return };
        if value.ty == Ty::Unknown || known.is_none() {
            return;
        }
        self.check_range(known, &within, &param.name, value.span);
    }

    /// Reports a constant that is outside of what its parameter must be in.
    pub(super) fn check_range(&mut self, value: &Value, within: &Value, name: &str, span: Span) {
        if let Err(outside) = check_within(value, within) {
            let found = Diagnostic::new(Code::T007, span, outside.to_string()).here(format!("the value of `{name}`"));
            self.report(match nearest_within(value, within) {
                Some(bound) => found.fix("take the nearest bound", span, bound.to_string()),
                None => found,
            });
        }
    }

    fn spread_params(&mut self, template: &dyn Template, fields: &[Field], span: Span, given: &mut Vec<Name>) {
        let known = |it: &Field| template.params().iter().any(|param| param.name == it.name);
        if !fields.iter().any(known)
            && let Some(inner) = of_params(&Ty::Record(fields.into()), template.params())
        {
            let message = format!("nothing in this record is a parameter of `{}`", template.name());
            let found = Diagnostic::new(Code::N004, span, message);
            given.extend(template.params().iter().map(|it| it.name.clone()));
            return self.report(found.with_fix(spread_of("spread what is", span, "", &inner)));
        }
        for field in fields {
            match template.params().iter().find(|it| it.name == field.name) {
                None => {
                    let message = format!("`{}` takes no argument `{}`", template.name(), field.name);
                    let found =
                        Diagnostic::new(Code::N004, span, message).here(format!("has a field `{}`", field.name));
                    self.report(found.note(format!("its parameters are: {}", list_names(template.params()))));
                }
                Some(param) if !field.ty.fits(&param.ty) => {
                    let message = format!("`{}`: {}", field.name, super::fit::expected(&param.ty, &field.ty));
                    self.report(Diagnostic::new(Code::T001, span, message));
                }
                Some(_) => {}
            }
            given.push(field.name.clone());
        }
    }

    fn no_such_param(&mut self, template: &dyn Template, name: &ast::Name, given: &[Name]) {
        let message = format!("`{}` takes no argument `{}`", template.name(), name.text);
        let mut found = Diagnostic::new(Code::N004, name.span, message);
        let open = template.params().iter().filter(|it| !given.contains(&it.name));
        if let Some(like) = nearest(&name.text, open.map(|it| &*it.name)) {
            found = found.fix("a parameter with a similar name exists", name.span, like);
        }
        if !template.params().is_empty() {
            found = found.note(format!("its parameters are: {}", list_names(template.params())));
        }
        self.report(found);
    }

    fn needs_name(&mut self, value: &ast::Expr, params: &[Field], given: &[Name]) {
        let value = self.free(value, None);
        let found = Diagnostic::new(Code::T016, value.span, "arguments need names");
        if let Some(inner) = of_params(&value.ty, params) {
            return self.report(found.with_fix(spread_of("spread the record", value.span, "..", &inner)));
        }
        let mut fitting = params.iter().filter(|it| !given.contains(&it.name) && value.ty.fits(&it.ty));
        self.report(match (fitting.next(), fitting.next()) {
            (Some(only), None) => found.safe_fix("name it", value.span.before(), format!("{}: ", only.name)),
            (Some(first), Some(_)) => found.fix("name it", value.span.before(), format!("{}: ", first.name)),
            _ => found,
        });
    }
}
