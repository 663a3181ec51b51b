//! What goes into the inputs of a call: arguments first, then the wiring of the language, in its order and nothing else.

use super::{
    Filled, Input, Param,
    scope::{self, What},
    walk::{StepSite, Walk, constant, unknown},
};
use crate::{
    expr::{self, Context, Expr, Kind, nearest},
    source::{Code, Diagnostic, Span},
    syntax::ast::{self, ArgKind},
    value::{Field, Name, Ty, Value},
};

/// A call as it is written.
pub(super) struct Site<'a> {
    /// What is called.
    pub head: Span,
    pub args: &'a [ast::Arg],
    /// From parenthesis to parenthesis.
    pub args_span: Option<Span>,
}

/// An input of a method or a param of a workflow.
pub(super) struct Port {
    pub name: Name,
    pub ty: Ty,
    pub doc: Option<Name>,
    /// Whether something stands in where nothing is given.
    pub optional: bool,
    pub within: Option<Value>,
    /// Whether the run's context comes by itself, so that the call need not hand it on.
    pub own_context: bool,
}

impl Port {
    pub fn of(field: &Field) -> Self {
        Self {
            name: field.name.clone(),
            ty: field.ty.clone(),
            doc: Some(field.doc.clone()),
            optional: field.is_optional(),
            within: None,
            own_context: false,
        }
    }

    pub fn of_param(param: &Param) -> Self {
        Self {
            name: param.name.clone(),
            ty: param.ty.clone(),
            doc: param.doc.clone(),
            optional: param.default.is_some() || param.ty.takes_none(),
            within: param.within.clone(),
            own_context: param.context.is_some(),
        }
    }
}

/// What was found for an input that has no argument.
enum Wired {
    Value(Expr, Filled),
    /// Its default, or none.
    Left,
    /// Nothing could be said, or what is wrong has been reported.
    Lost,
}

/// A value that fits an input by its type.
struct Candidate {
    at: (usize, usize),
    /// The field of it that fits, unless it fits itself.
    field: Option<Field>,
    name: String,
    declared: Span,
}

impl Walk<'_, '_> {
    /// Fills the inputs of a call: with its arguments, and where there is none by the rules of wiring.
    pub fn inputs(&mut self, callee: &str, ports: &[Port], site: &Site<'_>) -> Vec<Input> {
        let mut inputs = self.arguments(callee, ports, site);
        for port in ports {
            if inputs.iter().any(|it| it.name == port.name) {
                continue;
            }
            let input = |value, filled| Input { name: port.name.clone(), value, filled };
            match self.wire(callee, port, site) {
                Wired::Value(value, filled) => inputs.push(input(value, filled)),
                Wired::Left => {}
                Wired::Lost => inputs.push(input(unknown(site.head), Filled::Argument)),
            }
        }
        // The order of the signature, so that equal calls are equal whichever way they are written.
        inputs.sort_by_key(|input| ports.iter().position(|it| it.name == input.name));
        inputs
    }

    fn arguments(&mut self, callee: &str, ports: &[Port], site: &Site<'_>) -> Vec<Input> {
        let from = self.out.len();
        let mut inputs: Vec<Input> = Vec::new();
        let mut written: Vec<(Name, Span)> = Vec::new();
        let named = |it: &&ast::Arg| matches!(&it.kind, ArgKind::Named(..));
        let given = |name: &str| {
            site.args.iter().filter(named).any(|it| matches!(&it.kind, ArgKind::Named(it, _) if *it.text == *name))
        };
        let mut unnamed = ports.iter().filter(|it| !given(&it.name));
        for arg in site.args {
            match &arg.kind {
                ArgKind::Named(name, value) => {
                    let port = match ports.iter().find(|it| it.name == name.text) {
                        Some(port) => Some(port),
                        None => self.no_argument(callee, name, ports, &given),
                    };
                    let Some(port) = port else {
                        self.lower(value, None);
                        continue;
                    };
                    if let Some((_, first)) = written.iter().find(|(it, _)| *it == port.name) {
                        let message = format!("`{}` is given twice", port.name);
                        let found = Diagnostic::new(Code::S008, name.span, message).label(*first, "first here");
                        self.report(found.fix("remove the second", arg.span, ""));
                        continue;
                    }
                    written.push((port.name.clone(), name.span));
                    let value = self.argument(value, port);
                    inputs.push(Input { name: port.name.clone(), value, filled: Filled::Argument });
                }
                ArgKind::Positional(value) => {
                    let found = Diagnostic::new(Code::T016, arg.span, "the arguments of a step need names");
                    let Some(port) = unnamed.next() else {
                        self.report(found.note(format!("`{callee}` takes no further argument")));
                        continue;
                    };
                    let title = format!("name it `{}`", port.name);
                    self.report(found.fix(title, arg.span.before(), format!("{}: ", port.name)));
                    let value = self.argument(value, port);
                    inputs.push(Input { name: port.name.clone(), value, filled: Filled::Argument });
                }
                ArgKind::Spread(value) => {
                    let record = self.lower(value, None);
                    for field in self.session.registry.fields(record.ty.required()).to_vec() {
                        let Some(port) = ports.iter().find(|it| it.name == field.name && !given(&it.name)) else {
                            continue;
                        };
                        if !field.ty.fits(&port.ty) {
                            let message = format!("`{}` is {}, {} is wanted", field.name, field.ty, port.ty);
                            self.report(Diagnostic::new(Code::T001, arg.span, message));
                            continue;
                        }
                        let kind = Kind::Field(Box::new(record.clone()), field.name.clone());
                        let value = Expr { kind, ty: field.ty.clone(), span: arg.span };
                        inputs.retain(|it| it.name != port.name);
                        inputs.push(Input { name: port.name.clone(), value, filled: Filled::Argument });
                    }
                }
            }
        }
        self.join_swapped(site.args, ports, from);
        inputs
    }

    fn argument(&mut self, tree: &ast::Expr, port: &Port) -> Expr {
        let before = self.out.len();
        let value = self.lower(tree, Some(&port.ty));
        for found in self.out.iter_mut().skip(before) {
            if matches!(found.code, Code::T001 | Code::T002) && found.span == tree.span && found.notes.is_empty() {
                found.notes.push(described(port));
            }
        }
        if let (Some(value), Some(within)) = (constant(&value), &port.within)
            && let Err(outside) = expr::check_within(value, within)
        {
            self.report(out_of_range(outside.to_string(), tree.span, value, within));
        }
        value
    }

    /// Reports an argument that a call does not take; returns the input that was evidently meant.
    fn no_argument<'p>(
        &mut self,
        callee: &str,
        name: &ast::Name,
        ports: &'p [Port],
        given: &dyn Fn(&str) -> bool,
    ) -> Option<&'p Port> {
        let open = || ports.iter().filter(|it| !given(&it.name));
        let message = format!("`{callee}` takes no argument `{}`", name.text);
        let found = Diagnostic::new(Code::N004, name.span, message);
        let near = nearest(&name.text, open().map(|it| &*it.name)).map(ToOwned::to_owned);
        let found = match &near {
            Some(near) => found.fix("an argument with a similar name exists", name.span, near.as_str()),
            None if ports.is_empty() => found.note("it takes none"),
            None if let Some(port) = open().find(|it| has_field(&it.ty, &name.text)) => {
                let title = format!("it is a field of `{}`: `{}: {{ {}: … }}`", port.name, port.name, name.text);
                self.report(found.help(title));
                return None;
            }
            None => {
                let all = ports.iter().map(|it| format!("{}: {}", it.name, it.ty)).collect::<Vec<_>>().join(", ");
                found.note(format!("it takes: {all}"))
            }
        };
        self.report(found);
        ports.iter().find(|it| near.as_deref() == Some(&*it.name))
    }

    fn wire(&mut self, callee: &str, port: &Port, site: &Site<'_>) -> Wired {
        // 1. A value of the same name and an assignable type.
        let (mut maybe_none, mut hidden) = (None, None);
        if let Some(at) = self.scopes.above_named(&port.name) {
            let ty = self.scopes.ty(at);
            if ty.fits(&port.ty) && ty != Ty::None {
                let value = self.scopes.read_as_expr(at, Some(site.head), site.head);
                return Wired::Value(value, Filled::Name(port.name.clone()));
            }
            if ty.required().fits(&port.ty) {
                maybe_none = Some(at);
            } else if ty != Ty::Unknown {
                hidden = Some((at, ty));
            }
        }
        // 2. The only value of a nominal type.
        if is_nominal(port.ty.required()) {
            let above = self.scopes.above();
            let candidates = self.candidates(&above, &port.ty);
            match candidates.as_slice() {
                [] => {}
                [only] => return self.by_type(only, site),
                several => {
                    self.ambiguous(port, site, several);
                    return Wired::Lost;
                }
            }
            let optional = |at: &&(usize, usize)| {
                let ty = self.scopes.ty(**at);
                matches!(ty, Ty::Optional(_)) && is_nominal(ty.required()) && ty.required().fits(&port.ty)
            };
            maybe_none = maybe_none.or_else(|| above.iter().find(optional).copied());
        }
        // A value of the name that does not fit hides the context: the run's own would be another thing under one name.
        if let Some((at, ty)) = hidden.filter(|_| maybe_none.is_none() && scope::context(&port.name).is_some()) {
            self.not_of_type(callee, port, site, at, &ty);
            return Wired::Lost;
        }
        // 3. What the run knows by itself.
        let own = scope::context(&port.name).filter(|_| !port.own_context && maybe_none.is_none());
        if let Some((context, ty)) = own {
            let given = self.session.options.given.contains(&context);
            let ty = if given { ty.required().clone() } else { ty };
            let empty = !given && matches!(context, Context::Period | Context::Costs);
            if ty.fits(&port.ty) && !empty {
                self.scopes.contexts.insert(context);
                let value = Expr { kind: Kind::Context(context), ty, span: site.head };
                return Wired::Value(value, Filled::Context(context));
            }
        }
        // 4. The default, or none.
        if port.optional || port.own_context {
            return Wired::Left;
        }
        if let Some(at) = maybe_none {
            self.may_be_none(port, site, at);
        } else if !self.scopes.above().iter().any(|at| self.scopes.is_unknown(*at)) {
            // What could not be understood above may be what was to fill it.
            self.not_filled(callee, port, site);
        }
        Wired::Lost
    }

    /// Says whether an input without an argument would be filled with this value.
    pub fn is_wired_anyway(&self, port: &Port, value: &Expr) -> bool {
        let (slot, field) = match &value.kind {
            Kind::Slot(slot) => (slot, None),
            Kind::Field(base, name) => match &base.kind {
                Kind::Slot(slot) => (slot, Some(name)),
                _ => return false,
            },
            _ => return false,
        };
        let at = self.scopes.absolute(*slot);
        if let Some(named) = self.scopes.above_named(&port.name) {
            let ty = self.scopes.ty(named);
            return named == at && field.is_none() && ty.fits(&port.ty) && ty != Ty::None;
        }
        let candidates =
            if is_nominal(port.ty.required()) { self.candidates(&self.scopes.above(), &port.ty) } else { Vec::new() };
        matches!(&candidates[..], [only] if only.at == at && only.field.as_ref().map(|it| &it.name) == field)
    }

    /// Reports a value of the name of an input that is of another type.
    fn not_of_type(&mut self, callee: &str, port: &Port, site: &Site<'_>, at: (usize, usize), ty: &Ty) {
        let message = format!("`{}` is {ty} here, and `{callee}` wants {}", port.name, port.ty);
        let mut found = Diagnostic::new(Code::T001, site.head, message);
        if let Some(entry) = self.scopes.entry(at) {
            found = found.label(entry.declared, format!("this is {ty}"));
        }
        let found = found.note("the value of the run's context is not taken, since this one has its name");
        let wanted = port.ty.required();
        let help = match ty {
            Ty::Text => {
                format!("quoted text has the type of its place: `param {}s: [{wanted}] = …` gives it one", port.name)
            }
            _ => format!("call it otherwise, or make it {wanted}"),
        };
        self.report(found.help(help));
    }

    /// Returns the values and direct fields of a type, save those that are merely passed on.
    fn candidates(&self, above: &[(usize, usize)], wanted: &Ty) -> Vec<Candidate> {
        let mut found = Vec::new();
        for at in above {
            let Some(entry) = self.scopes.entry(*at).filter(|it| !it.alias) else { continue };
            let ty = self.scopes.ty(*at);
            let known = |ty: &Ty| !matches!(ty, Ty::Unknown | Ty::Any | Ty::None);
            let candidate = |field: Option<&Field>| Candidate {
                at: *at,
                name: field.map_or_else(|| entry.name.to_string(), |it| format!("{}.{}", entry.name, it.name)),
                field: field.cloned(),
                declared: entry.declared,
            };
            if known(&ty) && ty.fits(wanted) {
                found.push(candidate(None));
                continue;
            }
            let passed_on = |ty: &Ty| matches!(ty.required(), Ty::Domain(name) if entry.given.contains(name));
            let fields = self.session.registry.fields(&ty).iter();
            let fitting = fields.filter(|it| known(&it.ty) && it.ty.fits(wanted) && !passed_on(&it.ty));
            found.extend(fitting.map(|it| candidate(Some(it))));
        }
        found.sort_by_key(|it| it.declared);
        found
    }

    fn by_type(&mut self, only: &Candidate, site: &Site<'_>) -> Wired {
        let base = self.scopes.read_as_expr(only.at, Some(site.head), site.head);
        let value = match &only.field {
            None => base,
            Some(field) => {
                Expr { kind: Kind::Field(Box::new(base), field.name.clone()), ty: field.ty.clone(), span: site.head }
            }
        };
        Wired::Value(value, Filled::Type(only.name.as_str().into()))
    }

    fn ambiguous(&mut self, port: &Port, site: &Site<'_>, several: &[Candidate]) {
        let count = match several.len() {
            2 => "two".to_owned(),
            3 => "three".to_owned(),
            many => many.to_string(),
        };
        let message = format!("{count} values can fill `{}`, so nothing is wired", port.name);
        let mut found =
            Diagnostic::new(Code::T010, site.head, message).here(format!("needs `{}: {}`", port.name, port.ty));
        for it in several.iter().take(4) {
            let gives = it.field.as_ref().map_or_else(
                || format!("is `{}`", self.scopes.ty(it.at)),
                |field| format!("gives `{}: {}`", field.name, field.ty),
            );
            found = found.label(it.declared, gives);
        }
        for it in several {
            // Both were looked at, so neither is unused: what is missing is only the word which.
            if let Some(entry) = self.scopes.entry_mut(it.at) {
                entry.used = true;
            }
        }
        found = found.note("inputs are wired by type only when exactly one earlier value fits");
        if let Some(last) = several.last() {
            found = found.with_fix(self.with_argument(
                "say which one (the later is usually meant)",
                site,
                &port.name,
                &last.name,
            ));
        }
        self.report(found);
    }

    fn may_be_none(&mut self, port: &Port, site: &Site<'_>, at: (usize, usize)) {
        let Some(entry) = self.scopes.entry_mut(at) else { return };
        entry.used = true;
        let (name, absent) = (entry.name.clone(), entry.absent);
        // The condition of the step reads it too, which has been said and is mended by the same words.
        let when = self.steps.last().and_then(|it| it.when);
        let said = |it: &Diagnostic| it.code == Code::T009 && when.is_some_and(|when| when.contains(it.span));
        if self.out.iter().any(|it| said(it) && self.text(it.span) == &*name) {
            return;
        }
        let ty = self.scopes.ty(at);
        let found = Diagnostic::new(Code::T009, site.head, format!("`{name}` may be none here"));
        let mut found = found.here(format!("`{}` wants {}, `{name}` is {ty}", port.name, port.ty));
        if let Some(absent) = absent {
            let conditional = self.text(absent).starts_with("when");
            found = found
                .label(absent, if conditional { "skipped when this is false" } else { "none when the step fails" });
        }
        found = found.note("or give the step that makes it an `else` value");
        if let Some(fix) = self.only_when(&name, site.head) {
            found = found.with_fix(fix);
        }
        self.report(found);
    }

    /// Returns the methods that give values of a nominal type, the first few.
    fn makers(&self, ty: &Ty) -> String {
        let registry = self.session.registry;
        let methods = registry.slices().flat_map(|it| registry.methods(it));
        // What needs one itself is no beginning.
        let makers = methods
            .filter(|it| is_nominal(ty.required()) && it.output == *ty.required())
            .filter(|it| !it.inputs.iter().any(|it| it.ty == *ty.required()))
            .take(3);
        makers.map(|it| format!("`{}`", it.path())).collect::<Vec<_>>().join(", ")
    }

    fn not_filled(&mut self, callee: &str, port: &Port, site: &Site<'_>) {
        let message = format!("`{}` is required and nothing in context can fill it", port.name);
        let mut found = Diagnostic::new(Code::N005, site.head, message);
        found = found.here(format!("`{callee}` needs `{}: {}`", port.name, port.ty));
        if let Some(doc) = port.doc.as_deref().filter(|it| !it.is_empty()) {
            found = found.note(format!("`{}`: {}", port.name, sentence(doc)));
        }
        let names = expr::Scope::names(self);
        let fitting = names.iter().find(|(_, ty)| !matches!(ty, Ty::Unknown | Ty::Any | Ty::None) && ty.fits(&port.ty));
        found = match fitting {
            Some((name, _)) => found.with_fix(self.with_argument("add the argument", site, &port.name, name)),
            None => match self.makers(&port.ty) {
                makers if makers.is_empty() => found.help(format!("add the argument `{}: …`", port.name)),
                makers => found.help(format!("add a step above that gives it: {makers}")),
            },
        };
        if !matches!(port.ty, Ty::Stream(_)) {
            let title = format!("or let who runs the workflow say it: `param {}: {}`", port.name, port.ty);
            found = if self.is_yaml() {
                found.help(title)
            } else {
                let start = Span { end: self.tree.body.span.start + 1, ..self.tree.body.span };
                found.fix(title, start.after(), format!("\n  param {}: {}", port.name, port.ty))
            };
        }
        if Context::find(&port.name).is_some() {
            found = found.help(format!("or give `{}` in wf.yaml, under `context`", port.name));
        }
        self.report(found);
    }
}

/// Says whether a type wires by itself: a nominal one, or one of several nominal ones.
fn is_nominal(ty: &Ty) -> bool {
    match ty {
        Ty::Domain(_) => true,
        Ty::Union(cases) => cases.iter().all(|it| matches!(it, Ty::Domain(_))),
        _ => false,
    }
}

fn has_field(ty: &Ty, name: &str) -> bool {
    matches!(ty.required(), Ty::Record(fields) if fields.iter().any(|it| *it.name == *name))
}

fn described(port: &Port) -> String {
    let head = format!("`{}` is {}", port.name, port.ty);
    match port.doc.as_deref().filter(|it| !it.is_empty()) {
        Some(doc) => format!("{head}: {}", sentence(doc)),
        None => head,
    }
}

/// Returns the first line of a doc as part of a message.
pub(super) fn sentence(doc: &str) -> String {
    let line = doc.lines().next().unwrap_or_default().trim_end_matches('.');
    let mut letters = line.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => line.to_owned(),
    }
}

/// Returns what is said of a value outside its bounds.
pub(super) fn out_of_range(message: String, span: Span, value: &Value, within: &Value) -> Diagnostic {
    let found = Diagnostic::new(Code::T007, span, message);
    match expr::nearest_within(value, within) {
        Some(bound) => found.fix("the nearest that is allowed", span, bound.to_string()),
        None => found,
    }
}

impl StepSite {
    /// Returns where a step stands.
    pub fn of(step: &ast::Step) -> Self {
        let work = match &step.rhs {
            ast::Rhs::Expr(it) => it.span,
            ast::Rhs::For(it) => it.span,
            ast::Rhs::Match(it) => it.span,
        };
        let when = step.clauses.iter().find_map(|it| match &it.kind {
            ast::ClauseKind::When(it) => Some(it.span),
            _ => None,
        });
        let is_timed = step.clauses.iter().any(|it| matches!(it.kind, ast::ClauseKind::Timeout(_)));
        Self { span: step.span, work, when, is_call: matches!(step.rhs, ast::Rhs::Expr(_)), is_timed }
    }
}

impl What {
    /// Returns the word for it in messages.
    pub fn word(self) -> &'static str {
        match self {
            What::Param => "param",
            What::Let => "let",
            What::Var => "loop variable",
            What::Step => "step",
            What::On => "handler",
            What::Ran => "result",
        }
    }
}
