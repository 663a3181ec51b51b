//! Checked rules with their parameters: what decides.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use rust_decimal::prelude::ToPrimitive as _;

use super::{
    Family, Rules, StrategyValue,
    columns::{Cells, Columns, Computed, Frames},
    graph::{Graph, Id, Op, hash},
    orders::{Orders, SizeRule, TargetRule},
};
use crate::{
    expr::{Context, Env, Expr, Kind, Slot, Template, check_within, eval},
    market::{self, BarSeries, Bits, EntryRule, FillAt, OrderRules, Signals, Size, Target, Waits},
    slice::Fault,
    source::Span,
    syntax::ast::{Action, Side},
    value::{Domain, Duration, Field, Mismatch, Name, Shared, Ty, Value},
};

/// A checked strategy, before its parameters are known.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) name: Name,
    pub(super) params: Vec<Field>,
    pub(super) within: Vec<Option<Value>>,
    pub(super) graph: Graph,
    pub(super) rules: Vec<CheckedRule>,
    pub(super) orders: Orders,
    /// Found when somebody asks: most strategies that are checked are never run.
    pub(super) meaning: OnceLock<String>,
}

/// When to open or close a position.
#[derive(Debug)]
pub(super) struct CheckedRule {
    pub(super) action: Action,
    pub(super) side: Side,
    pub(super) id: Id,
    pub(super) span: Span,
    /// What it says.
    pub(super) text: Arc<str>,
}

/// A strategy with its parameters.
#[derive(Debug)]
struct Instance {
    definition: Arc<Definition>,
    scalars: Vec<Option<Cells>>,
    frames: Vec<Duration>,
    pub(super) orders: Fixed,
}

/// What `orders` say that is the same at every bar.
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    size: Size,
    target: Option<f64>,
    fill: FillAt,
    max_holding: Option<usize>,
    pyramid: usize,
    valid: Option<usize>,
}

/// The template of a definition: it hands the definition to what it makes.
#[derive(Debug)]
pub(super) struct Compiled(pub(super) Arc<Definition>);

impl Definition {
    /// Returns the hash of what it means: names of lets, their order and the layout do not change it.
    fn meaning(&self) -> &str {
        self.meaning.get_or_init(|| self.hash())
    }

    fn hash(&self) -> String {
        let digests = self.graph.digests();
        let digest = |id: Id| digests.get(id.index()).map_or("", String::as_str);
        let mut lines: Vec<String> = Vec::new();
        for param in &self.params {
            lines.push(format!("param {}: {}", param.name, param.ty));
        }
        let mut rules: Vec<String> =
            self.rules.iter().map(|it| format!("{:?} {:?} {}", it.action, it.side, digest(it.id))).collect();
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
            TargetRule::Distance(id) => format!("target {}", digest(*id)),
        }));
        lines.extend(orders.stop.map(|id| format!("stop {}", digest(id))));
        lines.extend(orders.trail.map(|id| format!("trail {}", digest(id))));
        lines.extend(orders.prices().into_iter().filter_map(|(name, id)| Some(format!("{name} {}", digest(id?)))));
        lines.extend(orders.valid.as_ref().map(|it| format!("valid {}", text(it))));
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
        self.0.meaning()
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
            rules: Arc::new(rules),
        };
        let value: Arc<dyn Domain> = Arc::new(value);
        Ok(Value::Domain(value))
    }
}

/// Returns what a template makes of its defaults, where it has one for each of its parameters.
pub fn with_defaults(template: &dyn Template) -> Option<Shared<StrategyValue>> {
    Shared::try_from(template.make(&Value::Record(Arc::new([]))).ok()?).ok()
}

/// The parameters of a strategy as expressions read them.
pub(super) struct Params<'a>(pub(super) &'a [(Name, Value)]);

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

/// Returns the number or truth of an expression over parameters.
pub(super) fn scalar(expr: &Expr, env: &dyn Env) -> Result<Cells, Mismatch> {
    match eval(expr, env).map_err(Mismatch::new)? {
        Value::Bool(it) => Ok(Cells::Truth(it)),
        other => to_f64(&other).map(Cells::Number).ok_or_else(|| Mismatch::expected("a number", &other)),
    }
}

/// Checks the parameters of a node, which are the same at every bar.
pub(super) fn check_op(op: &Op, known: &dyn Fn(Id) -> f64) -> Result<(), Mismatch> {
    match op {
        Op::Indicator { which, params, .. } => {
            let given: Vec<f64> = params.iter().map(|it| known(*it)).collect();
            which.parameters(&given).map(|_| ()).map_err(Mismatch::new)
        }
        Op::Back(_, n) | Op::Change(_, n) => match known(*n) {
            n if (0.0..=1e6).contains(&n) => Ok(()),
            n => Err(Mismatch::new(format_args!("a rule looks back by 0 to 1000000 bars, not {n}"))),
        },
        _ => Ok(()),
    }
}

impl Fixed {
    /// Computes what `orders` say from the parameters.
    pub(super) fn new(orders: &Orders, env: &dyn Env) -> Result<Self, Mismatch> {
        let value = |it: &Expr| eval(it, env).map_err(Mismatch::new);
        let number = |it: &Expr| {
            let value = value(it)?;
            to_f64(&value).ok_or_else(|| Mismatch::expected("a number", &value))
        };
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
        // What the file says has been checked with it; what a parameter says is known only now.
        if let (FillAt::Close, Some(false)) = (fill, orders.fill.as_ref().map(|it| matches!(it.kind, Kind::Const(_)))) {
            if let Some((name, _)) = orders.prices().into_iter().find(|it| it.1.is_some()) {
                let why = format_args!("an entry with a `{name}` waits for a later bar, so `fill` cannot be \"close\"");
                return Err(Mismatch::new(why));
            }
            if orders.follows_close {
                return Err(Mismatch::new("the rules read the close, so `fill` cannot be \"close\" as well"));
            }
        }
        let count = |what: &str, it: &Option<Expr>| match it {
            Some(it) => whole(what, number(it)?).map(Some),
            None => Ok(None),
        };
        let max_holding = count("max_holding", &orders.max_holding)?;
        if max_holding == Some(0) {
            return Err(Mismatch::new("`max_holding` must be above zero"));
        }
        let pyramid = count("pyramid", &orders.pyramid)?.unwrap_or(0);
        let valid = count("valid", &orders.valid)?;
        if valid == Some(0) {
            return Err(Mismatch::new("`valid` must be above zero"));
        }
        Ok(Self { size, target, fill, max_holding, pyramid, valid })
    }
}

impl Definition {
    /// Returns the nodes that a decision needs.
    pub(super) fn roots(&self) -> impl Iterator<Item = Id> + '_ {
        let target = if let Some(TargetRule::Distance(id)) = &self.orders.target { Some(*id) } else { None };
        let prices = self.orders.prices().map(|it| it.1);
        let distances = [self.orders.stop, self.orders.trail, target];
        self.rules.iter().map(|it| it.id).chain(distances.into_iter().chain(prices).flatten())
    }

    /// Returns the slower timeframes that its rules read.
    pub(super) fn timeframes(&self, env: &dyn Env) -> Result<Vec<Duration>, Mismatch> {
        let length = |frame: &Expr| match eval(frame, env).map_err(Mismatch::new)? {
            Value::Duration(it) if it.0 >= 60_000 => Ok(it),
            other => Err(Mismatch::expected("a timeframe", &other)),
        };
        self.graph.frames.iter().map(length).collect()
    }

    /// Returns the decisions over bars from the columns of its nodes.
    pub(super) fn decisions<'a>(&self, fixed: &Fixed, bars: &BarSeries, at: &dyn Fn(Id) -> &'a Computed) -> Signals {
        let length = bars.len();
        let warmup = self.roots().map(|id| at(id).first).max().unwrap_or(0).max(bars.warmup).min(length);
        let decide = |action: Action, side: Side| {
            let mut rules = self.rules.iter().filter(|it| (it.action, it.side) == (action, side));
            let truths = |it: &CheckedRule| at(it.id).cells.truths(length);
            let mut any = rules.next().map_or_else(|| Bits::none(length), |it| (*truths(it)).clone());
            rules.for_each(|it| any |= &*truths(it));
            any.clear_before(warmup);
            any
        };
        let distance = |id: Id| at(id).cells.numbers(length);
        let target = match &self.orders.target {
            Some(TargetRule::Distance(id)) => Some(Target::Distance(distance(*id))),
            _ => fixed.target.map(Target::Risk),
        };
        let Orders { limit, trigger, short_limit, short_trigger, .. } = self.orders;
        Signals {
            warmup,
            enter_long: decide(Action::Enter, Side::Long),
            exit_long: decide(Action::Exit, Side::Long),
            enter_short: decide(Action::Enter, Side::Short),
            exit_short: decide(Action::Exit, Side::Short),
            orders: OrderRules {
                size: fixed.size.clone(),
                stop: self.orders.stop.map(distance),
                target,
                trail: self.orders.trail.map(distance),
                fill: fixed.fill,
                max_holding: fixed.max_holding,
                pyramid: fixed.pyramid,
                long: Waits { limit: limit.map(distance), trigger: trigger.map(distance) },
                short: Waits {
                    limit: short_limit.or(limit).map(distance),
                    trigger: short_trigger.or(trigger).map(distance),
                },
                valid: fixed.valid,
            },
            rules: Vec::new(),
        }
    }

    /// Returns the rules that enter, each by itself.
    fn entry_rules<'a>(&self, length: usize, at: &dyn Fn(Id) -> &'a Computed) -> Vec<EntryRule> {
        let enter = self.rules.iter().filter(|it| it.action == Action::Enter);
        let rule = |it: &CheckedRule| EntryRule {
            side: if it.side == Side::Long { market::Side::Buy } else { market::Side::Sell },
            text: it.text.clone(),
            at: at(it.id).cells.truths(length),
        };
        enter.map(rule).collect()
    }
}

impl Instance {
    fn new(definition: Arc<Definition>, params: &[(Name, Value)]) -> Result<Self, Mismatch> {
        let env = Params(params);
        let mut scalars: Vec<Option<Cells>> = Vec::new();
        for (_, node) in definition.graph.nodes() {
            scalars.push(if let Op::Scalar(it) = &node.op { Some(scalar(it, &env)?) } else { None });
        }
        let known = |id: Id| match scalars.get(id.index()) {
            Some(Some(Cells::Number(it))) => *it,
            _ => f64::NAN,
        };
        for (_, node) in definition.graph.nodes() {
            check_op(&node.op, &known)?;
        }
        let frames = definition.timeframes(&env)?;
        let orders = Fixed::new(&definition.orders, &env)?;
        Ok(Self { definition, scalars, frames, orders })
    }

    /// Returns how many bars come before the first value of each node, on bars of a timeframe.
    fn lookbacks(&self, timeframe: Duration) -> Vec<usize> {
        let mut known: Vec<usize> = Vec::new();
        for (_, node) in self.definition.graph.nodes() {
            let of = |id: &Id| known.get(id.index()).copied().unwrap_or(0);
            let bars = match &node.op {
                Op::Scalar(_) | Op::Price(_) => 0,
                Op::Indicator { which, series, params } => {
                    let params: Vec<f64> = params.iter().map(|it| self.number(*it)).collect();
                    series.iter().map(of).max().unwrap_or(0) + which.lookback(&params)
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
        self.definition.roots().filter_map(|id| known.get(id.index()).copied()).max().unwrap_or(0)
    }

    fn timeframes(&self) -> &[Duration] {
        &self.frames
    }

    fn family(&self) -> Option<Family> {
        Some(Family(self.definition.clone()))
    }

    fn meaning(&self) -> Cow<'_, str> {
        self.definition.meaning().into()
    }

    fn signals(&self, bars: &BarSeries) -> Result<Signals, Fault> {
        let frames = Frames::new(bars, &self.frames)?;
        let columns = Columns::compute(&self.definition.graph, &self.scalars, &frames);
        let mut signals = self.definition.decisions(&self.orders, bars, &|id| columns.at(id));
        signals.rules = self.definition.entry_rules(bars.len(), &|id| columns.at(id));
        Ok(signals)
    }
}
