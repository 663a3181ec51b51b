//! Checked rules with their parameters: what decides.

use std::sync::Arc;

use rust_decimal::prelude::ToPrimitive as _;

use super::{
    Rules, StrategyValue,
    columns::{Cells, Columns},
    graph::{Graph, Id, Op, hash},
    orders::{Orders, SizeRule, TargetRule},
};
use crate::{
    expr::{Context, Env, Expr, Slot, Template, check_within, eval},
    market::{BarSeries, Bits, FillAt, OrderRules, Signals, Size, Target},
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
    pub(super) meaning: Arc<str>,
}

/// When to open or close a position.
#[derive(Debug)]
pub(super) struct CheckedRule {
    pub(super) action: Action,
    pub(super) side: Side,
    pub(super) id: Id,
    pub(super) span: Span,
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
pub(super) struct Compiled(pub(super) Arc<Definition>);

impl Definition {
    /// Returns the hash of what it means: names of lets, their order and the layout do not change it.
    pub(super) fn hash(&self) -> String {
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

    fn timeframes(&self) -> &[Duration] {
        &self.frames
    }

    fn signals(&self, bars: &BarSeries) -> Result<Signals, Fault> {
        let definition = &*self.definition;
        let columns = Columns::compute(&definition.graph, &self.scalars, &self.frames, bars)?;
        let length = bars.len();
        let warmup = self.roots().map(|id| columns.at(id).first).max().unwrap_or(0).max(bars.warmup).min(length);
        let decide = |action: Action, side: Side| {
            let mut any = Bits::none(length);
            for rule in definition.rules.iter().filter(|it| (it.action, it.side) == (action, side)) {
                any |= &columns.at(rule.id).cells.truths(length).iter().copied().collect();
            }
            any.clear_before(warmup);
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
