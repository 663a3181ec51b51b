//! From the tree of a strategy to checked rules, and from those, with parameters, to what decides.

use std::sync::Arc;

use rust_decimal::prelude::ToPrimitive as _;

use super::{
    Rules, StrategyValue,
    columns::{Cells, Columns},
    graph::{Graph, Id, Op, hash},
    infer::{Infer, PRICES},
    orders::{Orders, SizeRule, TargetRule},
};
use crate::{
    expr::{self, Context, Env, Expr, Kind, Slot, Template, Types, check_within, eval, resolve_type},
    market::{BarSeries, FillAt, OrderRules, Signals, Size, Target},
    slice::Fault,
    source::{Code, Diagnostic, Span},
    syntax::ast::{self, Action, Side, Stmt},
    value::{Domain, Duration, Field, Mismatch, Name, Shared, Ty, Value},
};

/// A checked strategy, before its parameters are known.
#[derive(Debug)]
pub(super) struct Definition {
    name: Name,
    params: Vec<Field>,
    within: Vec<Option<Value>>,
    graph: Graph,
    rules: Vec<CheckedRule>,
    orders: Orders,
    meaning: Arc<str>,
}

/// When to open or close a position.
#[derive(Debug)]
struct CheckedRule {
    action: Action,
    side: Side,
    id: Id,
    span: Span,
}

/// A strategy with its parameters.
#[derive(Debug)]
struct Instance {
    definition: Arc<Definition>,
    scalars: Vec<Option<Cells>>,
    frames: Vec<Duration>,
    orders: Fixed,
}

/// What `orders` say that is the same at every bar.
#[derive(Debug)]
struct Fixed {
    size: Size,
    target: Option<f64>,
    fill: FillAt,
    max_holding: Option<usize>,
    pyramid: usize,
}

/// The template of a definition: it hands the definition to what it makes.
#[derive(Debug)]
struct Compiled(Arc<Definition>);

/// Checks a strategy. Returns what makes it with parameters, or nothing where there is a mistake, which is then reported.
pub fn compile(def: &ast::Strategy, types: &dyn Types, out: &mut Vec<Diagnostic>) -> Option<Arc<dyn Template>> {
    let before = out.len();
    let (params, within) = params(def, types, out);
    let mut infer = Infer::new(params, out);
    let mut declared: Vec<&ast::Name> = Vec::new();
    for stmt in &def.body.stmts {
        let name = match stmt {
            Stmt::Let(it) => &it.name,
            Stmt::Param(it) => &it.name,
            _ => continue,
        };
        if PRICES.iter().any(|(price, _)| *price == &*name.text) {
            infer.report(Diagnostic::new(
                Code::N008,
                name.span,
                format!("`{}` hides the series of that name", name.text),
            ));
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
                    rules.push(CheckedRule { action: it.action, side: it.side, id, span: it.when.span });
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
    let orders = orders.map(|(it, _)| it).unwrap_or_default();
    check_rules(def, &mut infer, &orders, settings, &rules);
    unused(def, &mut infer);
    let Infer { graph, params, out, .. } = infer;
    if out.get(before..).is_some_and(|new| new.iter().any(Diagnostic::is_error)) {
        return None;
    }
    let mut definition =
        Definition { name: def.name.text.clone(), params, within, graph, rules, orders, meaning: "".into() };
    definition.meaning = definition.hash().into();
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

/// Checks the parameters: their types, ranges and defaults.
fn params(def: &ast::Strategy, types: &dyn Types, out: &mut Vec<Diagnostic>) -> (Vec<Field>, Vec<Option<Value>>) {
    let (mut fields, mut withins): (Vec<Field>, Vec<_>) = (Vec::new(), Vec::new());
    for stmt in &def.body.stmts {
        let Stmt::Param(it) = stmt else { continue };
        if fields.iter().any(|field| field.name == it.name.text) {
            continue;
        }
        let ty = resolve_type(&it.ty, types, out);
        let mut scope = Nothing;
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
        fields.push(Field { name: it.name.text.clone(), ty, default, doc });
        withins.push(within);
    }
    (fields, withins)
}

/// The scope of what is known before anything else: it is empty.
struct Nothing;

impl expr::Scope for Nothing {
    fn find(&mut self, _: &str) -> Option<expr::Found> {
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
    let found = match val {
        super::infer::Val::Scalar(it) => it.ty,
        super::infer::Val::Series(_, ty) => Ty::Series(ty.into()),
        _ => return,
    };
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
    for (side, word) in [(Side::Long, "long"), (Side::Short, "short")] {
        let Some(enter) = rules().find(|it| it.side == side && it.action == Action::Enter) else { continue };
        if leaves || broken || rules().any(|it| it.side == side && it.action == Action::Exit) {
            continue;
        }
        let found = Diagnostic::new(Code::B010, enter.head, format!("`enter {word}` has neither an exit nor a stop"));
        infer.report(found.help(format!("add `exit {word} when …`, or a `stop` in `orders`")));
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

impl Definition {
    /// Returns the hash of what it means: names of lets, their order and the layout do not change it.
    fn hash(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for param in &self.params {
            lines.push(format!("param {}: {}", param.name, param.ty));
        }
        let mut rules: Vec<String> =
            self.rules.iter().map(|it| format!("{:?} {:?} {}", it.action, it.side, self.graph.digest(it.id))).collect();
        rules.sort();
        rules.dedup();
        lines.append(&mut rules);
        let text = |it: &Expr| self.graph.canonical(it);
        let orders = &self.orders;
        lines.extend(orders.size.as_ref().map(|it| match it {
            SizeRule::EquityShare(it) => format!("share {}", text(it)),
            SizeRule::EquityRisk(it) => format!("risk {}", text(it)),
            SizeRule::Notional(it) => format!("notional {}", text(it)),
            SizeRule::Shares(it) => format!("shares {}", text(it)),
        }));
        lines.extend(orders.target.as_ref().map(|it| match it {
            TargetRule::Risk(it) => format!("target risk {}", text(it)),
            TargetRule::Distance(id) => format!("target {}", self.graph.digest(*id)),
        }));
        lines.extend(orders.stop.map(|id| format!("stop {}", self.graph.digest(id))));
        lines.extend(orders.trail.map(|id| format!("trail {}", self.graph.digest(id))));
        lines.extend(orders.fill.as_ref().map(|it| format!("fill {}", text(it))));
        lines.extend(orders.max_holding.as_ref().map(|it| format!("max_holding {}", text(it))));
        lines.extend(orders.pyramid.as_ref().map(|it| format!("pyramid {}", text(it))));
        hash(&lines.join("\n"))
    }
}

impl Template for Compiled {
    fn name(&self) -> &str {
        &self.0.name
    }
    fn params(&self) -> &[Field] {
        &self.0.params
    }
    fn within(&self, param: &str) -> Option<Value> {
        let at = self.0.params.iter().position(|it| *it.name == *param)?;
        self.0.within.get(at)?.clone()
    }
    fn ty(&self) -> Ty {
        Ty::domain("Strategy")
    }
    fn meaning(&self) -> &str {
        &self.0.meaning
    }
    fn make(&self, given: &Value) -> Result<Value, Mismatch> {
        let definition = &self.0;
        let mut params: Vec<(Name, Value)> = Vec::with_capacity(definition.params.len());
        for (param, within) in definition.params.iter().zip(&definition.within) {
            let value = given.field(&param.name).or_else(|| param.default.clone()).unwrap_or_default();
            if value.is_none() && !param.ty.takes_none() {
                return Err(Mismatch::missing(&param.name));
            }
            if let Some(why) = param.ty.mismatch(&value) {
                return Err(why.at(&param.name));
            }
            if let Some(within) = within.as_ref().filter(|_| !value.is_none()) {
                check_within(&value, within).map_err(|it| it.at(&param.name))?;
            }
            params.push((param.name.clone(), value));
        }
        if let Value::Record(fields) = given
            && let Some((name, _)) =
                fields.iter().find(|(name, _)| !definition.params.iter().any(|it| it.name == *name))
        {
            return Err(Mismatch::new(format_args!("`{}` takes no argument `{name}`", definition.name)));
        }
        let rules = Instance::new(definition.clone(), &params)?;
        let value = StrategyValue {
            name: definition.name.to_string(),
            params: Value::Record(params.into()),
            meaning: definition.meaning.clone(),
            rules: Arc::new(rules),
        };
        let value: Arc<dyn Domain> = Arc::new(value);
        Ok(Value::Domain(value))
    }
}

/// Returns what a template makes of its defaults, where it has one for each of its parameters.
pub(super) fn with_defaults(template: &dyn Template) -> Option<Shared<StrategyValue>> {
    Shared::try_from(template.make(&Value::Record(Arc::new([]))).ok()?).ok()
}

/// The parameters of a strategy as expressions read them.
struct Params<'a>(&'a [(Name, Value)]);

impl Env for Params<'_> {
    fn slot(&self, slot: Slot) -> Value {
        self.0.get(slot.index as usize).map(|it| it.1.clone()).unwrap_or_default()
    }
    fn context(&self, _: Context) -> Value {
        Value::None
    }
}

/// Returns the number inside a value: a percent as a share, a count as a count.
pub(super) fn to_f64(value: &Value) -> Option<f64> {
    match value {
        Value::Int(it) => it.to_f64(),
        Value::Decimal(it) => it.to_f64(),
        Value::Percent(it) => it.0.to_f64(),
        Value::Money(it) => it.amount.to_f64(),
        Value::Quantity(it) => it.amount.to_f64(),
        Value::RMultiple(it) => it.0.to_f64(),
        Value::BarCount(it) => it.0.to_f64(),
        _ => None,
    }
}

impl Instance {
    fn new(definition: Arc<Definition>, params: &[(Name, Value)]) -> Result<Self, Mismatch> {
        let env = Params(params);
        let value = |it: &Expr| eval(it, &env).map_err(Mismatch::new);
        let number = |it: &Expr| {
            let value = value(it)?;
            to_f64(&value).ok_or_else(|| Mismatch::expected("a number", &value))
        };
        let mut scalars: Vec<Option<Cells>> = Vec::new();
        for (_, node) in definition.graph.nodes() {
            let cells = match &node.op {
                Op::Scalar(it) => Some(match value(it)? {
                    Value::Bool(it) => Cells::Truth(it),
                    other => Cells::Number(to_f64(&other).ok_or_else(|| Mismatch::expected("a number", &other))?),
                }),
                _ => None,
            };
            scalars.push(cells);
        }
        let known = |id: Id| match scalars.get(id.index()) {
            Some(Some(Cells::Number(it))) => *it,
            _ => f64::NAN,
        };
        for (_, node) in definition.graph.nodes() {
            match &node.op {
                Op::Indicator { which, params, .. } => {
                    let given: Vec<f64> = params.iter().map(|it| known(*it)).collect();
                    which.parameters(&given).map_err(Mismatch::new)?;
                }
                Op::Back(_, n) | Op::Change(_, n) => {
                    let n = known(*n);
                    if !(0.0..=1e6).contains(&n) {
                        return Err(Mismatch::new(format_args!("a rule looks back by 0 to 1000000 bars, not {n}")));
                    }
                }
                _ => {}
            }
        }
        let mut frames = Vec::new();
        for frame in &definition.graph.frames {
            match value(frame)? {
                Value::Duration(it) if it.0 >= 60_000 => frames.push(it),
                other => return Err(Mismatch::expected("a timeframe", &other)),
            }
        }
        let orders = &definition.orders;
        let positive = |what: &str, it: f64| {
            if it > 0.0 { Ok(it) } else { Err(Mismatch::new(format_args!("`{what}` must be above zero, not {it}"))) }
        };
        let size = match &orders.size {
            None => Size::default(),
            Some(SizeRule::EquityShare(it)) => Size::EquityShare(positive("size", number(it)?)?),
            Some(SizeRule::EquityRisk(it)) => Size::EquityRisk(positive("risk", number(it)?)?),
            Some(SizeRule::Notional(it)) => Size::Notional(positive("size", number(it)?)?),
            Some(SizeRule::Shares(it)) => Size::Shares(positive("size", number(it)?)?),
        };
        let target = match &orders.target {
            Some(TargetRule::Risk(it)) => Some(positive("target", number(it)?)?),
            _ => None,
        };
        let fill = match &orders.fill {
            Some(it) if value(it)?.as_str() == Some("close") => FillAt::Close,
            _ => FillAt::NextOpen,
        };
        let count = |what: &str, it: &Option<Expr>| match it {
            Some(it) => whole(what, number(it)?).map(Some),
            None => Ok(None),
        };
        let max_holding = count("max_holding", &orders.max_holding)?;
        if max_holding == Some(0) {
            return Err(Mismatch::new("`max_holding` must be above zero"));
        }
        let pyramid = count("pyramid", &orders.pyramid)?.unwrap_or(0);
        let orders = Fixed { size, target, fill, max_holding, pyramid };
        Ok(Self { definition, scalars, frames, orders })
    }

    /// Returns how many bars come before the first value of each node, on bars of a timeframe.
    fn lookbacks(&self, timeframe: Duration) -> Vec<usize> {
        let mut known: Vec<usize> = Vec::new();
        for (_, node) in self.definition.graph.nodes() {
            let of = |id: &Id| known.get(id.index()).copied().unwrap_or(0);
            let bars = match &node.op {
                Op::Scalar(_) | Op::Price(_) => 0,
                Op::Indicator { which, values, params } => {
                    let params: Vec<f64> = params.iter().map(|it| self.number(*it)).collect();
                    values.as_ref().map_or(0, of) + (which.lookback)(&params)
                }
                Op::Output(it, _) | Op::Neg(it) | Op::Not(it) => of(it),
                Op::Binary(_, a, b) => of(a).max(of(b)),
                Op::Back(it, n) | Op::Change(it, n) => of(it) + whole("bars", self.number(*n)).unwrap_or(0),
                Op::Cross { a, b, .. } => of(a).max(of(b)) + 1,
                // One slower bar more, since the first may be cut short, and all of the one that must have closed.
                Op::Slower(it, at) => {
                    let long = self.frames.get(*at).map_or(0, |it| it.0);
                    let ratio = usize::try_from(long / timeframe.0.max(1)).unwrap_or(1).max(1);
                    (of(it) + 1).saturating_mul(ratio)
                }
            };
            known.push(bars);
        }
        known
    }

    fn number(&self, id: Id) -> f64 {
        if let Some(Some(Cells::Number(it))) = self.scalars.get(id.index()) { *it } else { f64::NAN }
    }

    /// Returns the nodes that a decision needs.
    fn roots(&self) -> impl Iterator<Item = Id> + '_ {
        let orders = &self.definition.orders;
        let target = if let Some(TargetRule::Distance(id)) = &orders.target { Some(*id) } else { None };
        self.definition.rules.iter().map(|it| it.id).chain(orders.stop).chain(orders.trail).chain(target)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
fn whole(what: &str, it: f64) -> Result<usize, Mismatch> {
    if (0.0..=1e9).contains(&it) && it.fract() == 0.0 {
        return Ok(it as usize);
    }
    Err(Mismatch::new(format_args!("`{what}` is a whole number from zero, not {it}")))
}

impl Rules for Instance {
    fn lookback(&self) -> usize {
        self.lookback_on(Duration::DAY)
    }

    fn lookback_on(&self, timeframe: Duration) -> usize {
        let known = self.lookbacks(timeframe);
        self.roots().filter_map(|id| known.get(id.index()).copied()).max().unwrap_or(0)
    }

    fn signals(&self, bars: &BarSeries) -> Result<Signals, Fault> {
        let definition = &*self.definition;
        let columns = Columns::compute(&definition.graph, &self.scalars, &self.frames, bars)?;
        let length = bars.len();
        let warmup = self.roots().map(|id| columns.at(id).first).max().unwrap_or(0).max(bars.warmup).min(length);
        let decide = |action: Action, side: Side| {
            let mut any = vec![false; length];
            for rule in definition.rules.iter().filter(|it| (it.action, it.side) == (action, side)) {
                let truths = columns.at(rule.id).cells.truths(length);
                any.iter_mut().zip(truths.iter()).skip(warmup).for_each(|(any, it)| *any |= *it);
            }
            any
        };
        let distance = |id: Id| columns.at(id).cells.numbers(length).to_vec();
        let target = match &definition.orders.target {
            Some(TargetRule::Distance(id)) => Some(Target::Distance(distance(*id))),
            _ => self.orders.target.map(Target::Risk),
        };
        Ok(Signals {
            warmup,
            enter_long: decide(Action::Enter, Side::Long),
            exit_long: decide(Action::Exit, Side::Long),
            enter_short: decide(Action::Enter, Side::Short),
            exit_short: decide(Action::Exit, Side::Short),
            orders: OrderRules {
                size: self.orders.size.clone(),
                stop: definition.orders.stop.map(distance),
                target,
                trail: definition.orders.trail.map(distance),
                fill: self.orders.fill,
                max_holding: self.orders.max_holding,
                pyramid: self.orders.pyramid,
            },
        })
    }
}
