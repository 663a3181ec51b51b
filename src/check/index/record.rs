//! Takes note of what the checker learns, while it checks.

use std::collections::{BTreeMap, HashMap};

use super::{Body, Call, DeclKind, Expected, Index, Ref, Target, Typed, Visible, Wired, declare};
use crate::{
    check::{
        Filled, Input,
        load::{ItemRef, Project, name_of},
        scope::{Frame, Scopes, What},
        wire::{Port, Site},
    },
    expr::{Callee, Expr, Fact, Kind},
    slice::Method,
    source::Span,
    syntax::ast::{self, ArgKind, ExprKind},
    value::{Field, Name, Ty, Value},
};

/// What was learnt so far. A file is checked once for each mode, so most things are learnt several times.
#[derive(Debug, Default)]
pub(in crate::check) struct Draft {
    refs: BTreeMap<Span, Target>,
    typed: Vec<Typed>,
    calls: BTreeMap<Span, Call>,
    bodies: Vec<Body>,
    expected: Vec<(Span, Expected)>,
    /// Names of a strategy's own, which are found by the strategy around them.
    locals: Vec<(Span, Name)>,
}

impl Draft {
    /// Takes note of what a place refers to; what was learnt first stands.
    pub fn refer(&mut self, span: Span, target: Target) {
        self.refs.entry(span).or_insert(target);
    }

    /// Takes note of what may stand at a place.
    pub fn expect(&mut self, span: Span, what: Expected) {
        self.expected.push((span, what));
    }

    /// Takes note of what is learnt in a file.
    pub fn learn(&mut self, project: &Project, unit: usize, fact: Fact<'_>) {
        match fact {
            Fact::Typed(expr, want, ty) => {
                self.typed.push(Typed { span: expr.span, want: want.cloned(), ty: ty.clone() });
                if let (ExprKind::Record(fields), Some(wanted)) = (&expr.kind, want.and_then(record)) {
                    self.keys(fields, wanted);
                }
                if let ExprKind::Field(base, name) = &expr.kind
                    && let ExprKind::Ref(base) = &base.kind
                    && project.units.get(unit).is_some_and(|it| it.namespaces.contains_key(&base.text))
                {
                    self.member(base, name);
                }
            }
            Fact::Value(name, found) => match (found.declared, &found.kind) {
                (Some(declared), _) => self.refer(name.span, Target::Declared(declared)),
                (None, Kind::Context(it)) => self.refer(name.span, Target::Context(*it)),
                (None, _) => self.locals.push((name.span, name.text.clone())),
            },
            Fact::Price(name) => self.refer(name.span, Target::Price(name.text.clone())),
            Fact::Field(name, ty) => {
                self.refer(name.span, Target::Field(ty.clone(), name.text.clone()));
                self.expect(name.span, Expected::Field(ty.clone()));
            }
            Fact::Output(name, which) => self.expect(name.span, Expected::Output(which.outputs)),
            Fact::Type(name) => {
                self.expect(name.span, Expected::Type);
                match project.find(unit, &name.text).and_then(|it| name_of(project.item(it)?)) {
                    Some(item) => self.refer(name.span, Target::Declared(item.span)),
                    None => self.refer(name.span, Target::Type(name.text.clone())),
                }
            }
            Fact::Call(callee, head, args, span) => self.call(project, unit, callee, head, args, span),
            Fact::Settings(settings, fields) => self.settings(settings, fields),
            Fact::Names(strategy, names) => self.names(strategy, names),
        }
    }

    /// Takes note of the settings that may stand somewhere.
    pub fn settings(&mut self, settings: &ast::Settings, fields: &[Field]) {
        for each in &settings.fields {
            let given = settings.fields.iter().map(|it| &it.name).filter(|it| it.span != each.name.span);
            self.key(each.name.span, given, fields);
            if let Some(field) = fields.iter().find(|it| it.name == each.name.text) {
                self.refer(each.name.span, Target::Setting(field.clone()));
            }
        }
    }

    /// Takes note that one of the fields that are not given yet may stand at a place.
    fn key<'n>(&mut self, span: Span, given: impl Iterator<Item = &'n ast::Name>, fields: &[Field]) {
        let given: Vec<&Name> = given.map(|it| &it.text).collect();
        let open = fields.iter().filter(|it| !given.contains(&&it.name)).cloned().collect();
        self.expect(span, Expected::Key(open));
    }

    /// Takes note of the names of arguments, of a call that takes these.
    fn arguments(&mut self, args: &[ast::Arg], fields: &[Field]) {
        for arg in args {
            let span = match &arg.kind {
                ArgKind::Named(name, _) => name.span,
                ArgKind::Positional(it) => it.span,
                ArgKind::Spread(_) => continue,
            };
            let names = args.iter().filter_map(|it| if let ArgKind::Named(it, _) = &it.kind { Some(it) } else { None });
            self.key(span, names.filter(|it| it.span != span), fields);
        }
    }

    fn keys(&mut self, fields: &[ast::Arg], wanted: &[Field]) {
        self.arguments(fields, wanted);
        for arg in fields {
            let ArgKind::Named(name, _) = &arg.kind else { continue };
            if let Some(field) = wanted.iter().find(|it| it.name == name.text) {
                self.refer(name.span, Target::Setting(field.clone()));
            }
        }
    }

    /// Takes note of the path of an item, as in `lib.sma_cross`.
    pub fn item(&mut self, project: &Project, unit: usize, path: &ast::Expr) -> Option<ItemRef> {
        let (namespace, name) = match &path.kind {
            ExprKind::Ref(name) => (None, name),
            ExprKind::Field(base, name) => match &base.kind {
                ExprKind::Ref(base) => (Some(base), name),
                _ => return None,
            },
            _ => return None,
        };
        let written = namespace.map_or_else(|| name.text.to_string(), |it| format!("{}.{}", it.text, name.text));
        let at = project.find(unit, &written)?;
        self.refer(name.span, Target::Declared(name_of(project.item(at)?)?.span));
        if let Some(namespace) = namespace {
            let imports = project.units.get(unit).map_or(&[][..], |it| &it.imports);
            if let Some(import) = imports.iter().find(|it| it.name == namespace.text) {
                self.refer(namespace.span, Target::Declared(import.span));
            }
        }
        Some(at)
    }

    fn call(
        &mut self,
        project: &Project,
        unit: usize,
        callee: Callee<'_>,
        head: &ast::Expr,
        args: &[ast::Arg],
        span: Option<Span>,
    ) {
        let own = |name: &str| Target::Function(name.into());
        let (target, inputs, output, positional) = match callee {
            Callee::Template(it) => {
                let Some(at) = self.item(project, unit, head) else { return };
                let Some(target) = project.item(at).and_then(name_of).map(|it| Target::Declared(it.span)) else {
                    return;
                };
                for arg in args {
                    if let ArgKind::Named(name, _) = &arg.kind
                        && let Some(param) = declare::param_of(project, at, &name.text)
                    {
                        self.refer(name.span, Target::Declared(param));
                    }
                }
                (target, it.params().to_vec(), it.ty().to_string(), false)
            }
            Callee::Builtin(it) => (own(it.name), signature(it.signature), output_of(it.signature), true),
            Callee::Function(name) => {
                let known = crate::strategy::FUNCTIONS.iter().find(|it| it.name == name).map_or("", |it| it.signature);
                (own(name), signature(known), output_of(known), true)
            }
            Callee::Indicator(it) => (own(it.name), indicator(it), outputs(it), true),
        };
        if let Target::Function(_) = target {
            self.refer(head.span, target.clone());
        }
        self.arguments(args, &inputs);
        let (given, unnamed) = written(args);
        let wired = Vec::new();
        let call = Call { head: head.span, args: span, target, inputs, output, given, unnamed, wired, positional };
        self.calls.entry(head.span).or_insert(call);
    }

    /// Takes note of the name of a step in a clause.
    pub fn step(&mut self, span: Span, declared: Option<Span>) {
        self.expect(span, Expected::Step);
        if let Some(declared) = declared {
            self.refer(span, Target::Declared(declared));
        }
    }

    /// Takes note of a case of a match, where its cases are texts.
    pub fn pattern(&mut self, span: Span, cases: Option<&[Value]>) {
        let texts = cases.unwrap_or_default().iter().filter_map(Value::as_str);
        self.expect(span, Expected::Pattern(Ty::members(texts)));
    }

    /// Takes note of `a.b` where a call may stand.
    pub fn member(&mut self, of: &ast::Name, member: &ast::Name) {
        self.expect(member.span, Expected::Member(of.text.clone()));
    }

    /// Takes note of a call of a method: what it takes, and what fills it.
    pub fn method(
        &mut self,
        method: &Method,
        names: (&ast::Name, &ast::Name),
        scopes: &Scopes,
        inputs: &[Input],
        site: &Site<'_>,
    ) {
        let (slice, name): (Name, Name) = (method.slice.into(), method.name.into());
        self.refer(names.0.span, Target::Slice(slice.clone()));
        self.refer(names.1.span, Target::Method(slice.clone(), name.clone()));
        for arg in site.args {
            if let ArgKind::Named(arg, _) = &arg.kind {
                self.refer(arg.span, Target::Input(slice.clone(), name.clone(), arg.text.clone()));
            }
        }
        let output = method.output.to_string();
        self.filled(Target::Method(slice, name), method.inputs.clone(), output, scopes, inputs, site);
    }

    /// Takes note of a call of a workflow.
    pub fn workflow(
        &mut self,
        project: &Project,
        at: ItemRef,
        ports: &[Port],
        output: &Ty,
        (scopes, inputs): (&Scopes, &[Input]),
        site: &Site<'_>,
    ) {
        let Some(name) = project.item(at).and_then(name_of) else { return };
        for arg in site.args {
            if let ArgKind::Named(arg, _) = &arg.kind
                && let Some(param) = declare::param_of(project, at, &arg.text)
            {
                self.refer(arg.span, Target::Declared(param));
            }
        }
        let field = |it: &Port| Field {
            name: it.name.clone(),
            ty: if it.optional { it.ty.clone().optional() } else { it.ty.clone() },
            default: None,
            doc: it.doc.clone().unwrap_or_default(),
        };
        let fields = ports.iter().map(field).collect();
        self.filled(Target::Declared(name.span), fields, output.to_string(), scopes, inputs, site);
    }

    fn filled(
        &mut self,
        target: Target,
        ports: Vec<Field>,
        output: String,
        scopes: &Scopes,
        inputs: &[Input],
        site: &Site<'_>,
    ) {
        let unwritten = inputs.iter().filter(|it| it.filled != Filled::Argument);
        let wired = unwritten.map(|it| Wired {
            input: it.name.clone(),
            filled: it.filled.clone(),
            from: slot(&it.value).and_then(|it| scopes.entry(scopes.absolute(it))).map(|it| it.declared),
        });
        let wired = wired.collect();
        self.arguments(site.args, &ports);
        let (given, unnamed) = written(site.args);
        let call = Call {
            head: site.head,
            args: site.args_span,
            target,
            inputs: ports,
            output,
            given,
            unnamed,
            wired,
            positional: false,
        };
        self.calls.entry(site.head).or_insert(call);
    }

    /// Takes note of the names of a body that is left.
    pub fn body(&mut self, frame: &Frame) {
        let name = |it: &crate::check::scope::Entry| Visible {
            name: it.name.clone(),
            ty: it.ty.clone().unwrap_or(Ty::Unknown),
            declared: Some(it.declared),
            kind: match it.what {
                What::Param => DeclKind::Param,
                What::Let => DeclKind::Let,
                What::Var | What::On => DeclKind::Var,
                What::Step | What::Ran => DeclKind::Step,
            },
        };
        let names = frame.entries.iter().filter(|it| it.first).map(name).collect();
        self.bodies.push(Body { span: frame.span, names, strategy: false });
    }

    fn names(&mut self, strategy: &ast::Strategy, names: &[(Name, Ty)]) {
        let known = |name: &str| names.iter().find(|it| *it.0 == *name).map_or(Ty::Unknown, |it| it.1.clone());
        let own = strategy.body.stmts.iter().filter_map(|it| match it {
            ast::Stmt::Param(it) => Some((&it.name, DeclKind::Param)),
            ast::Stmt::Let(it) => Some((&it.name, DeclKind::Let)),
            _ => None,
        });
        let own = own.map(|(name, kind)| Visible {
            name: name.text.clone(),
            ty: known(&name.text),
            declared: Some(name.span),
            kind,
        });
        self.bodies.push(Body { span: strategy.body.span, names: own.collect(), strategy: true });
    }

    /// Returns all that was learnt, in order.
    pub fn finish(mut self, mut project: Project) -> Index {
        let mut decls = declare::all(&project);
        let root = project.visible(0).into_iter();
        let items = root.filter_map(|(name, at)| Some((name, name_of(project.item(at)?)?.span))).collect();
        let mut types: HashMap<Span, Ty> = HashMap::new();
        for name in self.bodies.iter().flat_map(|it| &it.names) {
            if let Some(declared) = name.declared.filter(|_| name.ty != Ty::Unknown) {
                types.entry(declared).or_insert_with(|| name.ty.clone());
            }
        }
        for decl in &mut decls {
            decl.ty = types.remove(&decl.span);
        }
        for (span, name) in std::mem::take(&mut self.locals) {
            let around = |it: &&Body| {
                it.strategy && it.span.file == span.file && it.span.start <= span.start && span.end <= it.span.end
            };
            let body = self.bodies.iter().find(around);
            let found = body.and_then(|it| it.names.iter().find(|it| it.name == name)).and_then(|it| it.declared);
            if let Some(found) = found {
                self.refs.entry(span).or_insert(Target::Declared(found));
            }
        }
        for (span, target) in declare::imports(&project) {
            self.refs.entry(span).or_insert(target);
        }
        self.typed.sort_by_key(|it| it.span);
        // Of several modes one may know more than another.
        self.typed.dedup_by(|next, kept| {
            let same = next.span == kept.span;
            if same && kept.want.is_none() {
                kept.want = next.want.take();
            }
            if same && kept.ty == Ty::Unknown {
                kept.ty = next.ty.clone();
            }
            same
        });
        self.bodies.sort_by_key(|it| (it.span.file, it.span.start, std::cmp::Reverse(it.span.end)));
        self.bodies.dedup_by(|next, kept| {
            let same = next.span == kept.span;
            for (kept, next) in kept.names.iter_mut().zip(&next.names).filter(|_| same) {
                if kept.ty == Ty::Unknown {
                    kept.ty = next.ty.clone();
                }
            }
            same
        });
        self.expected.sort_by_key(|it| it.0);
        self.expected.dedup();
        Index {
            files: project.units.drain(..).map(|it| it.file).collect(),
            refs: self.refs.into_iter().map(|(span, target)| Ref { span, target }).collect(),
            decls,
            typed: self.typed,
            calls: self.calls.into_values().collect(),
            bodies: self.bodies,
            expected: self.expected,
            items,
        }
    }
}

/// Returns the fields of the record that a type is, or that it may be.
fn record(ty: &Ty) -> Option<&[Field]> {
    match ty.required() {
        Ty::Record(fields) => Some(fields),
        Ty::Union(cases) => cases.iter().find_map(record),
        _ => None,
    }
}

/// Returns the slot that a value is read from.
fn slot(value: &Expr) -> Option<crate::expr::Slot> {
    match &value.kind {
        Kind::Slot(it) => Some(*it),
        Kind::Field(base, _) => slot(base),
        _ => None,
    }
}

/// Returns the arguments that are written: those with a name, and the places of the others.
fn written(args: &[ast::Arg]) -> (Vec<(Name, Span)>, Vec<Span>) {
    let (mut given, mut unnamed) = (Vec::new(), Vec::new());
    for arg in args {
        match &arg.kind {
            ArgKind::Named(name, _) => given.push((name.text.clone(), arg.span)),
            ArgKind::Positional(it) => unnamed.push(it.span),
            ArgKind::Spread(_) => {}
        }
    }
    (given, unnamed)
}

/// Returns the parameters that a written signature names, each with its type as it stands there.
fn signature(text: &str) -> Vec<Field> {
    let Some((params, _)) = text.split_once(") -> ") else { return Vec::new() };
    let mut fields = Vec::new();
    let (mut depth, mut start) = (0, 1);
    let ends = params.char_indices().chain([(params.len(), ',')]);
    for (at, it) in ends.skip(1) {
        match it {
            '[' | '{' | '(' | '<' => depth += 1,
            ']' | '}' | ')' | '>' => depth -= 1,
            ',' if depth == 0 => {
                let param = params.get(start..at).unwrap_or_default().trim();
                let name = param.split(':').next().unwrap_or(param);
                fields.push(Field { name: name.into(), ty: Ty::Unknown, default: None, doc: param.into() });
                start = at + 1;
            }
            _ => {}
        }
    }
    fields
}

fn output_of(signature: &str) -> String {
    signature.split_once(") -> ").map_or_else(String::new, |it| it.1.to_owned())
}

fn indicator(which: &crate::market::indicators::Indicator) -> Vec<Field> {
    let field =
        |name: &str, shown: String| Field { name: name.into(), ty: Ty::Unknown, default: None, doc: shown.into() };
    let series =
        which.series().map(|(it, usual)| field(it.name(), format!("{}: Series = {}", it.name(), usual.name())));
    let params = which.params.iter().map(|it| {
        let ty = if it.whole { "Int" } else { "Decimal" };
        field(it.name, format!("{}: {ty} = {}", it.name, it.default))
    });
    series.chain(params).collect()
}

fn outputs(which: &crate::market::indicators::Indicator) -> String {
    match which.outputs {
        [_] => "Series<Decimal>".to_owned(),
        several => format!(
            "{{ {} }}",
            several.iter().map(|it| format!("{}: Series<Decimal>", it.name)).collect::<Vec<_>>().join(", ")
        ),
    }
}
