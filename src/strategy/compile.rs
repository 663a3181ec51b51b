//! From the tree of a strategy to checked rules.

use std::sync::{Arc, OnceLock};

use super::{
    graph::Op,
    infer::{Infer, PRICES},
    instance::{CheckedRule, Compiled, Definition, Params, to_f64},
    orders::Orders,
    sense,
};
use crate::{
    expr::{self, Expr, Fact, Found, Kind, Scope, Template, Types, check_within, resolve_type},
    source::{Code, Diagnostic, Source, Span},
    syntax::{
        ast::{self, Action, Side, Stmt},
        format::expr_to_wf,
    },
    value::{Field, Name, Ty, Value},
};

/// Checks a strategy. Returns what makes it with parameters, or nothing where there is a mistake, which is then reported.
pub fn compile(def: &ast::Strategy, types: &dyn Types, out: &mut Vec<Diagnostic>) -> Option<Arc<dyn Template>> {
    let before = out.len();
    let (params, within) = params(def, types, out);
    let mut infer = Infer::new(params, types, out);
    let mut declared: Vec<&ast::Name> = Vec::new();
    for stmt in &def.body.stmts {
        let name = match stmt {
            Stmt::Let(it) => &it.name,
            Stmt::Param(it) => &it.name,
            _ => continue,
        };
        if PRICES.iter().any(|(price, _)| *price == &*name.text) {
            let found =
                Diagnostic::new(Code::N008, name.span, format!("`{}` hides the series of that name", name.text));
            let found = found.note("rules below would look at this instead of the bars");
            infer.report(found.help(format!("give it a name of its own, as in `my_{}`", name.text)).error());
        }
        if let Some(first) = declared.iter().find(|it| it.text == name.text) {
            let found = Diagnostic::new(Code::N006, name.span, format!("two values are called `{}`", name.text));
            infer.report(found.label(first.span, "first here"));
            continue;
        }
        declared.push(name);
        if let Stmt::Let(it) = stmt {
            infer.declare(it);
        }
    }
    let mut rules = Vec::new();
    let mut orders: Option<(Orders, &ast::Settings)> = None;
    for stmt in &def.body.stmts {
        match stmt {
            Stmt::Rule(it) => {
                if let Some(id) = infer.condition(&it.when) {
                    let (action, side, span) = (it.action, it.side, it.when.span);
                    // All of it was read, so no source is needed to say it again.
                    let text = expr_to_wf(&it.when, &Source::new("", None, "")).into();
                    rules.push(CheckedRule { action, side, id, span, text });
                }
            }
            Stmt::Orders(it) => match &orders {
                Some((_, first)) => {
                    let found = Diagnostic::new(Code::S008, it.keyword, "`orders` is given twice");
                    infer.report(found.label(first.keyword, "first here"));
                }
                None => orders = Some((infer.orders(it), it)),
            },
            Stmt::Let(it) => annotated(&mut infer, it, types),
            Stmt::Param(_) | Stmt::Bad(_) => {}
            other => infer.report(foreign(other)),
        }
    }
    let settings = orders.as_ref().map(|(_, it)| *it);
    let mut orders = orders.map(|(it, _)| it).unwrap_or_default();
    orders.follows_close = rules.iter().any(|it| infer.graph.reads_close(it.id));
    check_rules(def, &mut infer, &orders, settings, &rules);
    unused(def, &mut infer);
    if types.learns() {
        types.learn(Fact::Names(def, &infer.names()));
    }
    if !infer.out.iter().skip(before).any(Diagnostic::is_error) {
        sense::check(def, &mut infer, &orders, settings);
    }
    let Infer { graph, params, out, .. } = infer;
    if out.get(before..).is_some_and(|new| new.iter().any(Diagnostic::breaks)) {
        return None;
    }
    let (name, meaning) = (def.name.text.clone(), OnceLock::new());
    let definition = Definition { name, params, within, graph, rules, orders, meaning };
    if let Some(found) = early(&definition) {
        out.push(found);
        return None;
    }
    let compiled = Compiled(Arc::new(definition));
    // Whether the defaults make a strategy is known now; what another run gives is checked then.
    if compiled.0.params.iter().all(Field::is_optional)
        && let Err(why) = compiled.make(&Value::Record(Arc::new([])))
    {
        out.push(Diagnostic::new(
            Code::T007,
            def.name.span,
            format!("with its defaults, `{}` cannot be made: {why}", def.name.text),
        ));
        return None;
    }
    Some(Arc::new(compiled))
}

/// Returns a place that looks ahead with the defaults of the parameters.
fn early(definition: &Definition) -> Option<Diagnostic> {
    let defaults: Option<Vec<(Name, Value)>> =
        definition.params.iter().map(|it| Some((it.name.clone(), it.default.clone()?))).collect();
    let (env, graph) = (defaults?, &definition.graph);
    graph.nodes().find_map(|(_, node)| {
        let (Op::Back(_, n) | Op::Change(_, n)) = &node.op else { return None };
        let Op::Scalar(count) = &graph.get(*n)?.op else { return None };
        let bars = -to_f64(&expr::eval(count, &Params(&env)).ok()?)?;
        let plural = if bars > 1.0 { "bars" } else { "bar" };
        let found = Diagnostic::new(Code::B001, count.span, "this rule reads a bar that has not happened yet");
        let found = found.here(format!("with the defaults, {bars} {plural} in the future"));
        (bars > 0.0).then(|| found.note("`x[n]` is the value n bars ago, so n cannot be negative"))
    })
}

/// Checks the parameters: their types, ranges and defaults.
fn params(def: &ast::Strategy, types: &dyn Types, out: &mut Vec<Diagnostic>) -> (Vec<Field>, Vec<Option<Value>>) {
    let (mut fields, mut withins): (Vec<Field>, Vec<_>) = (Vec::new(), Vec::new());
    for stmt in &def.body.stmts {
        let Stmt::Param(it) = stmt else { continue };
        if fields.iter().any(|field| field.name == it.name.text) {
            continue;
        }
        let ty = resolve_type(&it.ty, types, out);
        let mut scope = Alone(types);
        let within = it.within.as_ref().and_then(|within| {
            let ends = if ty == Ty::Unknown {
                Ty::Unknown
            } else {
                Ty::Union(Arc::new([Ty::Range(ty.clone().into()), ty.clone().list()]))
            };
            constant(&expr::lower(within, &mut scope, Some(&ends), out), "the range", out)
        });
        let default = it.default.as_ref().and_then(|default| {
            let value = expr::lower(default, &mut scope, Some(&ty), out);
            let known = constant(&value, "the default", out)?;
            if let Some(Err(outside)) = within.as_ref().map(|within| check_within(&known, within)) {
                let mut found = Diagnostic::new(Code::T007, default.span, outside.to_string());
                if let Some(bound) = within.as_ref().and_then(|within| expr::nearest_within(&known, within)) {
                    found = found.fix("take the nearest bound", default.span, bound.to_string());
                }
                out.push(found);
            }
            Some(known)
        });
        let doc = it.doc.clone().unwrap_or_default();
        fields.push(Field { default, ..Field::new(it.name.text.clone(), ty, doc) });
        withins.push(within);
    }
    (fields, withins)
}

/// What the ranges and defaults of params see: no names.
struct Alone<'a>(&'a dyn Types);

impl Scope for Alone<'_> {
    fn find(&mut self, _: &str) -> Option<Found> {
        None
    }
    fn names(&self) -> Vec<(Name, Ty)> {
        Vec::new()
    }
    fn template(&mut self, _: &str) -> Option<Arc<dyn Template>> {
        None
    }
    fn templates(&self) -> Vec<String> {
        Vec::new()
    }
    fn fields(&self, _: &Ty) -> Vec<Field> {
        Vec::new()
    }
    fn learn(&self, fact: Fact<'_>) {
        self.0.learn(fact);
    }
}

fn constant(it: &Expr, what: &str, out: &mut Vec<Diagnostic>) -> Option<Value> {
    match &it.kind {
        _ if it.ty == Ty::Unknown => None,
        Kind::Const(value) => Some(value.clone()),
        _ => {
            out.push(Diagnostic::new(Code::T001, it.span, format!("{what} of a parameter must be known before a run")));
            None
        }
    }
}

/// Checks a `let` that a type is written to.
fn annotated(infer: &mut Infer<'_>, it: &ast::Let, types: &dyn Types) {
    let (val, _) = infer.let_value(&it.name.text, None);
    let Some(written) = &it.ty else { return };
    let want = resolve_type(written, types, infer.out);
    let found = val.ty();
    if found == Ty::Unknown {
        return;
    }
    if !found.fits(&want) {
        let message = format!("expected {}, found {}", expr::in_words(&want), expr::in_words(&found));
        infer.report(Diagnostic::new(Code::T001, it.value.span, message).label(written.span, "as declared here"));
    }
}

/// Reports a statement of workflows.
fn foreign(stmt: &Stmt) -> Diagnostic {
    let (word, span): (&str, Span) = match stmt {
        Stmt::Modes { span, .. } => ("modes", *span),
        Stmt::Limits(it) => ("limits", it.keyword),
        Stmt::Deadline { span, .. } => ("deadline", *span),
        Stmt::Step(it) => ("step", it.span),
        Stmt::On(it) => ("on", it.span),
        Stmt::Output { span, .. } => ("output", *span),
        Stmt::Yield { span, .. } => ("yield", *span),
        _ => ("this", Span::default()),
    };
    Diagnostic::new(Code::S006, span, format!("`{word}` does not belong in a strategy"))
        .note("a strategy has: param, let, enter, exit, orders")
}

fn check_rules(
    def: &ast::Strategy,
    infer: &mut Infer<'_>,
    orders: &Orders,
    settings: Option<&ast::Settings>,
    checked: &[CheckedRule],
) {
    let rules = || def.body.stmts.iter().filter_map(|it| if let Stmt::Rule(it) = it { Some(it) } else { None });
    let broken = def.body.stmts.iter().any(|it| matches!(it, Stmt::Bad(_)));
    if !rules().any(|it| it.action == Action::Enter) && !broken {
        let found = Diagnostic::new(Code::N005, def.name.span, format!("`{}` never enters", def.name.text));
        infer.report(found.help("add a rule, as in `enter long when close > sma(close, 50)`"));
    }
    let said = |name: &str| settings.is_some_and(|it| it.fields.iter().any(|it| *it.name.text == *name));
    let leaves = ["stop", "trail", "max_holding"].into_iter().any(said);
    let entered = |side: Side| rules().any(|it| it.action == Action::Enter && it.side == side);
    // Without any exit each entry ends the position of the other side. With one the other was forgotten.
    let reverses = entered(Side::Long) && entered(Side::Short) && !rules().any(|it| it.action == Action::Exit);
    let mut lost = false;
    for (side, word) in [(Side::Long, "long"), (Side::Short, "short")] {
        let Some(enter) = rules().find(|it| it.side == side && it.action == Action::Enter) else { continue };
        if leaves || broken || reverses || rules().any(|it| it.side == side && it.action == Action::Exit) {
            continue;
        }
        let found = Diagnostic::new(Code::B010, enter.head, format!("`enter {word}` has neither an exit nor a stop"));
        let other = rules().find(|it| it.action == Action::Exit && !entered(it.side));
        let found = other.into_iter().fold(found, |it, other| it.label(other.head, "leaves what is never entered"));
        infer.report(found.help(format!("add `exit {word} when …`, or a `stop` in `orders`")));
        lost |= other.is_some();
    }
    let idle = rules().find(|it| it.action == Action::Exit && !entered(it.side));
    if let Some(exit) = idle.filter(|_| !broken && !lost && rules().any(|it| it.action == Action::Enter)) {
        let word = if exit.side == Side::Long { "long" } else { "short" };
        let found = Diagnostic::new(Code::B015, exit.head, "this exit can never happen");
        let found = found.here(format!("nothing enters {word}"));
        infer.report(found.help(format!("add `enter {word} when …`, or remove it")));
    }
    if let Some(settings) = settings.filter(|_| !broken) {
        check_sides(infer, settings, entered(Side::Long), entered(Side::Short));
    }
    let at_close =
        orders.fill.as_ref().is_some_and(|it| matches!(&it.kind, Kind::Const(it) if it.as_str() == Some("close")));
    let fill = settings.and_then(|it| it.fields.iter().find(|it| &*it.name.text == "fill")).filter(|_| at_close);
    let reads = checked.iter().find(|it| infer.graph.reads_close(it.id));
    if let (Some(fill), Some(rule)) = (fill, reads) {
        infer.report(
            Diagnostic::new(
                Code::B002,
                fill.value.span,
                "the signal uses the close and the order fills at the same close",
            )
            .label(rule.span, "known only when the bar has closed")
            .fix("fill at the next open", fill.value.span, "\"next_open\""),
        );
    }
}

/// Checks that each side that is entered has a price of its own, where it waits for one.
fn check_sides(infer: &mut Infer<'_>, settings: &ast::Settings, long: bool, short: bool) {
    let said = |name: &str| settings.fields.iter().find(|it| &*it.name.text == name).map(|it| &it.name);
    for (name, own, above) in
        [("limit", "short_limit", "close + atr(14)"), ("trigger", "short_trigger", "lowest(low, 20)")]
    {
        match (said(name), said(own)) {
            (Some(at), None) if long && short => {
                let message = format!("long and short entries would both wait for this `{name}`");
                let found = Diagnostic::new(Code::N005, at.span, message);
                let fix = format!("{own}: {above}\n    ");
                infer.report(found.fix(format!("say the `{name}` of short entries"), at.span.before(), fix));
            }
            (_, Some(at)) if !short => {
                let message = format!("nothing enters short, so there is no `{own}` to wait for");
                infer.report(Diagnostic::new(Code::N005, at.span, message).help(format!("did you mean `{name}`?")));
            }
            _ => {}
        }
    }
}

fn unused(def: &ast::Strategy, infer: &mut Infer<'_>) {
    for stmt in &def.body.stmts {
        let (what, name, span) = match stmt {
            Stmt::Param(it) => ("parameter", &it.name, it.span),
            Stmt::Let(it) => ("let", &it.name, it.span),
            _ => continue,
        };
        if !infer.used.contains(&name.text) {
            let message = match what {
                "let" => format!("`{}` is never used", name.text),
                _ => format!("the parameter `{}` is never used", name.text),
            };
            infer.report(Diagnostic::new(Code::G003, name.span, message).safe_fix("remove it", span, ""));
        }
    }
}
